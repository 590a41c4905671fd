//! A cached token for many callers at once.

use super::labels::{CLOCK_FLOOR, CLOCKS_FLOOR, CONSTANT_FLOOR, FIVE, ONE_CALLER};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::FIXED_TOKEN_0_3;
use crate::measure::token_server::TokenServer;
use crate::measure::{concurrent, timing};
use anyhow::Result;
use host_tests::edition::Edition;
use std::time::Duration;

/// A cached call of the edition for WASI 0.3, for up to 1,000 callers at once.
///
/// # Errors
/// When a provider returns no token.
pub fn section(server: &TokenServer) -> Result<Section> {
    let component = Edition::Wasi03.component();
    let (scope, clock, clocks) = (&timing::scopes(1)[0], &timing::clock()[0], &timing::clocks()[0]);
    let cached =
        |path, scope| -> timing::Sample<'_> { Box::new(move || concurrent::cached(path, server, scope, 1)) };
    let hanging: timing::Sample<'_> =
        Box::new(|| concurrent::cached_beside_hanging(component, server, scope));
    let all = [
        cached(component, scope),
        cached(FIXED_TOKEN_0_3, scope),
        cached(FIXED_TOKEN_0_3, clock),
        cached(FIXED_TOKEN_0_3, clocks),
        hanging,
    ];
    let [one, constant, first, both, hanging] = timing::interleaved(FEW_SAMPLES, all)?;
    let row = |callers: usize, ours, others, goal| Row {
        what: format!("host → component, async, callers at once: {callers}"),
        ours: Value::Time(ours),
        others,
        goals: vec![goal],
    };
    let floors = [(CONSTANT_FLOOR, constant), (CLOCK_FLOOR, first), (CLOCKS_FLOOR, both)];
    let floors = floors.map(|(name, time)| (name, Some(Value::Time(time)))).to_vec();
    let mut rows = vec![row(1, one, floors, Goal { by: CLOCK_FLOOR, at_most: 1.25 })];
    rows.push(Row {
        what: "the same, while a call for another token hangs".to_owned(),
        ours: Value::Time(hanging),
        others: vec![
            (FIVE, Some(Value::Time(Duration::from_micros(5)))),
            (ONE_CALLER, Some(Value::Time(one))),
        ],
        goals: vec![Goal { by: FIVE, at_most: 1.0 }],
    });
    for callers in [10, 100, 1000] {
        let ours = concurrent::cached(component, server, scope, callers)?;
        let others = vec![(ONE_CALLER, Some(Value::Time(one)))];
        rows.push(row(callers, ours, others, Goal { by: ONE_CALLER, at_most: 1.25 }));
    }
    let nanoseconds = |of: Duration, above: Duration| of.saturating_sub(above).as_nanos();
    let finding = format!(
        "One caller, {} ns: the call and the constant take {} ns, reading a clock {} ns, reading the second {} ns; what remains \
         above one clock is {} ns.",
        one.as_nanos(),
        constant.as_nanos(),
        nanoseconds(first, constant),
        nanoseconds(both, first),
        nanoseconds(one, first),
    );
    Ok(Section {
        title: "A cached token for many callers at once",
        how: "The edition for WASI 0.3, one instance; the time of one call. The floors are a component that returns a constant \
              from the same async function, at once or after it read one clock or both.",
        findings: if rows[0].misses() { vec![finding] } else { vec![] },
        rows,
        chart: None,
        moved: None,
    })
}

/// Each of these samples starts an instance.
const FEW_SAMPLES: usize = 5;
