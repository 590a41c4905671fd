//! The test environment of one cell: Azure with its clock, and the guest with its own clock.

use super::fault_point::Address;
use super::source::Source;
use crate::bindings::{AccessToken, CredentialError};
use crate::clock::Clock;
use crate::environment::TestEnvironment;
use crate::file_faults::FileFaults;
use crate::guest::{Guest, Start};
use crate::journal::{Journal, Sent};
use crate::network::{Network, Outcome, Timeouts};
use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::FaultSettings;
use bytes::Bytes;
use http::Request;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// The test environment of one cell.
pub struct CellEnvironment {
    /// Azure's clock, which is always right.
    pub clock: Clock,
    /// The guest's clock, which a fault may set.
    pub guest_clock: Clock,
    /// The simulated Azure.
    pub azure: Azure,
    /// The fault injected into the guest's files.
    pub file_faults: FileFaults,
    /// The guest.
    pub guest: Guest,
    journal: Arc<Journal>,
    credential: Option<ResourceAny>,
}

/// Sets the guest's clock by this many seconds while that request is in flight.
pub type ClockJump = (Address, i64);

impl CellEnvironment {
    /// Runs a future in a runtime of its own, on a paused clock.
    pub fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
        runtime.block_on(future)
    }

    /// Starts the guest of the source, with these faults in Azure.
    pub async fn start(
        source: &Source,
        faults: Vec<FaultSettings>,
        jump: Option<ClockJump>,
        start: Start,
    ) -> Result<Self> {
        let clock = Clock::simulated();
        let guest_clock = clock.apart();
        let mut settings = source.case.azure.clone();
        settings.faults = faults;
        let azure = Azure::new(clock.clone(), settings);
        let network = ClockJumpingNetwork {
            azure: azure.clone(),
            clock: guest_clock.clone(),
            jump,
            seen: AtomicU32::new(0),
        };
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(network)));
        let mut environment = TestEnvironment::new(guest_clock.clone(), journal.clone());
        environment.env = source.case.env.clone();
        environment.files = Some(source.files.iter().cloned().collect());
        let file_faults = environment.file_faults.clone();
        let guest = start(environment).await?;
        clock.advance(Duration::from_secs(source.call().advance)).await;
        Ok(Self { clock, guest_clock, azure, file_faults, guest, journal, credential: None })
    }

    /// Calls `get-token` of the source; the credential is created by the first call. The outer error is a trap.
    pub async fn get_token(&mut self, source: &Source) -> Result<Result<AccessToken, CredentialError>> {
        let call = tokio::time::timeout(CALL_TIMEOUT, self.call_get_token(source));
        call.await.context("the call does not return")?
    }

    async fn call_get_token(&mut self, source: &Source) -> Result<Result<AccessToken, CredentialError>> {
        let call = source.call();
        if self.credential.is_none() {
            match call.via.create(&mut self.guest).await? {
                Some(Err(error)) => return Ok(Err(error)),
                Some(Ok(credential)) => self.credential = Some(credential),
                None => {}
            }
        }
        match self.credential {
            Some(credential) => self.guest.get_token_of(credential, &call.build_request()).await,
            None => self.guest.get_token(&call.build_request()).await,
        }
    }

    /// Drops the credential, so that the next [`get_token`](Self::get_token) creates another one.
    pub async fn drop_credential(&mut self) -> Result<()> {
        match self.credential.take() {
            Some(credential) => self.guest.drop_handle(credential).await,
            None => Ok(()),
        }
    }

    /// The requests so far, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.journal.sent()
    }
}

/// The simulated Azure, which may set the guest's clock while it handles a request.
struct ClockJumpingNetwork {
    azure: Azure,
    clock: Clock,
    jump: Option<ClockJump>,
    seen: AtomicU32,
}

impl Network for ClockJumpingNetwork {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        if let Some((address, seconds)) = &self.jump
            && request.extensions().get::<Timeouts>().is_some()
            && request.uri().authority().is_some_and(|it| it.as_str() == address.authority)
            && request.uri().path() == address.path
            && self.seen.fetch_add(1, Ordering::Relaxed) == address.after
        {
            self.clock.jump(*seconds);
        }
        self.azure.send(request)
    }
}

/// In virtual time; longer than any call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(3600);
