//! What the cache and the chain promise, for any sequence of calls, passing time, clocks that are set, and
//! failures. Each step is decided by proptest; a model beside the component says what may come of it.

use azure_identity_component::call_context::{CallContext, run};
use azure_identity_component::chain::Chain;
use azure_identity_component::credential::Credential;
use azure_identity_component::error::{Error, ErrorKind};
use azure_identity_component::host::BoxFuture;
use azure_identity_component::request::{RawRequest, TokenRequest};
use azure_identity_component::sources::Source;
use azure_identity_component::token::AccessToken;
use fuzz_targets::world::World;
use proptest::prelude::*;
use proptest::sample::select;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// A request for one of a few keys, by whom its source then obeys.
    Get { key: usize, claims: bool, outcome: Outcome },
    /// Time passes, in seconds.
    Pass(u64),
    /// The clock is set, in seconds.
    Jump(i64),
}

/// What a source does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// Gives a token that lives so long and is due after so long, in seconds.
    Token(u64, Option<u64>),
    /// Fails.
    Fails(ErrorKind),
}

/// A service that remembers, by true time, what it gave to whom and until when.
struct Service {
    obeys: Rc<Cell<Outcome>>,
    world: Rc<World>,
    asked: Rc<Cell<usize>>,
    given: Rc<RefCell<HashMap<String, Given>>>,
}

/// A token that was given.
struct Given {
    key: String,
    /// By the clock that nobody sets.
    ends_on: u64,
}

impl Source for Service {
    fn name(&self) -> &'static str {
        "service"
    }

    fn get_token<'a>(
        &'a self,
        _: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        let number = self.asked.get() + 1;
        self.asked.set(number);
        let outcome = match self.obeys.get() {
            Outcome::Fails(kind) => Err(Error::new(kind, "service", "by order")),
            Outcome::Token(lives_in, due_in) => {
                let (token, now) = (format!("AT-{number}"), self.world.now.get());
                let ends_on = self.world.elapsed_seconds().saturating_add(lives_in);
                self.given.borrow_mut().insert(token.clone(), Given { key: key_of(request), ends_on });
                Ok(AccessToken {
                    token: token.into(),
                    token_type: "Bearer".to_owned(),
                    expires_on: now.saturating_add(lives_in),
                    refresh_on: due_in.map(|due_in| now.saturating_add(due_in)),
                    source: "service",
                })
            }
        };
        Box::pin(std::future::ready(outcome))
    }
}

/// Everything about a request that its token depends on.
fn key_of(request: &TokenRequest) -> String {
    let mut scopes = request.scopes().to_vec();
    scopes.sort();
    format!("{scopes:?} {:?} {}", request.tenant_id(), request.enable_cae())
}

