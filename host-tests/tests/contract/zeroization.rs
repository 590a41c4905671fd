//! Secrets and tokens are overwritten in the component's memory when they are no longer needed.

use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, Settings};
use host_tests::bindings::TokenRequest;
use host_tests::bindings::credentials::ClientOptions;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::config;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wasmtime::{Engine, LinearMemory, MemoryCreator, MemoryType};

#[tokio::test(start_paused = true)]
async fn a_dropped_credential_leaves_neither_secret_nor_token_in_memory() -> Result<()> {
    for edition in Edition::ALL {
        let memories = Memories::default();
        let mut guest = start(edition, &memories).await?;
        let (c, store) = guest.credentials();
        let created =
            c.call_client_secret(store, "contoso.com", CLIENT_ID, CLIENT_SECRET, &options()).await?;
        let credential = created.ok().context("the arguments are valid")?;
        let token =
            guest.get_token_of(credential, &build_request()).await?.ok().context("the secret is valid")?;
        let found = |needle: &str| memories.contain(needle.as_bytes());
        let seen = (found(CLIENT_SECRET), found(&token.token));
        assert_eq!(seen, (true, true), "{}: both are in use, so the search must find them", edition.name());
        guest.drop_handle(credential).await?;
        let seen = (found(CLIENT_SECRET), found(&token.token));
        assert_eq!(seen, (false, false), "{}: both must be overwritten", edition.name());
        // The secret in its form encoding, and parts of the token, which arrives in chunks.
        let form: String = url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
        let pieces = token.token.as_bytes().chunks_exact(32);
        let remaining: Vec<_> =
            pieces.filter(|piece| memories.contain(piece)).map(String::from_utf8_lossy).collect();
        assert_eq!((found(&form), remaining), (false, Vec::new()), "{}", edition.name());
    }
    Ok(())
}

async fn start(edition: Edition, memories: &Memories) -> Result<Guest> {
    let mut config = config();
    config.with_host_memory(Arc::new(memories.clone()));
    // The memories have neither reservation nor guard pages, so wasmtime checks their bounds explicitly.
    config.memory_reservation(0).memory_guard_size(0).memory_init_cow(false);
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut environment = TestEnvironment::new(clock, Arc::new(azure));
    environment.edition = edition;
    Guest::start_on(&Engine::new(&config)?, environment).await
}

fn build_request() -> TokenRequest {
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

/// The linear memories of an engine's instances, which a test can search.
#[derive(Clone, Default)]
struct Memories(Arc<Mutex<Vec<Arc<Bytes>>>>);

/// The bytes of a memory; they never move.
struct Bytes {
    all: Box<[AtomicU8]>,
    size: AtomicUsize,
}

/// A memory as its instance owns it.
struct Owned(Arc<Bytes>);

/// The maximum size of a memory, in bytes; those of the component stay well below.
const CAPACITY: usize = 8 << 20;

impl Memories {
    /// Whether these bytes appear in any memory. No instance may be running.
    fn contain(&self, needle: &[u8]) -> bool {
        let memories = self.0.lock().expect("the lock is not poisoned");
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

// SAFETY: each memory is a zeroed allocation of its own that never moves and lives as long as its instance. Only the
// instance writes to it, and it is read while no instance runs.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard > 0 || reserved.is_some_and(|reserved| reserved > CAPACITY) || minimum > CAPACITY {
            return Err(format!(
                "{minimum} bytes with {reserved:?} reserved and {guard} guarded are not supported"
            ));
        }
        let all = (0..CAPACITY).map(|_| AtomicU8::new(0)).collect();
        let memory = Arc::new(Bytes { all, size: AtomicUsize::new(minimum) });
        self.0.lock().expect("the lock is not poisoned").push(Arc::clone(&memory));
        Ok(Box::new(Owned(memory)))
    }
}

// SAFETY: as above; `all` has the capacity for every size that is reported.
unsafe impl LinearMemory for Owned {
    fn byte_size(&self) -> usize {
        self.0.size()
    }

    fn byte_capacity(&self) -> usize {
        CAPACITY
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        wasmtime::ensure!(size <= CAPACITY, "{size} bytes are more than {CAPACITY}");
        self.0.size.store(size, Ordering::Relaxed);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.all.as_ptr().cast_mut().cast()
    }
}
