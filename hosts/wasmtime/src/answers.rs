//! What is known and what is being asked: the cache, and one request under way for each key, however many
//! callers want its answer. Nothing in here waits or asks; it only decides, so one lock guards all of it.

use crate::cache::{Cache, Cached};
use crate::request::Key;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How a request ends.
pub(crate) type Outcome = Result<Arc<AccessToken>, CredentialError>;

/// Where an outcome will be; `None` until then. An error of the channel: nobody asks any more.
pub(crate) type Landing = watch::Receiver<Option<Outcome>>;

/// The cache and the requests under way.
pub(crate) struct Answers {
    cache: Cache,
    under_way: HashMap<Ask, Landing>,
    /// How many tokens were kept so far.
    kept: u64,
    /// The value of `kept` when a claims challenge was satisfied, for the keys that had one.
    satisfied: HashMap<Key, u64>,
}

/// What is asked of the provider: a key, and the claims challenge, which makes it another question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ask {
    pub(crate) key: Key,
    claims: Option<String>,
}

/// A request to the provider. Whoever holds it either lets it [`Answers::land`] or [`Answers::abandon`]s it.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) ask: Ask,
    landing: watch::Sender<Option<Outcome>>,
    /// The value of `Answers::kept` when it began.
    began: u64,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It is answered.
    Known(Arc<AccessToken>),
    /// It is answered; the token is due, and the flight renews it in the background.
    Due(Arc<AccessToken>, Flight),
    /// Somebody asked before, and the answer is for both.
    UnderWay(Landing),
    /// The provider has to be asked.
    Ask(Flight, Landing),
}

impl Ask {
    pub(crate) fn of(request: &TokenRequest) -> Self {
        Self { key: Key::of(request), claims: request.claims.clone() }
    }
}

