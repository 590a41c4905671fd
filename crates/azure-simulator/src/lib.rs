//! A simulated Azure: what a credential sees of the real one, with its refusals.
//!
//! Start at [`Simulator`], which listens on loopback, or at [`Azure`], which answers requests without a socket.
//! A request goes through [`fault`] (what the test ordered to break), then to the one service of
//! [`service::SERVICES`] that lives at its authority, and into the [`journal`]. A request that no service expects
//! receives 501 and is kept in [`Azure::unexpected`], so that a test can fail on it.

pub mod adfs;
pub mod app_service;
pub mod azure;
pub mod azure_arc;
pub mod azure_devops;
pub mod azure_ml;
pub mod call;
pub mod clock;
pub mod cloud_shell;
pub mod duration;
pub mod entra;
pub mod fault;
pub mod imds;
pub mod journal;
pub mod jwt;
pub mod key_vault;
pub mod managed_host;
pub mod network;
pub mod reply;
pub mod resources;
pub mod server;
pub mod service;
pub mod service_fabric;
pub mod settings;
pub mod simulator;
pub mod state;
pub mod timestamp;

pub use azure::Azure;
pub use settings::Settings;
pub use simulator::Simulator;
