//! The figures of a run, as text.

use host_tests::fleet::figures::{Figures, Waits};
use host_tests::fleet::minimum::{Lifetimes, renewals};
use host_tests::fleet::scenario::{Scenario, Window};
use host_tests::fleet::simulation::Config;
use std::fmt::Write;
use std::time::Duration;

/// What is simulated, and what the minimum is.
pub fn introduction(config: &Config) -> String {
    let Config { hosts, instances, keys, length, ask_every, lifetimes, seed } = *config;
    let Lifetimes { expires_in, refresh_in } = lifetimes;
    let hours = length.as_secs() / 3600;
    let every = ask_every.as_secs_f64() * keys as f64 / (hosts * instances) as f64;
    let host_every = ask_every.as_secs_f64() * keys as f64 / instances as f64;
    format!(
        "{hosts} hosts × {instances} app instances, {keys} keys, {hours} h of the virtual clock, seed {seed}\n\
         An app instance asks for one of the keys every {} s on average; so each key is asked for every {every:.1} s in the \
         fleet, and every {host_every:.0} s on a host.\n\
         A token ends after {expires_in} s, and the service asks to renew it after {refresh_in} s (refresh_in).\n\
         Minimum: keys × (1 + renewals) = {keys} × (1 + {}) = {}. Renewals: the whole {refresh_in} s in {hours} h, without one \
         at the very end.\n",
        ask_every.as_secs(),
        renewals(length, lifetimes),
        config.minimum(),
    )
}

/// The figures of a scenario.
pub fn scenario(config: &Config, scenario: Scenario, with: &Figures, without: &Figures) -> String {
    let mut text = format!("## {scenario}\n\n| | with a shared cache | without |\n|---|---|---|\n");
    let mut row = |name: &str, of: &dyn Fn(&Figures) -> String| {
        let _ = writeln!(text, "| {name} | {} | {} |", of(with), of(without));
    };
    let minimum = config.minimum();
    row("requests upstream", &|it| it.requests.len().to_string());
    row(&format!("of the minimum, {minimum}"), &|it| ratio(it.requests.len(), minimum));
    row("of those, throttled (429)", &|it| it.refused().to_string());
    row("requests upstream in a second, at most", &|it| it.busiest_second().to_string());
    row("calls of the apps", &|it| it.waits.count().to_string());
    row("wait for a token, p50 / p99 / max", &|it| waits(&it.waits));
    row("calls that the host's own cache did not answer", &|it| it.waits.of_misses().count().to_string());
    row("wait of those, p50 / p99 / max", &|it| waits(&it.waits.of_misses()));
    row("errors to apps", &|it| it.errors.to_string());
    row("errors to apps while a token existed anywhere", &|it| it.avoidable_errors.to_string());
    row("tokens that had ended", &|it| it.ended_tokens.to_string());
    row("store operations a second, mean / max", &|it| store(config, it));
    for (name, window) in windows(config, scenario) {
        let within = |it: &Figures| it.requests.iter().filter(|it| window.contains(it.at)).count();
        let name = format!("requests upstream, {name}");
        let _ = writeln!(text, "| {name} | {} | {} |", within(with), within(without));
    }
    for first in with.first_avoidable.iter() {
        let _ = writeln!(text, "\nThe first error with a shared cache while a token existed: {first}");
    }
    let _ = writeln!(text, "\n{}", explanation(config, scenario));
    text
}

/// What explains the requests with a shared cache.
fn explanation(config: &Config, scenario: Scenario) -> String {
    let each_host = config.hosts * config.keys;
    match scenario {
        Scenario::Quiet => "One host has the lease of a key and requests the token; the others wait for it, and later find the \
            renewed one."
            .to_owned(),
        Scenario::Skewed => "The host whose clock is fastest renews first. A token of another host counts as ended ten minutes \
            early, so no clock makes an app use one that has ended."
            .to_owned(),
        Scenario::Rolling => "A new host finds the tokens of the others in the store, so that deployments, crashes and added \
            hosts request none."
            .to_owned(),
        Scenario::Outage => format!(
            "While the store does not answer, a host whose own token is due requests one itself, once: at most hosts × keys = \
             {each_host} for each of the three times, if all tokens are due then, as here. A flush costs nothing: hosts have \
             their tokens, and the next renewal is stored."
        ),
        Scenario::Throttling => "A refused request (429) is one more. The host that has the lease waits as long as the service \
            asks and keeps the lease meanwhile, so that one host at a time asks for a key; all others keep the old token. New \
            hosts use the token of the store until its end."
            .to_owned(),
    }
}

/// The parts of a run in which something happens.
fn windows(config: &Config, scenario: Scenario) -> Vec<(String, Window)> {
    let plan = scenario.plan(config.hosts, config.length, config.seed);
    let store =
        plan.store.into_iter().map(|(window, trouble)| (format!("the store {}", trouble.name()), window));
    let throttled = plan.throttled.into_iter().map(|window| ("throttled".to_owned(), window));
    let named = |(name, window): (String, Window)| {
        (format!("{name} from {} to {}", clock(window.from), clock(window.to)), window)
    };
    store.chain(throttled).map(named).collect()
}

fn clock(at: Duration) -> String {
    let minutes = at.as_secs() / 60;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

fn ratio(requests: usize, minimum: u64) -> String {
    let ratio = requests as f64 / minimum as f64;
    if ratio < 10.0 { format!("{:+.1} %", (ratio - 1.0) * 100.0) } else { format!("× {ratio:.1}") }
}

fn waits(waits: &Waits) -> String {
    let millis = |thousandths| waits.percentile(thousandths).as_millis();
    format!("{} / {} / {} ms", millis(500), millis(990), millis(1000))
}

fn store(config: &Config, figures: &Figures) -> String {
    if figures.store.total() == 0 {
        return "–".to_owned();
    }
    let mean = figures.store.total() as f64 / config.length.as_secs_f64();
    let each: Vec<_> =
        figures.store.operations.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!("{mean:.2} / {} ({})", figures.store.busiest_second(), each.join(", "))
}
