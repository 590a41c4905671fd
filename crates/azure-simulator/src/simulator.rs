//! The simulated Azure on a loopback socket, for as long as a test needs it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::azure::Azure;
use crate::clock::SystemClock;
use crate::environment::environment;
use crate::journal::Entry;
use crate::server;
use crate::settings::Settings;

/// A simulated Azure that listens on a free port of 127.0.0.1 until it is dropped.
///
/// It runs in a thread of its own, so that tests with and without an async runtime can start it.
///
/// ```
/// use azure_simulator::{Settings, Simulator};
///
/// let simulator = Simulator::start(Settings::default())?;
/// let authority = format!("http://{}", simulator.address());
/// assert!(simulator.environment().contains(&("AZURE_AUTHORITY_HOST".to_owned(), authority)));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Simulator {
    azure: Azure,
    address: SocketAddr,
    environment: Vec<(String, String)>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the Azure that `settings` describe, on the system's clock.
    ///
    /// # Errors
    /// When the system has no port or no thread for it.
    pub fn start(settings: Settings) -> io::Result<Simulator> {
        // Bound without tokio: the caller's thread may drive a runtime of its own.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let environment = environment(address, &settings);
        let azure = Azure::new(SystemClock, settings);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = azure.clone();
        let serve = async move {
            let stopped = async { _ = stopped.await };
            server::serve(TcpListener::from_std(listener)?, served, Duration::ZERO, stopped).await
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        // After an error of the listener connections are refused, which the test notices.
        let thread = std::thread::Builder::new().name("azure-simulator".to_owned());
        let thread = thread.spawn(move || _ = runtime.block_on(serve))?;
        Ok(Simulator { azure, address, environment, stop: Some(stop), thread: Some(thread) })
    }

    /// The address at which every service is reached.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The environment variables that point a credential to this simulator; see [`environment`].
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// The simulated Azure, whose journal has the requests so far.
    pub fn azure(&self) -> &Azure {
        &self.azure
    }

    /// What was asked so far, oldest first, without secrets; see [`Azure::journal`].
    pub fn requests(&self) -> Vec<Entry> {
        self.azure.journal()
    }

    /// The journal as text, one request a line, without secrets.
    pub fn log(&self) -> String {
        self.azure.journal().iter().map(|entry| format!("{entry}\n")).collect()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
