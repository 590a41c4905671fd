//! What is left of secrets and tokens in the component's memory when nobody needs them any more: nothing.

use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, Settings};
use host_tests::bindings::TokenRequest;
use host_tests::bindings::credentials::ClientOptions;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::config;
use host_tests::guest::Guest;
use host_tests::surroundings::Surroundings;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wasmtime::{Engine, LinearMemory, MemoryCreator, MemoryType};

#[tokio::test(start_paused = true)]
async fn a_dropped_credential_leaves_neither_secret_nor_token_in_memory() -> Result<()> {
    for edition in Edition::ALL {
        let memories = Memories::default();
        let mut guest = start(edition, &memories).await?;
        let (c, store) = guest.credentials();
        let made = c.call_client_secret(store, "contoso.com", CLIENT_ID, CLIENT_SECRET, &options()).await?;
        let credential = made.ok().context("the arguments are right")?;
        let token = guest.get_token_of(credential, &request()).await?.ok().context("the secret is right")?;
        let found = |needle: &str| memories.hold(needle.as_bytes());
        let seen = (found(CLIENT_SECRET), found(&token.token));
        assert_eq!(seen, (true, true), "{}: both are in use, so the search finds them", edition.name());
        guest.drop_handle(credential).await?;
        let seen = (found(CLIENT_SECRET), found(&token.token));
        assert_eq!(seen, (false, false), "{}: nobody needs them", edition.name());
        // The secret as the form spelled it, and the token in pieces as it came.
        let form: String = url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
        let pieces = token.token.as_bytes().chunks_exact(32);
        let left: Vec<_> = pieces.filter(|piece| memories.hold(piece)).map(String::from_utf8_lossy).collect();
        assert_eq!((found(&form), left), (false, Vec::new()), "{}", edition.name());
    }
    Ok(())
}

async fn start(edition: Edition, memories: &Memories) -> Result<Guest> {
    let mut config = config();
    config.with_host_memory(Arc::new(memories.clone()));
    // No room beside what the memories have: their bounds are checked, as there are no guard pages behind them.
    config.memory_reservation(0).memory_guard_size(0).memory_init_cow(false);
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut surroundings = Surroundings::new(clock, Arc::new(azure));
    surroundings.edition = edition;
    Guest::start_on(&Engine::new(&config)?, surroundings).await
}

fn request() -> TokenRequest {
    let scopes = vec!["https://vault.azure.net/.default".to_owned()];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false }
}

fn options() -> ClientOptions {
    ClientOptions {
        authority: None,
        additionally_allowed_tenants: Vec::new(),
        disable_instance_discovery: false,
        region: None,
    }
}

/// The linear memories of an engine's instances, which a test can look into.
#[derive(Clone, Default)]
struct Memories(Arc<Mutex<Vec<Arc<Bytes>>>>);

/// What one memory is made of. It never moves.
struct Bytes {
    all: Box<[AtomicU8]>,
    size: AtomicUsize,
}

/// A memory, as its instance has it.
struct Owned(Arc<Bytes>);

/// The largest that a memory may become; the component's stay well below.
const ROOM: usize = 8 << 20;

impl Memories {
    /// Whether these bytes stand anywhere. No instance may be running.
    fn hold(&self, needle: &[u8]) -> bool {
        let memories = self.0.lock().expect("nobody panics");
        memories.iter().any(|memory| {
            let bytes = memory.all[..memory.size()].iter().map(|byte| byte.load(Ordering::Relaxed));
            let bytes: Vec<u8> = bytes.collect();
            memchr::memmem::find(&bytes, needle).is_some()
        })
    }
}

impl Bytes {
    fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }
}

// SAFETY: each memory is an allocation of its own, zeroed, that never moves and lives as long as its instance; nobody
// writes to it beside the instance, and it is read while no instance runs.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard > 0 || reserved.is_some_and(|reserved| reserved > ROOM) || minimum > ROOM {
            return Err(format!(
                "{minimum} bytes with {reserved:?} reserved and {guard} guarded are not to be had"
            ));
        }
        let all = (0..ROOM).map(|_| AtomicU8::new(0)).collect();
        let memory = Arc::new(Bytes { all, size: AtomicUsize::new(minimum) });
        self.0.lock().expect("nobody panics").push(Arc::clone(&memory));
        Ok(Box::new(Owned(memory)))
    }
}

// SAFETY: as above; `all` has room for every size that is given out.
unsafe impl LinearMemory for Owned {
    fn byte_size(&self) -> usize {
        self.0.size()
    }

    fn byte_capacity(&self) -> usize {
        ROOM
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        wasmtime::ensure!(size <= ROOM, "{size} bytes are more than {ROOM}");
        self.0.size.store(size, Ordering::Relaxed);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.all.as_ptr().cast_mut().cast()
    }
}
