//! Files that are there and give trouble: what a test cannot do to a real disk (nothing is forbidden to
//! root), or not at the right moment, is done to the guest's `wasi:filesystem` instead.

use crate::surroundings::State;
use anyhow::Result;
use std::sync::{Arc, Mutex};
use wasmtime::component::Linker;

mod wasi_0_2;
mod wasi_0_3;

/// What is wrong with a guest's disk. Clones share it.
#[derive(Clone, Default)]
pub struct DiskTrouble(Arc<Mutex<Option<Ordered>>>);

/// The ways to give trouble.
pub enum Trouble {
    /// The file may not be opened.
    Unreadable,
    /// It opens, and reading fails.
    Broken,
    /// Something happens to it after its first bytes were read.
    WhileRead(Box<dyn FnOnce() + Send>),
}

struct Ordered {
    path: String,
    trouble: Trouble,
    is_open: bool,
}

impl DiskTrouble {
    /// Orders trouble with the file of that absolute path.
    pub fn order(&self, path: &str, trouble: Trouble) {
        let path = path.trim_start_matches('/').to_owned();
        *self.0.lock().expect("nobody panics here") = Some(Ordered { path, trouble, is_open: false });
    }

    /// Ends it.
    pub fn end(&self) {
        *self.0.lock().expect("nobody panics here") = None;
    }

    /// Notes that a file is opened; whether that is allowed.
    fn may_open(&self, path: &str) -> bool {
        let mut ordered = self.0.lock().expect("nobody panics here");
        ordered.as_mut().is_none_or(|ordered| {
            ordered.is_open = ordered.path == path;
            !(ordered.is_open && matches!(ordered.trouble, Trouble::Unreadable))
        })
    }

    /// Whether what is open can be read.
    fn can_read(&self) -> bool {
        let ordered = self.0.lock().expect("nobody panics here");
        !matches!(&*ordered, Some(Ordered { trouble: Trouble::Broken, is_open: true, .. }))
    }

    /// Notes that something of it was read.
    fn was_read(&self) {
        let mut ordered = self.0.lock().expect("nobody panics here");
        let is_due = |it: &mut Ordered| it.is_open && matches!(it.trouble, Trouble::WhileRead(_));
        if let Some(Ordered { trouble: Trouble::WhileRead(act), .. }) = ordered.take_if(is_due) {
            act();
        }
    }
}

/// Puts itself in front of what `linker` has for files.
pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    wasi_0_2::add_to_linker(linker)?;
    wasi_0_3::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
