//! The rules of `http-auth` for the HTTP requests of apps, also of WASI 0.2.
//!
//! Request flow: `hooks.rs` receives the request from wasmtime and decides on it with `azure-http-auth-rules`; `forward.rs`
//! sends it with a token, through `client.rs`; `body.rs` copies its body, to send it again after a challenge; `response.rs`
//! withholds a response that contains the token. `authenticator.rs` is what all requests share.

mod authenticator;
mod body;
mod client;
mod error;
mod fields;
mod forward;
mod hooks;
mod response;

pub use error::HttpAuthError;
pub use hooks::HttpAuthHooks;

use crate::scoped::ScopedProvider;
use crate::tenant::TenantKey;
use authenticator::Authenticator;
use azure_http_auth_rules::settings::Settings;
use std::fmt;
use std::sync::Arc;
use wasmtime_wasi_http::WasiHttpHooks;

/// Authenticates the HTTP requests of apps that never hold a token. Clones share their log and what they know of services.
///
/// The rules have the syntax of `AZURE_HTTP_AUTH_RULES`, which the README of `http-auth` describes, and errors name them so.
/// Tokens come from the cache of the provider, if its policy allows their scopes: rules and policy must both allow a request.
/// Make one for each tenant and its rules.
///
/// # Examples
/// ```no_run
/// use azure_identity_wasmtime::{HttpAuth, HttpAuthHooks, Policy, Provider};
/// use wasmtime::component::ResourceTable;
/// use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
///
/// struct State {
///     table: ResourceTable,
///     ctx: WasiHttpCtx,
///     hooks: HttpAuthHooks,
/// }
///
/// impl WasiHttpView for State {
///     fn http(&mut self) -> WasiHttpCtxView<'_> {
///         WasiHttpCtxView { ctx: &mut self.ctx, table: &mut self.table, hooks: &mut self.hooks }
///     }
/// }
///
/// # async fn run(provider: Provider) -> Result<(), Box<dyn std::error::Error>> {
/// let vault = provider.scoped(Policy::new().allow_scope("https://vault.azure.net/.default").allow_cae());
/// let auth = HttpAuth::new(vault, "https://my-vault.vault.azure.net scope=https://vault.azure.net/.default")?;
/// // For every instance of an app:
/// let state = State { table: ResourceTable::new(), ctx: WasiHttpCtx::new(), hooks: auth.hooks() };
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpAuth(Authenticator);

impl HttpAuth {
    /// Reads the rules. Requests to the identity endpoints that the variables of the provider name are refused by any rule.
    ///
    /// The apps are one tenant: that of [`for_tenant`](ScopedProvider::for_tenant), or else one of these rules. Tokens are for
    /// continuous access evaluation where rule and policy allow it.
    ///
    /// # Errors
    /// When a rule is malformed, or a variable of the provider that must name an endpoint does not.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{HttpAuth, ScopedProvider};
    /// # fn run(provider: ScopedProvider) -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = HttpAuth::new(provider, "use key-vault; GET https://api.contoso.com scope=api://contoso/.default")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(provider: ScopedProvider, rules: &str) -> Result<Self, HttpAuthError> {
        let mut variables = provider.provider().token_servers().to_vec();
        variables.push(("AZURE_HTTP_AUTH_RULES".to_owned(), rules.to_owned()));
        let settings = Settings::read(&variables).map_err(HttpAuthError::new)?;
        Ok(Self(Authenticator::new(settings, provider.or_for_tenant(TenantKey::of_http_auth))))
    }

    /// Sets what becomes of requests that no rule matches, as `AZURE_HTTP_AUTH_DEFAULT` does: `deny`, the default, or `pass`,
    /// which sends them without a token. Metadata services, identity endpoints and authorities are refused all the same.
    ///
    /// # Errors
    /// When it is neither.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{HttpAuth, ScopedProvider};
    /// # fn run(provider: ScopedProvider) -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = HttpAuth::new(provider, "use key-vault")?.with_default("pass")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_default(mut self, action: &str) -> Result<Self, HttpAuthError> {
        Arc::make_mut(&mut self.0.settings).set_default(action).map_err(HttpAuthError::new)?;
        Ok(self)
    }

    /// The hooks for one instance of an app, over wasmtime's own HTTP client.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{HttpAuth, HttpAuthHooks};
    /// # fn run(auth: HttpAuth) {
    /// let hooks: HttpAuthHooks = auth.hooks();
    /// # }
    /// ```
    pub fn hooks(&self) -> HttpAuthHooks {
        self.hooks_over(DefaultClient)
    }

    /// The hooks for one instance of an app, over the embedder's own: they get the requests that are allowed, with tokens, and
    /// must follow no redirect. All that is not about authentication, such as the list of forbidden headers, is theirs.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::HttpAuth;
    /// struct Client;
    /// impl wasmtime_wasi_http::WasiHttpHooks for Client {} // methods that are not written are wasmtime's
    ///
    /// # fn run(auth: HttpAuth) {
    /// let hooks = auth.hooks_over(Client);
    /// # }
    /// ```
    pub fn hooks_over(&self, client: impl WasiHttpHooks + 'static) -> HttpAuthHooks {
        HttpAuthHooks::new(self.0.clone(), Box::new(client))
    }
}

/// wasmtime's own client.
struct DefaultClient;

impl WasiHttpHooks for DefaultClient {}

impl fmt::Debug for HttpAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
