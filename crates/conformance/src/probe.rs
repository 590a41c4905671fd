//! The SDKs' probes for IMDS, which are not compared.
//!
//! A chain of an SDK first sends IMDS a request without the header `Metadata`, to learn whether there is an IMDS; no token
//! depends on the response. When IMDS does not respond, the SDK does not send its real request. A chain of the component
//! learns the same from the real request.

use crate::case::Attempts;

/// The SDK's requests without its probes. Where a probe has no real request behind it, the component's request to IMDS takes
/// the place of the probe: it must be sent as often. A probe without such a request remains.
pub fn without(theirs: &[Attempts], ours: &[Attempts]) -> Vec<Attempts> {
    let is_real = |sent: &&Attempts| sent.request.is_to_imds() && !sent.request.is_probe();
    let has_real_request = theirs.iter().any(|sent| is_real(&sent));
    let our_request = ours.iter().find(is_real);
    let compared = theirs.iter().filter_map(|sent| match our_request {
        _ if !sent.request.is_probe() => Some(sent.clone()),
        Some(_) if has_real_request => None,
        Some(ours) => Some(Attempts { request: ours.request.clone(), ..sent.clone() }),
        None => Some(sent.clone()),
    });
    compared.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    fn to_imds(metadata: Option<&str>, times: usize) -> Attempts {
        let url = "http://169.254.169.254/metadata/identity/oauth2/token".to_owned();
        let headers = metadata.map(|value| ("metadata".to_owned(), value.to_owned())).into_iter().collect();
        let request = Request { method: "GET".to_owned(), url, headers, ..Request::default() };
        Attempts { request, times, waits: None }
    }

    fn is_real(sent: &[Attempts]) -> Vec<(bool, usize)> {
        sent.iter().map(|sent| (!sent.request.is_probe(), sent.times)).collect()
    }

    #[test]
    fn a_probe_before_a_real_request_is_left_out() {
        let (probe, real) = (to_imds(None, 1), to_imds(Some("true"), 1));
        assert_eq!(is_real(&without(&[probe, real.clone()], &[real])), [(true, 1)]);
    }

    #[test]
    fn a_probe_without_a_real_request_counts_as_the_components_request_and_its_number_is_compared() {
        let ours = to_imds(Some("true"), 1);
        assert_eq!(is_real(&without(&[to_imds(None, 4)], &[ours])), [(true, 4)]);
    }

    #[test]
    fn a_probe_remains_where_the_component_sends_imds_nothing() {
        assert_eq!(
            is_real(&without(&[to_imds(None, 1), to_imds(Some("true"), 1)], &[])),
            [(false, 1), (true, 1)]
        );
    }
}
