//! Files, by the folders that the host gives access to (preopens).

use crate::host::FileError;
use crate::prelude::*;
use crate::text;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

/// Reads a plain file of at most `limit` bytes; `links` says whether it may be a link.
pub fn read(path: &str, limit: usize, links: PathFlags) -> Result<Vec<u8>, FileError> {
    let wanted = components(path).ok_or(FileError::Missing)?;
    let is_absolute = path.starts_with('/');
    let folders = get_directories();
    let folder = folders
        .iter()
        .filter_map(|(folder, name)| {
            let prefix = components(name)?;
            (name.starts_with('/') == is_absolute && wanted.starts_with(&prefix))
                .then_some((folder, prefix.len()))
        })
        .max_by_key(|(_, depth)| *depth);
    let (folder, depth) = folder.ok_or(FileError::NoFolder)?;
    let rest = text::join(wanted.get(depth..).unwrap_or_default(), "/");
    let file = folder.open_at(links, &rest, OpenFlags::empty(), DescriptorFlags::READ).map_err(meaning)?;
    // A pipe or a device could be read forever.
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

/// The parts of a path; `None`: it goes up, or holds a NUL, and no file of ours does.
fn components(path: &str) -> Option<Vec<&str>> {
    if path.as_bytes().contains(&0) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..")).then_some(parts)
}

fn meaning(code: ErrorCode) -> FileError {
    match code {
        ErrorCode::NoEntry | ErrorCode::NotDirectory | ErrorCode::NameTooLong | ErrorCode::Invalid => {
            FileError::Missing
        }
        ErrorCode::Access | ErrorCode::NotPermitted => FileError::Denied,
        ErrorCode::IsDirectory | ErrorCode::Loop => FileError::NotAFile,
        _ => FileError::Failed,
    }
}

const CHUNK: usize = 64 * 1024;
