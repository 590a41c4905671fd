//! Secrets and tokens are overwritten in the component's memory when they are no longer needed.

use anyhow::{Context, Result, anyhow};
use azure_simulator::Azure;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, Settings};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use host_tests::arguments::{Certificate, Client};
use host_tests::bindings::TokenRequest;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::config;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wasmtime::{Engine, LinearMemory, MemoryCreator, MemoryType};

#[tokio::test(start_paused = true)]
async fn a_dropped_credential_leaves_neither_secret_nor_token_in_memory() -> Result<()> {
    for edition in Edition::ALL {
        let memories = Memories::default();
        let mut guest = start(edition, &memories).await?;
        let (c, store) = guest.credentials();
        let created = c.call_client_secret(store, &client(), CLIENT_SECRET).await?;
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

/// The file in the clear, and an encrypted one of the same key.
#[tokio::test(start_paused = true)]
async fn a_dropped_certificate_leaves_nothing_of_its_private_key_in_memory() -> Result<()> {
    let pem = read_fixture("pkcs8.pem")?;
    let key = PrivateKey::parse(std::str::from_utf8(&pem)?)?;
    let encrypted = Certificate {
        data: read_fixture("modern.pfx")?,
        password: Some(PASSWORD.to_owned()),
        send_chain: false,
    };
    for certificate in [Certificate { data: pem, password: None, send_chain: false }, encrypted] {
        for edition in Edition::WHOLE {
            let memories = Memories::default();
            let mut guest = start(edition, &memories).await?;
            let (c, store) = guest.credentials();
            let created = c.call_client_certificate(store, &client(), &certificate).await?;
            let credential = created.map_err(|error| anyhow!("{}", error.message))?;
            let token = guest.get_token_of(credential, &build_request()).await?;
            token.map_err(|error| anyhow!("{}", error.message))?;
            let used = key.found_in(&memories.copies());
            assert!(
                used.contains(&"p, little-endian".to_owned()),
                "{}: a key in use is {used:?}",
                edition.name()
            );
            guest.drop_handle(credential).await?;
            assert_eq!(
                key.found_in(&memories.copies()),
                Vec::<String>::new(),
                "{}: all is overwritten",
                edition.name()
            );
        }
    }
    Ok(())
}

/// A private key in the forms that memory may have it.
struct PrivateKey {
    /// The lines of its PEM.
    lines: Vec<String>,
    /// The private numbers of PKCS#1 with their names, big-endian, as in DER.
    numbers: Vec<(&'static str, Vec<u8>)>,
}

impl PrivateKey {
    fn parse(pem: &str) -> Result<Self> {
        let lines = pem.lines().skip_while(|line| *line != "-----BEGIN PRIVATE KEY-----").skip(1);
        let lines: Vec<_> = lines.take_while(|line| !line.starts_with('-')).map(str::to_owned).collect();
        let der = BASE64_STANDARD.decode(lines.concat())?;
        // PKCS#8: version, algorithm, and an octet string with PKCS#1: version, n, e, and the private numbers.
        let pkcs8 = elements(elements(&der)[0]);
        let numbers = elements(elements(pkcs8[2])[0]);
        let names = ["d", "p", "q", "d mod p - 1", "d mod q - 1", "the inverse of q"];
        let numbers = numbers[3..].iter().map(|number| number.strip_prefix(&[0]).unwrap_or(number).to_vec());
        Ok(Self { lines, numbers: names.into_iter().zip(numbers).collect() })
    }

    /// What of it is in memory, whole or in pieces.
    fn found_in(&self, memories: &[Vec<u8>]) -> Vec<String> {
        let contain = |needle: &[u8]| memories.iter().any(|it| memchr::memmem::find(it, needle).is_some());
        let mut found = Vec::new();
        for (name, number) in &self.numbers {
            // The limbs of big integers in wasm are little-endian words, the lowest first.
            let reversed: Vec<u8> = number.iter().rev().copied().collect();
            for (form, bytes) in [("big-endian", number), ("little-endian", &reversed)] {
                if bytes.chunks_exact(PIECE).any(contain) {
                    found.push(format!("{name}, {form}"));
                }
            }
        }
        let lines = self.lines.iter().filter(|line| contain(line.as_bytes()));
        found.extend(lines.map(|line| format!("the line {line}")));
        found.extend(contain(PASSWORD.as_bytes()).then(|| "the password".to_owned()));
        found
    }
}

/// The contents of the elements of DER.
fn elements(mut der: &[u8]) -> Vec<&[u8]> {
    let mut contents = Vec::new();
    while let [_, length, rest @ ..] = der {
        let octets = usize::from(length.checked_sub(0x80).unwrap_or_default());
        let long = rest[..octets].iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
        let length = if octets > 0 { long } else { usize::from(*length) };
        let (content, after) = rest[octets..].split_at(length);
        contents.push(content);
        der = after;
    }
    contents
}

fn read_fixture(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/certificates").join(name);
    std::fs::read(&path).with_context(|| format!("no fixture {name}"))
}

/// Of `modern.pfx`.
const PASSWORD: &str = "p4ss~wörd&x";
/// The bytes that are searched for at a time: a part of a number that remains is found too.
const PIECE: usize = 16;

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
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

fn client() -> Client {
    Client { tenant_id: "contoso.com".to_owned(), client_id: CLIENT_ID.to_owned(), ..Client::default() }
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
        self.copies().iter().any(|memory| memchr::memmem::find(memory, needle).is_some())
    }

    /// Copies of all memories. No instance may be running.
    fn copies(&self) -> Vec<Vec<u8>> {
        let memories = self.0.lock().expect("the lock is not poisoned");
        let bytes = |memory: &Bytes| {
            memory.all[..memory.size()].iter().map(|it| it.load(Ordering::Relaxed)).collect()
        };
        memories.iter().map(|memory| bytes(memory)).collect()
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
