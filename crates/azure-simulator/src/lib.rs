//! A simulated Azure: test how your app gets and uses tokens, without Azure.
//!
//! It has the managed identity endpoints (the metadata service of virtual machines, App Service, Azure Arc, Azure Machine
//! Learning, Cloud Shell, Service Fabric), Microsoft Entra ID with its token endpoint and discovery documents, AD FS, the
//! OIDC tokens of Azure Pipelines, and Azure Key Vault. Each refuses what the real service refuses. Tokens are signed
//! JWTs; the key is public and must not be trusted by anything but tests.
//!
//! # In a test
//!
//! [`Simulator::start`] listens on a free loopback port until the value is dropped. Give the app under test the variables
//! of [`Simulator::environment`], and assert on what it sent:
//!
//! ```
//! use azure_simulator::{Settings, Simulator};
//!
//! # fn run_app(variables: Vec<(String, String)>) {
//! #     use std::io::{Read, Write};
//! #     let imds = variables.iter().find(|it| it.0 == "AZURE_POD_IDENTITY_AUTHORITY_HOST").unwrap();
//! #     let address = imds.1.strip_prefix("http://").unwrap();
//! #     let mut stream = std::net::TcpStream::connect(address).unwrap();
//! #     write!(stream, "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net \
//! #         HTTP/1.1\r\nhost: {address}\r\nmetadata: true\r\nconnection: close\r\n\r\n").unwrap();
//! #     stream.read_to_string(&mut String::new()).unwrap();
//! # }
//! let simulator = Simulator::start(Settings::default())?;
//!
//! run_app(simulator.environment());
//!
//! let journal = simulator.azure().journal();
//! assert_eq!(journal[0].note, "token for https://vault.azure.net as 55556666-ffff-7777-aaaa-8888bbbb9999");
//! assert!(simulator.azure().unexpected().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! While it runs, [`Azure::inject`] and [`Azure::advance_clock`] change it, and so does its page, which a browser shows at its address.
//!
//! # In a wasmtime host
//!
//! With the feature `wasmtime` (`p3` for WASI 0.3 as well) the module `wasmtime_host` has the simulator as the network and the clock of a
//! wasmtime store, without sockets.
//!
//! # Without a socket
//!
//! [`Azure`] handles requests in memory, on any [`Clock`](clock::Clock), so that a test can make tokens expire at once.
//!
//! # Faults
//!
//! [`Settings`] describe what exists, and which requests fail:
//!
//! ```
//! use azure_simulator::Settings;
//!
//! let twice_503: Settings = "faults = [ { service = 'imds', status = 503, times = 2 } ]".parse()?;
//! # Ok::<(), azure_simulator::settings::SettingsError>(())
//! ```
// The layout; a file imports only files further down:
//
// | files | what |
// |---|---|
// | `main`, `simulator`, `server` | the program, the simulator in a test, the socket behind both |
// | `wasmtime_host`, `wasmtime_host/*` | the simulator as the network and the clock of wasmtime's stores |
// | `console`, `console/*` | the simulator's own page |
// | `azure` | one request: fault, service, journal |
// | `services`, `services/*` | the list of services, and each of them |
// | `service` | what a service implements |
// | `token`, `state`, `fault`, `journal`, `resources` | issuing tokens, what services share, faults, the journal |
// | `environment` | the variables that point a credential to the simulator |
// | `settings`, `settings/*` | what exists |
// | `reply`, `incoming_request`, `network`, `jwt`, `clock`, … | the vocabulary |

mod azure;
pub mod clock;
mod cloud;
mod console;
mod duration;
mod environment;
mod fault;
mod incoming_request;
pub mod journal;
pub mod jwt;
pub mod network;
mod reply;
mod resources;
pub mod server;
mod service;
mod service_name;
mod services;
pub mod settings;
mod simulator;
mod slow_body;
mod state;
pub mod timestamp;
mod token;
#[cfg(feature = "wasmtime")]
pub mod wasmtime_host;

pub use azure::Azure;
pub use cloud::Cloud;
pub use duration::parse as parse_duration;
pub use environment::{environment, service_principal};
pub use settings::Settings;
pub use simulator::Simulator;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
