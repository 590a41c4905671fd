//! The Spin manifests of the examples on Spin itself, if it is there: it is in no registry, so CI has none.

use crate::manifest_files::workspace;
use anyhow::Result;
use host_tests::external_tools;
use std::process::Command;

#[test]
fn spin_runs_the_manifests_with_the_documented_number_of_token_requests() -> Result<()> {
    let Some(_) = external_tools::spin() else { return Ok(()) };
    let output = Command::new(workspace().join("tools/real-hosts")).arg("spin").output()?;
    let (table, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{table}{errors}");
    Ok(())
}
