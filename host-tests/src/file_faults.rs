//! Faults injected between a component and its files.
//!
//! Some failures cannot be produced on the real disk: root may open every file, and a test cannot change a file
//! exactly between two reads. They are injected into the component's `wasi:filesystem` instead.

use std::sync::{Arc, Mutex};

pub mod linker;
mod wasi_0_2;
mod wasi_0_3;

/// The fault injected into a component's files, at most one at a time. Clones share it.
#[derive(Clone, Default)]
pub struct FileFaults(Arc<Mutex<Option<InjectedFault>>>);

/// How access to a file fails.
pub enum FileAccessFault {
    /// Opening the file is denied.
    OpenDenied,
    /// The file opens, and reading it fails.
    ReadFails,
    /// The closure runs once, after the first bytes have been read.
    AfterFirstRead(Box<dyn FnOnce() + Send>),
}

struct InjectedFault {
    path: String,
    fault: FileAccessFault,
    is_open: bool,
}

impl FileFaults {
    /// Injects a fault into the file at this absolute path; it replaces an earlier fault.
    pub fn inject(&self, path: &str, fault: FileAccessFault) {
        let path = path.trim_start_matches('/').to_owned();
        *self.0.lock().expect("the lock is not poisoned") =
            Some(InjectedFault { path, fault, is_open: false });
    }

    /// Removes the fault.
    pub fn clear(&self) {
        *self.0.lock().expect("the lock is not poisoned") = None;
    }

    /// Records that a file is opened, and returns whether that is allowed.
    fn may_open(&self, path: &str) -> bool {
        let mut injected = self.0.lock().expect("the lock is not poisoned");
        injected.as_mut().is_none_or(|injected| {
            injected.is_open = injected.path == path;
            !(injected.is_open && matches!(injected.fault, FileAccessFault::OpenDenied))
        })
    }

    /// Whether the open file can be read.
    fn can_read(&self) -> bool {
        let injected = self.0.lock().expect("the lock is not poisoned");
        !matches!(&*injected, Some(InjectedFault { fault: FileAccessFault::ReadFails, is_open: true, .. }))
    }

    /// Records that bytes of the open file were read, and runs the closure that waits for that.
    fn was_read(&self) {
        let mut injected = self.0.lock().expect("the lock is not poisoned");
        let is_due =
            |it: &mut InjectedFault| it.is_open && matches!(it.fault, FileAccessFault::AfterFirstRead(_));
        if let Some(InjectedFault { fault: FileAccessFault::AfterFirstRead(act), .. }) =
            injected.take_if(is_due)
        {
            act();
        }
    }
}
