//! The names of the variables.

use alloc::string::String;

/// The variables that are looked up in the store: those of the provider, except what tells it where folders are, and those
/// of `token-cache`, whose keys are a secret.
pub const NAMES: &[&str] = &[
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_CLI_SAVED_TOKEN",
    "AZURE_CLOUD_NAME",
    "AZURE_CORE_INSTANCE_DISCOVERY",
    "AZURE_DISABLE_INSTANCE_DISCOVERY",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
    "AZURE_IDENTITY_ENABLE_AZURE_PROXY",
    "AZURE_KUBERNETES_CA_DATA",
    "AZURE_KUBERNETES_CA_FILE",
    "AZURE_KUBERNETES_SNI_NAME",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_PASSWORD",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CACHE_IDENTITY",
    "AZURE_TOKEN_CACHE_KEYS",
    "AZURE_TOKEN_CACHE_PARTITION",
    "AZURE_TOKEN_CACHE_STORE",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "REGION_NAME",
    "SYSTEM_OIDCREQUESTURI",
];

/// What a name of [`NAMES`] is called in the store: Spin's variables have lower-case names.
pub fn in_store(name: &str) -> String {
    if cfg!(feature = "spin") { name.to_ascii_lowercase() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first cells of the table of variables in docs/configuration.md.
    fn of_the_readme() -> Vec<&'static str> {
        let page = include_str!("../../../docs/configuration.md");
        let table = page.split_once("<!-- tested: variables -->\n").expect("there is a table").1;
        let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
        rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2)).collect()
    }

    #[test]
    fn every_variable_of_the_provider_is_looked_up_except_those_of_folders() {
        let looked_up = |name: &&str| NAMES.contains(name);
        let others: Vec<_> = of_the_readme().into_iter().filter(|name| !looked_up(name)).collect();
        assert_eq!(others, FOLDERS);
        let of_the_provider = |name: &&&str| of_the_readme().contains(name);
        let more: Vec<_> = NAMES.iter().filter(|name| !of_the_provider(name)).collect();
        assert!(more.iter().all(|name| name.starts_with("AZURE_TOKEN_CACHE_")), "{more:?}");
    }

    #[test]
    fn a_name_is_a_variable_of_spin_and_the_key_of_a_kubernetes_secret() {
        for name in NAMES {
            let is_key = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
            assert!(
                name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(is_key),
                "{name}"
            );
            let expected = if cfg!(feature = "spin") { name.to_lowercase() } else { (*name).to_owned() };
            assert_eq!(in_store(name), expected);
        }
    }

    const FOLDERS: &[&str] = &[
        "AZURE_CONFIG_DIR",
        "AZD_CONFIG_DIR",
        "HOME",
        "USERPROFILE",
        "LOCALAPPDATA",
        "ProgramData",
        "PROGRAMDATA",
    ];
}
