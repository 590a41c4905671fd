//! The tests of the component: a wasmtime host, a simulated environment, one clock for both.
//!
//! | module | content |
//! |---|---|
//! | [`app`] | apps that import the component, composed with it |
//! | [`async_app`] | apps for WASI 0.3, whose instances handle requests concurrently |
//! | [`background_program`] | a program that runs in the background during a test |
//! | [`bindings`] | the bindings of the component's world |
//! | [`case`] | test cases as folders, and their runner |
//! | [`clock`] | the clock of the guest and of the simulated Azure |
//! | [`edition`] | the editions of the component |
//! | [`engine`] | the wasmtime engine, one per process |
//! | [`environment`] | variables, files, clocks and network of a component |
//! | [`external_tools`] | the tools that tests run and that cargo does not build |
//! | [`fault_matrix`] | every source × every fault, generated |
//! | [`file_faults`] | faults injected between a component and its files |
//! | [`functions`] | the functions of the component, by name |
//! | [`guest`] | the component in wasmtime, in the environment of a test |
//! | [`guests`] | the paths of test components that other crates run as well |
//! | [`journal`] | the requests of the guest, with their times |
//! | [`network`] | the connection of the guest's requests to a simulated network |
//! | [`randomness`] | a deterministic random number generator |
//! | [`renewal`] | background renewals, in which the editions differ |
//! | [`secrets`] | the scan for leaked secrets |
//! | [`soak`] | the soak test: days in the life of one instance |

pub mod app;
pub mod async_app;
pub mod background_program;
pub mod bindings;
pub mod case;
pub mod clock;
pub mod edition;
pub mod engine;
pub mod environment;
pub mod external_tools;
pub mod fault_matrix;
pub mod file_faults;
pub mod functions;
pub mod guest;
pub mod guests;
pub mod journal;
pub mod network;
pub mod randomness;
pub mod renewal;
pub mod secrets;
pub mod soak;
