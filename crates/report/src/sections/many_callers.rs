//! A cached token for many callers at once.

use super::labels::{CLOCK_FLOOR, CLOCKS_FLOOR, CONSTANT_FLOOR, FIVE, ONE_CALLER, ONE_CONSTANT};
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
    let mut findings = if rows[0].misses() { vec![finding] } else { vec![] };
    for callers in [10, 100, 1000] {
        let row = at_once(server, scope, callers)?;
        findings.extend(row.misses().then(|| of_the_host(&row)));
        rows.push(row);
    }
    Ok(Section {
        title: "A cached token for many callers at once",
        how: "The edition for WASI 0.3, one instance; the time of one call. The floors are a component that returns a constant \
              from the same async function, at once or after it read one clock or both; for several callers the constant for as many.",
        findings,
        rows,
        chart: None,
        moved: None,
    })
}

/// The time of a call when so many run at once, beside that of one caller, and beside a constant for one and for as many.
fn at_once(server: &TokenServer, scope: &str, callers: usize) -> Result<Row> {
    let component = Edition::Wasi03.component();
    let sample = |path, callers| -> timing::Sample<'_> {
        Box::new(move || concurrent::cached(path, server, scope, callers))
    };
    let all = [
        sample(component, callers),
        sample(component, 1),
        sample(FIXED_TOKEN_0_3, callers),
        sample(FIXED_TOKEN_0_3, 1),
    ];
    let [ours, one, constant, one_constant] = timing::interleaved(FEW_SAMPLES, all)?;
    let others = [(ONE_CALLER, one), (CONSTANT_FLOOR, constant), (ONE_CONSTANT, one_constant)];
    let others = others.map(|(name, time)| (name, Some(Value::Time(time)))).to_vec();
    Ok(row(callers, ours, others, Goal { by: ONE_CALLER, at_most: 1.25 }))
}

fn row(callers: usize, ours: Duration, others: Vec<(&'static str, Option<Value>)>, goal: Goal) -> Row {
    Row {
        what: format!("host → component, async, callers at once: {callers}"),
        ours: Value::Time(ours),
        others,
        goals: vec![goal],
    }
}

/// What several callers at once cost a component that does nothing.
fn of_the_host(row: &Row) -> String {
    let number = |name| row.other(name).map_or(0.0, Value::number);
    let rises = number(CONSTANT_FLOOR) / number(ONE_CONSTANT);
    format!(
        "{}: {:.2}× of one caller. A call of the component that returns a constant takes {rises:.2}× of one caller's: that part is the \
         host's.",
        row.what,
        row.ratio(ONE_CALLER).unwrap_or_default(),
    )
}

/// Each of these samples starts an instance.
const FEW_SAMPLES: usize = 5;
