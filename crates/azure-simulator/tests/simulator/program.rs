//! The program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use golden::{expect, expect_file};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_azure-simulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program starts")
}

/// A running program, ended when the test does.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        let mut child = program(arguments).spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("its output is a pipe");
        Running { child, lines: BufReader::new(stdout).lines() }
    }

    /// The next line that contains `text`.
    fn line(&mut self, text: &str) -> String {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        lines.find(|line| line.contains(text)).unwrap_or_else(|| panic!("it did not print '{text}'"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn its_help_explains_every_argument() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    expect_file!["help.txt"].assert_eq(&String::from_utf8_lossy(&output.stdout));
}

#[test]
fn it_prints_the_variables_of_a_credential() {
    let mut simulator = Running::start(&["--listen", "127.0.0.1:0"]);
    let first = simulator.line("the simulated Azure listens on ");
    let address = first.split(['/', ';']).nth(2).expect("the line has the address").to_owned();
    let mut greeting = first + "\n";
    while !greeting.ends_with("in a browser\n") {
        greeting += &(simulator.line("") + "\n");
    }
    let expected = expect![[r"
        the simulated Azure listens on http://ADDRESS; the variables of a credential are:

          # managed identity of a virtual machine
          AZURE_POD_IDENTITY_AUTHORITY_HOST=http://ADDRESS
          # managed identity on App Service
          IDENTITY_ENDPOINT=http://ADDRESS/msi/token
          IDENTITY_HEADER=853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a
          # service principal
          AZURE_AUTHORITY_HOST=http://ADDRESS
          AZURE_TENANT_ID=aaaabbbb-0000-cccc-1111-dddd2222eeee
          AZURE_CLIENT_ID=00001111-aaaa-2222-bbbb-3333cccc4444
          AZURE_CLIENT_SECRET='s3cr3t~+/=&%x'
        the vault contoso is at http://ADDRESS, too
        to watch requests and switch faults, open http://ADDRESS in a browser
    "]];
    expected.assert_eq(&greeting.replace(&address, "ADDRESS"));
}

#[test]
fn it_prints_its_address_and_its_requests() {
    let mut simulator = Running::start(&["--listen", "127.0.0.1:0", "--fault", "imds=503,times=1"]);
    let line = simulator.line("AZURE_POD_IDENTITY_AUTHORITY_HOST=");
    let address = line.split_once("=http://").expect("it names its address").1.to_owned();
    assert!(!address.ends_with(":0"), "it names the real port");
    assert!(simulator.line("AZURE_AUTHORITY_HOST=").ends_with(&address));
    let mut stream = TcpStream::connect(&address).expect("it listens there");
    let request =
        "GET /metadata/identity/oauth2/token?resource=x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it responds");
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    let line = simulator.line(" imds GET ");
    assert!(line.ends_with("-> 503 fault of the settings"), "{line}");
}

#[test]
fn it_listens_on_loopback_only_unless_an_argument_allows_more() {
    let output = run(&["--listen", "0.0.0.0:0"]);
    assert!(!output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "azure-simulator: 0.0.0.0:0 is not a loopback address; pass --allow-remote to listen on it\n"
    );
}

#[test]
fn a_port_that_is_taken_is_reported_with_the_argument_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it listens").to_string();
    let output = run(&["--listen", &address]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let expected = format!("azure-simulator: cannot listen on {address}: Address ");
    let remedy = "; choose another port: --listen 127.0.0.1:0 takes any that is free\n";
    assert!(!output.status.success(), "{complaint}");
    assert!(complaint.starts_with(&expected) && complaint.ends_with(remedy), "{complaint}");
}

#[test]
fn it_reports_what_is_wrong_with_its_settings() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"imsd = 'azure'\n").expect("it can be written");
    let output = run(&["--listen", "127.0.0.1:0", "--settings", file.path().to_str().expect("a plain path")]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(complaint.contains("does not describe an Azure") && complaint.contains("imsd"), "{complaint}");
}

#[cfg(unix)]
#[test]
fn it_stops_on_an_interrupt() {
    let mut simulator = Running::start(&["--listen", "127.0.0.1:0"]);
    simulator.line("AZURE_AUTHORITY_HOST=");
    let interrupt = Command::new("kill").args(["-INT", &simulator.child.id().to_string()]).status();
    assert!(interrupt.expect("there is a kill command").success());
    simulator.line("stopped");
    assert!(simulator.child.wait().expect("it ends").success());
}
