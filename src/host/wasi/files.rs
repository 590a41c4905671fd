//! Files, in the folders that the host gives access to (preopens).

use crate::host::{FileError, codes, folder};
use crate::prelude::*;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

/// Reads a regular file of at most `limit` bytes; `links` decides whether it may be a symbolic link.
pub fn read(path: &str, limit: usize, links: PathFlags) -> Result<Vec<u8>, FileError> {
    let folders = get_directories();
    let (folder, rest) = folder::find(&folders, path)?;
    let file = folder.open_at(links, &rest, OpenFlags::empty(), DescriptorFlags::READ).map_err(meaning)?;
    // A pipe or a device could be endless.
    if file.get_type().map_err(meaning)? != DescriptorType::RegularFile {
        return Err(FileError::NotAFile);
    }
    read_all(&file, limit)
}

fn read_all(file: &Descriptor, limit: usize) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    loop {
        let offset = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let wanted = limit.saturating_add(1).saturating_sub(bytes.len()).min(CHUNK);
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        let (chunk, is_end) = file.read(wanted, offset).map_err(meaning)?;
        let nothing = chunk.is_empty();
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit {
            return Err(FileError::TooLarge);
        }
        if is_end || nothing {
            return Ok(bytes);
        }
    }
}

codes::meaning_of_files!(ErrorCode);

const CHUNK: usize = 64 * 1024;
