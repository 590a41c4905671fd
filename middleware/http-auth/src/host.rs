//! The environment of an instance: settings, the imported provider, the wall clock, standard error.

#![expect(unsafe_code, reason = "an instance has one thread, which the compiler does not know")]

use crate::bindings::azure::identity::token_credential::get_token;
use crate::bindings::azure::identity::types;
use crate::bindings::wasi::cli::{environment, stderr};
use crate::bindings::wasi::clocks::{monotonic_clock, system_clock};
use crate::bindings::wit_stream;
use crate::prelude::*;
use crate::token_store::{Token, TokenProvider, TokenRequest, TokenStore};
use azure_http_auth_rules::log::{Kind, Log};
use azure_http_auth_rules::settings::{Settings, SettingsError};
use azure_http_auth_rules::tenants::Tenants;
use core::cell::LazyCell;
use core::fmt::Display;
use core::time::Duration;

/// The state of the instance.
pub struct Instance {
    /// The settings of the environment, or why they are malformed.
    pub settings: Result<Settings, SettingsError>,
    /// The stored tokens.
    pub tokens: TokenStore,
    /// The tenants that services named.
    pub tenants: Tenants,
    log: Log,
}

/// The instance.
pub fn instance() -> &'static Instance {
    &INSTANCE.0
}

impl Instance {
    /// Writes an event to standard error, if its kind has a budget left, without waiting for it.
    pub fn log(&self, kind: Kind, message: &impl Display) {
        let Some(lines) = self.log.lines(kind, elapsed(), message) else { return };
        let (mut writer, reader) = wit_stream::new();
        let written = stderr::write_via_stream(reader);
        wit_bindgen::spawn_local(async move {
            writer.write_all(lines.into_bytes()).await;
            drop(writer);
            let _ = written.await;
        });
    }
}

/// The provider that the component imports, and the host's clocks.
#[derive(Clone, Copy)]
pub struct ImportedProvider;

impl TokenProvider for ImportedProvider {
    async fn get_token(&self, request: &TokenRequest) -> Result<Token, String> {
        let request = types::TokenRequest {
            scopes: Vec::from([request.key.scope.clone()]),
            tenant_id: request.key.tenant.clone(),
            claims: request.claims.clone(),
            enable_cae: request.key.enable_cae,
            options: Vec::new(),
        };
        #[cfg(feature = "async-provider")]
        let outcome = get_token(request).await;
        #[cfg(not(feature = "async-provider"))]
        let outcome = get_token(&request);
        match outcome {
            // `Bearer` is written before the token, and a token of another type is not one (RFC 6750, section 2.1).
            Ok(token) if !token.token_type.eq_ignore_ascii_case("Bearer") => {
                Err("the provider's token is not a bearer token, so it cannot be sent".to_owned())
            }
            Ok(token) => {
                Ok(Token { secret: token.token, expires_on: token.expires_on, refresh_on: token.refresh_on })
            }
            Err(error) => Err(error.message),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(system_clock::now().seconds).unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        elapsed()
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wit_bindgen::spawn_local(task);
    }
}

fn elapsed() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}

struct OneThread(LazyCell<Instance>);

static INSTANCE: OneThread = OneThread(LazyCell::new(|| {
    let environment: Vec<_> = environment::get_environment();
    let settings = Settings::read(&environment);
    Instance { settings, tokens: TokenStore::default(), tenants: Tenants::default(), log: Log::default() }
}));

// SAFETY: an instance has one thread, so nothing is ever shared between two.
unsafe impl Send for OneThread {}
// SAFETY: as above.
unsafe impl Sync for OneThread {}
