//! The copy of the workspace that is mutated, with a target folder of its own.

use crate::edit::Edit;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy. Between mutants it is equal to the workspace.
pub struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    /// Copies the workspace's files, as they are, to `root`. Files that are equal already keep their modification time, so
    /// that cargo does not compile them again.
    ///
    /// # Errors
    /// When git cannot list the files, or one cannot be copied.
    pub fn copy(workspace: &Path, root: PathBuf) -> Result<Self> {
        let listed = |folder: &Path, arguments: &[&str]| -> Result<BTreeSet<String>> {
            let git =
                Command::new("git").args(["ls-files", "-z"]).args(arguments).current_dir(folder).output();
            let git = git.context("git did not start")?;
            ensure!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
            let names = String::from_utf8(git.stdout).context("a file's name is not UTF-8")?;
            Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
        };
        let files = listed(workspace, &["--cached", "--others", "--exclude-standard"])?;
        for file in &files {
            // A file that was removed is listed until that is committed.
            let Ok(content) = fs::read(workspace.join(file)) else { continue };
            let copy = root.join(file);
            if fs::read(&copy).ok().as_deref() != Some(&content) {
                fs::create_dir_all(copy.parent().unwrap_or(&root))?;
                fs::write(&copy, content).with_context(|| format!("{} is not written", copy.display()))?;
            }
        }
        remove_others(&root, &root, &|name| workspace.join(name).is_file() && files.contains(name))?;
        Ok(Self { root })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Runs `function` while the edits are applied, and takes them back.
    ///
    /// # Errors
    /// When an edit does not fit, and those of `function`.
    pub fn with_edits<T>(&self, edits: &[Edit], function: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut originals = Vec::new();
        let mut apply = |edit: &Edit| -> Result<()> {
            let path = self.root.join(&edit.file);
            let edited = edit.apply_to_file(&self.root)?;
            originals.push((path.clone(), fs::read(&path)?));
            Ok(fs::write(&path, edited)?)
        };
        let result = edits.iter().try_for_each(&mut apply).and_then(|()| function());
        // The last edit of a file is taken back first.
        for (path, original) in originals.into_iter().rev() {
            fs::write(path, original)?;
        }
        result
    }
}

/// Removes the files that the workspace no longer has, but for what builds leave.
fn remove_others(root: &Path, folder: &Path, is_kept: &dyn Fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            remove_others(root, &path, is_kept)?;
        } else if path.is_file() {
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if !is_kept(&name) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}
