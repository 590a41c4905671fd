//! A few days in the life of one instance; `--bin soak` lives longer.

use anyhow::Result;
use host_tests::fault_matrix::Start;
use host_tests::guest::Guest;
use host_tests::soak::{Plan, live};

#[test]
fn days_pass_without_an_expired_token_a_needless_request_or_more_memory() -> Result<()> {
    let start: Start = |surroundings| Box::pin(Guest::start(surroundings));
    let outcome = live(Plan { days: 2, minutes: 30, lifetime: 28_800 }, start, |_, _| {})?;
    println!("{outcome:?}");
    assert!(outcome.ratio() <= 1.05, "{outcome:?}");
    assert!(outcome.ratio() >= 0.95, "fewer requests than can be: the minimum is wrong: {outcome:?}");
    assert_eq!(outcome.memory, outcome.memory_early, "the memory grows: {outcome:?}");
    assert!(outcome.failed * 100 < outcome.calls, "{outcome:?}");
    Ok(())
}
