//! Runs every folder of `cases/` with every edition, each as a test of its own, and checks that every source has a case
//! of each sort.

use anyhow::{Result, ensure};
use azure_identity_component::sources::DEFAULT;
use azure_simulator::settings::FaultKind;
use golden::is_update_requested;
use host_tests::case::mutate::{Mutation, TEXTS};
use host_tests::case::run::run;
use host_tests::case::{Case, Sort};
use host_tests::edition::Edition;
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("every_source_has_a_case_of_every_sort", || check_sorts().map_err(failed)),
        Trial::test("every_field_of_every_source_is_mutated", || check_hostile_cases().map_err(failed)),
    ];
    let is_update = is_update_requested();
    for folder in Case::all()? {
        let name: Vec<_> = folder.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        let needs_certificates = needs_certificates(&folder)?;
        for edition in Edition::ALL {
            // The other editions are compared with the golden files, so an update runs one edition only.
            if edition != Edition::Wasi02 && is_update || !edition.has_certificates() && needs_certificates {
                continue;
            }
            let folder = folder.clone();
            let name = format!("{}/{} ({})", name[1], name[0], edition.name());
            trials.push(Trial::test(name, move || run(&folder, edition).map_err(failed)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:#}").into()
}

/// Every source has a case of each sort that applies to it.
fn check_sorts() -> Result<()> {
    let cases = Case::all()?.iter().map(|folder| Case::read(folder)).collect::<Result<Vec<_>>>()?;
    for (source, _) in FIELDS {
        let have: BTreeSet<Sort> =
            cases.iter().filter(|case| case.kind() == *source).map(|case| case.sort).collect();
        // A credential that the app configures explicitly is never unavailable.
        let is_default = is_default(source);
        let needed = [Sort::Success, Sort::Unavailable, Sort::Rejected, Sort::Hostile];
        let needed = needed.into_iter().filter(|sort| is_default || *sort != Sort::Unavailable);
        let missing: Vec<_> = needed.filter(|sort| !have.contains(sort)).collect();
        ensure!(missing.is_empty(), "cases/{source} has no case of these sorts: {missing:?}");
    }
    let listed: BTreeSet<_> = FIELDS.iter().map(|(source, _)| *source).collect();
    let missing: Vec<_> = DEFAULT.iter().filter(|source| !listed.contains(source.name)).collect();
    ensure!(missing.is_empty(), "FIELDS has no line for {missing:?}");
    Ok(())
}

/// Every source has hostile cases with every mutation of each field, and a source that sends requests also has hostile
/// cases with an oversized response and a truncated one.
fn check_hostile_cases() -> Result<()> {
    for (source, fields) in FIELDS {
        let mut mutated = BTreeSet::new();
        let (mut sends_requests, mut is_oversized, mut is_truncated) = (false, false, false);
        for folder in Case::all()? {
            let case = Case::read(&folder)?;
            if case.kind() != *source {
                continue;
            }
            sends_requests |= case.calls.iter().any(|call| call.expect.requests > 0);
            if case.sort != Sort::Hostile {
                continue;
            }
            is_oversized |= case.azure.faults.iter().any(|fault| fault.body.len() > MAX_RESPONSE);
            is_truncated |= case.azure.faults.iter().any(|fault| fault.kind == Some(FaultKind::Truncated));
            let text = std::fs::read_to_string(folder.join("case.toml"))?;
            mutated.extend(toml::from_str::<Mutations>(&text)?.pairs());
        }
        ensure!(
            is_oversized || !sends_requests,
            "cases/{source} has no hostile case with a response of more than {MAX_RESPONSE} bytes"
        );
        ensure!(
            is_truncated || !sends_requests,
            "cases/{source} has no hostile case with a truncated response"
        );
        for field in *fields {
            let text =
                TEXTS.iter().find(|text| !mutated.contains(&((*field).to_owned(), (**text).to_owned())));
            ensure!(text.is_none(), "cases/{source} has no hostile case that mutates {field} with {text:?}");
        }
    }
    Ok(())
}

/// The mutations of a case.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Mutations {
    mutate_env: Option<Mutation>,
    calls: Vec<MutationsCall>,
}

#[derive(Deserialize)]
struct MutationsCall {
    mutate: Option<Mutation>,
}

impl Mutations {
    fn pairs(self) -> impl Iterator<Item = (String, String)> {
        let calls = self.calls.into_iter().filter_map(|call| call.mutate);
        calls.chain(self.mutate_env).flat_map(|mutation| mutation.pairs())
    }
}

/// Whether a case uses a certificate, in the environment, as an argument, or from the files of the Azure CLI.
fn needs_certificates(folder: &Path) -> Result<bool> {
    let text = std::fs::read_to_string(folder.join("case.toml"))?;
    let of_the_cli =
        folder.ends_with("azure-cli/certificate") || folder.ends_with("azure-cli/certificate-send-chain");
    Ok(of_the_cli
        || ["AZURE_CLIENT_CERTIFICATE", "client-certificate"].iter().any(|name| text.contains(name)))
}

fn is_default(name: &str) -> bool {
    DEFAULT.iter().any(|source| source.name == name)
}

/// The maximum size of a response that the component reads, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// Every credential with its text fields: arguments, and the environment variables that it reads.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "authorization-code",
        &[
            "via.authorization-code.app.client-secret",
            "via.authorization-code.code",
            "via.authorization-code.code-verifier",
            "via.begin-authorization-code.app.client-id",
            "via.begin-authorization-code.app.options.authority",
            "via.begin-authorization-code.app.redirect-uri",
            "via.begin-authorization-code.app.tenant-id",
            "via.begin-authorization-code.code",
            "via.begin-authorization-code.redirect",
            "via.begin-authorization-code.scopes",
            "via.begin-authorization-code.sign-in.authentication-record",
            "via.begin-authorization-code.sign-in.claims",
            "via.begin-authorization-code.sign-in.domain-hint",
            "via.begin-authorization-code.sign-in.login-hint",
            "via.begin-authorization-code.sign-in.prompt",
            "via.begin-authorization-code.state",
        ],
    ),
    (
        "azure-cli",
        &[
            "via.azure-cli.tenant-id",
            "via.azure-cli.subscription",
            "AZURE_CLOUD_NAME",
            "AZURE_CONFIG_DIR",
            "AZURE_CLI_SAVED_TOKEN",
        ],
    ),
    ("azure-developer-cli", &["AZD_CONFIG_DIR", "via.azure-developer-cli.tenant-id"]),
    (
        "azure-pipelines",
        &[
            "via.azure-pipelines.client-id",
            "via.azure-pipelines.options.authority",
            "via.azure-pipelines.options.region",
            "via.azure-pipelines.service-connection-id",
            "via.azure-pipelines.system-access-token",
            "via.azure-pipelines.tenant-id",
            "SYSTEM_OIDCREQUESTURI",
        ],
    ),
    (
        "client-assertion",
        &[
            "via.client-assertion.assertion.file",
            "via.client-assertion.assertion.text",
            "via.client-assertion.assertion.federated.scope",
            "via.client-assertion.client-id",
            "via.client-assertion.options.authority",
            "via.client-assertion.options.region",
            "via.client-assertion.tenant-id",
        ],
    ),
    (
        "client-certificate",
        &[
            "via.client-certificate.client-id",
            "via.client-certificate.options.authority",
            "via.client-certificate.options.region",
            "via.client-certificate.password",
            "via.client-certificate.tenant-id",
        ],
    ),
    (
        "client-secret",
        &[
            "claims",
            "scopes",
            "tenant-id",
            "via.client-secret.client-id",
            "via.client-secret.client-secret",
            "via.client-secret.options.authority",
            "via.client-secret.options.region",
            "via.client-secret.tenant-id",
        ],
    ),
    (
        "device-code",
        &[
            "via.begin-device-code.client-id",
            "via.begin-device-code.options.authority",
            "via.begin-device-code.scopes",
            "via.begin-device-code.sign-in.authentication-record",
            "via.begin-device-code.sign-in.claims",
            "via.begin-device-code.tenant-id",
        ],
    ),
    (
        "environment",
        &[
            "AZURE_AUTHORITY_HOST",
            "AZURE_CLIENT_CERTIFICATE",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_PASSWORD",
            "AZURE_REGIONAL_AUTHORITY_NAME",
            "AZURE_TENANT_ID",
            "AZURE_USERNAME",
        ],
    ),
    (
        "managed-identity",
        &[
            "via.managed-identity.client-id",
            "via.managed-identity.object-id",
            "via.managed-identity.resource-id",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "MSI_ENDPOINT",
            "MSI_SECRET",
        ],
    ),
    (
        "on-behalf-of",
        &[
            "via.on-behalf-of.client-id",
            "via.on-behalf-of.client-secret",
            "via.on-behalf-of.options.authority",
            "via.on-behalf-of.options.region",
            "via.on-behalf-of.tenant-id",
            "via.on-behalf-of.user-assertion",
        ],
    ),
    (
        "shared-token-cache",
        &[
            "via.shared-token-cache.client.authority",
            "via.shared-token-cache.tenant-id",
            "via.shared-token-cache.username",
            "AZURE_TENANT_ID",
            "AZURE_USERNAME",
        ],
    ),
    (
        "username-password",
        &[
            "via.username-password.client-id",
            "via.username-password.options.authority",
            "via.username-password.options.region",
            "via.username-password.password",
            "via.username-password.tenant-id",
            "via.username-password.username",
        ],
    ),
    (
        "workload-identity",
        &[
            "via.workload-identity.client-id",
            "via.workload-identity.client.authority",
            "via.workload-identity.client.region",
            "via.workload-identity.tenant-id",
            "via.workload-identity.token-file-path",
            "AZURE_AUTHORITY_HOST",
            "AZURE_CLIENT_ID",
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_TENANT_ID",
        ],
    ),
];
