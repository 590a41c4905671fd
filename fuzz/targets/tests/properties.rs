//! Properties of the cache and the chain, for any sequence of calls, failures and clock steps. proptest
//! generates the steps, and a model decides which outcomes are right.

use azure_identity_component::call_context::CallContext;
use azure_identity_component::chain::Chain;
use azure_identity_component::concurrency::run;
use azure_identity_component::credential::Credential;
use azure_identity_component::error::{Error, ErrorKind};
use azure_identity_component::host::Host;
use azure_identity_component::host::fake::FakeHost;
use azure_identity_component::identifiers::Scope;
use azure_identity_component::request::{RawRequest, TokenRequest};
use azure_identity_component::source::{SharedSource, Source};
use azure_identity_component::token::AccessToken;
use proptest::prelude::*;
use proptest::sample::select;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// A step of a test.
#[derive(Clone, Debug)]
enum Step {
    /// A request for one of a few keys, and the outcome of its source.
    Get { key: usize, claims: bool, outcome: Outcome },
    /// Time passes, in seconds.
    Pass(u64),
    /// Time passes, in milliseconds.
    Wait(u64),
    /// The clock is set, in seconds.
    Jump(i64),
}

/// The outcome of a request to a source.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// A token: the seconds until it expires, and until it is due for renewal.
    Token(u64, Option<u64>),
    /// A failure.
    Fails(ErrorKind),
}

/// A service that notes the key and the expiry, by the monotonic clock, of each token that it issues.
struct Service {
    behaviour: Rc<Cell<Outcome>>,
    host: Rc<FakeHost>,
    requests: Rc<Cell<usize>>,
    issued: Rc<RefCell<HashMap<String, Issued>>>,
}

/// An issued token.
struct Issued {
    key: String,
    /// In seconds of the monotonic clock.
    ends_on: u64,
}

impl Source for Service {
    fn name(&self) -> &'static str {
        "service"
    }

    async fn get_token(&self, _: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let number = self.requests.get() + 1;
        self.requests.set(number);
        match self.behaviour.get() {
            Outcome::Fails(kind) => Err(Error::new(kind, "service", "fails")),
            Outcome::Token(expires_in, due_in) => {
                let (token, now) = (format!("AT-{number}"), self.host.now());
                let ends_on = self.host.elapsed().as_secs().saturating_add(expires_in);
                self.issued.borrow_mut().insert(token.clone(), Issued { key: key_of(request), ends_on });
                Ok(AccessToken {
                    token: token.into(),
                    token_type: "Bearer".to_owned(),
                    expires_on: now.saturating_add(expires_in),
                    refresh_on: due_in.map(|due_in| now.saturating_add(due_in)),
                    source: "service",
                    details: Rc::default(),
                    from_cache: false,
                })
            }
        }
    }
}

/// The properties of a request that its token depends on.
fn key_of(request: &TokenRequest) -> String {
    let mut scopes: Vec<&str> = request.scopes().iter().map(Scope::as_str).collect();
    scopes.sort();
    format!("{scopes:?} {:?} {}", request.tenant_id(), request.enable_cae())
}

