//! Whole sources, on a host whose variables, files and responses the fuzzer generates. What they send and
//! read is checked by the security rules.

use crate::encodings::{is_near, is_private};
use crate::text::text;
use azure_identity_component::call_context::CallContext;
use azure_identity_component::concurrency::run;
use azure_identity_component::error::Error;
use azure_identity_component::host::Host;
use azure_identity_component::host::fake::{FakeHost, SentRequest};
use azure_identity_component::http::{Body, Response, Url};
use azure_identity_component::identifiers::Scope;
use azure_identity_component::request::TokenRequest;
use azure_identity_component::source::DynSource;
use azure_identity_component::sources::azure_cli::{self, AzureCli};
use azure_identity_component::sources::default::{DefaultChain, Options};
use azure_identity_component::sources::managed_identity::ManagedIdentity;
use azure_identity_component::sources::managed_identity::user_assigned::{IdKind, UserAssigned};
use azure_identity_component::sources::shared_token_cache::{self, SharedTokenCache};
use azure_identity_component::token::AccessToken;
use azure_token_rules::text::cleaned;
use std::time::Duration;

/// Azure Arc: the challenge, the response and the client id, separated by NULs. No file but a key of the
/// agent is read, and the key is sent to the agent alone.
pub fn challenge(data: &[u8]) {
    let text = text(data);
    let mut parts = text.split('\0');
    let challenge = parts.next().unwrap_or_default().to_owned();
    let mut host = FakeHost::new();
    host.variables.insert("IMDS_ENDPOINT".to_owned(), "http://localhost:40342".to_owned());
    host.variables.insert("IDENTITY_ENDPOINT".to_owned(), "http://localhost:40342/token".to_owned());
    host.variables.insert("ProgramData".to_owned(), r"C:\ProgramData".to_owned());
    let named = challenge.split_once("realm=").map_or("", |(_, path)| path.trim().trim_matches('"'));
    host.files.insert(named.to_owned(), KEY.as_bytes().to_vec());
    let mut first = response(401, "{}");
    first.headers.push(("www-authenticate".to_owned(), challenge.clone()));
    host.responses.borrow_mut().extend([Ok(first), Ok(response(200, parts.next().unwrap_or_default()))]);
    let identity = parts.next().map(|id| UserAssigned::parse(IdKind::Client, id.to_owned()));
    let Ok(identity) = identity.transpose() else { return };
    let outcome = fetch(&host, &ManagedIdentity::new(identity));
    for path in &*host.paths_read.borrow() {
        let on_windows = || {
            let (folder, name) = path.split_at_checked(FOLDER_ON_WINDOWS.len())?;
            folder.eq_ignore_ascii_case(FOLDER_ON_WINDOWS).then_some(name)
        };
        let name = path.strip_prefix("/var/opt/azcmagent/tokens/").or_else(on_windows);
        let name = name.and_then(|name| name.strip_suffix(".key"));
        let is_plain =
            |name: &str| !name.is_empty() && !name.contains("..") && !name.contains(['/', '\0', '\\']);
        assert!(name.is_some_and(is_plain), "{path:?} is read");
    }
    is_safe(&host, &outcome, &[KEY]);
}

/// The Azure CLI's profile, its list of service principals and the response of Microsoft Entra, separated by
/// NULs.
pub fn cli_profile(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0);
    let mut host = login(parts.next(), "azureProfile.json");
    if let Some(entries) = parts.next() {
        host.files.insert("/home/user/.azure/service_principal_entries.json".to_owned(), entries.to_vec());
    }
    let responses = parts.next().map(|body| Ok(response(200, &text(body))));
    host.responses.borrow_mut().extend(responses);
    let outcome = fetch(&host, &AzureCli::new(azure_cli::Options::default()));
    is_safe(&host, &outcome, &[]);
}

/// The token cache of the Azure CLI and of Microsoft's other tools, and behind a NUL the response of
/// Microsoft Entra.
pub fn cli_cache(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let cache = parts.next().unwrap_or_default();
    let body = parts.next().map(text).unwrap_or_default();
    let mut host = login(Some(PROFILE.as_bytes()), "azureProfile.json");
    for path in ["/home/user/.azure/msal_token_cache.json", "/home/user/.IdentityService/msal.cache.nocae"] {
        host.files.insert(path.to_owned(), cache.to_vec());
    }
    for source in [
        &AzureCli::new(azure_cli::Options::default()) as &dyn DynSource,
        &SharedTokenCache::new(shared_token_cache::Options::default()),
    ] {
        host.responses.borrow_mut().push_back(Ok(response(200, &body)));
        let outcome = fetch(&host, source);
        is_safe(&host, &outcome, &[]);
        for sent in host.requests.borrow().iter() {
            assert!(sent.url.starts_with("https://login.microsoftonline.com/"), "{}", sent.url);
        }
    }
}

