//! What the simulated Azure looks like when nobody says otherwise.

use super::*;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            tenants: vec![Tenant {
                id: TENANT_ID.into(),
                name: contoso(),
                domains: vec!["contoso.com".into(), "contoso.onmicrosoft.com".into()],
                cloud: Cloud::Public,
            }],
            applications: vec![default_application(), public_client()],
            users: vec![default_user()],
            imds: Presence::Azure,
            virtual_machine: VirtualMachine::default(),
            pipelines: Pipelines::default(),
            managed_hosts: ManagedHosts::default(),
            lifetimes: Lifetimes::default(),
            resources: resources::KNOWN.iter().map(|&it| it.to_owned()).collect(),
            key_vaults: vec![KeyVault::example()],
            challenges: Vec::new(),
            device_code: DeviceCode::default(),
            rotating_refresh_tokens: false,
            faults: Vec::new(),
        }
    }
}

impl Default for DeviceCode {
    fn default() -> DeviceCode {
        DeviceCode { slow_down: 0, pending: 2, then: UserDoes::Approve, expires_in: 900, interval: 5 }
    }
}

impl Default for VirtualMachine {
    fn default() -> VirtualMachine {
        let user_assigned = ManagedIdentity {
            client_id: "11112222-bbbb-3333-cccc-4444dddd5555".into(),
            object_id: "22223333-cccc-4444-dddd-5555eeee6666".into(),
            resource_id: "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/rg1/providers/\
                          Microsoft.ManagedIdentity/userAssignedIdentities/id1"
                .into(),
        };
        VirtualMachine { tenant: None, system_assigned: true, user_assigned: vec![user_assigned] }
    }
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes { application: 3599, user: 4983, managed_identity: 86_400, cae: 86_399, refresh_in: None }
    }
}

impl TryFrom<u8> for TokenVersion {
    type Error = String;

    fn try_from(version: u8) -> Result<TokenVersion, String> {
        match version {
            1 => Ok(TokenVersion::V1),
            2 => Ok(TokenVersion::V2),
            other => Err(format!("there are access tokens of version 1 and 2, not {other}")),
        }
    }
}

fn default_application() -> Application {
    Application {
        client_id: CLIENT_ID.into(),
        object_id: Some("33334444-dddd-5555-eeee-6666ffff7777".into()),
        secrets: vec![CLIENT_SECRET.into()],
        federated_credentials: FederatedCredential::examples(),
        redirect_uris: redirect_uris(),
        certificates: vec![CLIENT_CERTIFICATE.into()],
        ..Application::default()
    }
}

fn public_client() -> Application {
    Application {
        client_id: PUBLIC_CLIENT_ID.into(),
        redirect_uris: redirect_uris(),
        ..Application::default()
    }
}

fn redirect_uris() -> Vec<String> {
    vec![
        "https://app.example/callback?from=entra".into(),
        "http://localhost".into(),
        "http://127.0.0.1".into(),
    ]
}

fn default_user() -> User {
    let refresh_token = RefreshToken {
        token: REFRESH_TOKEN.into(),
        client_id: crate::entra::application::AZURE_CLI.into(),
        family: true,
        state: RefreshTokenState::Valid,
    };
    User {
        username: USERNAME.into(),
        oid: USER_OID.into(),
        password: Some(PASSWORD.into()),
        tenant: None,
        guest_of: Vec::new(),
        refresh_tokens: vec![refresh_token],
    }
}

pub(super) fn contoso() -> String {
    "Contoso".into()
}

pub(super) fn capolids() -> String {
    r#"{"access_token":{"capolids":{"essential":true,"values":["c1"]}}}"#.into()
}
