//! The manifests of an example in another language: they grant what it needs, and nothing else; that of wasmCloud runs in
//! `wash host`.

use crate::manifest_files::{component, folder, interface, list, spin, text, wasmcloud};
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::wash_host::WashHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// An example that reads a secret of a vault.
pub struct ExampleManifests {
    /// Its folder below `examples/`, which is the name of its component as well.
    pub name: &'static str,
    /// The generation of WASI, `0.2` or `0.3`.
    pub generation: &'static str,
    /// The file of the provider in `spin.toml`.
    pub provider: &'static str,
    /// The path at which it responds with the secret.
    pub path: &'static str,
}

/// How often an example was asked on wasmCloud, and how many token requests that may take.
pub struct Requests {
    /// The requests to the example.
    pub to_app: usize,
    /// The requests to IMDS.
    pub for_tokens: usize,
}

impl ExampleManifests {
    /// Asserts that the manifest for Spin, and the other forms in the README, pass hosts and environment to the provider.
    pub fn spin_passes_hosts_and_environment(&self) -> Result<()> {
        let manifest = spin(self.name)?;
        let app = &manifest["component"][self.name];
        assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some(self.name));
        let hosts = list(&manifest, &app["allowed_outbound_hosts"])?;
        assert_eq!(hosts.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from([IMDS, VAULT]));
        let dependencies = app["dependencies"].as_table().context("there are dependencies")?;
        let interface = interface(self.generation, "token-credential")?;
        assert_eq!(dependencies.keys().collect::<Vec<_>>(), [&interface]);
        let provider = &dependencies[&interface];
        assert_eq!(text(&provider["path"])?, self.provider);
        let inherited = list(&manifest, &provider["inherit_configuration"])?;
        assert_eq!(inherited, ["allowed_outbound_hosts", "environment"]);
        // The forms of the README are TOML, with the same interface and the same permissions.
        let readme = fs::read_to_string(folder(self.name).join("README.md"))?;
        let forms: Vec<_> = readme.lines().filter(|line| line.trim_start().starts_with('"')).collect();
        assert_eq!(forms.len(), 2, "from a registry, and by an address");
        for form in forms {
            let form: toml::Table = form.trim().parse()?;
            assert_eq!(list(&form, &form[&interface]["inherit_configuration"])?, inherited);
        }
        Ok(())
    }

    /// The objects of its manifest for Kubernetes.
    pub fn kubernetes(&self) -> Result<Vec<Value>> {
        let text = fs::read_to_string(folder(self.name).join("kubernetes.yaml"))?;
        let documents = serde_yaml_ng::Deserializer::from_str(&text).map(Value::deserialize);
        Ok(documents.collect::<Result<Vec<_>, _>>()?)
    }

    /// Runs the manifest of wasmCloud with the built `app` and a `provider`, and reads the secret through it.
    pub async fn reads_a_secret_on_wasmcloud(
        &self,
        app: &Path,
        provider: &Path,
        expected: &Requests,
    ) -> Result<()> {
        let Some(host) = WashHost::start().await? else { return Ok(()) };
        host.push(self.name, &fs::read(app)?)?;
        host.push("azure-identity", &fs::read(provider)?)?;
        let (machine, vault) =
            (Simulator::start(Settings::default())?, Simulator::start(Settings::default())?);
        let mut manifest = wasmcloud(self.name)?;
        let app = &mut component(&mut manifest, 0)["localResources"];
        assert_eq!(
            app["allowedHosts"],
            json!([VAULT]),
            "the app does not reach the endpoint of the identity"
        );
        let service = format!("http://{}", vault.address());
        *app =
            json!({ "allowedHosts": [service], "environment": { "config": { "KEY_VAULT_URL": service } } });
        let provider = &mut component(&mut manifest, 1)["localResources"];
        assert_eq!(provider["allowedHosts"], json!([IMDS]));
        let imds = format!("http://{}", machine.address());
        provider["allowedHosts"] = json!([imds]);
        provider["environment"]["config"]["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = imds.into();
        host.run(&manifest, &json!({})).await?;
        for _ in 0..expected.to_app {
            let response = host.get(&format!("{}.localhost", self.name), self.path)?;
            ensure!(response.trim_end().ends_with(VAULT_SECRET), "{response}");
        }
        assert_eq!(machine.log().matches(" imds GET ").count(), expected.for_tokens, "{}", machine.log());
        Ok(())
    }
}

const IMDS: &str = "http://169.254.169.254";
const VAULT: &str = "https://contoso.vault.azure.net";
