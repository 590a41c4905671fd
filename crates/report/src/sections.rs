//! The sections of the report: what is measured, and the goals.

mod cached;
mod certificate;
mod costs;
mod first_token;
pub mod http_auth;
pub(crate) mod labels;
mod many_callers;
pub mod scale;

pub use labels::{Role, role};

use crate::chart::Chart;
use crate::figures::Section;
use crate::measure::benchmark_host::{BenchmarkHost, Counting};
use crate::measure::peers::Peers;
use crate::measure::steady::{self, Floors, Watch};
use crate::measure::token_server::TokenServer;
use crate::measure::wasm_peers::WasmPeers;
use anyhow::Result;

/// The report.
pub struct Report {
    /// The tables.
    pub sections: Vec<Section>,
    /// The curves of the sections that have some.
    pub charts: Vec<Chart>,
    /// The peers that are left out, and why.
    pub missing: Vec<String>,
    /// By how much a floor moved from the start of the run to its end, at most: 0.1 is 10 %.
    pub moved: f64,
}

/// Hears what the report does: the number of the step, the number of all steps, and the name of the step.
pub type Listener<'a> = &'a mut dyn FnMut(usize, usize, &str);

/// Measures everything, or `only` the sections of times whose name contains a text. A section between whose start and end a
/// floor moved by more than 10 % is measured again.
///
/// # Errors
/// When a measurement fails. A peer that is not installed is not measured.
pub fn measure(only: Option<&str>, listener: Listener<'_>) -> Result<Report> {
    let server = TokenServer::start()?;
    listener(0, STEPS, "building the peers in wasm (minutes, the first time)");
    let wasm = WasmPeers::build();
    listener(1, STEPS, "the Azure SDKs, native");
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let url = server.imds_url();
    let mut floors = Watch::new(steady::floors(&host, &server, &url)?);
    floors.calibrate()?;
    let peers = Peers::measure(&server)?;
    floors.calibrate()?;
    let missing = wasm.missing.iter().cloned();
    let missing =
        missing.chain(peers.missing().into_iter().map(|name| format!("{name}: not installed"))).collect();
    let mut run =
        Run { floors, first: None, last: None, listener, step: 2, only, sections: vec![], charts: vec![] };
    run.section("a cached token", &mut || cached::one(&host, &server, &peers, &wasm))?;
    run.section("a cached token among many", &mut || cached::among_many(&host, &server))?;
    run.section("many callers", &mut || many_callers::section(&server))?;
    run.section("the first token", &mut || first_token::section(&host, &server, &peers, &wasm))?;
    run.section("a certificate", &mut || certificate::section(&host, &server, &peers))?;
    run.section("http-auth", &mut || http_auth::section(&server))?;
    run.curves("many apps", &mut || scale::apps(&server))?;
    run.curves("many credentials", &mut || scale::credentials(&host, &server))?;
    run.curves("many scopes", &mut || scale::scopes(&host, &server))?;
    let moved = run.moved();
    run.announce("sizes, instructions and memory");
    let (mut sections, charts) = (run.sections, run.charts);
    if only.is_none() {
        sections.extend([costs::size(&wasm)?, costs::contents()?, costs::others(&server, &peers, &wasm)?]);
    }
    Ok(Report { sections, charts, missing, moved })
}

/// A run, with the floors of its start and its end.
struct Run<'a> {
    floors: Watch<'a>,
    first: Option<Floors>,
    last: Option<Floors>,
    listener: Listener<'a>,
    step: usize,
    only: Option<&'a str>,
    sections: Vec<Section>,
    charts: Vec<Chart>,
}

impl Run<'_> {
    fn announce(&mut self, name: &str) {
        (self.listener)(self.step, STEPS, name);
        self.step += 1;
    }

    fn section(&mut self, name: &str, measure: &mut dyn FnMut() -> Result<Section>) -> Result<()> {
        self.measured(name, &mut || Ok((measure()?, None)))
    }

    fn curves(&mut self, name: &str, measure: &mut dyn FnMut() -> Result<(Section, Chart)>) -> Result<()> {
        self.measured(name, &mut || measure().map(|(section, chart)| (section, Some(chart))))
    }

    /// Measures a section, and its chart if it has one.
    fn measured(
        &mut self,
        name: &str,
        measure: &mut dyn FnMut() -> Result<(Section, Option<Chart>)>,
    ) -> Result<()> {
        self.announce(name);
        if self.only.is_some_and(|only| !name.contains(only)) {
            return Ok(());
        }
        let (step, listener) = (self.step - 1, &mut self.listener);
        let mut announce = |moved: f64| {
            let percent = moved * 100.0;
            let again = format!("{name} again: a floor moved by {percent:.0} %, so its figures are unusable");
            listener(step, STEPS, &again);
        };
        let measured = self.floors.repeated(&mut announce, measure)?;
        self.first.get_or_insert(measured.before);
        self.last = Some(measured.after);
        let moved = (!measured.is_usable()).then_some(measured.moved);
        let (section, chart) = measured.value;
        self.sections.push(Section { moved, ..section });
        self.charts.extend(chart);
        Ok(())
    }

    fn moved(&self) -> f64 {
        self.first.zip(self.last).map_or(0.0, |(first, last)| steady::moved(first, last))
    }
}

/// The steps of a run: two of peers, nine of times, one of costs.
const STEPS: usize = 12;
