//! Files, in the folders that the host gives access to (preopens).

use super::bindings::wasi::filesystem::preopens::get_directories;
use super::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::host::{FileError, codes, folder};
use crate::prelude::*;
use wit_bindgen::StreamResult;

/// Reads a regular file of at most `limit` bytes; `links` decides whether it may be a symbolic link.
pub async fn read(path: &str, limit: usize, links: PathFlags) -> Result<Vec<u8>, FileError> {
    let folders = get_directories();
    let (folder, rest) = folder::find(&folders, path)?;
    let file = folder.open_at(links, rest, OpenFlags::empty(), DescriptorFlags::READ);
    let file = file.await.map_err(meaning)?;
    // A pipe or a device could be endless.
    match file.get_type().await.map_err(meaning)? {
        DescriptorType::RegularFile => read_all(&file, limit).await,
        _ => Err(FileError::NotAFile),
    }
}

async fn read_all(file: &Descriptor, limit: usize) -> Result<Vec<u8>, FileError> {
    let (mut stream, end) = file.read_via_stream(0);
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(limit.saturating_add(1).saturating_sub(bytes.len()).min(CHUNK));
        let result;
        (result, bytes) = stream.read(bytes).await;
        if bytes.len() > limit {
            return Err(FileError::TooLarge);
        }
        if !matches!(result, StreamResult::Complete(_)) {
            break;
        }
    }
    end.await.map_err(meaning)?;
    Ok(bytes)
}

codes::meaning_of_files!(ErrorCode);

const CHUNK: usize = 64 * 1024;
