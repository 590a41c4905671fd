//! Whether we try again when they do.

/// What is wrong with our waits, if anything is.
pub fn differ(sdk: &str, theirs: &[f64], ours: &[f64]) -> Option<String> {
    let off = theirs.iter().zip(ours).any(|(theirs, ours)| !window(sdk, *theirs).contains(ours));
    off.then(|| format!("waits {}, {sdk} waits {}", list(ours), list(theirs)))
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
