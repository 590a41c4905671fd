//! What a token by certificate consists of: the signature, and the rounds of a PKCS#12 file; beside the crates `rsa` and
//! `pbkdf2` alone.

use super::benchmark_host::{BenchmarkHost, Counting, Observed, request};
use super::peers::fixture;
use super::timing::{Sample, first_token};
use super::token_server::TokenServer;
use crate::guests::CRYPTO_ALONE;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::Component;

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package tests:measure;
            world crypto-alone {
                export read: func(key: list<u8>) -> bool;
                export sign: func(times: u32) -> bool;
                export sign-overwriting: func(times: u32) -> bool;
                export derive: func(rounds: u32) -> list<u8>;
            }
        ",
    });
}

/// Variables of a service principal.
pub type Variables = Vec<(&'static str, String)>;

/// With a secret, which costs nothing.
pub fn secret(server: &TokenServer) -> Variables {
    principal(server, "AZURE_CLIENT_SECRET", "secret".to_owned())
}

/// With a certificate and its key as they are (PEM, RSA-2048).
///
/// # Errors
/// When the file cannot be read.
pub fn pem(server: &TokenServer) -> Result<Variables> {
    let file = std::fs::read_to_string(fixture("certificates/pkcs8.pem"))?;
    Ok(principal(server, "AZURE_CLIENT_CERTIFICATE", file))
}

/// With a certificate in a PKCS#12 file, whose parts are encrypted and authenticated with 2,048 rounds each.
///
/// # Errors
/// When the file cannot be read.
pub fn pkcs12(server: &TokenServer) -> Result<Variables> {
    let file = std::fs::read(fixture("certificates/modern-no-password.pfx"))?;
    Ok(principal(server, "AZURE_CLIENT_CERTIFICATE", STANDARD.encode(file)))
}

/// The first token of a new instance of the provider at `path`.
///
/// # Errors
/// When the component does not compile.
pub fn first<'a>(host: &'a BenchmarkHost, path: &str, variables: &'a Variables) -> Result<Sample<'a>> {
    first_token(host, path, variables, "https://vault.azure.net/.default")
}

/// A further token of the same instance of the provider at `path`, for another scope each time.
///
/// # Errors
/// When there is no token.
pub fn further<'a>(host: &BenchmarkHost, path: &str, variables: &Variables) -> Result<Sample<'a>> {
    let mut instance = host.provider(path)?.start(variables)?;
    let mut number = 0;
    let mut next = move || -> Result<Duration> {
        number += 1;
        let request = request(&format!("https://vault{number}.azure.net/.default"));
        let started = Instant::now();
        instance.get_token(&request)?;
        Ok(started.elapsed())
    };
    next()?;
    Ok(Box::new(next))
}

/// The instructions of a further token of the same instance of the provider at `path`.
///
/// # Errors
/// When there is no token.
pub fn instructions_of_further(path: &str, variables: &Variables) -> Result<u64> {
    let host = BenchmarkHost::new(Counting::Instructions)?;
    let mut instance = host.provider(path)?.start(variables)?;
    instance.get_token(&request("https://vault.azure.net/.default"))?;
    let before = instance.fuel()?;
    instance.get_token(&request("https://storage.azure.com/.default"))?;
    Ok(before - instance.fuel()?)
}

/// The instructions of a signature by `rsa` alone, with the same key.
///
/// # Errors
/// When the key cannot be read.
pub fn instructions_of_signature_alone() -> Result<u64> {
    let (mut store, alone) = with_key(&BenchmarkHost::new(Counting::Instructions)?)?;
    let before = store.get_fuel()?;
    ensure!(alone.call_sign(&mut store, 1)?, "rsa does not sign");
    Ok(before - store.get_fuel()?)
}

/// A signature by `rsa` alone, with the same key; `overwrites`: with an allocator that overwrites freed memory.
///
/// # Errors
/// When the key cannot be read.
pub fn signature_alone<'a>(host: &BenchmarkHost, overwrites: bool) -> Result<Sample<'a>> {
    let (mut store, alone) = with_key(host)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        let signs = if overwrites {
            alone.call_sign_overwriting(&mut store, 1)
        } else {
            alone.call_sign(&mut store, 1)
        };
        ensure!(signs?, "rsa does not sign");
        Ok(started.elapsed())
    }))
}

/// As many rounds of `pbkdf2` alone.
///
/// # Errors
/// When the component does not start.
pub fn rounds_alone<'a>(host: &BenchmarkHost, rounds: u32) -> Result<Sample<'a>> {
    let (mut store, alone) = alone(host)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        alone.call_derive(&mut store, rounds)?;
        Ok(started.elapsed())
    }))
}

/// The crates alone, which have read the key.
fn with_key(host: &BenchmarkHost) -> Result<(Store<Observed>, bindings::CryptoAlone)> {
    let (mut store, alone) = alone(host)?;
    let text = std::fs::read_to_string(fixture("certificates/pkcs8.pem"))?;
    let key = text.split_once("-----BEGIN PRIVATE KEY-----").context("no key")?.1;
    let key: String = key.split("-----").next().unwrap_or_default().split_whitespace().collect();
    ensure!(alone.call_read(&mut store, &STANDARD.decode(key)?)?, "rsa reads no such key");
    Ok((store, alone))
}

fn alone(host: &BenchmarkHost) -> Result<(Store<Observed>, bindings::CryptoAlone)> {
    let component = Component::from_file(host.engine(), CRYPTO_ALONE)?;
    let mut store = host.store(&[])?;
    let alone = bindings::CryptoAlone::instantiate(&mut store, &component, host.linker())?;
    Ok((store, alone))
}

fn principal(server: &TokenServer, name: &'static str, value: String) -> Variables {
    vec![
        ("AZURE_AUTHORITY_HOST", format!("http://{}", server.address)),
        ("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111".to_owned()),
        ("AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222".to_owned()),
        (name, value),
    ]
}
