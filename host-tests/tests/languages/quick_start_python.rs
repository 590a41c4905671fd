//! `docs/quick-start/python.md`, from an empty folder, with the packages from an index on loopback.

use crate::project::workspace;
use crate::python::get;
use crate::python_site::{downloaded_wheels, wheels};
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID, TENANT_ID};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use regex::Regex;
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What the page promises.
const COMMANDS: usize = 10;

#[test]
fn the_quick_start_for_python_shows_the_claims_of_a_token() -> Result<()> {
    let Some(python) = external_tools::python()? else { return Ok(()) };
    let page = fs::read_to_string(workspace().join("docs/quick-start/python.md"))?;
    let shell = blocks(&page, "sh")?;
    let [install, build, simulator, serve, ask] = &shell[..] else { panic!("other blocks: {shell:?}") };
    assert!(shell.iter().flat_map(|it| it.lines()).count() <= COMMANDS, "{shell:?}");
    let folder = TempDir::new()?;
    let index = TempDir::new()?;
    fill(index.path())?;
    let mut server = Command::new(python);
    server.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0", "--directory"]).arg(index.path());
    let mut server = BackgroundProgram::start(&mut server)?;
    let address = server.wait_for("(http://")?.trim_end_matches("/) ...").to_owned();

    let app = folder.path().join("app");
    fs::create_dir(&app)?;
    fs::write(app.join("app.py"), &blocks(&page, "python")?[0])?;
    let mut steps = in_folder(folder.path(), &format!("set -e\n{install}{build}"));
    let output = steps.env("PIP_INDEX_URL", format!("http://{address}/")).output()?;
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}");

    let anywhere = simulator.trim_end().to_owned() + " --listen 127.0.0.1:0";
    let mut simulator = BackgroundProgram::start(&mut in_folder(folder.path(), &format!("exec {anywhere}")))?;
    let azure = simulator.wait_for("AZURE_POD_IDENTITY_AUTHORITY_HOST=http://")?;
    let serve =
        serve.replace("--addr 127.0.0.1:8080", "--addr 127.0.0.1:0").replace("127.0.0.1:8169", &azure);
    let mut serving = BackgroundProgram::start(&mut in_folder(folder.path(), &format!("exec {serve}")))?;
    let served = serving.wait_for("http://")?;
    assert_eq!(ask.trim_end(), "curl -s http://127.0.0.1:8080/");
    let (status, claims) = get(served.trim_end_matches('/'), "/")?;
    assert_eq!(status, 200, "{claims}\n{}\n{}", serving.output(), simulator.output());
    assert_eq!(claims, blocks(&page, "json")?[0].trim_end(), "the page shows what the app prints");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&claims)?, expected());
    Ok(())
}

/// The blocks of a language in a page, in order.
fn blocks(page: &str, language: &str) -> Result<Vec<String>> {
    let block = Regex::new(&format!(r"(?ms)^```{language}\n(.*?)^```$"))?;
    Ok(block.captures_iter(page).map(|found| found[1].to_owned()).collect())
}

/// A shell in the folder of the reader, with nothing but the system's programs.
fn in_folder(folder: &Path, lines: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", lines]).current_dir(folder).env_clear().env("HOME", folder);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    command
}

/// Fills a folder for an index of packages: one folder for each, with its wheels. The server lists a folder as a page with
/// links, which is what pip reads (PEP 503).
fn fill(index: &Path) -> Result<()> {
    let built = index.join("built");
    wheels(&built)?;
    release::simulator::pack(workspace(), &built)?;
    for folder in [built.join("python"), built, downloaded_wheels()] {
        for wheel in fs::read_dir(&folder).with_context(|| format!("{}; run .ci/tools", folder.display()))? {
            let wheel = wheel?;
            let file = wheel.file_name().to_string_lossy().into_owned();
            let Some((name, _)) = file.split_once('-').filter(|_| file.ends_with(".whl")) else { continue };
            let to = index.join(name.replace('_', "-").to_lowercase());
            fs::create_dir_all(&to)?;
            symlink(fs::canonicalize(wheel.path())?, to.join(file))?;
        }
    }
    Ok(())
}

/// The claims of the simulated machine's system-assigned identity, for the vault.
fn expected() -> serde_json::Value {
    json!({
        "aud": "https://vault.azure.net",
        "tid": TENANT_ID,
        "appid": SYSTEM_CLIENT_ID,
        "oid": SYSTEM_OBJECT_ID,
    })
}
