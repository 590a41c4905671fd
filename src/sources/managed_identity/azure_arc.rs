//! Azure Arc: servers outside Azure, whose agent returns tokens to programs that can read its key files
//! (Microsoft Learn, "Authenticate against Azure resources with Azure Arc-enabled servers").
//!
//! The agent responds with a challenge that names a file, and returns a token to a request with the key in
//! it. A server in the place of the agent must not learn the content of other files, so only a plain file in
//! the agent's own folder is read.

use super::app_service;
use super::endpoint::{address, get, read_token, refusal, send};
use super::managed_host::{ManagedHost, NAME, Protocol, RequestContext};
use super::user_assigned::{IdNames, UserAssigned};
use crate::concurrency::{BoxFuture, boxed};
use crate::error::Error;
use crate::host::{self, FileError, Host, path};
use crate::http::{HttpError, Request, Response, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::retry;
use crate::token::{AccessToken, Secret};
use core::fmt;

/// `IMDS_ENDPOINT` and `IDENTITY_ENDPOINT`, or the agent's program.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/azure-arc",
    title: "Azure Arc",
    policy: &retry::NAMED_ENDPOINT,
    remedy,
    protocol: Protocol::Custom(|context| -> BoxFuture<'_, _> { boxed(fetch_token(context)) }),
};

#[maybe_async]
async fn fetch_token(context: RequestContext<'_>) -> Result<AccessToken, Error> {
    let request = build_request(&context)?;
    let challenge = send(&context, &request).await?;
    match challenge.status {
        401 => {}
        200 => {
            return Err(other(format_args!("gave a token without a challenge; check IDENTITY_ENDPOINT")));
        }
        _ => return Err(refusal(&context, &challenge, None)),
    }
    let folders = key_folders(context.call.host);
    let path = key_file(&challenge, &folders).ok_or_else(|| {
        other(format_args!(
            "named no key file in {} in its challenge; check IDENTITY_ENDPOINT, and that ProgramData is set if the agent's system is Windows",
            folders.join(" or ")
        ))
    })?;
    let key = read_key(context.call.host, path).await?;
    let basic = Secret::from(format!("Basic {}", key.expose()));
    let response = send(&context, &request.header("authorization", basic)).await?;
    if response.status != 200 {
        return Err(refusal(&context, &response, Some(&key)));
    }
    let token = read_token(&context, &response, Some(&key))?;
    match context.identity {
        Some(identity) if !is_confirmed(&response, identity) => Err(Error::authentication_failed(
            NAME,
            "Azure Arc did not confirm that the token is the user-assigned identity's; update the agent, or name no identity (AZURE_CLIENT_ID, unless the app names one)",
        )),
        _ => Ok(token),
    }
}

fn build_request(context: &RequestContext<'_>) -> Result<Request, Error> {
    let host = context.call.host;
    let url = match host::env(host, "IMDS_ENDPOINT") {
        Some(_) => address(host, "IMDS_ENDPOINT", "IDENTITY_ENDPOINT")?,
        None => Url::parse(ENDPOINT).map_err(|error| Error::other(NAME, error))?,
    };
    Ok(get(context, url, API_VERSION, &ID_NAMES)?.header("metadata", "true"))
}

/// The folders in which the agent keeps its keys: on Linux, and on Windows where it has `ProgramData`.
fn key_folders(host: &dyn Host) -> Vec<String> {
    let program_data = host::env(host, "ProgramData").or_else(|| host::env(host, "PROGRAMDATA"));
    let on_windows = program_data.filter(|folder| path::is_windows(folder));
    let on_windows = on_windows.map(|folder| path::join(&folder, FOLDER_ON_WINDOWS));
    [FOLDER.to_owned()].into_iter().chain(on_windows).collect()
}

/// The key file that a challenge names: `Basic realm=<path>`, in quotes or without (RFC 7617, section 2).
/// `None`: it is no such challenge, or names a file that is not a key of the agent.
fn key_file<'a>(response: &'a Response, folders: &[String]) -> Option<&'a str> {
    let (scheme, realm) = response.header("www-authenticate")?.trim().split_once(' ')?;
    let path = realm.trim().strip_prefix("realm=")?;
    let path = path.strip_prefix('"').and_then(|path| path.strip_suffix('"')).unwrap_or(path);
    let name = folders.iter().find_map(|folder| name_in(path, folder))?.strip_suffix(".key")?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let is_plain = !name.is_empty() && name.bytes().all(allowed) && !path.contains("..");
    (scheme.eq_ignore_ascii_case("basic") && is_plain).then_some(path)
}

