//! The environment of the component in the demo.

use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::{
    CLIENT_ID, CLIENT_SECRET, Presence, REFRESH_TOKEN, Settings, TENANT_ID, USERNAME,
};
use clap::ValueEnum;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::journal::Journal;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An environment, and what the demo prints about it.
pub struct Scenario {
    /// A short description of the environment.
    pub title: String,
    /// The environment of the component.
    pub environment: TestEnvironment,
    /// The clock of the environment.
    pub clock: Clock,
    /// The requests so far; `None`: requests on the real network are not recorded.
    pub journal: Option<Arc<Journal>>,
    /// The secrets that must not be printed, by name.
    pub secrets: Vec<(String, String)>,
}

/// The credential in a simulated environment.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Source {
    /// A login of the Azure CLI on a machine outside Azure.
    AzureCli,
    /// A service principal in the environment.
    ClientSecret,
    /// A virtual machine with a managed identity.
    Imds,
}

impl Scenario {
    /// A simulated environment.
    pub fn simulated(source: Source) -> Self {
        let presence = if matches!(source, Source::Imds) { Presence::Azure } else { Presence::Refused };
        let settings = Settings { imds: presence, ..Settings::default() };
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), settings);
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(azure.clone())));
        let mut environment = TestEnvironment::new(clock.clone(), journal.clone());
        let title = match source {
            Source::AzureCli => {
                environment.env = BTreeMap::from([("HOME".to_owned(), "/home/user".to_owned())]);
                environment.files = Some(login());
                "a simulated developer's machine with a login of the Azure CLI"
            }
            Source::ClientSecret => {
                environment.env = service_principal();
                "a simulated machine with a service principal in the environment"
            }
            Source::Imds => "a simulated Azure VM with a managed identity",
        };
        let secrets = azure.secrets();
        Self { title: title.to_owned(), environment, clock, journal: Some(journal), secrets }
    }

    /// This machine: its network, the environment of this process, and the folders that sources read.
    pub fn real() -> Result<Self> {
        let clock = Clock::real();
        let env: BTreeMap<_, _> = std::env::vars().collect();
        let folders = folders(&env)?;
        let environment = TestEnvironment { env, folders, clock: clock.clone(), ..TestEnvironment::real() };
        let title = "this machine, with the real network, your environment and your ~/.azure".to_owned();
        Ok(Self { title, environment, clock, journal: None, secrets: Vec::new() })
    }
}

/// The folders of this machine to which the environment refers. The component sees no other folder.
fn folders(env: &BTreeMap<String, String>) -> Result<Vec<(PathBuf, String)>> {
    let mut folders = Vec::new();
    let home = |name: &str| env.get("HOME").map(|home| Path::new(home).join(name));
    let parent = |name: &str| Path::new(env.get(name)?).parent().map(Path::to_owned);
    let azure = env.get("AZURE_CONFIG_DIR").map(PathBuf::from).or_else(|| home(".azure"));
    let files = ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLI_SAVED_TOKEN"];
    let azd = env.get("AZD_CONFIG_DIR").map(PathBuf::from).or_else(|| home(".azd"));
    let shared = [".IdentityService", ".local/share/.IdentityService"].map(home);
    for folder in [azure, azd].into_iter().chain(shared).chain(files.map(parent)).flatten() {
        if folder.is_dir() {
            let name = folder.to_str().context("a folder's name is not UTF-8")?.to_owned();
            folders.push((folder, name));
        }
    }
    Ok(folders)
}

fn service_principal() -> BTreeMap<String, String> {
    let variables = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The files that `az login` writes, with a refresh token and no access token.
fn login() -> BTreeMap<String, Vec<u8>> {
    let (account, host) = (format!("uid-1234.{TENANT_ID}"), "login.microsoftonline.com");
    let profile = serde_json::json!({"subscriptions": [{
        "id": "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "name": "Contoso", "isDefault": true, "tenantId": TENANT_ID,
        "user": {"name": USERNAME, "type": "user"}, "environmentName": "AzureCloud",
    }]});
    let cache = serde_json::json!({
        "Account": {"a": {"home_account_id": account, "environment": host, "username": USERNAME}},
        "RefreshToken": {"r": {
            "home_account_id": account, "environment": host, "client_id": AZURE_CLI, "family_id": "1",
            "secret": REFRESH_TOKEN,
        }},
    });
    let file = |name: &str, content: String| (format!("/home/user/.azure/{name}"), content.into_bytes());
    [file("azureProfile.json", profile.to_string()), file("msal_token_cache.json", cache.to_string())].into()
}

/// The client id of the Azure CLI.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// The sources of the component's default chain. Written down, because the component's crate with its cryptography takes longer to
/// compile for this machine than the rest of the demo.
pub const DEFAULT_CHAIN: [&str; 6] = [
    "environment",
    "workload-identity",
    "managed-identity",
    "shared-token-cache",
    "azure-cli",
    "azure-developer-cli",
];

#[cfg(test)]
mod tests {
    use super::*;
    use azure_identity_component::sources::DEFAULT;

    #[test]
    fn the_chain_is_the_components() {
        assert_eq!(DEFAULT_CHAIN.as_slice(), DEFAULT.iter().map(|source| source.name).collect::<Vec<_>>());
    }
}
