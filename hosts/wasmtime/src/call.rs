//! A call of the provider, in a task of its own.

use crate::admission::{CallKind, Origin, Ticket};
use crate::shared::{Phase, Shared, shut_down};
use crate::shared_cache::{Demand, Obtained, Upstream, with_details};
use crate::tenant::TenantKey;
use crate::token_store::PendingRequest;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use crate::warnings::Warning;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::Instrument;

impl Shared {
    /// Calls the provider in its own task, so that a cancelled caller does not cancel it.
    pub(crate) fn spawn(
        this: &Arc<Self>,
        mut pending: PendingRequest,
        ticket: Ticket,
        request: TokenRequest,
        tenant: &TenantKey,
    ) {
        let demand = std::mem::take(&mut pending.demand);
        let key = &pending.key.token;
        let (scopes, tenant_id, cae) = (key.scopes(), key.tenant(), request.enable_cae);
        let claims = request.claims.is_some();
        let request_id = pending.id;
        let span = tracing::info_span!("get_token", request_id, %tenant, %scopes, tenant_id, cae, claims);
        let mut guard = CompletionGuard { shared: Arc::clone(this), pending: Some(pending) };
        let call = async move {
            let started = Instant::now();
            let mut phase = guard.shared.phase.subscribe();
            let call = guard.get_token(&request, ticket, demand);
            let outcome = tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase == Phase::Closed) => Some(Err(shut_down())),
                outcome = call => outcome,
            };
            let Some(outcome) = outcome else { return guard.shared.counters.abandoned.up() };
            let took = started.elapsed();
            guard.shared.trace(&outcome, took);
            guard.shared.telemetry.call_ended(&outcome, took);
            guard.complete(outcome);
        };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(call.instrument(span))),
            // Without a runtime, dropping the task cancels the call, and its waiters return an error.
            Err(_) => drop(call),
        }
    }

    fn trace(&self, outcome: &Result<Obtained, CredentialError>, took: Duration) {
        match outcome {
            Ok(Obtained { token, failure: None, .. }) => {
                let (source, expires_on) = (token.source.as_str(), token.expires_on);
                tracing::info!(source, expires_on, ?took, "the provider returned a token");
            }
            Err(error) | Ok(Obtained { failure: Some(error), .. }) => {
                let Some(left_out) = self.warnings.permit(Warning::CallFailed) else { return };
                let correlation_id = error.response.as_ref().and_then(|it| it.correlation_id.as_deref());
                let (kind, error) = (error.kind, error.message.as_str());
                tracing::warn!(
                    ?kind,
                    error,
                    correlation_id,
                    ?took,
                    left_out,
                    "the provider returned an error"
                );
            }
        }
    }
}

/// Cancels the call when dropped before it is completed, also if its task is cancelled.
struct CompletionGuard {
    shared: Arc<Shared>,
    pending: Option<PendingRequest>,
}

impl CompletionGuard {
    /// Waits until the call may run. `None`: all its callers are gone, and it is no renewal, which has none.
    async fn wait(&self, mut ticket: Ticket) -> Option<Result<Ticket, CredentialError>> {
        let kind = ticket.kind();
        let is_abandoned = async {
            match &self.pending {
                Some(pending) if kind == CallKind::New => pending.abandoned().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            outcome = ticket.wait() => Some(outcome.map(|()| ticket)),
            () = is_abandoned => None,
        }
    }

    /// Requests the token: of the hosts that share it, or of the provider. `None`: as for [`wait`](Self::wait).
    async fn get_token(
        &self,
        request: &TokenRequest,
        ticket: Ticket,
        demand: Demand,
    ) -> Option<Result<Obtained, CredentialError>> {
        let now = || self.shared.store_now().1.unix;
        let Some(second_level) = &self.shared.second_level else {
            let outcome = self.call(request, ticket).await?;
            return Some(outcome.map(|token| Obtained::of_provider(token, now())));
        };
        let wanted = second_level.wanted(request, demand);
        let request = with_details(request);
        let upstream = Call { guard: self, request, origin: ticket.origin(), ticket: Some(ticket) };
        second_level.get_token(&wanted, upstream).await
    }

    /// Calls the provider. `None`: as for [`wait`](Self::wait).
    async fn call(
        &self,
        request: &TokenRequest,
        ticket: Ticket,
    ) -> Option<Result<AccessToken, CredentialError>> {
        match self.wait(ticket).await? {
            Ok(ticket) => Some(self.shared.pool.get_token(request, ticket).await),
            Err(error) => Some(Err(error)),
        }
    }

    fn complete(&mut self, outcome: Result<Obtained, CredentialError>) {
        if let Some(pending) = self.pending.take() {
            let (mut store, now) = self.shared.store_now();
            self.shared.health_record().record(&pending.key.token, &outcome, now.unix);
            store.complete(pending, outcome, now);
            drop(store);
            self.shared.ended.notify_waiters();
        }
    }
}

/// A call of the provider that waits for the shared cache.
struct Call<'a> {
    guard: &'a CompletionGuard,
    request: TokenRequest,
    origin: Origin,
    /// Its place in the queue; `None`: it gave way to others.
    ticket: Option<Ticket>,
}

impl Upstream for Call<'_> {
    async fn call(&mut self) -> Option<Result<AccessToken, CredentialError>> {
        let ticket = match self.ticket.take() {
            Some(ticket) => ticket,
            None => match self.guard.shared.pool.readmit(self.origin.clone()) {
                Ok(ticket) => ticket,
                Err(error) => return Some(Err(error)),
            },
        };
        self.guard.call(&self.request, ticket).await
    }

    fn give_way(&mut self) {
        self.ticket = None;
    }

    fn now(&self) -> u64 {
        self.guard.shared.store_now().1.unix
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.shared.store().cancel(pending);
            self.shared.ended.notify_waiters();
        }
    }
}