/// A few requests that differ in one thing each; the second pair is the same set of scopes.
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
    use ErrorKind::{InvalidRequest, Other, Rejected, Unavailable, Unreachable};
    select(&[InvalidRequest, Other, Rejected, Unavailable, Unreachable][..])
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let lifetime = prop_oneof![1..700_u64, 3_000..4_000_u64, 80_000..90_000_u64];
    let token = (lifetime, proptest::option::of(0..90_000_u64));
    prop_oneof![
        3 => token.prop_map(|(lives_in, due_in)| Outcome::Token(lives_in, due_in)),
        1 => kind().prop_map(Outcome::Fails),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let get = (0..36_usize, prop::bool::weighted(0.1), outcome());
    prop_oneof![
        6 => get.prop_map(|(key, claims, outcome)| Step::Get { key, claims, outcome }),
        3 => prop_oneof![0..100_u64, 200..400_u64, 3_000..90_000_u64].prop_map(Step::Pass),
        1 => prop_oneof![-70..70_i64, -100_000..100_000_i64].prop_map(Step::Jump),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// DESIGN §4, cache.
    #[test]
    fn the_cache_serves_no_expired_token_and_none_of_another_key(
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let world = Rc::new(World::at(1_800_000_000));
        let (obeys, asked) = (Rc::new(Cell::new(Outcome::Fails(ErrorKind::Other))), Rc::new(Cell::new(0)));
        let given: Rc<RefCell<HashMap<String, Given>>> = Rc::default();
        let service = Service { obeys: obeys.clone(), world: world.clone(), asked: asked.clone(), given: given.clone() };
        let credential = Credential::new(Rc::new(service));
        for step in steps {
            let (key, claims) = match step {
                Step::Pass(seconds) => { world.advance(seconds); continue }
                Step::Jump(seconds) => { world.jump(seconds); continue }
                Step::Get { key, claims, outcome } => { obeys.set(outcome); (key, claims) }
            };
            let (raw, before) = (raw(key, claims), asked.get());
            let request = TokenRequest::parse(raw.clone()).expect("well-formed");
            let answer = run(credential.get_token(&*world, raw));
            let was_asked = asked.get() > before;
            prop_assert!(asked.get() <= before + 1, "asked more than once");
            prop_assert!(was_asked || !claims, "a challenge was answered from the cache");
            match answer {
                Ok(token) => {
                    let given = given.borrow();
                    let known = &given[token.token.expose()];
                    prop_assert_eq!(&known.key, &key_of(&request), "a token of another key");
                    let is_fresh = token.token.expose() == format!("AT-{}", asked.get()) && was_asked;
                    prop_assert!(is_fresh || known.ends_on > world.elapsed_seconds(), "an expired token");
                }
                Err(error) => {
                    prop_assert!(was_asked, "an error that nobody gave");
                    let is_that = matches!(obeys.get(), Outcome::Fails(kind) if kind == error.kind);
                    prop_assert!(is_that, "another error than the service's");
                }
            }
        }
    }

    /// DESIGN §4, chain.
    #[test]
    fn only_unavailable_leads_on_and_a_chain_stays_where_it_succeeded(
        rounds in proptest::collection::vec(proptest::collection::vec(member(), 3), 1..12),
    ) {
        let world = World::at(1_800_000_000);
        let members: Vec<_> = (0..3).map(|_| Rc::new(Member::default())).collect();
        let chain = members.iter().map(|member| Rc::clone(member) as Rc<dyn Source>).collect();
        let chain = Chain::new("chain", chain);
        let request = TokenRequest::parse(raw(0, false)).expect("well-formed");
        let mut settled: Option<usize> = None;
        for round in rounds {
            for (member, outcome) in members.iter().zip(&round) {
                member.obeys.set(*outcome);
                member.asked.set(0);
            }
            let answer = run(chain.get_token(&CallContext::alone(&world), &request));
            let asked: Vec<_> = members.iter().map(|member| member.asked.get()).collect();
            // The first that is not `unavailable` decides; once there was a success, that member does.
            let decides = settled.or_else(|| round.iter().position(|it| *it != Some(ErrorKind::Unavailable)));
            let expected: Vec<usize> = (0..3).map(|index| match (settled, decides) {
                (Some(settled), _) => usize::from(index == settled),
                (None, Some(decides)) => usize::from(index <= decides),
                (None, None) => 1,
            }).collect();
            prop_assert_eq!(&asked, &expected, "members that should not have been asked, or should");
            match decides.map(|index| (index, round[index])) {
                Some((index, None)) => {
                    prop_assert!(answer.is_ok());
                    settled = Some(index);
                }
                Some((_, Some(kind))) => prop_assert_eq!(answer.expect_err("it failed").kind, kind),
                None => {
                    let error = answer.expect_err("nobody is there");
                    prop_assert_eq!((error.kind, error.attempts.len()), (ErrorKind::Unavailable, 3));
                }
            }
        }
    }
}

fn member() -> impl Strategy<Value = Option<ErrorKind>> {
    prop_oneof![
        2 => Just(Some(ErrorKind::Unavailable)),
        1 => kind().prop_map(Some),
        1 => Just(None),
    ]
}

/// A member of a chain; `None`: it gives a token.
#[derive(Default)]
struct Member {
    obeys: Cell<Option<ErrorKind>>,
    asked: Cell<usize>,
}

impl Source for Member {
    fn name(&self) -> &'static str {
        "member"
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        _: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        self.asked.set(self.asked.get() + 1);
        let token = || AccessToken {
            token: "AT".into(),
            token_type: "Bearer".to_owned(),
            expires_on: call.host.now() + 3600,
            refresh_on: None,
            source: "member",
        };
        let outcome =
            self.obeys.get().map_or_else(|| Ok(token()), |kind| Err(Error::new(kind, "member", "no")));
        Box::pin(std::future::ready(outcome))
    }
}