impl Answers {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { cache: Cache::new(capacity), under_way: HashMap::new(), kept: 0, satisfied: HashMap::new() }
    }

    /// What becomes of a request. `now` is in seconds since the Unix epoch, here and below.
    pub(crate) fn decide(&mut self, ask: &Ask, now: u64) -> Decision {
        // A challenge says that the token we have is no longer good enough.
        let cached = if ask.claims.is_some() { Cached::Nothing } else { self.cache.get(&ask.key, now) };
        let under_way = self.under_way.get(ask);
        match (cached, under_way) {
            (Cached::Fresh(token), _) | (Cached::Due(token), Some(_)) => Decision::Known(token),
            (Cached::Due(token), None) => Decision::Due(token, self.begin(ask).0),
            (Cached::Nothing, Some(landing)) => Decision::UnderWay(landing.clone()),
            (Cached::Nothing, None) => {
                let (flight, landing) = self.begin(ask);
                Decision::Ask(flight, landing)
            }
        }
    }

    /// Ends a flight: keeps its token and tells everybody who waits.
    pub(crate) fn land(&mut self, flight: Flight, outcome: Result<AccessToken, CredentialError>, now: u64) {
        let outcome = outcome.map(Arc::new);
        match &outcome {
            Ok(token) => self.keep(&flight, Arc::clone(token), now),
            Err(_) => self.cache.renewal_failed(&flight.ask.key, now),
        }
        self.under_way.remove(&flight.ask);
        flight.landing.send_replace(Some(outcome));
    }

    /// Ends a flight that has no outcome, because the runtime it was in ended.
    pub(crate) fn abandon(&mut self, flight: Flight) {
        self.under_way.remove(&flight.ask);
    }

    /// See [`Cache::watch_clock`].
    pub(crate) fn watch_clock(&mut self, now: u64, elapsed: Duration) -> u64 {
        self.cache.watch_clock(now, elapsed)
    }

    /// How many tokens are kept, and how many requests are under way.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.cache.len(), self.under_way.len())
    }

    fn begin(&mut self, ask: &Ask) -> (Flight, Landing) {
        let (sender, landing) = watch::channel(None);
        self.under_way.insert(ask.clone(), landing.clone());
        (Flight { ask: ask.clone(), landing: sender, began: self.kept }, landing)
    }

    fn keep(&mut self, flight: &Flight, token: Arc<AccessToken>, now: u64) {
        let key = &flight.ask.key;
        let is_renewed_already = match (&flight.ask.claims, self.cache.get(key, now)) {
            (Some(_), _) | (None, Cached::Nothing) => false,
            // Every instance has a cache of its own: it may know nothing of a challenge that another one
            // satisfied meanwhile, or still have a token from before the last renewal.
            (None, Cached::Fresh(held) | Cached::Due(held)) => {
                self.satisfied.get(key).is_some_and(|when| *when > flight.began)
                    || token.expires_on < held.expires_on
            }
        };
        if is_renewed_already {
            return self.cache.renewal_failed(key, now);
        }
        self.kept += 1;
        if flight.ask.claims.is_some() {
            self.note_satisfied(key);
        }
        let is_due = token.refresh_on.is_some_and(|due| due <= now);
        self.cache.put(key.clone(), token, now);
        if is_due {
            self.cache.renewal_failed(key, now);
        }
    }

    /// Matters only while another flight for the key, begun earlier, is under way.
    fn note_satisfied(&mut self, key: &Key) {
        let (under_way, satisfied) = (&self.under_way, &mut self.satisfied);
        satisfied.retain(|key, _| under_way.keys().any(|ask| ask.key == *key));
        satisfied.insert(key.clone(), self.kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ErrorKind;

    const NOW: u64 = 1_800_000_000;

    fn ask(scope: &str, claims: Option<&str>) -> Ask {
        Ask::of(&TokenRequest { claims: claims.map(ToOwned::to_owned), ..TokenRequest::new(scope) })
    }

    fn token(name: &str, expires_in: u64) -> AccessToken {
        AccessToken::test(name, NOW + expires_in, Some(NOW + expires_in / 2))
    }

    fn asked(answers: &mut Answers, scope: &str, claims: Option<&str>, now: u64) -> (Flight, Landing) {
        match answers.decide(&ask(scope, claims), now) {
            Decision::Ask(flight, landing) => (flight, landing),
            other => panic!("the provider is not asked: {other:?}"),
        }
    }

    fn due(answers: &mut Answers, scope: &str, now: u64) -> Flight {
        match answers.decide(&ask(scope, None), now) {
            Decision::Due(_, flight) => flight,
            other => panic!("it is not due: {other:?}"),
        }
    }

    fn known(answers: &mut Answers, scope: &str, now: u64) -> String {
        match answers.decide(&ask(scope, None), now) {
            Decision::Known(token) => token.secret().to_owned(),
            other => panic!("it is not known: {other:?}"),
        }
    }

    fn failure() -> CredentialError {
        CredentialError::of_host(ErrorKind::Unreachable, "down")
    }

    #[test]
    fn one_request_is_under_way_for_a_key_and_its_answer_is_for_all() {
        let mut answers = Answers::new(8);
        let (flight, _) = asked(&mut answers, "s", None, NOW);
        let Decision::UnderWay(second) = answers.decide(&ask("s", None), NOW) else { panic!("asked twice") };
        asked(&mut answers, "t", None, NOW);
        answers.land(flight, Ok(token("AT", 3600)), NOW);
        let outcome = second.borrow().clone();
        assert_eq!(outcome.expect("landed").expect("a token").secret(), "AT");
        assert_eq!(known(&mut answers, "s", NOW), "AT");
        assert_eq!(answers.counts(), (1, 1));
    }

    #[test]
    fn a_failure_is_told_to_all_who_wait_and_not_kept() {
        let mut answers = Answers::new(8);
        let (flight, landing) = asked(&mut answers, "s", None, NOW);
        answers.land(flight, Err(failure()), NOW);
        assert_eq!(*landing.borrow(), Some(Err(failure())));
        asked(&mut answers, "s", None, NOW);
    }

    #[test]
    fn a_flight_that_is_abandoned_leaves_room_for_the_next() {
        let mut answers = Answers::new(8);
        let (flight, landing) = asked(&mut answers, "s", None, NOW);
        answers.abandon(flight);
        assert!(landing.has_changed().is_err(), "whoever waits learns of it");
        asked(&mut answers, "s", None, NOW);
    }

    #[test]
    fn a_due_token_is_renewed_once_and_answers_all_the_while() {
        let mut answers = Answers::new(8);
        let (flight, _) = asked(&mut answers, "s", None, NOW);
        answers.land(flight, Ok(token("old", 7200)), NOW);
        let renewal = due(&mut answers, "s", NOW + 3600);
        assert_eq!(known(&mut answers, "s", NOW + 3600), "old");
        answers.land(renewal, Err(failure()), NOW + 3601);
        assert_eq!(known(&mut answers, "s", NOW + 3630), "old", "a failed renewal has to wait");
        let renewal = due(&mut answers, "s", NOW + 3631);
        answers.land(renewal, Ok(token("new", 10_800)), NOW + 3631);
        assert_eq!(known(&mut answers, "s", NOW + 3631), "new");
    }

    #[test]
    fn an_older_token_of_another_instance_replaces_no_newer_one() {
        let mut answers = Answers::new(8);
        let (flight, _) = asked(&mut answers, "s", None, NOW);
        answers.land(flight, Ok(token("new", 7200)), NOW);
        let renewal = due(&mut answers, "s", NOW + 3600);
        answers.land(renewal, Ok(token("older", 7100)), NOW + 3600);
        assert_eq!(known(&mut answers, "s", NOW + 3600), "new");
    }

    #[test]
    fn a_token_that_comes_back_due_is_not_asked_for_again_at_once() {
        let mut answers = Answers::new(8);
        let (flight, _) = asked(&mut answers, "s", None, NOW);
        answers.land(flight, Ok(token("AT", 7200)), NOW);
        let renewal = due(&mut answers, "s", NOW + 3600);
        answers.land(renewal, Ok(token("AT", 7200)), NOW + 3600);
        assert_eq!(known(&mut answers, "s", NOW + 3629), "AT");
        due(&mut answers, "s", NOW + 3630);
    }

    #[test]
    fn claims_are_never_answered_from_the_cache_and_their_answer_replaces() {
        let mut answers = Answers::new(8);
        let (flight, _) = asked(&mut answers, "s", None, NOW);
        answers.land(flight, Ok(token("revoked", 7200)), NOW);
        let (flight, _) = asked(&mut answers, "s", Some("{}"), NOW);
        assert!(matches!(answers.decide(&ask("s", Some("{}")), NOW), Decision::UnderWay(_)));
        asked(&mut answers, "s", Some(r#"{"a":1}"#), NOW);
        answers.land(flight, Ok(token("satisfied", 3600)), NOW);
        assert_eq!(known(&mut answers, "s", NOW), "satisfied");
    }

    #[test]
    fn an_answer_from_before_a_challenge_does_not_replace_the_one_that_satisfied_it() {
        let mut answers = Answers::new(8);
        let (before, _) = asked(&mut answers, "s", None, NOW);
        let (challenged, _) = asked(&mut answers, "s", Some("{}"), NOW);
        answers.land(challenged, Ok(token("satisfied", 3600)), NOW);
        answers.land(before, Ok(token("revoked", 7200)), NOW);
        assert_eq!(known(&mut answers, "s", NOW), "satisfied");
    }
}
