//! The simulator's packages, installed by pip and npm, and what their users run: the program, the test in Python, the
//! commands of `docs/testing.md`.

use crate::workspace;
use anyhow::{Context, Result, ensure};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use host_tests::guest::PROVIDER;
use regex::Regex;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[test]
fn the_simulator_starts_from_its_packages() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::python()?, external_tools::node()?) else { return Ok(()) };
    let (installed, again) = (Installed::new()?, TempDir::new()?);
    check(&installed.bin().join("azure-simulator"))?;

    let project = installed.folder.path().join("project");
    fs::create_dir(&project)?;
    let install = ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").args(install).arg(&installed.tarball).current_dir(&project))?;
    check(&project.join("node_modules/.bin/azure-simulator"))?;

    let packed_again = release::simulator::pack(workspace(), again.path())?;
    packs_what_other_machines_built()?;
    for (one, other) in [&installed.wheel, &installed.tarball].into_iter().zip(&packed_again) {
        assert_eq!(one.file_name(), other.file_name());
        let (name, bytes) = (one.display(), fs::read(one)?);
        ensure!(bytes == fs::read(other)?, "two builds of {name} differ");
        ensure!(bytes.len() < MAX_BYTES, "{name} has {} bytes", bytes.len());
    }
    Ok(())
}

/// A folder as the jobs of the release's workflow leave it.
fn packs_what_other_machines_built() -> Result<()> {
    let (others, packed) = (TempDir::new()?, TempDir::new()?);
    for (file, content) in [
        ("simulator-win32-x64/wheels/azure_simulator-0.2.0-py3-none-win_amd64.whl", "a wheel"),
        ("simulator-win32-x64/release/azure-simulator.exe", "a program"),
        ("simulator-darwin-arm64/release/azure-simulator", "a program"),
    ] {
        let file = others.path().join(file);
        fs::create_dir_all(file.parent().context("a folder")?)?;
        fs::write(file, content)?;
    }
    let packages = release::simulator::pack_with(workspace(), Some(others.path()), packed.path())?;
    let listed = run(Command::new("tar").arg("-tzf").arg(&packages[1]))?;
    for file in ["darwin-arm64/azure-simulator", "linux-x64/azure-simulator", "win32-x64/azure-simulator.exe"]
    {
        assert!(listed.lines().any(|line| line == format!("package/programs/{file}")), "{listed}");
    }
    assert_eq!(fs::read_dir(packed.path().join("python"))?.count(), 2, "the wheels of two platforms");
    Ok(())
}

#[test]
fn the_example_in_python_tests_an_app() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let installed = Installed::new()?;
    let test = "import test_app; test_app.test_tokens_last_a_day_without_the_metadata_service()";
    let mut python = Command::new(installed.bin().join("python"));
    python.args(["-B", "-c", test]).current_dir(workspace().join("examples/test-your-app/python"));
    run(python.env("PYTHONPATH", site_packages()?).env("AZURE_IDENTITY_WASM", PROVIDER))?;
    Ok(())
}

/// Its test runs as it stands, with the credential of the package for programs.
#[test]
fn the_readme_of_the_wheel_tests_a_program() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let installed = Installed::new()?;
    let folder = installed.folder.path();
    let readme = fs::read_to_string(workspace().join("packages/simulator/python/README.md"))?;
    let code = readme.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
    fs::write(folder.join("test_app.py"), code.context("the README has a test")?)?;
    let sources = workspace().join("packages/python/host/src/azure_identity_host");
    run(Command::new("cp").arg("-r").arg(&sources).arg(folder))?;
    fs::copy(PROVIDER, folder.join("azure_identity_host/azure-identity.wasm"))?;
    let tests = "[test() for name, test in vars(test_app).items() if name.startswith('test_')]";
    let tests = format!("import test_app; ran = {tests}; assert len(ran) == 1");
    let mut python = Command::new(installed.bin().join("python"));
    run(python.args(["-B", "-c", &tests]).current_dir(folder).env("PYTHONPATH", site_packages()?))?;
    Ok(())
}

