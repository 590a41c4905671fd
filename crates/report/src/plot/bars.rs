//! The chart `docs/performance.svg`: every time of the tables as a bar, on a logarithmic scale.

use super::escaped::escaped;
use crate::figures::{Section, Value};
use std::fmt::Write;

/// The chart, as SVG.
pub fn bars(sections: &[Section]) -> String {
    let bars = all(sections);
    let height = TOP + bars.len() * STEP + 20;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for power in -7..=0 {
        let x = x(10f64.powi(power));
        let bottom = height - 12;
        let label =
            ["100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"][(power + 7) as usize];
        let _ = writeln!(svg, "<line x1=\"{x}\" x2=\"{x}\" y1=\"22\" y2=\"{bottom}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"16\" text-anchor=\"middle\" fill=\"#666\">{label}</text>");
    }
    for (number, bar) in bars.iter().enumerate() {
        let (y, end) = (TOP + number * STEP, x(bar.value.number()));
        let text = y + 12;
        if bar.is_heading {
            let _ = writeln!(
                svg,
                "<text x=\"8\" y=\"{text}\" font-weight=\"bold\">{}</text>",
                escaped(&bar.label)
            );
            continue;
        }
        let color = if bar.is_ours { "#0b6bcb" } else { "#b8c4ce" };
        let width = end - LEFT as f64;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>",
            LEFT - 8,
            escaped(&bar.label)
        );
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"15\" fill=\"{color}\"/>"
        );
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{text}\">{}</text>", end + 5.0, bar.value);
    }
    svg + "</svg>\n"
}

struct Bar {
    label: String,
    value: Value,
    is_ours: bool,
    is_heading: bool,
}

fn all(sections: &[Section]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for row in sections.iter().flat_map(|section| &section.rows) {
        if !matches!(row.ours, Value::Time(_)) {
            continue;
        }
        let bar = |label: &str, value, is_ours, is_heading| Bar {
            label: label.to_owned(),
            value,
            is_ours,
            is_heading,
        };
        bars.push(bar(&row.what, row.ours, true, true));
        bars.push(bar("this component", row.ours, true, false));
        let others = row.others.iter().filter_map(|(name, value)| Some(bar(name, (*value)?, false, false)));
        bars.extend(others);
    }
    bars
}

/// The end of a bar: seven decades, from 100 ns.
fn x(seconds: f64) -> f64 {
    let share = (seconds.max(1e-7).log10() + 7.0) / 7.0;
    (LEFT as f64 + share * (WIDTH - LEFT - 90) as f64 * 10.0).round() / 10.0
}

const WIDTH: usize = 900;
const LEFT: usize = 300;
const TOP: usize = 30;
const STEP: usize = 20;
