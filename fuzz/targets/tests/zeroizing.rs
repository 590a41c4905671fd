//! Secrets are overwritten before their memory is given back (DESIGN §5, rule 1): below the components' allocator
//! another looks at every block that is freed while a token is asked for.

use azure_identity_component::call_context::{CallContext, run};
use azure_identity_component::http::{Body, Response};
use azure_identity_component::json::Json;
use azure_identity_component::request::{RawRequest, TokenRequest};
use azure_identity_component::sources::Source;
use azure_identity_component::sources::default::{DefaultChain, Options};
use azure_identity_component::sources::environment::Environment;
use azure_identity_component::token::Secret;
use component_runtime::ZeroizingAllocator;
use fuzz_targets::world::World;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

struct Watching;

static IS_WATCHING: AtomicBool = AtomicBool::new(false);
static FOUND: AtomicUsize = AtomicUsize::new(0);
/// There is one allocator, so one test at a time.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: everything is the system allocator's; blocks are only looked at before they go back.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised. Zeros, so that no block shows what an earlier one held.
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

/// How many freed blocks hold the mark, of those that `act` frees.
fn left_behind(act: impl FnOnce()) -> usize {
    let before = FOUND.load(Ordering::Relaxed);
    IS_WATCHING.store(true, Ordering::Relaxed);
    act();
    IS_WATCHING.store(false, Ordering::Relaxed);
    FOUND.load(Ordering::Relaxed) - before
}

fn marked() -> String {
    String::from_utf8(MARK.to_vec()).expect("the mark is text").repeat(3)
}

fn free_without_forgetting() {
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
    let _turn = TURN.lock();
    assert_eq!(
        left_behind(free_without_forgetting),
        1,
        "what is not overwritten is found, so the search works"
    );
    let secret = Secret::from(marked());
    assert_eq!(left_behind(|| drop(secret)), 0);
    let mut growing = marked();
    assert_eq!(left_behind(|| growing.reserve(10_000)), 0);
    let body = Body(marked().into_bytes());
    assert_eq!(left_behind(|| drop(body)), 0);
    let json = Json::parse(format!(r#"{{"a": ["{}"]}}"#, marked()).as_bytes()).expect("JSON");
    assert_eq!(left_behind(|| drop(json)), 0);
}

#[test]
fn a_call_leaves_neither_secret_nor_token_behind() {
    let _turn = TURN.lock();
    let mut world = World::at(1_800_000_000);
    for (name, value) in [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")] {
        world.variables.insert(name.to_owned(), value.to_owned());
    }
    world.variables.insert("AZURE_CLIENT_SECRET".to_owned(), marked());
    let request = TokenRequest::parse(RawRequest { scopes: vec!["s".to_owned()], ..RawRequest::default() });
    let request = request.expect("well-formed");
    let body = format!(r#"{{"access_token": "{}", "expires_in": 3599, "refresh_token": "{0}"}}"#, marked());
    world.answers.borrow_mut().reserve(8);
    for _ in 0..2 {
        let body = Body(body.clone().into_bytes());
        world.answers.borrow_mut().push_back(Ok(Response { status: 200, headers: Vec::new(), body }));
    }
    world.sent.borrow_mut().reserve(8);
    let sources: [&dyn Source; 2] = [&Environment::default(), &DefaultChain::new(Options::default())];
    for source in sources {
        let (mut token, expected) = (None, marked());
        let left = left_behind(|| token = run(source.get_token(&CallContext::alone(&world), &request)).ok());
        assert_eq!(left, 0, "of {}", source.name());
        assert!(token.is_some_and(|token| token.token.expose() == expected));
    }
}

const MARK: &[u8] = b"s3cr3t-mark-of-the-test";
