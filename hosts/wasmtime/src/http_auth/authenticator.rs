//! What all requests under the same rules share.

use super::body::KeptBytes;
use crate::scoped::ScopedProvider;
use azure_http_auth_rules::log::{Kind, Log};
use azure_http_auth_rules::settings::Settings;
use azure_http_auth_rules::tenants::Tenants;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The rules, and what their requests share. Clones share it.
#[derive(Clone)]
pub(super) struct Authenticator {
    pub(super) settings: Arc<Settings>,
    shared: Arc<Shared>,
}

struct Shared {
    provider: ScopedProvider,
    tenants: Mutex<Tenants>,
    log: Mutex<Log>,
    kept: Arc<KeptBytes>,
    started: Instant,
}

impl Authenticator {
    pub(super) fn new(settings: Settings, provider: ScopedProvider) -> Self {
        let shared = Shared {
            provider,
            tenants: Mutex::default(),
            log: Mutex::default(),
            kept: Arc::default(),
            started: Instant::now(),
        };
        Self { settings: Arc::new(settings), shared: Arc::new(shared) }
    }

    pub(super) fn provider(&self) -> &ScopedProvider {
        &self.shared.provider
    }

    /// The bytes of bodies that are kept.
    pub(super) fn kept(&self) -> &Arc<KeptBytes> {
        &self.shared.kept
    }

    /// Records an event in the trace, if its kind has a budget left.
    pub(super) fn log(&self, kind: Kind, message: &impl fmt::Display) {
        let log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = log.lines(kind, self.shared.started.elapsed(), message);
        drop(log);
        for line in lines.iter().flat_map(|lines| lines.lines()) {
            tracing::warn!("{line}");
        }
    }

    /// The tenants that services named.
    pub(super) fn tenants(&self) -> MutexGuard<'_, Tenants> {
        self.shared.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAuth").field("provider", &self.shared.provider).finish_non_exhaustive()
    }
}
