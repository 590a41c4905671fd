//! What the component is tested with: a wasmtime host, a simulated Azure, one clock for both.
//!
//! | file | what |
//! |---|---|
//! | [`app`] | apps that import the component, composed with it |
//! | [`async_app`] | apps of WASI 0.3, whose instances answer many requests at once |
//! | [`bindings`] | the component's world, as the host sees it |
//! | [`case`] | test cases as folders, and what runs them |
//! | [`clock`] | the clock that everything follows |
//! | [`disk_trouble`] | files that are there and give trouble |
//! | [`edition`] | which of the component's editions |
//! | [`engine`] | wasmtime, once a process |
//! | [`fault_matrix`] | every source × every fault, generated |
//! | [`foreign`] | the tools that tests run and that cargo does not build here |
//! | [`functions`] | the component's functions, by name |
//! | [`guest`] | the component in wasmtime, in surroundings made for the test |
//! | [`guests`] | the components that other crates run, too |
//! | [`journal`] | what the guest sent, and when |
//! | [`network`] | the seam between the guest's requests and whoever answers them |
//! | [`running`] | a program in the background |
//! | [`renewal`] | where the editions are not asked in the same way |
//! | [`secrets`] | the scan for secrets that every case passes |
//! | [`soak`] | days in the life of one instance |
//! | [`surroundings`] | variables, files, clocks and network of a component |

pub mod app;
pub mod async_app;
pub mod bindings;
pub mod case;
pub mod chance;
pub mod clock;
pub mod disk_trouble;
pub mod edition;
pub mod engine;
pub mod fault_matrix;
pub mod foreign;
pub mod functions;
pub mod guest;
pub mod guests;
pub mod journal;
pub mod network;
pub mod renewal;
pub mod running;
pub mod secrets;
pub mod soak;
pub mod surroundings;
