//! `secret-environment` under the provider, over the stores of both hosts.

use crate::composed::{VAULT, request};
use anyhow::{Context, Result};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_simulator::{Azure, Settings};
use host_tests::app;
use host_tests::bindings::ErrorKind;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::{engine, linker};
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use std::fs;
use std::sync::Arc;
use wasmtime::component::{Component, ComponentType, Lift, Lower};

in_each_edition! {
    #[tokio::test(start_paused = true)]
    a_client_secret_comes_from_the_store_of_either_host,
    after_a_failure_of_its_store_the_provider_sends_nothing
}

async fn a_client_secret_comes_from_the_store_of_either_host(edition: Edition) -> Result<()> {
    for host in HOSTS {
        let (mut guest, azure) = start(edition, host, |name| Ok(value(name))).await?;
        let token =
            guest.get_token(&request(VAULT)).await?.map_err(|error| anyhow::anyhow!(error.message))?;
        assert_eq!(token.source, "environment/client-secret");
        assert_eq!((azure.unexpected(), guest.output()), (Vec::new(), String::new()));
    }
    Ok(())
}

/// The machine has a managed identity, which the default chain would take if there was no client secret.
async fn after_a_failure_of_its_store_the_provider_sends_nothing(edition: Edition) -> Result<()> {
    let fails = |name: &str| match name {
        "AZURE_CLIENT_SECRET" => Err(StoreError::Upstream("the store said s3cr3t".to_owned())),
        other => Ok(value(other)),
    };
    for host in HOSTS {
        let (mut guest, azure) = start(edition, host, fails).await?;
        let error = guest.get_token(&request(VAULT)).await?.err().context("there is no secret")?;
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{}", error.message);
        let (credentials, store) = guest.credentials();
        let environment = credentials.call_environment(store, &Default::default()).await?;
        let environment = environment.map_err(|error| anyhow::anyhow!(error.message))?;
        let error = guest.get_token_of(environment, &request(VAULT)).await?.err().context("nor here")?;
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{}", error.message);
        assert!(azure.journal().is_empty());
        assert_eq!(
            guest.output(),
            "secret-environment: AZURE_CLIENT_SECRET: the store failed; no token is requested\n"
        );
    }
    Ok(())
}

/// The provider over a store, on a machine with a managed identity.
async fn start(
    edition: Edition,
    host: &Host,
    get: impl Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync + 'static,
) -> Result<(Guest, Azure)> {
    let provider = app::plug_all(fs::read(edition.component())?, vec![fs::read(host.component)?])?;
    let mut linker = linker()?;
    let is_lower = host.has_lower_case_names;
    linker.instance(host.store)?.func_wrap("get", move |_, (name,): (String,)| {
        let is_known = if is_lower { name == name.to_lowercase() } else { name == name.to_uppercase() };
        assert!(is_known, "{name}");
        Ok((get(&name.to_uppercase()),))
    })?;
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut environment = TestEnvironment::new(clock, Arc::new(azure.clone()));
    environment.edition = edition;
    let component = Component::from_binary(engine(), &provider)?;
    Ok((Guest::start_linked(&component, linker, environment).await?, azure))
}

fn value(name: &str) -> Option<String> {
    let values = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
    ];
    values.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
}

/// A host's store, and the component for it.
struct Host {
    component: &'static str,
    store: &'static str,
    has_lower_case_names: bool,
}

const HOSTS: &[Host] = &[
    Host {
        component: env!("SECRET_ENVIRONMENT_WASM"),
        store: "wasi:config/store@0.2.0-rc.1",
        has_lower_case_names: false,
    },
    Host {
        component: env!("SECRET_ENVIRONMENT_SPIN_WASM"),
        store: "wasi:config/store@0.2.0-draft-2024-09-27",
        has_lower_case_names: true,
    },
];

/// The interface's error.
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(variant)]
enum StoreError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}
