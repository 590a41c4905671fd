//! Compares the waits between the attempts of a request.

/// Whether the component waits as long as the SDK.
pub fn is_same(sdk: &str, theirs: &[f64], ours: &[f64]) -> bool {
    theirs.iter().zip(ours).all(|(theirs, ours)| window(sdk, *theirs).contains(ours))
}

/// The component's waits as a name that a rule can match: `doubling-from-0.8`, else each wait.
pub fn schedule(waits: &[f64]) -> String {
    for first in [0.8, 3.0] {
        let doubling = std::iter::successors(Some(first), |wait| Some(2.0 * wait));
        if doubling.zip(waits).all(|(wait, ours)| window("", wait).contains(ours)) {
            return format!("doubling-from-{first}");
        }
    }
    list(waits)
}

/// The waits that count as equal to `wait`: 25 % around it. JavaScript's waits are recorded as the lower bound of a jitter
/// that may double them.
fn window(sdk: &str, wait: f64) -> std::ops::RangeInclusive<f64> {
    let longest = if sdk == "js" { 2.0 * wait } else { wait };
    0.75 * wait - RESOLUTION..=1.25 * longest + RESOLUTION
}

/// Waits for the reader.
pub fn list(waits: &[f64]) -> String {
    let waits: Vec<_> = waits.iter().map(|wait| format!("{wait:.1}")).collect();
    format!("{} s", waits.join(", "))
}

/// The resolution of the host's clocks, in seconds.
const RESOLUTION: f64 = 0.01;
