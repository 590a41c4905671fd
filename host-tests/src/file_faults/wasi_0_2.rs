//! Fault injection for `wasi:filesystem` 0.2.

use crate::environment::State;
use anyhow::Result;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::WasiFilesystemView;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    type Open = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (fd, links, path, open, flags): Open| {
            Box::new(async move {
                if !store.data().file_faults().may_open(&path) {
                    return Ok((Err(ErrorCode::Access),));
                }
                let mut files = store.data_mut().filesystem();
                flatten(HostDescriptor::open_at(&mut files, fd, links, path, open, flags).await)
            })
        },
    )?;
    type Read = (Resource<Descriptor>, u64, u64);
    types.func_wrap_async("[method]descriptor.read", |mut store, (fd, length, offset): Read| {
        Box::new(async move {
            if !store.data().file_faults().can_read() {
                return Ok((Err(ErrorCode::Io),));
            }
            let outcome = HostDescriptor::read(&mut store.data_mut().filesystem(), fd, length, offset).await;
            store.data().file_faults().was_read();
            flatten(outcome)
        })
    })?;
    Ok(())
}

/// The error code as a value; every other error is a trap.
fn flatten<T>(outcome: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    match outcome {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

/// The interface's name in wasmtime 48. Under another name the real functions would stay in place, and the fault
/// matrix would inject no fault, which its rules detect.
const TYPES: &str = "wasi:filesystem/types@0.2.12";
