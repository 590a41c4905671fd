//! The soak test, for a few days; `--bin soak` runs it for longer.

use anyhow::Result;
use host_tests::guest::{Guest, Start};
use host_tests::soak::{Config, run};

#[test]
fn days_pass_without_an_expired_token_a_needless_request_or_memory_growth() -> Result<()> {
    let start: Start = |environment| Box::pin(Guest::start(environment));
    let outcome = run(Config { days: 4, minutes: 30, lifetime: 28_800 }, start, |_, _| {})?;
    println!("{outcome:?}");
    assert!(outcome.has_needed_requests(), "{outcome:?}");
    assert!(outcome.ratio() >= 0.95, "fewer requests than the minimum, so the minimum is wrong: {outcome:?}");
    assert_eq!(outcome.memory, outcome.memory_early, "the memory grows: {outcome:?}");
    assert!(outcome.failed * 100 < outcome.calls, "{outcome:?}");
    Ok(())
}
