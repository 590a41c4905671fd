//! The scopes of calls that specify none.

/// The scope of Azure Key Vault.
pub fn default_scopes() -> Vec<String> {
    vec!["https://vault.azure.net/.default".to_owned()]
}
