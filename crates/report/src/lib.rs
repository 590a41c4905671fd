//! What the component costs: bytes, instructions, memory, requests and time, each beside its floor and its peers.
//!
//! | module | contents |
//! |---|---|
//! | [`figures`] | a figure, its comparisons and its goals |
//! | [`chart`] | curves |
//! | [`guests`] | the components that are floors and peers of the figures |
//! | [`sections`] | the sections of the report, with their goals |
//! | [`markdown`] | the page `docs/performance.md` and the table in the README |
//! | [`plot`] | the charts `docs/performance.svg` and `docs/performance-scale.svg` |
//! | [`measure`] | the measurements, which the benchmarks and the budgets use, too |

pub mod chart;
pub mod figures;
pub mod guests;
pub mod markdown;
pub mod measure;
pub mod plot;
pub mod sections;