/// The default chain in a generated environment. The parts of the input are separated by NULs. The first byte
/// of a part chooses a variable, whose value is the rest, or else the status of a response, whose body is the
/// rest.
pub fn environment(data: &[u8]) {
    let mut host = FakeHost::new();
    host.files.insert("/token".to_owned(), b"eyJ.federated.token\n".to_vec());
    for part in data.split(|byte| *byte == 0) {
        let Some((choice, value)) = part.split_first() else { continue };
        match VARIABLES.get(usize::from(choice.wrapping_sub(b'A'))) {
            Some(name) => drop(host.variables.insert((*name).to_owned(), text(value).into_owned())),
            None => {
                let status = 200 + u16::from(*choice) % 8 * 51;
                host.responses.borrow_mut().push_back(Ok(response(status, &text(value))));
            }
        }
    }
    let secrets = SECRETS.iter().filter_map(|name| host.variables.get(*name).cloned());
    // A value that is part of a path or a response as well is no secret.
    let whole = text(data);
    let secrets: Vec<String> = secrets.filter(|secret| whole.matches(secret.trim()).count() == 1).collect();
    let outcome = fetch(&host, &DefaultChain::new(Options::default()));
    let is_same =
        |value: &String| host.variables.get("MSI_SECRET").is_some_and(|it| it.trim() == value.trim());
    // If both hosts have the same secret, it cannot be known whose was sent.
    if !host.variables.get("IDENTITY_HEADER").is_some_and(is_same) {
        goes_to_its_own_endpoint(&host, "IDENTITY_HEADER", "IDENTITY_ENDPOINT");
        goes_to_its_own_endpoint(&host, "MSI_SECRET", "MSI_ENDPOINT");
    }
    is_safe(&host, &outcome, &secrets.iter().map(String::as_str).collect::<Vec<_>>());
}

/// A managed host's secret is a header of the requests to its endpoint alone.
fn goes_to_its_own_endpoint(host: &FakeHost, secret: &str, endpoint: &str) {
    let (secret, endpoint) = (host.variables.get(secret), host.variables.get(endpoint));
    let Some(secret) = secret.map(|secret| secret.trim()).filter(|secret| secret.len() >= 6) else { return };
    for sent in host.requests.borrow().iter() {
        let carries = sent.headers.iter().any(|(name, value)| value == secret && *name != "metadata");
        let is_own = |endpoint: &String| {
            let authority = |text: &str| Url::parse(text.trim()).map(|url| url.authority().to_owned());
            authority(&sent.url).is_ok_and(|own| authority(endpoint).as_ref() == Ok(&own))
        };
        assert!(!carries || endpoint.is_some_and(is_own), "{} carries the host's secret", sent.url);
    }
}

/// The rules for requests and messages: plain `http` is for this machine and for App Service's endpoint alone, no value ends a URL or a
/// header, no message has a secret or a line break.
fn is_safe(host: &FakeHost, outcome: &Result<AccessToken, Error>, secrets: &[&str]) {
    for SentRequest { url, headers, body } in host.requests.borrow().iter() {
        assert!(url.bytes().all(|b| b.is_ascii_graphic()), "{url:?}");
        if let Ok(url) = ::url::Url::parse(url) {
            // App Service's endpoint, which receives its header, may be at a private address.
            let is_app_service = headers.iter().any(|(name, _)| name == "x-identity-header");
            let is_allowed = is_near(&url) || (is_app_service && is_private(&url));
            assert!(url.scheme() == "https" || is_allowed, "{url}");
        }
        assert!(headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])), "{headers:?}");
        assert!(body.iter().flat_map(|body| body.bytes()).all(|b| b.is_ascii_graphic()), "{body:?}");
    }
    match outcome {
        Ok(token) => {
            assert!(!token.token.expose().is_empty() && token.expires_on > NOW);
            assert!(token.token.expose().bytes().all(|b| b.is_ascii_graphic()));
        }
        Err(error) => {
            let messages = error.attempts.iter().map(|attempt| &attempt.message).chain([&error.message]);
            for message in messages {
                assert_eq!(*message, cleaned(message));
                for secret in
                    secrets.iter().map(|secret| secret.trim()).filter(|secret| is_distinctive(secret))
                {
                    assert!(!message.contains(secret), "a secret in {message:?}");
                }
            }
        }
    }
}

/// Whether a secret is long and unusual enough not to be part of a message by chance.
fn is_distinctive(secret: &str) -> bool {
    secret.len() >= 10 && secret.bytes().any(|b| b.is_ascii_digit()) && !secret.contains(' ')
}

fn fetch(host: &FakeHost, source: &dyn DynSource) -> Result<AccessToken, Error> {
    let request = TokenRequest::for_scope(Scope::parse(SCOPE).expect("a scope"));
    let began = host.elapsed();
    let outcome = run(source.get_token(&CallContext::new(host), &request));
    assert!(host.elapsed() - began <= Duration::from_secs(120), "the call takes too long");
    outcome
}

fn login(file: Option<&[u8]>, name: &str) -> FakeHost {
    let mut host = FakeHost::new();
    host.variables.insert("HOME".to_owned(), "/home/user".to_owned());
    host.files.insert(format!("/home/user/.azure/{name}"), file.unwrap_or_default().to_vec());
    host
}

fn response(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: Body(body.as_bytes().to_vec()) }
}

const NOW: u64 = 1_800_000_000;
const KEY: &str = "QXJjIGtleSBvZiB0aGUgdGVzdHM-7f3a";
const SCOPE: &str = "https://management.core.windows.net//.default";
const PROFILE: &str = r#"{"subscriptions": [{"isDefault": true, "tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "environmentName": "AzureCloud", "user": {"name": "user@contoso.com", "type": "user"}}]}"#;
const SECRETS: &[&str] = &["AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "IDENTITY_HEADER", "MSI_SECRET"];
const FOLDER_ON_WINDOWS: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\";

/// The variables, chosen by the letters from `A` on.
const VARIABLES: &[&str] = &[
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "REGION_NAME",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "AZURE_CONFIG_DIR",
    "HOME",
    "AZURE_CLI_SAVED_TOKEN",
    "AZURE_CLIENT_CERTIFICATE",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "AZURE_CLOUD_NAME",
    "USERPROFILE",
    "LOCALAPPDATA",
    "ProgramData",
];
