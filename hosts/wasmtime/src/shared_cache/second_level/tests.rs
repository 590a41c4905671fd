use super::super::memory_store::{MemoryStore, Trouble};
use super::*;
use crate::types::ErrorKind;
use std::sync::Mutex;
use tokio::time::Instant;

const START: u64 = 1_800_000_000;
const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
const KEYS: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

/// The token service, which hosts share. Clones are the same service.
#[derive(Clone)]
struct Service(Arc<Mutex<Answers>>);

struct Answers {
    requests: u32,
    took: Duration,
    is_down: bool,
    client: &'static str,
    began: Instant,
}

impl Service {
    fn new() -> Self {
        let (took, began) = (Duration::from_millis(50), Instant::now());
        Self(Arc::new(Mutex::new(Answers { requests: 0, took, is_down: false, client: CLIENT, began })))
    }

    fn change(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.0.lock().expect("not poisoned"));
    }

    fn requests(&self) -> u32 {
        self.0.lock().expect("not poisoned").requests
    }
}

impl Upstream for Service {
    async fn call(&mut self) -> Option<Result<AccessToken, CredentialError>> {
        let (number, took) = {
            let mut answers = self.0.lock().expect("not poisoned");
            answers.requests += 1;
            (answers.requests, answers.took)
        };
        tokio::time::sleep(took).await;
        let (is_down, client) = {
            let answers = self.0.lock().expect("not poisoned");
            (answers.is_down, answers.client)
        };
        if is_down {
            return Some(Err(CredentialError::of_host(ErrorKind::Transient, "down")));
        }
        let times = (self.now() + 7200, Some(self.now() + 3600));
        let details = vec![("client-id".to_owned(), client.to_owned())];
        let (name, kind) = (format!("token {number}"), "Bearer".to_owned());
        Some(Ok(AccessToken::new(name, kind, times, "test".to_owned(), details)))
    }

    fn give_way(&mut self) {}

    fn now(&self) -> u64 {
        START + self.0.lock().expect("not poisoned").began.elapsed().as_secs()
    }
}

fn host(store: &MemoryStore) -> SecondLevel {
    let (partition, keys) = (Partition::parse("p").expect("a name"), KeyRing::parse(KEYS).expect("keys"));
    let shared = SharedCache::new(store.clone(), partition, keys);
    let identity = Identity::parse(CLIENT).expect("a GUID");
    SecondLevel::new(shared, identity, Vec::new(), Arc::default(), Arc::default())
}

async fn ask(host: &SecondLevel, service: &Service, demand: Demand) -> Result<Obtained, CredentialError> {
    let wanted = host.wanted(&TokenRequest::new("s"), demand);
    host.get_token(&wanted, service.clone()).await.expect("no caller is gone")
}

/// What 50 hosts get that ask at the same time.
async fn ask_all(store: &MemoryStore, service: &Service) -> Vec<Result<Obtained, CredentialError>> {
    let mut hosts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (host, service) = (host(store), service.clone());
        hosts.spawn(async move { ask(&host, &service, Demand::default()).await });
    }
    hosts.join_all().await
}

fn token(outcome: &Result<Obtained, CredentialError>) -> &str {
    outcome.as_ref().expect("a token").token.secret()
}

