//! The component's export, and the host of an instance.

use crate::bindings::wasi::keyvalue::store::{self, Bucket, Error};
use crate::flow::Instance;
use crate::host::Host;
use crate::settings::Settings;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenCredential, TokenRequest};
use azure_middleware_bindings::{export, host};
use core::cell::{LazyCell, OnceCell};
use wasi::clocks::wall_clock;
use wasi::random::random::get_random_bytes;

struct TokenCache;
export!(TokenCache);

impl TokenCredential for TokenCache {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let instance = &INSTANCE.0;
        let name = instance.settings.as_ref().map(|settings| settings.store.as_str()).unwrap_or_default();
        instance.get_token(&WasiHost { name, bucket: OnceCell::new() }, request)
    }
}

/// WASI. The store is opened when a call needs it.
struct WasiHost<'a> {
    name: &'a str,
    bucket: OnceCell<Bucket>,
}

impl WasiHost<'_> {
    fn bucket(&self) -> Result<&Bucket, String> {
        if let Some(bucket) = self.bucket.get() {
            return Ok(bucket);
        }
        let bucket = store::open(self.name).map_err(|error| self.reason("open", error))?;
        Ok(self.bucket.get_or_init(|| bucket))
    }

    fn reason(&self, what: &str, error: Error) -> String {
        let error = match error {
            Error::NoSuchStore => "there is no such store".to_owned(),
            Error::AccessDenied => "access denied".to_owned(),
            Error::Other(text) => text.chars().take(MAX_REASON).collect(),
        };
        format!("{what} of '{}': {error}", self.name)
    }
}

impl Host for WasiHost<'_> {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.bucket()?.get(name).map_err(|error| self.reason("get", error))
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), String> {
        self.bucket()?.set(name, value).map_err(|error| self.reason("set", error))
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        self.bucket()?.delete(name).map_err(|error| self.reason("delete", error))
    }

    fn get_token(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        host::get_token(request)
    }

    fn now(&self) -> u64 {
        let now = wall_clock::now();
        now.seconds.saturating_mul(1_000).saturating_add(u64::from(now.nanoseconds / 1_000_000))
    }

    fn elapsed(&self) -> u64 {
        host::elapsed() / 1_000_000
    }

    fn wait(&self, milliseconds: u64) {
        host::wait(milliseconds);
    }

    fn random(&self) -> Option<[u8; 24]> {
        get_random_bytes(24).try_into().ok()
    }

    fn log(&self, line: String) {
        host::log(line);
    }
}

struct OneThread(LazyCell<Instance>);

static INSTANCE: OneThread = OneThread(LazyCell::new(|| Instance::new(Settings::read(host::variable))));

#[expect(unsafe_code, reason = "an instance has one thread, which the compiler does not know")]
// SAFETY: an instance has one thread, so nothing is ever shared between two.
unsafe impl Sync for OneThread {}
#[expect(unsafe_code, reason = "as above")]
// SAFETY: as above.
unsafe impl Send for OneThread {}

/// The longest text of a store in a warning, in characters.
const MAX_REASON: usize = 200;
