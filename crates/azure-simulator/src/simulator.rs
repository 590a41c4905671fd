//! The simulated Azure on a loopback socket, for as long as a test needs it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::clock::SystemClock;
use crate::{Azure, Settings, server};

/// A simulated Azure that listens on a free port of 127.0.0.1 until it is dropped.
///
/// It runs in a thread of its own, so that a test with or without an async runtime can start it.
pub struct Simulator {
    azure: Azure,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the Azure that `settings` describe, on the system's clock.
    ///
    /// # Errors
    /// When the system gives no port or no thread.
    pub fn start(settings: Settings) -> io::Result<Simulator> {
        let azure = Azure::new(SystemClock, settings);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = azure.clone();
        let thread = std::thread::Builder::new().name("azure-simulator".to_owned()).spawn(move || {
            let stopped = async { _ = stopped.await };
            // A listener that fails refuses every later request, which the test then reports.
            _ = runtime.block_on(server::serve(listener, served, Duration::ZERO, stopped));
        })?;
        Ok(Simulator { azure, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The journal so far, one request a line, secrets redacted.
    pub fn log(&self) -> String {
        self.azure.journal().iter().map(|entry| format!("{entry}\n")).collect()
    }

    /// What it received and what it issued.
    pub fn azure(&self) -> &Azure {
        &self.azure
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