#[test]
fn an_app_runs_on_a_laptop_without_azure() -> Result<()> {
    let (Some(_), Some(_), Some(_)) =
        (external_tools::python()?, external_tools::wac()?, external_tools::wasmtime()?)
    else {
        return Ok(());
    };
    let page = fs::read_to_string(workspace().join("docs/testing.md"))?;
    let laptop = Installed::without_simulator()?;
    fs::copy(env!("KEYVAULT_APP_WASM"), laptop.folder.path().join("app.wasm"))?;
    fs::copy(PROVIDER, laptop.folder.path().join("azure-identity.wasm"))?;

    // Both programs listen on free ports in place of the page's.
    let first = commands(&page, "simulator")?
        .replace("\nazure-simulator\n", "\nexec azure-simulator --listen 127.0.0.1:0\n");
    let mut simulator = BackgroundProgram::start(&mut laptop.terminal(&first)?)?;
    let line = simulator.wait_for("the simulated Azure listens on http://")?;
    let azure = line.split(';').next().context("its address")?.to_owned();
    let second = commands(&page, "app")?.replace("127.0.0.1:8169", &azure);
    let second = second.replace("127.0.0.1:8080", "127.0.0.1:0").replace("\nwasmtime", "\nexec wasmtime");
    let mut app = BackgroundProgram::start(&mut laptop.terminal(&second)?)?;
    let address = app.wait_for("Serving HTTP on http://")?;
    let request = commands(&page, "request")?.replace("127.0.0.1:8080", address.trim_end_matches('/'));

    let printed = run(&mut laptop.terminal(&request)?)?;
    let (_, promised) = page.split_once("```text\n").context("the page shows the output")?;
    assert_eq!(printed.trim(), promised.split("\n```").next().unwrap_or_default());
    simulator.wait_for(" imds GET ")?;
    simulator.wait_for(" key-vault GET ")?;

    let changes = commands(&page, "changes")?.replace("127.0.0.1:8169", &azure);
    let journal: serde_json::Value = serde_json::from_str(&run(&mut laptop.terminal(&changes)?)?)?;
    assert_eq!(journal[1]["service"], "key-vault");
    Ok(())
}

/// The packages, and an environment of Python with the wheel.
struct Installed {
    folder: TempDir,
    wheel: PathBuf,
    tarball: PathBuf,
}

impl Installed {
    fn new() -> Result<Installed> {
        let installed = Installed::without_simulator()?;
        run(&mut installed.terminal("pip install --quiet azure-simulator")?)?;
        Ok(installed)
    }

    /// The packages in a folder that stands for the registry, and an environment without any package.
    fn without_simulator() -> Result<Installed> {
        let folder = TempDir::new()?;
        let packages = release::simulator::pack(workspace(), folder.path())?;
        let [wheel, tarball] = &packages[..] else { panic!("a wheel and a tarball, not {packages:?}") };
        let python = workspace().join("target/tools/python/bin/python");
        run(Command::new(python).args(["-m", "venv", "--without-pip"]).arg(folder.path().join("venv")))?;
        Ok(Installed { wheel: wheel.clone(), tarball: tarball.clone(), folder })
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("venv/bin")
    }

    /// A shell in which `pip` installs from the folder into the environment.
    fn terminal(&self, lines: &str) -> Result<Command> {
        let tools = workspace().canonicalize()?.join("target/tools");
        let pip =
            format!("pip() {{ {}/python/bin/python -m pip --python venv \"$@\" >&2; }}\n", tools.display());
        let path = std::env::join_paths([
            self.bin(),
            tools.join("bin"),
            tools.join("python/bin"),
            "/usr/local/bin".into(),
            "/usr/bin".into(),
            "/bin".into(),
        ])?;
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &(pip + lines)]).current_dir(self.folder.path()).env_clear();
        bash.env("PATH", path).env("HOME", self.folder.path()).env("PIP_NO_INDEX", "1");
        bash.env("PIP_FIND_LINKS", self.folder.path().join("python"));
        Ok(bash)
    }
}

/// The commands that follow `<!-- runs: name -->`, with continued lines joined, between line breaks.
fn commands(page: &str, name: &str) -> Result<String> {
    let (_, rest) =
        page.split_once(&format!("<!-- runs: {name} -->\n```sh\n")).context("no such commands")?;
    let (block, _) = rest.split_once("```").context("the block ends")?;
    Ok(format!("\n{}", Regex::new(r"\\\n\s*")?.replace_all(block, "")))
}

/// Where the packages of `.ci/python` are.
fn site_packages() -> Result<PathBuf> {
    let folders = fs::read_dir(workspace().join("target/tools/python/lib"))?;
    let python = folders.flatten().map(|it| it.path()).next().context("there is a Python")?;
    Ok(python.join("site-packages").canonicalize()?)
}

/// Asserts that the program has the version of the project, listens, and ends when it is terminated.
fn check(program: &Path) -> Result<()> {
    let version = run(Command::new(program).arg("--version"))?;
    assert_eq!(version.trim(), concat!("azure-simulator ", env!("CARGO_PKG_VERSION")));
    let mut running = BackgroundProgram::start(Command::new(program).args(["--listen", "127.0.0.1:0"]))?;
    let line = running.wait_for("the simulated Azure listens on http://")?;
    let address = line.split(';').next().context("its address")?;
    ensure!(TcpStream::connect(address).is_ok(), "{address} does not listen");
    run(Command::new("kill").args(["-TERM", &running.id().to_string()]))?;
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).is_ok() {
        ensure!(Instant::now() < deadline, "{} still listens", program.display());
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{command:?}: {error}{}", String::from_utf8_lossy(&output.stdout));
    Ok(String::from_utf8(output.stdout)?)
}

/// The limit of a package's size.
const MAX_BYTES: usize = 4 << 20;
