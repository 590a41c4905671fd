//! The chart `docs/performance-scale.svg`: curves on logarithmic scales, a panel for each chart.

use super::escaped::escaped;
use crate::chart::{Chart, Curve};
use std::fmt::Write;

/// The charts, as SVG, one below the other.
pub fn curves(charts: &[Chart]) -> String {
    let height = charts.len() * PANEL + 10;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (number, chart) in charts.iter().enumerate() {
        draw(&mut svg, chart, &Frame::around(chart, (number * PANEL) as f64));
    }
    svg + "</svg>\n"
}

/// The place of a chart, and the powers of ten at its edges.
struct Frame {
    top: f64,
    x: (i32, i32),
    y: (i32, i32),
}

impl Frame {
    fn around(chart: &Chart, top: f64) -> Self {
        let points = || chart.curves.iter().flat_map(|curve| &curve.points);
        Self { top, x: powers(points().map(|point| point.0)), y: powers(points().map(|point| point.1)) }
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + share(value, self.x) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        self.top + PANEL as f64 - BELOW - share(value, self.y) * (PANEL as f64 - BELOW - ABOVE)
    }
}

fn draw(svg: &mut String, chart: &Chart, frame: &Frame) {
    let title = escaped(&chart.title);
    let _ = writeln!(svg, "<text x=\"8\" y=\"{:.0}\" font-weight=\"bold\">{title}</text>", frame.top + 18.0);
    let (right, bottom, top) = (WIDTH - RIGHT, frame.top + PANEL as f64 - BELOW, frame.top + ABOVE);
    for power in frame.y.0..=frame.y.1 {
        let y = frame.y(10_f64.powi(power));
        let label = if chart.y == "seconds" { time(power) } else { count(power) };
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#666\">{label}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for power in frame.x.0..=frame.x.1 {
        let x = frame.x(10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.0}\" y2=\"{bottom:.0}\" stroke=\"#eee\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"#666\">{}</text>",
            bottom + 15.0,
            count(power)
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{right}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#666\">{}</text>",
        bottom + 30.0,
        chart.x
    );
    for (number, (curve, color)) in chart.curves.iter().zip(COLORS).enumerate() {
        line(svg, curve, color, frame);
        let _ = writeln!(
            svg,
            "<text x=\"{right}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"{color}\">{}</text>",
            frame.top + 16.0 + 15.0 * number as f64,
            escaped(curve.name)
        );
    }
}

fn line(svg: &mut String, curve: &Curve, color: &str, frame: &Frame) {
    let points: Vec<_> = curve.points.iter().map(|point| (frame.x(point.0), frame.y(point.1))).collect();
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for (x, y) in points {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>");
    }
}

/// The powers of ten around values, at least one apart.
fn powers(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let logs: Vec<_> = values.map(f64::log10).collect();
    let least = logs.iter().copied().fold(f64::INFINITY, f64::min).floor();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max).ceil();
    (least as i32, (most as i32).max(least as i32 + 1))
}

/// Where a value is between two powers of ten: from 0 to 1.
fn share(value: f64, (from, to): (i32, i32)) -> f64 {
    (value.log10() - f64::from(from)) / f64::from(to - from)
}

fn count(power: i32) -> String {
    match power {
        0..3 => 10_i32.pow(power.unsigned_abs()).to_string(),
        3..6 => format!("{},000", 10_i32.pow(power.unsigned_abs() - 3)),
        _ => format!("10^{power}"),
    }
}

fn time(power: i32) -> String {
    let unit = |from: i32, name: &str| format!("{} {name}", 10_i32.pow(power.abs_diff(from)));
    match power {
        -9..-6 => unit(-9, "ns"),
        -6..-3 => unit(-6, "µs"),
        -3..0 => unit(-3, "ms"),
        _ => format!("10^{power} s"),
    }
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
/// The height of a panel, and of what is above and below its frame.
const PANEL: usize = 280;
const ABOVE: f64 = 44.0;
const BELOW: f64 = 44.0;
const COLORS: [&str; 3] = ["#0b6bcb", "#8a949c", "#a4541b"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_line_for_each_curve_and_a_label_for_each_power_of_ten() {
        let curve = |name, points| Curve { name, points };
        let chart = Chart {
            title: "calls <1>".to_owned(),
            x: "apps alive",
            y: "seconds",
            curves: vec![
                curve("ours", vec![(1.0, 2e-6), (10_000.0, 3e-5)]),
                curve("floor", vec![(1.0, 1.5e-6)]),
            ],
        };
        let svg = curves(&[chart]);
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (2, 3));
        for text in
            ["calls &lt;1>", ">1 µs<", ">10 µs<", ">100 µs<", ">1<", ">10,000<", ">apps alive<", ">ours<"]
        {
            assert!(svg.contains(text), "{text}\n{svg}");
        }
    }
}
