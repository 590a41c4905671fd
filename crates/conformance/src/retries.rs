//! Whether we try again when they do.

/// Whether our waits are theirs.
pub fn is_same(sdk: &str, theirs: &[f64], ours: &[f64]) -> bool {
    theirs.iter().zip(ours).all(|(theirs, ours)| window(sdk, *theirs).contains(ours))
}

/// Our waits in a word, so that a rule excuses no others: `doubling-from-0.8`, else each of them.
pub fn schedule(waits: &[f64]) -> String {
    for first in [0.8, 3.0] {
        let doubling = std::iter::successors(Some(first), |wait| Some(2.0 * wait));
        if doubling.zip(waits).all(|(wait, ours)| window("", wait).contains(ours)) {
            return format!("doubling-from-{first}");
        }
    }
    list(waits)
}

/// From when to when a wait is the same: 25 % around it. JavaScript's are recorded as the lower bound of
/// a jitter that may double them.
fn window(sdk: &str, wait: f64) -> std::ops::RangeInclusive<f64> {
    let longest = if sdk == "js" { 2.0 * wait } else { wait };
    0.75 * wait - RESOLUTION..=1.25 * longest + RESOLUTION
}

/// Waits for people.
pub fn list(waits: &[f64]) -> String {
    let waits: Vec<_> = waits.iter().map(|wait| format!("{wait:.1}")).collect();
    format!("{} s", waits.join(", "))
}

/// What the clocks of this host do not tell apart, in seconds.
const RESOLUTION: f64 = 0.01;
