//! A chart of curves.

/// Curves in one frame, on logarithmic scales.
#[derive(Debug)]
pub struct Chart {
    /// What stands above it.
    pub title: String,
    /// What the horizontal axis counts.
    pub x: &'static str,
    /// What the vertical axis measures.
    pub y: &'static str,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// A curve.
#[derive(Debug)]
pub struct Curve {
    /// Its name.
    pub name: &'static str,
    /// Its points. Both coordinates are positive.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Its value at a place; `None`: it has no point there.
    pub fn at(&self, x: f64) -> Option<f64> {
        self.points.iter().find(|point| point.0 == x).map(|point| point.1)
    }
}