#[tokio::test(start_paused = true)]
async fn hosts_that_ask_at_once_share_one_request() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let outcomes = ask_all(&store, &service).await;
    assert_eq!(service.requests(), 1);
    assert!(outcomes.iter().all(|outcome| token(outcome) == "token 1"));
    assert_eq!((store.count(EntryKind::Token), store.count(EntryKind::Lease)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_host_whose_owner_is_gone_asks_within_two_seconds_more() {
    let (store, service) = (MemoryStore::default(), Service::new());
    service.change(|answers| answers.took = Duration::from_secs(3));
    let owner = tokio::spawn({
        let (host, service) = (host(&store), service.clone());
        async move { ask(&host, &service, Demand::default()).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    owner.abort();
    let began = Instant::now();
    let outcomes = ask_all(&store, &service).await;
    assert_eq!(service.requests(), 2);
    assert!(outcomes.iter().all(|outcome| token(outcome) == "token 2"));
    let waited = began.elapsed() - Duration::from_secs(3);
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_slow_owner_is_extended() {
    let (store, service) = (MemoryStore::default(), Service::new());
    service.change(|answers| answers.took = Duration::from_secs(9));
    ask_all(&store, &service).await;
    assert_eq!(service.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_does_not_wait_for_ever_for_an_owner_that_gets_no_response() {
    let (store, service) = (MemoryStore::default(), Service::new());
    service.change(|answers| answers.took = Duration::from_secs(100));
    let began = Instant::now();
    ask_all(&store, &service).await;
    assert!(began.elapsed() < Duration::from_secs(111), "{:?}", began.elapsed());
    assert_eq!(service.requests(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_failing_owner_does_not_keep_the_others_waiting() {
    let (store, service) = (MemoryStore::default(), Service::new());
    service.change(|answers| answers.is_down = true);
    let began = Instant::now();
    let outcomes = ask_all(&store, &service).await;
    assert!(outcomes.iter().all(Result::is_err));
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_is_done_by_one_host_while_the_others_keep_the_old_token() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let old = ask(&host(&store), &service, Demand::default()).await.expect("a token").token;
    tokio::time::advance(Duration::from_secs(3700)).await;
    let mut renewals = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (host, service, held) = (host(&store), service.clone(), Some(Arc::clone(&old)));
        renewals.spawn(async move {
            ask(&host, &service, Demand { held, is_background: true, ..Demand::default() }).await
        });
    }
    let outcomes = renewals.join_all().await;
    assert_eq!(service.requests(), 2);
    let new = outcomes.iter().filter(|outcome| token(outcome) == "token 2").count();
    assert!(new >= 1 && outcomes.iter().all(Result::is_ok), "{new}");
    let later =
        ask(&host(&store), &service, Demand { held: Some(old), is_background: true, ..Demand::default() })
            .await;
    assert_eq!((token(&later), service.requests()), ("token 2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_store_in_trouble_costs_a_deadline_and_no_error() {
    for (trouble, most) in [(Trouble::Down, 60), (Trouble::Frozen, 260), (Trouble::Full, 60)] {
        let (store, service) = (MemoryStore::default(), Service::new());
        store.state().trouble = Some(trouble);
        let (host, began) = (host(&store), Instant::now());
        assert_eq!(token(&ask(&host, &service, Demand::default()).await), "token 1", "{trouble:?}");
        assert!(began.elapsed() <= Duration::from_millis(most), "{trouble:?}: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_stays_frozen_is_left_alone() {
    let (store, service) = (MemoryStore::default(), Service::new());
    store.state().trouble = Some(Trouble::Frozen);
    let host = host(&store);
    for _ in 0..20 {
        ask(&host, &service, Demand::default()).await.expect("a token");
    }
    assert_eq!((service.requests(), store.state().calls), (20, 3));
}

#[tokio::test(start_paused = true)]
async fn the_token_of_a_store_is_returned_when_the_service_is_down() {
    let (store, service) = (MemoryStore::default(), Service::new());
    ask(&host(&store), &service, Demand::default()).await.expect("a token");
    service.change(|answers| answers.is_down = true);
    // In its last fifteen minutes, which leave a margin for clocks.
    tokio::time::advance(Duration::from_secs(7000)).await;
    let kept = ask(&host(&store), &service, Demand::default()).await.expect("the old token");
    assert_eq!(kept.token.secret(), "token 1");
    assert!(kept.failure.is_some());
    tokio::time::advance(Duration::from_secs(200)).await;
    assert!(ask(&host(&store), &service, Demand::default()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_does_not_open_is_replaced() {
    let changes: [fn(&mut Vec<u8>); 3] =
        [|value| value.truncate(9), |value| *value = b"{}".to_vec(), |value| value[40] ^= 1];
    for change in changes {
        let (store, service) = (MemoryStore::default(), Service::new());
        ask(&host(&store), &service, Demand::default()).await.expect("a token");
        store.change_tokens(change);
        assert_eq!(token(&ask(&host(&store), &service, Demand::default()).await), "token 2");
        assert_eq!(token(&ask(&host(&store), &service, Demand::default()).await), "token 2");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_client_is_not_stored_and_later_requests_wait_for_no_lease() {
    let (store, service) = (MemoryStore::default(), Service::new());
    service.change(|answers| answers.client = "99999999-2222-3333-4444-555555555555");
    let host = host(&store);
    ask(&host, &service, Demand::default()).await.expect("a token");
    assert_eq!(store.count(EntryKind::Token), 0);
    let calls = store.state().calls;
    ask(&host, &service, Demand::default()).await.expect("a token");
    assert_eq!((store.state().calls, service.requests()), (calls, 2));
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_satisfied_once_for_all_hosts_and_an_older_request_does_not_undo_it() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let slow = tokio::spawn({
        let (host, service) = (host(&store), service.clone());
        service.change(|answers| answers.took = Duration::from_secs(5));
        async move { ask(&host, &service, Demand::default()).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    service.change(|answers| answers.took = Duration::from_millis(50));
    let request = TokenRequest { claims: Some("{\"access_token\":{}}".to_owned()), ..TokenRequest::new("s") };
    let mut challenged = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (host, service, request) = (host(&store), service.clone(), request.clone());
        challenged.spawn(async move {
            let wanted = host.wanted(&request, Demand::default());
            host.get_token(&wanted, service).await.expect("no caller is gone")
        });
    }
    assert!(challenged.join_all().await.iter().all(|outcome| token(outcome) == "token 2"));
    assert_eq!(service.requests(), 2);
    assert_eq!(token(&slow.await.expect("no panic")), "token 2", "the older one is not used either");
    assert_eq!(token(&ask(&host(&store), &service, Demand::default()).await), "token 2");
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_token_is_requested_again() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let host = host(&store);
    ask(&host, &service, Demand::default()).await.expect("a token");
    let demand = Demand { is_invalidated: true, ..Demand::default() };
    assert_eq!(token(&ask(&host, &service, demand).await), "token 2");
    assert_eq!(token(&ask(&host, &service, Demand::default()).await), "token 2");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_has_to_wait_for_its_service_returns_the_token_of_another_host() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let busy = || Some(CredentialError::of_host(ErrorKind::Transient, "busy"));
    let host = host(&store);
    let demand = || Demand { throttled: busy(), ..Demand::default() };
    assert!(ask(&host, &service, demand()).await.is_err());
    assert_eq!(service.requests(), 0);
    ask(&host, &service, Demand::default()).await.expect("a token");
    assert_eq!(token(&ask(&host, &service, demand()).await), "token 1");
}

#[tokio::test(start_paused = true)]
async fn details_are_returned_to_an_app_that_asks_for_them_and_to_no_other() {
    let (store, service) = (MemoryStore::default(), Service::new());
    let host = host(&store);
    let mut details = Vec::new();
    for option in [None, Some("true"), Some("false")] {
        let options =
            option.map(|value| ("include-details".to_owned(), value.to_owned())).into_iter().collect();
        let wanted = host.wanted(&TokenRequest { options, ..TokenRequest::new("s") }, Demand::default());
        let outcome = host.get_token(&wanted, service.clone()).await.expect("no caller is gone");
        details.push(outcome.expect("a token").token.details.clone());
    }
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(details, [vec![], vec![pair("client-id", CLIENT), pair("from-cache", "true")], vec![]]);
    assert_eq!(service.requests(), 1);
}
