//! `http-auth` under an app and over the provider: what arrives where, and what does not.

#[path = "http_auth/bodies.rs"]
mod bodies;
#[path = "http_auth/challenges.rs"]
mod challenges;
#[cfg(unix)]
#[path = "http_auth/command_line.rs"]
mod command_line;
#[path = "http_auth/contract.rs"]
mod contract;
#[path = "http_auth/examples.rs"]
mod examples;
#[path = "http_auth/loopback.rs"]
mod loopback;
#[path = "http_auth/memory.rs"]
mod memory;
#[path = "http_auth/order.rs"]
mod order;
#[path = "http_auth/refusals.rs"]
mod refusals;
#[path = "http_auth/requests.rs"]
mod requests;
#[path = "http_auth/scene.rs"]
mod scene;
#[path = "http_auth/wire.rs"]
mod wire;
