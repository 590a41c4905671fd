//! `token-cache` in fresh instances, over a Redis and a NATS server of the test.

#[path = "token_cache/check_composition.rs"]
mod check_composition;
#[path = "token_cache/dump.rs"]
mod dump;
#[path = "token_cache/failures.rs"]
mod failures;
#[path = "token_cache/fleet.rs"]
mod fleet;
#[path = "token_cache/real_stores.rs"]
mod real_stores;
#[path = "token_cache/requests.rs"]
mod requests;
#[path = "token_cache/spin.rs"]
mod spin;
#[path = "token_cache/troubled_store.rs"]
mod troubled_store;
#[path = "token_cache/wash.rs"]
mod wash;
