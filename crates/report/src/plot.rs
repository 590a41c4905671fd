//! The charts beside the page, as SVG.

mod bars;
mod curves;
mod escaped;

pub use bars::bars;
pub use curves::curves;
