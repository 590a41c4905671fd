//! Whole sources in a world that the fuzzer makes up: variables, files, answers. What they send and read is
//! held against the security rules.

use crate::encodings::is_near;
use crate::text;
use crate::world::{Sent, World};
use azure_identity_component::call_context::{CallContext, run};
use azure_identity_component::error::Error;
use azure_identity_component::http::{Body, Response, Url};
use azure_identity_component::request::{RawRequest, TokenRequest};
use azure_identity_component::sources::Source;
use azure_identity_component::sources::azure_cli::{self, AzureCli};
use azure_identity_component::sources::default::{DefaultChain, Options};
use azure_identity_component::sources::managed_identity::{ManagedIdentity, UserAssigned};
use azure_identity_component::sources::shared_token_cache::{self, SharedTokenCache};
use azure_identity_component::token::AccessToken;

/// Azure Arc: the challenge, then the answer, each behind a NUL. No file but a key of the agent is ever
/// read, and its key goes nowhere but to the agent.
pub fn challenge(data: &[u8]) {
    let text = text(data);
    let mut parts = text.split('\0');
    let challenge = parts.next().unwrap_or_default().to_owned();
    let mut world = World::at(NOW);
    world.variables.insert("IMDS_ENDPOINT".to_owned(), "http://localhost:40342".to_owned());
    world.variables.insert("IDENTITY_ENDPOINT".to_owned(), "http://localhost:40342/token".to_owned());
    let named = challenge.split_once("realm=").map_or("", |(_, path)| path.trim().trim_matches('"'));
    world.files.insert(named.to_owned(), KEY.as_bytes().to_vec());
    let mut first = answer(401, "{}");
    first.headers.push(("www-authenticate".to_owned(), challenge.clone()));
    world.answers.borrow_mut().extend([Ok(first), Ok(answer(200, parts.next().unwrap_or_default()))]);
    let identity = parts.next().map(|id| UserAssigned::ClientId(id.to_owned()).parse());
    let Ok(identity) = identity.transpose() else { return };
    let outcome = ask(&world, &ManagedIdentity::new(identity));
    for path in &*world.read.borrow() {
        let name = path.strip_prefix("/var/opt/azcmagent/tokens/").and_then(|path| path.strip_suffix(".key"));
        let is_plain =
            |name: &str| !name.is_empty() && !name.contains("..") && !name.contains(['/', '\0', '\\']);
        assert!(name.is_some_and(is_plain), "{path:?} is read");
    }
    is_safe(&world, &outcome, &[KEY]);
}

/// The Azure CLI's profile, its list of service principals and the answer of Microsoft Entra, each behind
/// a NUL.
pub fn cli_profile(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0);
    let mut world = login(parts.next(), "azureProfile.json");
    if let Some(entries) = parts.next() {
        world.files.insert("/home/user/.azure/service_principal_entries.json".to_owned(), entries.to_vec());
    }
    let answers = parts.next().map(|body| Ok(answer(200, &text(body))));
    world.answers.borrow_mut().extend(answers);
    let outcome = ask(&world, &AzureCli::new(azure_cli::Options::default()));
    is_safe(&world, &outcome, &[]);
}

/// The token cache of the Azure CLI and, the same bytes, that of Microsoft's other tools; behind a NUL, the
/// answer of Microsoft Entra.
pub fn cli_cache(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let cache = parts.next().unwrap_or_default();
    let body = parts.next().map(text).unwrap_or_default();
    let mut world = login(Some(PROFILE.as_bytes()), "azureProfile.json");
    for path in ["/home/user/.azure/msal_token_cache.json", "/home/user/.IdentityService/msal.cache.nocae"] {
        world.files.insert(path.to_owned(), cache.to_vec());
    }
    for source in [
        &AzureCli::new(azure_cli::Options::default()) as &dyn Source,
        &SharedTokenCache::new(shared_token_cache::Options::default()),
    ] {
        world.answers.borrow_mut().push_back(Ok(answer(200, &body)));
        let outcome = ask(&world, source);
        is_safe(&world, &outcome, &[]);
        for sent in world.sent.borrow().iter() {
            assert!(sent.url.starts_with("https://login.microsoftonline.com/"), "{}", sent.url);
        }
    }
}

