//! The world of one cell: an Azure, a clock for it and one for the guest, the guest.

use super::Start;
use super::source::{Address, Source};
use crate::bindings::{AccessToken, CredentialError};
use crate::clock::Clock;
use crate::disk_trouble::DiskTrouble;
use crate::guest::Guest;
use crate::journal::{Journal, Sent};
use crate::network::{Network, Outcome, Timeouts};
use crate::surroundings::Surroundings;
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

/// The world.
pub struct World {
    /// Azure's clock, which is right.
    pub clock: Clock,
    /// The guest's.
    pub guest_clock: Clock,
    /// Azure.
    pub azure: Azure,
    /// What is wrong with the guest's files.
    pub disk_trouble: DiskTrouble,
    /// The guest.
    pub guest: Guest,
    journal: Arc<Journal>,
    made: Option<ResourceAny>,
}

/// A jump of the guest's clock, while that request is on its way.
pub type JumpOnTheWay = (Address, i64);

impl World {
    /// Runs something in a runtime of its own, on a paused clock.
    pub fn run<T>(what: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
        runtime.block_on(what)
    }

    /// The surroundings of the source, with these faults in Azure.
    pub async fn furnish(
        source: &Source,
        faults: Vec<FaultSettings>,
        jump: Option<JumpOnTheWay>,
        start: Start,
    ) -> Result<Self> {
        let clock = Clock::simulated();
        let guest_clock = clock.apart();
        let mut settings = source.case.azure.clone();
        settings.faults = faults;
        let azure = Azure::new(clock.clone(), settings);
        let on_the_way =
            OnTheWay { azure: azure.clone(), clock: guest_clock.clone(), jump, seen: AtomicU32::new(0) };
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(on_the_way)));
        let mut surroundings = Surroundings::new(guest_clock.clone(), journal.clone());
        surroundings.env = source.case.env.clone();
        surroundings.files = Some(source.files.iter().cloned().collect());
        let disk_trouble = surroundings.disk_trouble.clone();
        let guest = start(surroundings).await?;
        clock.advance(Duration::from_secs(source.call().advance)).await;
        Ok(Self { clock, guest_clock, azure, disk_trouble, guest, journal, made: None })
    }

    /// Asks the source, by the credential that it made the last time if it did. The outer error is a trap.
    pub async fn ask(&mut self, source: &Source) -> Result<Result<AccessToken, CredentialError>> {
        tokio::time::timeout(PATIENCE, self.try_ask(source)).await.context("it never returns")?
    }

    async fn try_ask(&mut self, source: &Source) -> Result<Result<AccessToken, CredentialError>> {
        let call = source.call();
        if self.made.is_none() {
            match call.via.make(&mut self.guest).await? {
                Some(Err(error)) => return Ok(Err(error)),
                Some(Ok(made)) => self.made = Some(made),
                None => {}
            }
        }
        match self.made {
            Some(made) => self.guest.get_token_of(made, &call.request()).await,
            None => self.guest.get_token(&call.request()).await,
        }
    }

    /// Forgets the credential, so that the next [`ask`](Self::ask) makes another.
    pub async fn forget(&mut self) -> Result<()> {
        match self.made.take() {
            Some(made) => self.guest.drop_handle(made).await,
            None => Ok(()),
        }
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.journal.sent()
    }
}

/// Azure, and a hand on the guest's clock.
struct OnTheWay {
    azure: Azure,
    clock: Clock,
    jump: Option<JumpOnTheWay>,
    seen: AtomicU32,
}

impl Network for OnTheWay {
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

/// In virtual time; longer than anything may take.
const PATIENCE: Duration = Duration::from_secs(3600);
