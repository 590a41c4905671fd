//! Microsoft Entra's token endpoint (OAuth 2.0, RFC 6749; Microsoft Learn, "Microsoft identity platform and
//! OAuth 2.0"): its clients, how they authenticate, their grants, and the errors that it returns.

pub mod assertion;
pub mod authority;
#[cfg(feature = "certificates")]
pub mod certificate_assertion;
pub mod claims;
pub mod client;
pub mod client_authentication;
pub mod client_certificate;
pub mod client_options;
pub mod grant;
pub mod pkce;
mod refusal;
pub mod remedies;
pub mod scopes;
mod token_endpoint;

pub use authority::PUBLIC_CLOUD;
pub use client::Client;
pub use client_options::{ClientOptions, allowed_tenants_of_environment, authority_of_environment};
pub use grant::Grant;
pub use scopes::Scopes;
