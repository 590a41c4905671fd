use super::*;
use crate::concurrency::run;
use crate::host::fake::FakeHost;
use crate::http::{Body, Url};

fn response(status: u16, headers: &[(&str, &str)]) -> Response {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Response { status, headers, body: Body(Vec::new()) }
}

fn retry(host: &FakeHost, policy: &Policy) -> Result<u16, HttpError> {
    let request = Request::get(Url::parse("https://service.example").expect("an address"));
    run(send(&CallContext::new(host), policy, &request)).map(|response| response.status)
}

#[test]
fn a_request_to_entra_is_sent_four_times_with_doubling_waits() {
    let host = FakeHost::new().respond(Ok(response(503, &[])));
    assert_eq!(retry(&host, &ENTRA), Ok(503));
    assert_eq!(host.request_count(), 4);
    for (wait, longest) in host.sleeps().iter().zip([0, 1600, 3200]) {
        let longest = Duration::from_millis(longest);
        assert!(*wait <= longest && *wait >= longest * 4 / 5, "{wait:?} of {longest:?}");
    }
}

#[test]
fn a_request_to_imds_is_retried_through_an_update_of_70_seconds() {
    let host = FakeHost::new().respond(Ok(response(410, &[])));
    assert_eq!(retry(&host, &IMDS), Ok(410));
    assert_eq!(host.request_count(), 6);
    assert!(host.sleeps().iter().sum::<Duration>() > Duration::from_secs(70));
}

#[test]
fn a_response_with_another_status_is_not_retried() {
    for status in [200, 302, 400, 401, 403, 404, 501] {
        let host = FakeHost::new().respond(Ok(response(status, &[])));
        assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(status), 1));
    }
}

#[test]
fn a_wait_past_the_deadline_is_not_begun() {
    let host = FakeHost::new().respond(Ok(response(429, &[("retry-after", "18446744073709551615")])));
    assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(429), 1));
    assert_eq!(host.sleeps(), []);
}

#[test]
fn a_service_that_asks_for_fewer_requests_is_not_asked_again_at_once() {
    let host = FakeHost::new().respond(Ok(response(429, &[])));
    assert_eq!(retry(&host, &ENTRA), Ok(429));
    let shortest = host.sleeps().into_iter().min();
    assert!(shortest >= Some(Duration::from_millis(640)), "{shortest:?}");
}

#[test]
fn a_busy_service_is_asked_again_whatever_the_status() {
    for (error, requests) in [("temporarily_unavailable", 4), ("invalid_request", 1)] {
        let body = Body(format!(r#"{{"error": "{error}"}}"#).into_bytes());
        let host = FakeHost::new().respond(Ok(Response { body, ..response(400, &[]) }));
        assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(400), requests), "{error}");
    }
}

#[test]
fn what_is_accepted_once_is_sent_again_when_it_was_not_served_alone() {
    let body = Body(br#"{"error": "server_error"}"#.to_vec());
    let reported = Response { body, ..response(504, &[]) };
    for (outcome, repetition, is_repeated) in [
        (Err(HttpError::Interrupted), Repetition::Always, true),
        (Err(HttpError::Interrupted), Repetition::UnlessServed, false),
        (Err(HttpError::TimedOut), Repetition::UnlessServed, false),
        (Ok(response(504, &[])), Repetition::UnlessServed, false),
        (Ok(response(502, &[])), Repetition::UnlessServed, false),
        (Ok(reported), Repetition::UnlessServed, true),
        (Err(HttpError::Refused), Repetition::UnlessServed, true),
        (Err(HttpError::Tls), Repetition::UnlessServed, true),
        (Ok(response(503, &[])), Repetition::UnlessServed, true),
        (Ok(response(429, &[])), Repetition::UnlessServed, true),
        (Err(HttpError::Refused), Repetition::Never, false),
        (Ok(response(503, &[])), Repetition::Never, false),
    ] {
        let mut attempts = Attempts::new(ENTRA, repetition);
        let waited = run(attempts.wait(&CallContext::new(&FakeHost::new()), &outcome));
        assert_eq!(waited, is_repeated, "{outcome:?} {repetition:?}");
    }
}

#[test]
fn only_transient_errors_are_retried() {
    for (error, requests) in [
        (HttpError::Refused, 4),
        (HttpError::TimedOut, 4),
        (HttpError::Interrupted, 4),
        (HttpError::Denied, 1),
        (HttpError::TooLarge, 1),
        (HttpError::Request, 1),
    ] {
        let host = FakeHost::new().respond(Err(error));
        assert_eq!((retry(&host, &ENTRA), host.request_count()), (Err(error), requests));
    }
}
