//! Files that are there and give trouble: what a test cannot do to a real disk (nothing is forbidden to
//! root), or not at the right moment, is done to the guest's `wasi:filesystem` instead.

use crate::surroundings::State;
use anyhow::Result;
use std::sync::{Arc, Mutex};
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::WasiFilesystemView;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};

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

    fn open(&self, path: &str) -> Result<(), ErrorCode> {
        if let Some(ordered) = &mut *self.0.lock().expect("nobody panics here") {
            ordered.is_open = ordered.path == path;
            if ordered.is_open && matches!(ordered.trouble, Trouble::Unreadable) {
                return Err(ErrorCode::Access);
            }
        }
        Ok(())
    }

    fn read(&self) -> Result<(), ErrorCode> {
        match &*self.0.lock().expect("nobody panics here") {
            Some(Ordered { trouble: Trouble::Broken, is_open: true, .. }) => Err(ErrorCode::Io),
            _ => Ok(()),
        }
    }

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
    let mut types = linker.instance(TYPES)?;
    type Open = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (fd, links, path, open, flags): Open| {
            Box::new(async move {
                if let Err(code) = store.data().disk_trouble().open(&path) {
                    return Ok((Err(code),));
                }
                let mut files = store.data_mut().filesystem();
                told(HostDescriptor::open_at(&mut files, fd, links, path, open, flags).await)
            })
        },
    )?;
    type Read = (Resource<Descriptor>, u64, u64);
    types.func_wrap_async("[method]descriptor.read", |mut store, (fd, length, offset): Read| {
        Box::new(async move {
            if let Err(code) = store.data().disk_trouble().read() {
                return Ok((Err(code),));
            }
            let outcome = HostDescriptor::read(&mut store.data_mut().filesystem(), fd, length, offset).await;
            store.data().disk_trouble().was_read();
            told(outcome)
        })
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

fn told<T>(outcome: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    match outcome {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

/// The interface as wasmtime 48 spells it; another spelling would leave the real functions in place, and
/// the matrix without trouble, which its rules notice.
const TYPES: &str = "wasi:filesystem/types@0.2.12";
