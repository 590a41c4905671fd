//! A tenant whose apps call as fast as they can, for tokens that no cache has, and whose callers do not wait.

use crate::apps::Apps;
use azure_identity_wasmtime::{TenantKey, TokenRequest};
use futures_util::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// A flood of calls.
pub struct Flood {
    stops: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<u64>>,
}

impl Flood {
    pub fn start(apps: &Arc<Apps>) -> Self {
        let stops = Arc::new(AtomicBool::new(false));
        let tasks = (0..TASKS).map(|_| tokio::spawn(run(Arc::clone(apps), Arc::clone(&stops))));
        Self { tasks: tasks.collect(), stops }
    }

    /// Ends the flood. Returns the number of its calls.
    pub async fn stop(self) -> u64 {
        self.stops.store(true, Ordering::Relaxed);
        let mut calls = 0;
        for task in self.tasks {
            calls += task.await.expect("no panic");
        }
        calls
    }
}

/// Each call that does not return at once is given up with its instance.
async fn run(apps: Arc<Apps>, stops: Arc<AtomicBool>) -> u64 {
    static UNIQUE: AtomicU64 = AtomicU64::new(0);
    let mut calls = 0;
    while !stops.load(Ordering::Relaxed) {
        let mut app = apps.start(TenantKey::new("hostile")).await;
        loop {
            calls += 1;
            let unique = UNIQUE.fetch_add(1, Ordering::Relaxed);
            if app.ask(request(unique)).now_or_never().is_none() {
                break;
            }
        }
        tokio::task::yield_now().await;
    }
    calls
}

fn request(number: u64) -> TokenRequest {
    let claims = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{number}"}}}}}}"#);
    TokenRequest { claims: Some(claims), ..TokenRequest::new("https://storage.azure.com/.default") }
}

/// More than there are threads, so that one of them is always ready to run.
const TASKS: usize = 8;
