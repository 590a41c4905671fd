//! `RedisStore` and `NatsStore`, with the real servers.

#[path = "stores/access.rs"]
mod access;
#[path = "stores/entries.rs"]
mod entries;
#[path = "stores/failures.rs"]
mod failures;
#[path = "stores/nkey.rs"]
mod nkey;
#[path = "stores/server.rs"]
pub mod server;
