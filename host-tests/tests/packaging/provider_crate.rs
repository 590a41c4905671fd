//! The package of the crate with the provider's bytes.

use crate::public_api::{as_json, public_api, unstable};
use crate::workspace;
use anyhow::{Result, ensure};
use golden::expect_file;
use host_tests::edition::Edition;
use host_tests::external_tools;
use release::provider_crate::{self, EDITIONS};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The components of the tests are built by this toolchain, as those of a release are.
#[test]
fn the_package_has_the_bytes_of_a_build_with_their_digests() -> Result<()> {
    let folder = TempDir::new()?;
    let built = Path::new(Edition::Wasi02.component()).with_file_name("");
    let package = provider_crate::pack(workspace(), &built, folder.path())?;
    succeed(Command::new("tar").arg("xf").arg(&package).current_dir(&folder))?;
    let unpacked = folder.path().join(concat!("azure-identity-provider-", env!("CARGO_PKG_VERSION")));
    let mut expected = BTreeSet::from(["provenance.json".to_owned()]);
    for edition in EDITIONS {
        let file = format!("{edition}.wasm");
        let same = fs::read(unpacked.join("components").join(&file))? == fs::read(built.join(&file))?;
        assert!(same, "{file} is another one");
        expected.extend([format!("{file}.sha256"), file]);
    }
    let files = fs::read_dir(unpacked.join("components"))?;
    let files = files.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    assert_eq!(files.collect::<Result<BTreeSet<_>>>()?, expected);
    // Its own test compares the digests with the bytes.
    let features = "wasi-0-2,wasi-0-3,without-certificates";
    succeed(cargo("test").args(["--features", features]).current_dir(&unpacked))?;
    let Some(rustdoc) = external_tools::rustdoc()? else { return Ok(()) };
    let rustdoc = unstable(&rustdoc, folder.path())?;
    let mut doc = cargo("doc");
    doc.args(["--no-deps", "--lib", "--features", features]).current_dir(&unpacked);
    succeed(as_json(&mut doc, &rustdoc))?;
    expect_file!["../../../hosts/provider/public-api.txt"]
        .assert_eq(&public_api(&target(), "azure-identity-provider")?);
    Ok(())
}

#[test]
fn without_the_bytes_the_crate_says_where_they_are() -> Result<()> {
    let output = cargo("check").current_dir(workspace().join("hosts/provider")).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("depend on the published crate"), "{errors}");
    Ok(())
}

fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--quiet", "--locked", "--target-dir"]).arg(target());
    cargo
}

/// A folder that stays, so that later runs compile nothing again.
fn target() -> PathBuf {
    workspace().join("target/provider-crate")
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    ensure!(output.status.success(), "{command:?}: {}", printed.concat());
    Ok(())
}
