//! Fault injection for `wasi:filesystem` 0.3, which reads a file as a stream.

use super::FileFaults;
use crate::environment::State;
use anyhow::Result;
use bytes::BytesMut;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Destination, FutureReader, Linker, Resource, StreamProducer, StreamReader, StreamResult,
};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p3::bindings::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, HostDescriptorWithStore, OpenFlags, PathFlags,
};

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    type Open = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    types.func_wrap_concurrent(
        "[method]descriptor.open-at",
        |store, (fd, links, path, open, flags): Open| {
            Box::pin(async move {
                if !store.with(|mut store| store.get().file_faults().may_open(&path)) {
                    return Ok((Err(ErrorCode::Access),));
                }
                let store = store.with_getter::<WasiFilesystem>(State::filesystem);
                let opened = WasiFilesystem::open_at(&store, fd, links, path, open, flags).await;
                match opened {
                    Ok(file) => Ok((Ok(file),)),
                    Err(error) => Ok((Err(error.downcast()?),)),
                }
            })
        },
    )?;
    type ReadViaStream = (Resource<Descriptor>, u64);
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd, offset): ReadViaStream| {
            let faults = store.data().file_faults().clone();
            let Descriptor::File(file) = store.data_mut().filesystem().table.get(&fd)? else {
                return Err(wasmtime::format_err!("the component reads a directory as a stream"));
            };
            let (ended, end) = oneshot::channel();
            let reading = Reading { file: Arc::clone(&file.file), offset, faults, ended: Some(ended) };
            let end = async move { Ok::<_, wasmtime::Error>(end.await?) };
            Ok(((StreamReader::new(&mut store, reading)?, FutureReader::new(&mut store, end)?),))
        },
    )?;
    Ok(())
}

/// A file that is being read.
struct Reading {
    file: Arc<File>,
    offset: u64,
    faults: FileFaults,
    ended: Option<oneshot::Sender<Result<(), ErrorCode>>>,
}

impl Reading {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if !self.faults.can_read() {
            return Err(io::ErrorKind::Other.into());
        }
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.offset))?;
        let read = file.read(bytes)?;
        self.offset += read as u64;
        self.faults.was_read();
        Ok(read)
    }

    fn end(&mut self, outcome: Result<(), ErrorCode>) {
        if let Some(ended) = self.ended.take() {
            // The receiver is gone when the component has dropped the future; then the outcome is not needed.
            let _ = ended.send(outcome);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.end(Ok(()));
    }
}

impl StreamProducer<State> for Reading {
    type Item = u8;
    type Buffer = BytesMut;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'a, State>,
        destination: Destination<'a, u8, BytesMut>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut room = destination.as_direct(store, CHUNK);
        if room.remaining().is_empty() {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let outcome = match self.read(room.remaining()) {
            Ok(read @ 1..) => {
                room.mark_written(read);
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            Ok(0) => Ok(()),
            Err(_) => Err(ErrorCode::Io),
        };
        self.end(outcome);
        Poll::Ready(Ok(StreamResult::Dropped))
    }
}

/// The size of a read, in bytes, when the component specifies none.
const CHUNK: usize = 64 << 10;

/// The interface's name in wasmtime 48, as for 0.2.
const TYPES: &str = "wasi:filesystem/types@0.3.0";
