//! Runs real processes, and shows what they needed.

use anyhow::{Context, Result};
use host_tests::fleet::real::{Config, Figures, Phase, run};
use progress::Progress;

/// Runs processes.
pub fn execute(config: &Config, store: &str) -> Result<()> {
    let progress = Progress::start();
    let figures = run(config, &|phase| progress.note(phase))?;
    drop(progress);
    let figures = figures.with_context(|| format!("the server of {store} is not installed"))?;
    println!("{}", text(config, store, &figures));
    Ok(())
}

fn text(config: &Config, store: &str, figures: &Figures) -> String {
    let Config { processes, instances, keys, delay, deadline, .. } = config;
    let mut lines = vec![
        format!(
            "{processes} processes × {instances} app instances on one {store}, {keys} keys; the service takes {delay:?}, a call of the store {deadline:?} at \
             most"
        ),
        "| | requests upstream | of one key, at most | longest wait | errors |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
        row("all start at once", &figures.first),
    ];
    let renewals = figures.renewals.iter().enumerate();
    lines.extend(renewals.map(|(number, phase)| row(&format!("renewal {}, all at once", number + 1), phase)));
    let killed = &figures.killed;
    lines.push(format!(
        "| the process that requests a token is killed | {} | {} | {:.2?} after the kill | {} |",
        killed.requests,
        killed.requests,
        killed.waited,
        killed.errors.len()
    ));
    lines.join("\n")
}

fn row(name: &str, phase: &Phase) -> String {
    let most = phase.requests.values().max().copied().unwrap_or_default();
    format!("| {name} | {} | {most} | {:.2?} | {} |", phase.total(), phase.max_wait, phase.errors.len())
}
