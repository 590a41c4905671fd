//! The home folder of a developer who is logged in with the Azure CLI.

use anyhow::Result;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// The folder, with the files of the CLI, in which a token for Key Vault has not expired.
pub struct Home(TempDir);

impl Home {
    /// Writes the files.
    pub fn new() -> Result<Self> {
        let home = TempDir::new()?;
        let azure = home.path().join(".azure");
        fs::create_dir(&azure)?;
        let login = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/azure-cli/user-single");
        let expires_on = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 4000;
        for file in ["azureProfile.json", "msal_token_cache.json"] {
            let content = fs::read_to_string(login.join(file))?;
            fs::write(azure.join(file), content.replace("1800004983", &expires_on.to_string()))?;
        }
        let saved = home.path().join("azure-token");
        fs::create_dir(&saved)?;
        let token = serde_json::json!({
            "accessToken": azure_simulator::jwt::sign(&serde_json::json!({
                "aud": "https://vault.azure.net",
                "exp": expires_on,
                "tid": azure_simulator::settings::TENANT_ID,
            })),
            "expires_on": expires_on,
            "tenant": azure_simulator::settings::TENANT_ID,
            "tokenType": "Bearer",
        });
        fs::write(saved.join("token.json"), token.to_string())?;
        Ok(Self(home))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
