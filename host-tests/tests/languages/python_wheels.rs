//! The wheels of the packages for Python: what is in them, and that the same sources make the same bytes.

use crate::project::workspace;
use crate::python_site::wheels;
use anyhow::{Context, Result, ensure};
use golden::expect_file;
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

/// The lines of `docs/verify.md`, in a folder with the wheels of a release.
#[test]
fn pip_installs_the_wheel_with_the_digest_that_it_printed_and_no_other() -> Result<()> {
    let Some(python) = external_tools::python()? else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    wheels(folder.path())?;
    let page = fs::read_to_string(workspace().join("docs/verify.md"))?;
    let lines = page.split("<!-- runs: pip -->\n```sh\n").skip(1).filter_map(|rest| rest.lines().next());
    let [hash, install] = lines.collect::<Vec<_>>()[..] else { panic!("two blocks of pip") };
    let pip = |line: &str| {
        let line = line.replace("pip ", &format!("{} -m pip ", python.display()));
        let ran = Command::new("bash").args(["-c", &line]).current_dir(&folder).output()?;
        let printed = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
        anyhow::Ok((ran.status.success(), printed.into_owned()))
    };
    let (_, printed) = pip(hash)?;
    let digest = printed.lines().find(|line| line.starts_with("--hash=sha256:")).context(printed.clone())?;
    let offline = "--no-index --find-links . --no-deps --target installed";
    let install = install.replace("pip install", &format!("pip install {offline}"));
    for (digest, is_right) in
        [(digest.to_owned(), true), (format!("--hash=sha256:{}", "0".repeat(64)), false)]
    {
        let line = page.lines().find(|line| line.ends_with(" --hash=sha256:…")).context("a requirement")?;
        fs::write(folder.path().join("requirements.txt"), line.replace("--hash=sha256:…", &digest))?;
        let (success, printed) = pip(&install)?;
        assert_eq!(success, is_right, "{printed}");
        assert!(is_right || printed.contains("DO NOT MATCH THE HASHES"), "{printed}");
    }
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
