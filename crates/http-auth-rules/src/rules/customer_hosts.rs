//! Suffixes below which customers' code is called with the headers of a request, so that it would receive the token.
//!
//! Anyone can create a resource with a name below these suffixes. A token for a whole suffix would therefore be a token
//! for anyone, so that only exact hosts can be named there: see [`EXACT`] for what to write.

mod exact;
mod suffixes;

pub use exact::{EXACT, Exact};
pub use suffixes::{CUSTOMER_HOSTS, CustomerHosts};

#[cfg(test)]
mod tests;
