//! The packages for Python: the examples that use them, and the Azure SDK's own policies with their credentials.

use crate::prints_its_identity;
use crate::project::Project;
use crate::python_site::PythonSite;
use anyhow::{Context, Result};
use azure_identity_wasmtime::VARIABLES;
use azure_simulator::settings::VAULT_SECRET;
use host_tests::external_tools;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[test]
fn python_app_reads_a_secret_and_asks_for_one_token() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::python()?, external_tools::wasmtime()?) else { return Ok(()) };
    let project = built_app()?;
    let (mut server, address) = project.serve()?;
    for _ in 0..5 {
        assert_eq!(get(&address, "/")?, (200, VAULT_SECRET.to_owned()), "{}", server.output());
    }
    assert_eq!(get(&address, "/other")?.0, 404);
    let requests = project.requests();
    assert_eq!(
        requests.matches(" imds GET ").count(),
        1,
        "all requests have one instance and its cache: {requests}"
    );
    assert!(!server.output().contains("eyJ"), "{}", server.output());
    Ok(())
}

/// The interface of WASI 0.2, whose function waits.
#[test]
fn a_command_of_wasi_0_2_gets_a_token_synchronously() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::python()?, external_tools::wasmtime()?) else { return Ok(()) };
    let mut project = PythonSite::project("python-command", "python-app")?;
    project.put("command/app.py", include_str!("command.py"))?;
    let worlds = "-w wasi:cli/command@0.2.6 -w azure:identity/consumer@0.2.0";
    let ran = project.shell(&format!(
        "componentize-py {worlds} componentize -p command app -o command.wasm
        azure-identity-compose command.wasm -o composed.wasm
        wasmtime compile -C compiler=winch composed.wasm -o command.cwasm
        run() {{ wasmtime run -C compiler=winch --allow-precompiled -S http --env AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:8169 command.cwasm \"$1\"; }}
        run https://vault.azure.net/.default
        run 'a scope' && exit 1 || true"
    ))?;
    assert!(ran.success, "{}", ran.printed);
    let shown =
        ran.printed.lines().skip_while(|line| !line.starts_with("AccessTokenInfo")).collect::<Vec<_>>();
    assert!(shown[0].starts_with("AccessTokenInfo(token=REDACTED, expires_on="), "{}", ran.printed);
    assert!(shown[0].ends_with("source='managed-identity/imds')"), "{}", ran.printed);
    let refused = "InvalidArgumentError invalid-argument: get-token: a scope has a character that no scope has: \"a scope\";";
    assert!(shown[1].starts_with(refused), "{}", ran.printed);
    Ok(())
}

#[test]
fn the_readmes_app_is_built_for_the_world_of_spins_sdk_and_not_without_the_interface() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let mut project = PythonSite::project("python-worlds", "python-app")?;
    project.put("app/app.py", &readme_code("guest")?)?;
    let build = |worlds: &str| {
        format!(
            "componentize-py {worlds} componentize -p app app -o app.wasm && wasm-tools component wit app.wasm"
        )
    };
    let spin = project.shell(&build("-w spin:up/http-trigger@4.1.0 -w azure:identity/consumer@0.3.0"))?;
    assert!(spin.success, "{}", spin.printed);
    for line in ["import azure:identity/token-credential@0.3.0;", "export wasi:http/handler@0.3.0;"] {
        assert!(spin.printed.contains(line), "{}", spin.printed);
    }
    let without = project.shell(&build("-w wasi:http/service@0.3.0"))?;
    let message =
        "ImportError: the component does not import azure:identity/token-credential: add -w azure:identity/";
    assert!(!without.success && without.printed.contains(message), "{}", without.printed);
    Ok(())
}

#[test]
fn the_readmes_program_shows_when_its_token_ends() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let mut project = PythonSite::project("python-program", "host-python")?;
    project.put("program.py", &readme_code("host")?)?;
    let ran = project.shell("AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:8169 python program.py")?;
    assert!(ran.success && ran.printed.starts_with("Bearer token, until "), "{}", ran.printed);
    Ok(())
}

#[test]
fn host_python_reports_its_identity() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    prints_its_identity(PythonSite::project("host-python", "host-python")?, "Bearer token, until ")
}

#[test]
fn the_sdk_for_python_accepts_the_credential_of_the_package_for_programs() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let mut project = PythonSite::project("host-python-policy", "host-python")?;
    project.put("host_policy.py", include_str!("host_policy.py"))?;
    let ran = project.shell("python host_policy.py http://127.0.0.1:8169")?;
    assert!(ran.success, "{}", ran.printed);
    let requests = ran.requests.matches(" imds GET ").count();
    assert_eq!(
        requests, 3,
        "the claims require a second request, and aio has another instance: {}",
        ran.requests
    );
    Ok(())
}

#[test]
fn the_sdk_for_python_accepts_the_credential_of_the_package_for_components() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let mut project = PythonSite::project("python-app-policy", "python-app")?;
    project.put("guest_policy.py", include_str!("guest_policy.py"))?;
    let ran = project.shell("python guest_policy.py")?;
    assert!(ran.success, "{}", ran.printed);
    Ok(())
}

#[test]
fn the_packages_for_programs_pass_the_variables_that_the_provider_reads() -> Result<()> {
    for (file, start, end) in [
        ("packages/python/host/src/azure_identity_host/_machine.py", "\nVARIABLES = (\n", "\n)\n"),
        ("packages/npm/host/index.js", "\nconst VARIABLES = [\n", "\n];\n"),
    ] {
        let text = fs::read_to_string(crate::project::workspace().join(file))?;
        let list = text.split(start).nth(1).and_then(|rest| rest.split(end).next()).context(file)?;
        let names: Vec<_> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(names, VARIABLES, "{file}");
    }
    Ok(())
}

#[test]
fn the_packages_for_python_have_the_version_of_the_workspace() -> Result<()> {
    for package in ["guest", "host"] {
        let folder = crate::project::workspace().join("packages/python").join(package);
        let project: toml::Table = fs::read_to_string(folder.join("pyproject.toml"))?.parse()?;
        assert_eq!(project["project"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")), "{package}");
        let module = folder.join(format!("src/azure_identity_{package}/__init__.py"));
        let line = format!("__version__ = \"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(fs::read_to_string(module)?.contains(&line), "{package} does not say {line}");
    }
    Ok(())
}

/// The code in the README of a package for Python.
fn readme_code(package: &str) -> Result<String> {
    let file = crate::project::workspace().join("packages/python").join(package).join("README.md");
    let readme = fs::read_to_string(file)?;
    let code = readme.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
    Ok(code.context("the README has code")?.to_owned())
}

/// The component of python-app, which several tests use.
pub fn built_app() -> Result<Project> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _guard = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let project = PythonSite::project("python-app", "python-app")?;
    project.build()?;
    Ok(project)
}

/// The status and body of `GET path` at `address`.
pub fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").context("no response")?;
    Ok((head.split(' ').nth(1).context("no status")?.parse()?, body.to_owned()))
}
