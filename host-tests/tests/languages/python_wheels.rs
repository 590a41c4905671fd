//! The wheels of the packages for Python: what is in them, and that the same sources make the same bytes.

use crate::project::workspace;
use crate::python_site::wheels;
use anyhow::{Context, Result, ensure};
use expect_test::expect_file;
use host_tests::external_tools;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// In bytes. The components are most of a wheel.
const LIMITS: [(&str, usize); 2] = [("azure_identity_guest-", 700_000), ("azure_identity_host-", 350_000)];

#[test]
fn the_wheels_contain_these_files_and_are_equal_when_built_twice() -> Result<()> {
    let Some(python) = external_tools::python()? else { return Ok(()) };
    let (first, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
    wheels(first.path())?;
    wheels(second.path())?;
    let (built, again) = (read(first.path())?, read(second.path())?);
    // Not `assert_eq!`, which would print the bytes.
    assert!(built == again, "the same sources made other bytes");
    let mut contents = String::new();
    for (file, bytes) in &built {
        let limit =
            LIMITS.iter().find(|(name, _)| file.starts_with(name)).context("a wheel without a limit")?.1;
        assert!(bytes.len() <= limit, "{file} has {} bytes, and {limit} are allowed", bytes.len());
        contents += &format!("{file}\n{}", listing(&python, &first.path().join(file))?);
    }
    expect_file![workspace().join("host-tests/tests/languages/wheels.txt")].assert_eq(&contents);
    Ok(())
}

fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let files = fs::read_dir(folder)?.map(|file| {
        let file = file?;
        Ok((file.file_name().to_string_lossy().into_owned(), fs::read(file.path())?))
    });
    files.collect()
}

/// The names of the files in a wheel, each indented on a line.
fn listing(python: &Path, wheel: &Path) -> Result<String> {
    let script = "import sys, zipfile; print(*sorted(zipfile.ZipFile(sys.argv[1]).namelist()), sep='\\n')";
    let output = Command::new(python).args(["-c", script]).arg(wheel).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout)?;
    Ok(names.lines().map(|name| format!("  {name}\n")).collect())
}
