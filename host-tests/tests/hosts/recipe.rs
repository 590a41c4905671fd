//! A row of the table of sources in `docs/hosts.md`.

use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use host_tests::bindings::TokenRequest;
use host_tests::case::signed::Signed;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The needs of a source, according to the table.
#[derive(Clone)]
pub struct Recipe {
    /// The first column.
    pub name: String,
    /// The hosts that it calls.
    pub hosts: BTreeSet<String>,
    variables: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Recipe {
    /// All rows.
    pub fn all(page: &str) -> Result<Vec<Recipe>> {
        let table = page.split("<!-- tested: recipes -->\n").nth(1).context("there is no such table")?;
        let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
        let recipes = rows.map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').collect();
            ensure!(cells.len() == 4, "a row of four cells is expected: {row}");
            let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            Ok(Recipe {
                name: cells[0].trim().to_owned(),
                hosts: quoted(cells[1]),
                variables: quoted(cells[2]),
                folders: quoted(cells[3]),
            })
        });
        let recipes: Vec<_> = recipes.collect::<Result<_>>()?;
        ensure!(recipes.len() >= 7, "the table has lost rows");
        Ok(recipes)
    }

    /// The source's name.
    pub fn source(&self) -> &str {
        self.name.split('`').nth(1).unwrap_or_default()
    }

    /// This recipe without each of its parts in turn, with the name of the missing part.
    pub fn without_each(&self) -> Vec<(String, Recipe)> {
        let mut reduced = Vec::new();
        for part in self.hosts.iter().chain(&self.variables).chain(&self.folders) {
            let mut recipe = self.clone();
            for parts in [&mut recipe.hosts, &mut recipe.variables, &mut recipe.folders] {
                parts.remove(part);
            }
            reduced.push((part.clone(), recipe));
        }
        reduced
    }

    /// Its environment variables, with valid values.
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.variables.iter().map(|name| (name.clone(), value_of(name))).collect()
    }

    /// Its folders, by name, with their files.
    pub fn folders(&self) -> Result<Vec<(String, TempDir)>> {
        self.folders.iter().map(|name| Ok((name.clone(), folder(name)?))).collect()
    }

    /// A request for a token that no file of the recipe caches, so that a host must be called.
    pub fn build_request(&self) -> TokenRequest {
        let scope = "https://storage.azure.com//.default".to_owned();
        TokenRequest {
            scopes: vec![scope],
            tenant_id: None,
            claims: None,
            enable_cae: false,
            options: Vec::new(),
        }
    }
}

/// The settings of the simulated Azure that fit these values.
pub const AZURE: &str = r#"
    [[users]]
    username = "user@contoso.com"
    oid = "uid-1234"
    refresh-tokens = [{ token = "RT.3", client-id = "04b07795-8ddb-461a-bbee-02f9e1bf7b46", family = true }]
"#;

fn value_of(variable: &str) -> String {
    match variable {
        "AZURE_CLIENT_CERTIFICATE" => CERTIFICATE.to_owned(),
        "AZURE_CLIENT_CERTIFICATE_PATH" => "/etc/azure/certificate.pem".to_owned(),
        "AZURE_CLIENT_ID" => CLIENT_ID.to_owned(),
        "AZURE_CLIENT_SECRET" => CLIENT_SECRET.to_owned(),
        "AZURE_FEDERATED_TOKEN_FILE" => "/var/run/secrets/azure/tokens/azure-identity-token".to_owned(),
        "AZURE_TENANT_ID" => TENANT_ID.to_owned(),
        "HOME" => "/home/user".to_owned(),
        "IDENTITY_ENDPOINT" => "http://127.0.0.1:41741/msi/token".to_owned(),
        "IDENTITY_HEADER" => "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a".to_owned(),
        other => panic!("this test knows no value for {other}"),
    }
}

fn folder(name: &str) -> Result<TempDir> {
    let folder = TempDir::new()?;
    match name {
        "/etc/azure" => fs::write(folder.path().join("certificate.pem"), CERTIFICATE)?,
        "/var/run/secrets/azure/tokens" => {
            fs::write(folder.path().join("azure-identity-token"), Signed::default().content())?;
        }
        "/home/user/.azure" => {
            let login = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/azure-cli/user-single");
            for file in fs::read_dir(login)? {
                let file = file?;
                fs::copy(file.path(), folder.path().join(file.file_name()))?;
            }
        }
        other => panic!("this test knows no files for {other}"),
    }
    Ok(folder)
}

const CERTIFICATE: &str = include_str!("../../fixtures/certificates/pkcs8.pem");
