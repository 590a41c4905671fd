//! The identities of the suite, and the variables that each needs.

/// An identity with which a test gets tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A service principal with a secret.
    ClientSecret,
    /// The same service principal with a secret that is wrong.
    WrongSecret,
    /// A service principal with a certificate in a file.
    Certificate,
    /// A workload with a federated token in a file.
    WorkloadIdentity,
    /// The managed identity of the Azure host that runs the suite.
    ManagedIdentity,
    /// The account that is logged in to the Azure CLI.
    AzureCli,
}

/// What an identity needs from this machine's environment.
pub(crate) struct Needs {
    /// The value of `AZURE_TOKEN_CREDENTIALS`, so that no other source is tried.
    pub(crate) credential: &'static str,
    /// The variables without which the test is skipped.
    pub(crate) required: &'static [&'static str],
    /// The variables that the component gets, if they are set. It gets no other variable of this machine.
    pub(crate) passed: &'static [&'static str],
    /// The source that the token must name. A managed identity has a source for each host, so it has a `/` last.
    pub(crate) source: &'static str,
}

impl Identity {
    /// All identities.
    pub const ALL: [Self; 6] = [
        Self::ClientSecret,
        Self::WrongSecret,
        Self::Certificate,
        Self::WorkloadIdentity,
        Self::ManagedIdentity,
        Self::AzureCli,
    ];

    pub(crate) fn needs(self) -> Needs {
        match self {
            Self::ClientSecret => Needs {
                credential: "EnvironmentCredential",
                required: &[TENANT_ID, CLIENT_ID, CLIENT_SECRET],
                passed: &[TENANT_ID, CLIENT_ID, CLIENT_SECRET, AUTHORITY_HOST, REGION],
                source: "environment/client-secret",
            },
            Self::WrongSecret => Needs {
                credential: "EnvironmentCredential",
                required: &[TENANT_ID, CLIENT_ID],
                passed: &[TENANT_ID, CLIENT_ID, AUTHORITY_HOST, REGION],
                source: "environment/client-secret",
            },
            Self::Certificate => Needs {
                credential: "EnvironmentCredential",
                required: &[TENANT_ID, CLIENT_ID, CERTIFICATE_PATH],
                passed: CERTIFICATE,
                source: "environment/client-certificate",
            },
            Self::WorkloadIdentity => Needs {
                credential: "WorkloadIdentityCredential",
                required: &[TENANT_ID, CLIENT_ID, TOKEN_FILE],
                passed: &[TENANT_ID, CLIENT_ID, TOKEN_FILE, AUTHORITY_HOST, REGION],
                source: "workload-identity",
            },
            Self::ManagedIdentity => Needs {
                credential: "ManagedIdentityCredential",
                required: &[TENANT_ID, MANAGED_IDENTITY],
                passed: MANAGED_HOSTS,
                source: "managed-identity/",
            },
            Self::AzureCli => Needs {
                credential: "AzureCliCredential",
                required: &[TENANT_ID, CONFIG_DIR],
                passed: &[CONFIG_DIR, "AZURE_CLOUD_NAME", "AZURE_CORE_INSTANCE_DISCOVERY"],
                source: "azure-cli/",
            },
        }
    }
}

pub(crate) const TENANT_ID: &str = "AZURE_TENANT_ID";
pub(crate) const CLIENT_ID: &str = "AZURE_CLIENT_ID";
pub(crate) const CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
pub(crate) const CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
pub(crate) const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
pub(crate) const CONFIG_DIR: &str = "AZURE_CONFIG_DIR";
/// `system-assigned`, or the client id of a user-assigned identity. It is not `AZURE_CLIENT_ID`, which is the app of
/// the other tests.
pub(crate) const MANAGED_IDENTITY: &str = "LIVE_MANAGED_IDENTITY";

const AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";
const REGION: &str = "AZURE_REGIONAL_AUTHORITY_NAME";

const CERTIFICATE: &[&str] = &[
    TENANT_ID,
    CLIENT_ID,
    CERTIFICATE_PATH,
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    AUTHORITY_HOST,
    REGION,
];

/// What the hosts of managed identities set, without `AZURE_FEDERATED_TOKEN_FILE`: on AKS the test is of IMDS, because
/// the token in the file has a test of its own.
const MANAGED_HOSTS: &[&str] = &[
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
];
