//! Secrets are overwritten before their memory is freed (ARCHITECTURE §5, rule 1). Below the components'
//! allocator another one searches every block that is freed while a token is fetched.

use azure_identity_component::call_context::CallContext;
use azure_identity_component::concurrency::run;
use azure_identity_component::host::fake::FakeHost;
use azure_identity_component::http::{Body, Response};
use azure_identity_component::identifiers::Scope;
use azure_identity_component::json::Json;
use azure_identity_component::request::TokenRequest;
use azure_identity_component::source::DynSource;
use azure_identity_component::sources::default::{DefaultChain, Options};
use azure_identity_component::sources::environment::Environment;
use azure_identity_component::token::Secret;
use component_runtime::ZeroizingAllocator;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// An allocator that searches each freed block for the mark.
struct Watching;

static IS_WATCHING: AtomicBool = AtomicBool::new(false);
static FOUND: AtomicUsize = AtomicUsize::new(0);
/// There is one allocator, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

// SAFETY: every method is the system allocator's; blocks are read before they are freed.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised. The block is zeroed, so that it does not have the content of an
        // earlier one.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if IS_WATCHING.load(Ordering::Relaxed) {
            // SAFETY: the block is the caller's until it is freed below, and was zeroed when it was made.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if bytes.windows(MARK.len()).any(|window| window == MARK) {
                FOUND.fetch_add(1, Ordering::Relaxed);
            }
        }
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: ZeroizingAllocator<Watching> = ZeroizingAllocator(Watching);

/// The number of blocks with the mark, of those that `run` frees.
fn remaining_marks(run: impl FnOnce()) -> usize {
    let before = FOUND.load(Ordering::Relaxed);
    IS_WATCHING.store(true, Ordering::Relaxed);
    run();
    IS_WATCHING.store(false, Ordering::Relaxed);
    FOUND.load(Ordering::Relaxed) - before
}

fn marked() -> String {
    String::from_utf8(MARK.to_vec()).expect("the mark is text").repeat(3)
}

fn free_without_zeroizing() {
    let layout = Layout::for_value(MARK);
    // SAFETY: the block is of this layout, is written within its length, and is freed once.
    unsafe {
        let block = Watching.alloc(layout);
        block.copy_from_nonoverlapping(MARK.as_ptr(), MARK.len());
        Watching.dealloc(block, layout);
    }
}

#[test]
fn a_dropped_secret_is_overwritten() {
    let _guard = ALONE.lock();
    assert_eq!(
        remaining_marks(free_without_zeroizing),
        1,
        "a block that is not overwritten is found, so the search works"
    );
    let secret = Secret::from(marked());
    assert_eq!(remaining_marks(|| drop(secret)), 0);
    let mut growing = marked();
    assert_eq!(remaining_marks(|| growing.reserve(10_000)), 0);
    let body = Body(marked().into_bytes());
    assert_eq!(remaining_marks(|| drop(body)), 0);
    let json = Json::parse(format!(r#"{{"a": ["{}"]}}"#, marked()).as_bytes()).expect("JSON");
    assert_eq!(remaining_marks(|| drop(json)), 0);
}

#[test]
fn a_call_frees_neither_secret_nor_token_unzeroized() {
    let _guard = ALONE.lock();
    let mut host = FakeHost::new();
    for (name, value) in [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")] {
        host.variables.insert(name.to_owned(), value.to_owned());
    }
    host.variables.insert("AZURE_CLIENT_SECRET".to_owned(), marked());
    let request = TokenRequest::for_scope(Scope::parse("s").expect("a scope"));
    let body = format!(r#"{{"access_token": "{}", "expires_in": 3599, "refresh_token": "{0}"}}"#, marked());
    host.responses.borrow_mut().reserve(8);
    for _ in 0..2 {
        let body = Body(body.clone().into_bytes());
        host.responses.borrow_mut().push_back(Ok(Response { status: 200, headers: Vec::new(), body }));
    }
    host.requests.borrow_mut().reserve(8);
    let sources: [&dyn DynSource; 2] = [&Environment::default(), &DefaultChain::new(Options::default())];
    for source in sources {
        let (mut token, expected) = (None, marked());
        let left = remaining_marks(|| token = run(source.get_token(&CallContext::new(&host), &request)).ok());
        assert_eq!(left, 0, "of {}", source.name());
        assert!(token.is_some_and(|token| token.token.expose() == expected));
    }
}

const MARK: &[u8] = b"s3cr3t-mark-of-the-test";
