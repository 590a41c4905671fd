//! The environment variables of the provider, for what passes them on to it.

/// The variables that the provider reads, and no others, in alphabetical order.
///
/// # Examples
/// ```
/// use azure_token_rules::variables::VARIABLES;
///
/// let of_the_provider = std::env::vars().filter(|(name, _)| VARIABLES.contains(&name.as_str()));
/// assert!(of_the_provider.count() <= VARIABLES.len());
/// ```
pub const VARIABLES: &[&str] = &[
    "AZD_CONFIG_DIR",
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
    "AZURE_CONFIG_DIR",
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
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "HOME",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "LOCALAPPDATA",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "PROGRAMDATA",
    "ProgramData",
    "REGION_NAME",
    "SYSTEM_OIDCREQUESTURI",
    "USERPROFILE",
];

/// Those of [`VARIABLES`] that say where folders of this machine are. A store of settings has none of them.
pub const FOLDERS: &[&str] = &[
    "AZD_CONFIG_DIR",
    "AZURE_CONFIG_DIR",
    "HOME",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "ProgramData",
    "USERPROFILE",
];
