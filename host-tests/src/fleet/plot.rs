//! The chart of the runs: requests to the service over time, with and without a shared cache.

use crate::fleet::figures::Figures;
use crate::fleet::scenario::{Plan, Window};
use std::fmt::Write;
use std::time::Duration;

/// The runs of one scenario.
pub struct Panel<'a> {
    /// What stands above it.
    pub title: String,
    /// What happened.
    pub plan: Plan,
    /// With a shared cache.
    pub with: &'a Figures,
    /// Without one.
    pub without: &'a Figures,
}

/// The chart, as SVG: a panel for each scenario, one below the other, each on a logarithmic scale.
pub fn chart(panels: &[Panel<'_>], length: Duration) -> String {
    let height = panels.len() as f64 * PANEL + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let period = period(length);
    for (number, panel) in panels.iter().enumerate() {
        draw(&mut svg, panel, Frame { top: number as f64 * PANEL, length, period });
    }
    let legend = height - 10.0;
    let minutes = period.as_secs() / 60;
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{legend}\" fill=\"#666\">token requests to the service in {minutes} minutes: \
         <tspan fill=\"{WITH}\">with a shared cache</tspan>, <tspan fill=\"{WITHOUT}\">without</tspan>; \
         shaded: the store in trouble, the service throttling</text>"
    );
    svg + "</svg>\n"
}

/// The place of a panel, and its scale.
#[derive(Clone, Copy)]
struct Frame {
    top: f64,
    length: Duration,
    period: Duration,
}

impl Frame {
    fn x(self, at: Duration) -> f64 {
        LEFT + at.as_secs_f64() / self.length.as_secs_f64() * (WIDTH - LEFT - RIGHT)
    }

    /// Four decades above one request; none is at the bottom.
    fn y(self, requests: u64) -> f64 {
        let share = ((requests as f64 * 2.0).max(1.0).log10() / DECADES).min(1.0);
        self.bottom() - share * (PANEL - 60.0)
    }

    fn bottom(self) -> f64 {
        self.top + PANEL - 22.0
    }
}

fn draw(svg: &mut String, panel: &Panel<'_>, frame: Frame) {
    let title = panel.title.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"8\" y=\"{}\" font-weight=\"bold\">{title}</text>", frame.top + 18.0);
    panel.plan.throttled.iter().for_each(|window| shade(svg, *window, "throttled", frame));
    panel.plan.store.iter().for_each(|(window, trouble)| shade(svg, *window, trouble.name(), frame));
    for requests in [0, 1, 10, 100, 1000, 10_000] {
        let y = frame.y(requests);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#666\">{requests}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0
        );
    }
    let hours = frame.length.as_secs().div_ceil(3600);
    for hour in (0..=hours).step_by(if hours > 12 { 2 } else { 1 }) {
        let (x, y) = (frame.x(Duration::from_secs(hour * 3600).min(frame.length)), frame.bottom() + 14.0);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"#666\">{hour} h</text>"
        );
    }
    line(svg, panel.without, WITHOUT, frame);
    line(svg, panel.with, WITH, frame);
}

fn shade(svg: &mut String, window: Window, name: &str, frame: Frame) {
    let (from, to) = (frame.x(window.from), frame.x(window.to));
    let (top, height) = (frame.top + 38.0, PANEL - 60.0);
    let _ = writeln!(
        svg,
        "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"#fbe3d2\"/>\
         <text x=\"{from:.1}\" y=\"{:.1}\" fill=\"#a4541b\">{name}</text>",
        to - from,
        top - 4.0
    );
}

/// A line with steps, one for each period.
fn line(svg: &mut String, figures: &Figures, color: &str, frame: Frame) {
    let mut path = format!("M{:.1} {:.1}", frame.x(Duration::ZERO), frame.bottom());
    for (number, requests) in figures.per_period(frame.period, frame.length).into_iter().enumerate() {
        let from = frame.period * u32::try_from(number).unwrap_or(u32::MAX);
        let to = (from + frame.period).min(frame.length);
        let y = frame.y(requests);
        let _ = write!(path, " L{:.1} {y:.1} L{:.1} {y:.1}", frame.x(from), frame.x(to));
    }
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>");
}

/// About 150 periods, in whole minutes.
fn period(length: Duration) -> Duration {
    Duration::from_secs((length.as_secs() / 150).next_multiple_of(60).max(60))
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const PANEL: f64 = 200.0;
/// The scale ends at 10,000 requests; a half of one is at the bottom.
const DECADES: f64 = 4.31;
const WITH: &str = "#0b6bcb";
const WITHOUT: &str = "#8a949c";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::figures::Request;
    use crate::fleet::scenario::Scenario;

    #[test]
    fn a_chart_has_a_panel_for_each_scenario_with_both_lines_and_what_happened() {
        let length = Duration::from_secs(6 * 3600);
        let request = Request { at: Duration::from_secs(60), key: 0, is_refused: false };
        let figures = Figures { requests: vec![request], ..Figures::default() };
        let panel = |scenario: Scenario| Panel {
            title: format!("{scenario} <1>"),
            plan: scenario.plan(2, length, 1),
            with: &figures,
            without: &figures,
        };
        let svg = chart(&[panel(Scenario::Outage), panel(Scenario::Throttling)], length);
        assert_eq!(svg.matches("<path").count(), 4);
        for text in ["outage &lt;1>", "unreachable", "throttled", "6 h"] {
            assert!(svg.contains(text), "{text}");
        }
    }
}
