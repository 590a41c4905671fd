//! The warnings of this process.

use anyhow::Result;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// The warnings so far, a line each.
#[derive(Clone, Default)]
pub struct Warnings(Arc<Mutex<Vec<u8>>>);

impl Warnings {
    pub fn of_this_process() -> Result<Self> {
        let warnings = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_ansi(false);
        tracing::subscriber::set_global_default(subscriber.with_writer(warnings.clone()).finish())?;
        Ok(warnings)
    }

    /// Those of the shared cache since the last call.
    pub fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("the lock is not poisoned"));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines()
            .filter(|line| line.contains("azure_identity_wasmtime::shared_cache"))
            .map(str::to_owned)
            .collect()
    }
}

impl Write for Warnings {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the lock is not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Warnings {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