/// A few requests that differ in one property each. Keys 2 and 3 are the same set of scopes.
fn raw(key: usize, claims: bool) -> RawRequest {
    let scopes: &[&str] = match key % 6 {
        0 => &["https://vault.azure.net/.default"],
        1 => &["https://storage.azure.com/.default"],
        2 => &["a", "b"],
        3 => &["b", "a"],
        4 => &["a", "a", "b"],
        _ => &["a"],
    };
    RawRequest {
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        tenant_id: select_tenant(key / 6),
        claims: claims.then(|| r#"{"access_token":{"nbf":1}}"#.to_owned()),
        enable_cae: key >= 18,
        options: Vec::new(),
    }
}

fn select_tenant(index: usize) -> Option<String> {
    match index % 3 {
        0 => None,
        1 => Some("contoso.com".to_owned()),
        _ => Some("fabrikam.com".to_owned()),
    }
}

fn kind() -> impl Strategy<Value = ErrorKind> {
    use ErrorKind::{AuthenticationFailed, InvalidArgument, NotConfigured, Other, Transient};
    select(&[InvalidArgument, Other, AuthenticationFailed, NotConfigured, Transient][..])
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let lifetime = prop_oneof![1..700_u64, 3_000..4_000_u64, 80_000..90_000_u64];
    let token = (lifetime, proptest::option::of(0..90_000_u64));
    prop_oneof![
        3 => token.prop_map(|(expires_in, due_in)| Outcome::Token(expires_in, due_in)),
        1 => kind().prop_map(Outcome::Fails),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let get = (0..36_usize, prop::bool::weighted(0.1), outcome());
    prop_oneof![
        6 => get.prop_map(|(key, claims, outcome)| Step::Get { key, claims, outcome }),
        3 => prop_oneof![0..100_u64, 200..400_u64, 3_000..90_000_u64].prop_map(Step::Pass),
        1 => (1..2000_u64).prop_map(Step::Wait),
        1 => prop_oneof![-70..70_i64, -100_000..100_000_i64].prop_map(Step::Jump),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// ARCHITECTURE §4, cache.
    #[test]
    fn the_cache_serves_no_expired_token_and_none_of_another_key(
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let host = Rc::new(FakeHost::new());
        let (behaviour, requests) = (Rc::new(Cell::new(Outcome::Fails(ErrorKind::Other))), Rc::new(Cell::new(0)));
        let issued: Rc<RefCell<HashMap<String, Issued>>> = Rc::default();
        let service = Service { behaviour: behaviour.clone(), host: host.clone(), requests: requests.clone(), issued: issued.clone() };
        let credential = Credential::new(Rc::new(service));
        for step in steps {
            let (key, claims) = match step {
                Step::Pass(seconds) => { host.advance(seconds); continue }
                Step::Wait(milliseconds) => { run(host.sleep(Duration::from_millis(milliseconds))); continue }
                Step::Jump(seconds) => { host.step_clock(seconds); continue }
                Step::Get { key, claims, outcome } => { behaviour.set(outcome); (key, claims) }
            };
            let (raw, before) = (raw(key, claims), requests.get());
            let request = TokenRequest::parse(raw.clone()).expect("well-formed");
            let outcome = run(credential.get_token(&*host, request.clone()));
            let was_sent = requests.get() > before;
            prop_assert!(requests.get() <= before + 1, "more than one request was sent");
            prop_assert!(was_sent || !claims, "a claims challenge was served from the cache");
            match outcome {
                Ok(token) => {
                    let issued = issued.borrow();
                    let known = &issued[token.token.expose()];
                    prop_assert_eq!(&known.key, &key_of(&request), "a token of another key");
                    let is_fresh = token.token.expose() == format!("AT-{}", requests.get()) && was_sent;
                    prop_assert!(is_fresh || known.ends_on > host.elapsed().as_secs(), "an expired token");
                }
                Err(error) => {
                    prop_assert!(was_sent, "an error without a request");
                    let is_that = matches!(behaviour.get(), Outcome::Fails(kind) if kind == error.kind);
                    prop_assert!(is_that, "another error than the service's");
                }
            }
        }
    }

    /// ARCHITECTURE §4, chain.
    #[test]
    fn a_chain_goes_on_after_unavailable_alone_and_stays_with_its_first_success(
        calls in proptest::collection::vec(proptest::collection::vec(member(), 3), 1..12),
    ) {
        let host = FakeHost::new();
        let members: Vec<_> = (0..3).map(|_| Rc::new(Member::default())).collect();
        let chain = members.iter().map(|member| Rc::clone(member) as SharedSource).collect();
        let chain = Chain::new("chain", chain);
        let request = TokenRequest::parse(raw(0, false)).expect("well-formed");
        let mut settled: Option<usize> = None;
        for behaviours in calls {
            for (member, behaviour) in members.iter().zip(&behaviours) {
                member.behaviour.set(*behaviour);
                member.requests.set(0);
            }
            let outcome = run(chain.get_token(&CallContext::new(&host), &request));
            let requests: Vec<_> = members.iter().map(|member| member.requests.get()).collect();
            // The first member that is not `not-configured` decides; after a success that member does.
            let decides = settled.or_else(|| behaviours.iter().position(|it| *it != Some(ErrorKind::NotConfigured)));
            let expected: Vec<usize> = (0..3).map(|index| match (settled, decides) {
                (Some(settled), _) => usize::from(index == settled),
                (None, Some(decides)) => usize::from(index <= decides),
                (None, None) => 1,
            }).collect();
            prop_assert_eq!(&requests, &expected, "the requests to the members");
            match decides.map(|index| (index, behaviours[index])) {
                Some((index, None)) => {
                    prop_assert!(outcome.is_ok());
                    settled = Some(index);
                }
                Some((_, Some(kind))) => prop_assert_eq!(outcome.expect_err("the member failed").kind, kind),
                None => {
                    let error = outcome.expect_err("no member is available");
                    prop_assert_eq!((error.kind, error.attempts.len()), (ErrorKind::NotConfigured, 3));
                }
            }
        }
    }
}

fn member() -> impl Strategy<Value = Option<ErrorKind>> {
    prop_oneof![
        2 => Just(Some(ErrorKind::NotConfigured)),
        1 => kind().prop_map(Some),
        1 => Just(None),
    ]
}

/// A member of a chain; `None`: it returns a token.
#[derive(Default)]
struct Member {
    behaviour: Cell<Option<ErrorKind>>,
    requests: Cell<usize>,
}

impl Source for Member {
    fn name(&self) -> &'static str {
        "member"
    }

    async fn get_token(&self, call: &CallContext<'_>, _: &TokenRequest) -> Result<AccessToken, Error> {
        self.requests.set(self.requests.get() + 1);
        match self.behaviour.get() {
            Some(kind) => Err(Error::new(kind, "member", "fails")),
            None => Ok(AccessToken {
                token: "AT".into(),
                token_type: "Bearer".to_owned(),
                expires_on: call.host.now() + 3600,
                refresh_on: None,
                source: "member",
                details: Rc::default(),
                from_cache: false,
            }),
        }
    }
}