/// The rest of a path behind a folder; `None`: it is elsewhere. Windows ignores the case of letters.
fn name_in<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let (start, rest) = path.split_at_checked(folder.len())?;
    let (is_in_folder, separator) = match path::is_windows(folder) {
        true => (start.eq_ignore_ascii_case(folder), '\\'),
        false => (start == folder, '/'),
    };
    rest.strip_prefix(separator).filter(|_| is_in_folder)
}

#[maybe_async]
async fn read_key(host: &dyn Host, path: &str) -> Result<Secret, Error> {
    let bytes = host.read_file_not_link(path, MAX_KEY).await;
    let bytes = bytes.map_err(|error| {
        other(format_args!("names the key file {path}, which {error}{}", remedy_for(error)))
    })?;
    let key = Secret::from(String::from_utf8(bytes).unwrap_or_default());
    let key = key.expose().trim();
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Err(other(format_args!("names a key file that holds no key")));
    }
    Ok(Secret::from(key))
}

/// Whether the response names the requested identity. An agent without user-assigned identities ignores the
/// id and returns a token of the system-assigned one.
fn is_confirmed(response: &Response, identity: &UserAssigned) -> bool {
    let json = Json::parse(&response.body.0);
    let text = |names: &IdNames| json.as_ref()?.text(names.of(identity.kind())?);
    let echo = text(&ID_NAMES).or_else(|| text(&OTHER_ID_NAMES));
    echo.is_some_and(|echo| echo.eq_ignore_ascii_case(identity.id()))
}

fn remedy_for(error: FileError) -> &'static str {
    match error {
        FileError::Denied => "; run as a member of the group himds",
        FileError::NoFolder => "; let the component read the folder",
        _ => "",
    }
}

fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Refused => "; check that the agent runs (azcmagent show), and IDENTITY_ENDPOINT",
        HttpError::Denied => {
            "; allow http://localhost:40342, or the address in IDENTITY_ENDPOINT, among the host's outgoing hosts"
        }
        _ => app_service::remedy(error),
    }
}

fn other(what: fmt::Arguments<'_>) -> Error {
    Error::other(NAME, format_args!("Azure Arc {what}"))
}

const ID_NAMES: IdNames =
    IdNames { client: Some("client_id"), object: Some("object_id"), resource: Some("msi_res_id") };
