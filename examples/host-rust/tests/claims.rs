//! The program, run with the simulated Azure on loopback.

use azure_simulator::{Settings, Simulator};
use host_tests::guest::PROVIDER;
use std::process::Output;
use tokio::process::Command;

async fn run(azure: &str, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_host-rust"));
    program.args(arguments).env_clear().env("AZURE_POD_IDENTITY_AUTHORITY_HOST", azure);
    program.output().await.expect("the program starts")
}

#[tokio::test]
async fn it_shows_the_claims_and_not_the_token() {
    let simulator = Simulator::start(Settings::default()).expect("a free port");
    let azure = format!("http://{}", simulator.address());
    let output = run(&azure, &[PROVIDER, "https://storage.azure.com/.default"]).await;
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (first, claims) = screen.split_once('\n').expect("two parts");
    assert!(first.starts_with("managed-identity/imds, until "), "{first}");
    let claims: serde_json::Value = serde_json::from_str(claims).expect("the rest is JSON");
    assert_eq!(claims["aud"], "https://storage.azure.com");
    assert!(!screen.contains("eyJ"), "the output contains the token:\n{screen}");
}

#[tokio::test]
async fn a_failure_is_described() {
    for (arguments, message) in [
        (&[][..], "usage: host-rust azure-identity.wasm [scope]"),
        (&["/nowhere.wasm"][..], "/nowhere.wasm: cannot be read: "),
        (&[PROVIDER, "a b"][..], "get-token: a scope has a character that no scope has"),
    ] {
        let output = run("http://127.0.0.1:1", arguments).await;
        let screen = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && screen.contains(message), "{screen}");
    }
}
