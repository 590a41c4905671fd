//! Injects a fault into one of the component's files.

use super::environment::CellEnvironment;
use super::faults::FileFault;
use crate::file_faults::FileAccessFault;
use anyhow::Result;
use std::path::Path;

/// Injects `fault` into the file at `path`, whose fault-free content is `content`.
///
/// # Errors
/// When the file cannot be changed.
pub fn inject(environment: &CellEnvironment, fault: FileFault, path: &str, content: &[u8]) -> Result<()> {
    let disk = environment.guest.disk();
    let write = |content: &[u8]| replace(environment, path, content);
    match fault {
        FileFault::Missing => disk.remove(path),
        FileFault::Unreadable => deny(environment, path, FileAccessFault::OpenDenied),
        FileFault::Broken => deny(environment, path, FileAccessFault::ReadFails),
        FileFault::Folder => {
            disk.remove(path)?;
            Ok(std::fs::create_dir(disk.path(path))?)
        }
        FileFault::LinkOut => {
            disk.remove(path)?;
            disk.link(path, "/etc/passwd")
        }
        FileFault::Empty => write(b""),
        FileFault::HalfWritten => write(&content[..content.len() / 2]),
        FileFault::Huge => write(&[content, &[b' '; 2 << 20]].concat()),
        FileFault::Binary => write(&(0..=255).collect::<Vec<u8>>().repeat(3)),
        FileFault::InvalidUtf8 => write(b"a sentence, and then \xC3\x28\xFF\xFE"),
        FileFault::ReplacedWhileRead => while_read(environment, path, content, |file, content| {
            std::fs::write(file, [&[b' '; 4096], content].concat()).expect("the file can be replaced");
        }),
        FileFault::TruncatedWhileRead => while_read(environment, path, content, |file, _| {
            std::fs::write(file, b"").expect("the file can be truncated");
        }),
        FileFault::RemovedWhileRead => while_read(environment, path, content, |file, _| {
            std::fs::remove_file(file).expect("the file can be removed");
        }),
    }
}

/// Replaces the file or directory at `path` by a file.
///
/// # Errors
/// When the file cannot be written.
pub fn replace(environment: &CellEnvironment, path: &str, content: &[u8]) -> Result<()> {
    let real_path = environment.guest.disk().path(path);
    if let Ok(meta) = std::fs::symlink_metadata(&real_path) {
        if meta.is_dir() { std::fs::remove_dir_all(&real_path)? } else { std::fs::remove_file(&real_path)? }
    }
    environment.guest.disk().write(path, content)
}

fn deny(environment: &CellEnvironment, path: &str, fault: FileAccessFault) -> Result<()> {
    environment.file_faults.inject(path, fault);
    Ok(())
}

fn while_read(
    environment: &CellEnvironment,
    path: &str,
    content: &[u8],
    act: fn(&Path, &[u8]),
) -> Result<()> {
    let (file, content) = (environment.guest.disk().path(path), content.to_vec());
    let fault = FileAccessFault::AfterFirstRead(Box::new(move || act(&file, &content)));
    environment.file_faults.inject(path, fault);
    Ok(())
}