/// The names in some responses of the agent.
const OTHER_ID_NAMES: IdNames = IdNames { client: None, object: None, resource: Some("mi_res_id") };
const API_VERSION: &str = "2020-06-01";
/// Where the agent listens unless a variable names another URL.
const ENDPOINT: &str = "http://localhost:40342/metadata/identity/oauth2/token";
const FOLDER: &str = "/var/opt/azcmagent/tokens";
/// The folder below `%ProgramData%` (Azure.Identity for .NET, `AzureArcManagedIdentitySource`).
const FOLDER_ON_WINDOWS: &str = "AzureConnectedMachineAgent/Tokens";
/// In bytes. Keys are far shorter; the limit is that of all Azure SDKs.
const MAX_KEY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::http::Body;

    fn key(content: &str) -> Result<String, String> {
        let host = FakeHost::new().file("/k", content);
        run(read_key(&host, "/k")).map(Secret::into_exposed).map_err(|error| error.into_details().message)
    }

    #[test]
    fn a_key_is_trimmed_and_has_at_most_4096_bytes() {
        assert_eq!(key(" key \r\n"), Ok("key".to_owned()));
        assert_eq!(key(&"x".repeat(4096)), Ok("x".repeat(4096)));
        let too_large = "managed-identity: Azure Arc names the key file /k, which is larger than anything that belongs there";
        assert_eq!(key(&"x".repeat(4097)), Err(too_large.to_owned()));
    }

    fn path(challenge: &str) -> Option<String> {
        let headers = vec![("www-authenticate".to_owned(), challenge.to_owned())];
        let response = Response { status: 401, headers, body: Body(Vec::new()) };
        let folders = key_folders(&FakeHost::new().env("ProgramData", r"C:\ProgramData"));
        key_file(&response, &folders).map(ToOwned::to_owned)
    }

    #[test]
    fn a_challenge_names_a_key_file_of_the_agent() {
        let expected = Some("/var/opt/azcmagent/tokens/k-1_a.b.key".to_owned());
        for challenge in [
            "Basic realm=/var/opt/azcmagent/tokens/k-1_a.b.key",
            "basic realm=\"/var/opt/azcmagent/tokens/k-1_a.b.key\"",
            " Basic  realm=/var/opt/azcmagent/tokens/k-1_a.b.key ",
        ] {
            assert_eq!(path(challenge), expected, "{challenge}");
        }
    }

    #[test]
    fn a_challenge_on_windows_names_a_key_file_in_program_data() {
        for path_in_folder in [
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\0f1e.key",
            r"c:\programdata\azureconnectedmachineagent\tokens\0f1e.key",
        ] {
            assert_eq!(path(&format!("Basic realm={path_in_folder}")).as_deref(), Some(path_in_folder));
        }
        for other in [
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\..\0f1e.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\sub\0f1e.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens/0f1e.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\0f1e.key:stream.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\0f1e.KEY",
            r"\\server\ProgramData\AzureConnectedMachineAgent\Tokens\0f1e.key",
            r"C:\Users\0f1e.key",
            r"\var\opt\azcmagent\tokens\0f1e.key",
        ] {
            assert_eq!(path(&format!("Basic realm={other}")), None, "{other}");
        }
        let only_linux = key_folders(&FakeHost::new().env("ProgramData", "/ProgramData"));
        assert_eq!(only_linux, ["/var/opt/azcmagent/tokens"]);
    }

    #[test]
    fn any_other_file_is_refused() {
        for realm in [
            "",
            "/var/opt/azcmagent/tokens/",
            "/var/opt/azcmagent/tokens/.key",
            "/var/opt/azcmagent/tokens/k.txt",
            "/var/opt/azcmagent/tokens/k.key.txt",
            "/var/opt/azcmagent/tokens/k.KEY",
            "/var/opt/azcmagent/tokens/sub/k.key",
            "/var/opt/azcmagent/tokens/../k.key",
            "/var/opt/azcmagent/tokens/..key",
            "/var/opt/azcmagent/tokens//k.key",
            "/var/opt/azcmagent/tokens/k\0.key",
            "/var/opt/azcmagent/tokens/k.key, charset=utf-8",
            "/var/opt/azcmagent/tokensx/k.key",
            "/var/opt/azcmagent/../azcmagent/tokens/k.key",
            "//var/opt/azcmagent/tokens/k.key",
            "var/opt/azcmagent/tokens/k.key",
            "/secrets/k.key",
            // As long as the folder of the keys.
            "/var/opt/azcmagent/secret/k.key",
            "\"/var/opt/azcmagent/tokens/k.key",
        ] {
            assert_eq!(path(&format!("Basic realm={realm}")), None, "{realm:?}");
        }
        for challenge in [
            "",
            "Basic",
            "Bearer realm=/var/opt/azcmagent/tokens/k.key",
            "Basic /var/opt/azcmagent/tokens/k.key",
        ] {
            assert_eq!(path(challenge), None, "{challenge:?}");
        }
    }
}
