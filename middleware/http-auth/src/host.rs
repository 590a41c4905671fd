//! What the middleware asks its surroundings for: settings, tokens, the time, a place for its log.

#![expect(unsafe_code, reason = "an instance has one thread, and the compiler cannot know")]

use crate::bindings::azure::identity::token_credential::get_token;
use crate::bindings::azure::identity::types::TokenRequest;
use crate::bindings::wasi::cli::{environment, stderr};
use crate::bindings::wasi::clocks::system_clock;
use crate::bindings::wit_stream;
use crate::log::Log;
use crate::prelude::*;
use crate::settings::{Settings, SettingsError};
use crate::tokens::{Provider, Tenants, Token, Tokens, Want};
use core::cell::LazyCell;
use core::fmt::Display;

/// What lives as long as the instance.
pub struct Instance {
    /// What the environment says, or why it makes no sense.
    pub settings: Result<Settings, SettingsError>,
    /// The tokens that are at hand.
    pub tokens: Tokens,
    /// The tenants that services named.
    pub tenants: Tenants,
    log: Log,
}

/// The instance.
pub fn instance() -> &'static Instance {
    &INSTANCE.0
}

impl Instance {
    /// Tells people, once, without waiting for it to be written.
    pub fn tell(&self, what: &impl Display) {
        let Some(line) = self.log.once(what) else { return };
        let (mut writer, reader) = wit_stream::new();
        let written = stderr::write_via_stream(reader);
        wit_bindgen::spawn_local(async move {
            writer.write_all(line.into_bytes()).await;
            drop(writer);
            let _ = written.await;
        });
    }
}

/// The provider that is plugged in.
pub struct Plugged;

impl Provider for Plugged {
    async fn get_token(&self, want: &Want) -> Result<Token, String> {
        let request = TokenRequest {
            scopes: Vec::from([want.scope.clone()]),
            tenant_id: want.tenant.clone(),
            claims: want.claims.clone(),
            enable_cae: want.enable_cae,
        };
        #[cfg(feature = "async-provider")]
        let outcome = get_token(request).await;
        #[cfg(not(feature = "async-provider"))]
        let outcome = get_token(&request);
        match outcome {
            Ok(token) => {
                Ok(Token { secret: token.token, expires_on: token.expires_on, refresh_on: token.refresh_on })
            }
            Err(error) => Err(error.message),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(system_clock::now().seconds).unwrap_or_default()
    }
}

struct OneThread(LazyCell<Instance>);

static INSTANCE: OneThread = OneThread(LazyCell::new(|| {
    let environment: Vec<_> = environment::get_environment();
    let settings = Settings::read(&environment);
    Instance { settings, tokens: Tokens::default(), tenants: Tenants::default(), log: Log::default() }
}));

// SAFETY: an instance has one thread, so nothing is ever shared between two.
unsafe impl Send for OneThread {}
// SAFETY: as above.
unsafe impl Sync for OneThread {}
