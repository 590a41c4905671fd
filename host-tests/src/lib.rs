//! The tests of the component: a wasmtime host, a simulated environment, one clock for both.
//!
//! | module | content |
//! |---|---|
//! | [`app`] | apps that import the component, composed with it |
//! | [`arguments`] | the arguments of the component's functions, as values |
//! | [`bindings`] | the bindings of the component's world |
//! | [`clock`] | the clock of the guest and of the simulated Azure |
//! | [`edition`] | the editions of the component |
//! | [`engine`] | the wasmtime engine, one per process |
//! | [`environment`] | variables, files, clocks and network of a component |
//! | [`error_kind`] | the kinds of errors by the names that they have in WIT |
//! | [`file_faults`] | faults injected between a component and its files |
//! | [`functions`] | the functions of the component, by name |
//! | [`guest`] | the component in wasmtime, in the environment of a test |
//! | [`journal`] | the requests of the guest, with their times |
//! | [`key_value`] | the key-value store of a component |
//! | [`key_value_linker`] | `wasi:keyvalue/store`, over that store |
//! | [`memory_store`] | a key-value store in memory |
//! | [`network`] | the connection of the guest's requests to a simulated network |
//! | [`on_demand`] | components that are compiled when they are used |
//! | [`randomness`] | a deterministic random number generator |
//! | [`renewal`] | background renewals, in which the editions differ |
//!
//! The tests alone need the modules of the feature `tests`, which the demo builds without; `report` needs the first one, which has a feature of its own:
//!
//! | module | content |
//! |---|---|
//! | `async_app` | apps for WASI 0.3, whose instances handle requests concurrently |
//! | `background_program` | a program that runs in the background during a test |
//! | `case` | test cases as folders, and their runner |
//! | `external_tools` | the tools that tests run and that cargo does not build |
//! | `fault_matrix` | every source × every fault, generated |
//! | `fleet` | a fleet of hosts with the embedder's crate, on the virtual clock |
//! | `nats_server` | a NATS server of a test's own |
//! | `package_version` | components patched to import and export another version of a package |
//! | `pem` | PEM, for certificates that tests make |
//! | `redis_server` | a Redis server of a test's own |
//! | `secrets` | the scan for leaked secrets |
//! | `server_process` | a server program of a test's own, which can be frozen, killed and restarted |
//! | `soak` | the soak test: days in the life of one instance |
//! | `wash_host` | wasmCloud's host of a test's own |

#![allow(clippy::result_large_err, reason = "the error is the record of the interface")]

pub mod app;
pub mod arguments;
#[cfg(feature = "async-app")]
pub mod async_app;
#[cfg(feature = "tests")]
pub mod background_program;
pub mod bindings;
#[cfg(feature = "tests")]
pub mod case;
pub mod clock;
pub mod edition;
pub mod engine;
pub mod environment;
pub mod error_kind;
#[cfg(feature = "tests")]
pub mod external_tools;
#[cfg(feature = "tests")]
pub mod fault_matrix;
pub mod file_faults;
#[cfg(feature = "tests")]
pub mod fleet;
pub mod functions;
pub mod guest;
pub mod journal;
pub mod key_value;
pub mod key_value_linker;
pub mod memory_store;
#[cfg(feature = "tests")]
pub mod nats_server;
pub mod network;
pub mod on_demand;
#[cfg(feature = "tests")]
pub mod package_version;
#[cfg(feature = "tests")]
pub mod pem;
pub mod permissive_hooks;
pub mod randomness;
#[cfg(feature = "tests")]
pub mod redis_server;
pub mod renewal;
#[cfg(feature = "tests")]
pub mod secrets;
#[cfg(feature = "tests")]
pub mod server_process;
#[cfg(feature = "tests")]
pub mod soak;
#[cfg(feature = "tests")]
pub mod wash_host;