/// The default chain in an environment that the fuzzer makes up: a byte chooses a variable, what follows up
/// to a NUL is its value; then come answers.
pub fn environment(data: &[u8]) {
    let mut world = World::at(NOW);
    world.files.insert("/token".to_owned(), b"eyJ.federated.token\n".to_vec());
    for part in data.split(|byte| *byte == 0) {
        let Some((choice, value)) = part.split_first() else { continue };
        match VARIABLES.get(usize::from(choice.wrapping_sub(b'A'))) {
            Some(name) => drop(world.variables.insert((*name).to_owned(), text(value).into_owned())),
            None => {
                let status = 200 + u16::from(*choice) % 8 * 51;
                world.answers.borrow_mut().push_back(Ok(answer(status, &text(value))));
            }
        }
    }
    let secrets = SECRETS.iter().filter_map(|name| world.variables.get(*name).cloned());
    // What stands in a path or an answer as well is nobody's secret.
    let whole = text(data);
    let secrets: Vec<String> = secrets.filter(|secret| whole.matches(secret.trim()).count() == 1).collect();
    let outcome = ask(&world, &DefaultChain::new(Options::default()));
    let is_same =
        |value: &String| world.variables.get("MSI_SECRET").is_some_and(|it| it.trim() == value.trim());
    // If both hosts have the same secret, nobody can tell whose was sent.
    if !world.variables.get("IDENTITY_HEADER").is_some_and(is_same) {
        goes_to_its_own_endpoint(&world, "IDENTITY_HEADER", "IDENTITY_ENDPOINT");
        goes_to_its_own_endpoint(&world, "MSI_SECRET", "MSI_ENDPOINT");
    }
    is_safe(&world, &outcome, &secrets.iter().map(String::as_str).collect::<Vec<_>>());
}

/// A host's secret is a header of requests to that host's endpoint, and of none else.
fn goes_to_its_own_endpoint(world: &World, secret: &str, endpoint: &str) {
    let (secret, endpoint) = (world.variables.get(secret), world.variables.get(endpoint));
    let Some(secret) = secret.map(|secret| secret.trim()).filter(|secret| secret.len() >= 6) else { return };
    for sent in world.sent.borrow().iter() {
        let carries = sent.headers.iter().any(|(name, value)| value == secret && *name != "metadata");
        let is_own = |endpoint: &String| {
            let authority = |text: &str| Url::parse(text.trim()).map(|url| url.authority().to_owned());
            authority(&sent.url).is_ok_and(|own| authority(endpoint).as_ref() == Ok(&own))
        };
        assert!(!carries || endpoint.is_some_and(is_own), "{} carries the host's secret", sent.url);
    }
}

/// The rules for whatever is sent and said: plain `http` stays on this machine, nothing breaks out of an
/// address or a header, no message has a secret or a line break.
fn is_safe(world: &World, outcome: &Result<AccessToken, Error>, secrets: &[&str]) {
    for Sent { url, headers, body } in world.sent.borrow().iter() {
        assert!(url.bytes().all(|b| b.is_ascii_graphic()), "{url:?}");
        if let Ok(url) = ::url::Url::parse(url) {
            assert!(url.scheme() == "https" || is_near(&url), "{url}");
        }
        assert!(headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])), "{headers:?}");
        assert!(body.bytes().all(|b| b.is_ascii_graphic()), "{body:?}");
    }
    match outcome {
        Ok(token) => {
            assert!(!token.token.expose().is_empty() && token.expires_on > NOW);
            assert!(token.token.expose().bytes().all(|b| b.is_ascii_graphic()));
        }
        Err(error) => {
            let told = error.attempts.iter().map(|attempt| &attempt.message).chain([&error.message]);
            for message in told {
                assert!(!message.contains(char::is_control), "{message:?}");
                for secret in secrets.iter().map(|secret| secret.trim()).filter(|secret| is_telling(secret)) {
                    assert!(!message.contains(secret), "a secret in {message:?}");
                }
            }
        }
    }
}

/// Long and odd enough not to stand in our own sentences by chance, or half in them and half in what a server said.
fn is_telling(secret: &str) -> bool {
    secret.len() >= 10 && secret.bytes().any(|b| b.is_ascii_digit()) && !secret.contains(' ')
}

fn ask(world: &World, source: &dyn Source) -> Result<AccessToken, Error> {
    let raw = RawRequest { scopes: vec![SCOPE.to_owned()], ..RawRequest::default() };
    let request = TokenRequest::parse(raw).expect("well-formed");
    let began = world.elapsed_seconds();
    let outcome = run(source.get_token(&CallContext::alone(world), &request));
    assert!(world.elapsed_seconds() - began <= 120, "it takes too long");
    outcome
}

fn login(file: Option<&[u8]>, name: &str) -> World {
    let mut world = World::at(NOW);
    world.variables.insert("HOME".to_owned(), "/home/user".to_owned());
    world.files.insert(format!("/home/user/.azure/{name}"), file.unwrap_or_default().to_vec());
    world
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: Body(body.as_bytes().to_vec()) }
}

const NOW: u64 = 1_800_000_000;
const KEY: &str = "QXJjIGtleSBvZiB0aGUgdGVzdHM-7f3a";
const SCOPE: &str = "https://management.core.windows.net//.default";
const PROFILE: &str = r#"{"subscriptions": [{"isDefault": true, "tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "environmentName": "AzureCloud", "user": {"name": "user@contoso.com", "type": "user"}}]}"#;
const SECRETS: &[&str] = &["AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "IDENTITY_HEADER", "MSI_SECRET"];
/// By the letters from `A` on.
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
];
