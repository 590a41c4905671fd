//! The saved output of `az account get-access-token`, for hosts that give a component one file instead of a
//! user's whole login.

use super::options::{NAME, Options};
use crate::base64;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::Body;
use crate::identifiers::TenantId;
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::{AccessToken, Secret};
use crate::token_details::TokenDetails;
use alloc::rc::Rc;

/// The variable with the file's path. It is this project's own; the CLI does not know it.
pub const VARIABLE: &str = "AZURE_CLI_SAVED_TOKEN";

/// Reads the token, if it is for the request.
///
/// The file does not name the resource of its token. The token itself may name it, so a JWT for another
/// resource or tenant is refused: it must not be sent to a service that it is not for.
///
/// # Errors
/// `authentication-failed` when the token is missing, has expired, or is for something else.
#[maybe_async]
pub async fn get_token(
    call: &CallContext<'_>,
    request: &TokenRequest,
    options: &Options,
    path: &str,
) -> Result<AccessToken, Error> {
    let bytes = call.host.read_file(path, MAX_FILE).await;
    let bytes = bytes.map_err(|error| {
        Error::invalid_argument(NAME, format_args!("the file that {VARIABLE} names {error}"))
    })?;
    let json = Json::parse(&Body(bytes).0).ok_or_else(|| rejected("is not JSON", ""))?;
    let text = |key: &str| json.non_empty_text(key);
    let token = Secret::from(text("accessToken").ok_or_else(|| rejected("has no accessToken", ""))?);
    if !token.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(rejected("has characters that no token has", ""));
    }
    // `expiresOn` is local time without its offset, so it cannot be converted here.
    let expires_on = json.u64("expires_on");
    let expires_on =
        expires_on.ok_or_else(|| rejected("has no expires_on (Azure CLI 2.54 and later write it)", ""))?;
    if expires_on <= call.host.now() {
        return Err(rejected("has expired", ""));
    }
    check(&json, &token, request, options)?;
    let token_type = "Bearer".to_owned();
    let tenant_id = text("tenant").map(ToOwned::to_owned);
    Ok(AccessToken {
        token,
        token_type,
        expires_on,
        refresh_on: None,
        source: "azure-cli/saved-token",
        details: Rc::new(TokenDetails { tenant_id, ..Default::default() }),
        from_cache: false,
    })
}

/// Checks that the saved token is for the request.
fn check(json: &Json, token: &Secret, request: &TokenRequest, options: &Options) -> Result<(), Error> {
    let is_other = |wanted: Option<&str>, key| {
        wanted.zip(json.non_empty_text(key)).is_some_and(|(wanted, has)| !wanted.eq_ignore_ascii_case(has))
    };
    if is_other(request.tenant_id().map(TenantId::as_str), "tenant")
        || is_other(options.tenant_id.as_ref().map(TenantId::as_str), "tenant")
    {
        return Err(rejected("is of another tenant", " --tenant <id>"));
    }
    // The file has the subscription's id. A name cannot be compared with it.
    let subscription = options.subscription.as_deref().filter(|wanted| wanted.len() == 36);
    if is_other(subscription, "subscription") {
        return Err(rejected("is of another subscription", " --subscription <id>"));
    }
    if request.claims().is_some() {
        return Err(rejected(
            "cannot answer a claims challenge",
            " after az login --claims-challenge <challenge>",
        ));
    }
    if is_for_another_resource(token, request) {
        return Err(rejected("is for another resource", " --scope <scope>"));
    }
    Ok(())
}

fn rejected(what: &str, how: &str) -> Error {
    let what = format_args!(
        "the token saved in {VARIABLE} {what}; save a new one with: az account get-access-token{how}"
    );
    Error::authentication_failed(NAME, what)
}

/// Whether the token is a JWT whose audience is a URL, and not the one of the request. The audience of
/// Microsoft's own APIs may be a client id, which cannot be compared.
fn is_for_another_resource(token: &Secret, request: &TokenRequest) -> bool {
    let Some(audience) = audience(token.expose()).filter(|audience| audience.contains("://")) else {
        return false;
    };
    let audience = canonical(&audience);
    !request.scopes().iter().all(|scope| canonical(scope.resource().as_str()) == audience)
}

/// A resource without slashes at its end, and Azure Resource Manager by one of its two names.
fn canonical(resource: &str) -> String {
    let resource = resource.trim_end_matches('/').to_ascii_lowercase();
    if resource == "https://management.core.windows.net" {
        "https://management.azure.com".to_owned()
    } else {
        resource
    }
}

/// The `aud` claim of a JWT (RFC 7519). The resource verifies its signature.
fn audience(token: &str) -> Option<String> {
    let payload = base64::decode_url(token.split('.').nth(1)?)?;
    Json::parse(&payload)?.text("aud").map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::request::RawRequest;

    const NOW: u64 = 1_800_000_000;
    /// {"aud":"https://management.core.windows.net/"}
    const FOR_ARM: &str = "e30.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuY29yZS53aW5kb3dzLm5ldC8ifQ.sig";

    fn get(file: &str, raw: RawRequest) -> Result<AccessToken, String> {
        let host = FakeHost::new().file("/t.json", file);
        let request = TokenRequest::parse(raw).expect("well-formed");
        run(get_token(&CallContext::new(&host), &request, &Options::default(), "/t.json"))
            .map_err(|error| error.into_details().message)
    }

    fn scope(scope: &str) -> RawRequest {
        RawRequest { scopes: vec![scope.into()], ..Default::default() }
    }

    fn saved(token: &str, expires_on: u64) -> String {
        format!(
            r#"{{"tokenType":"Bearer","accessToken":"{token}","expires_on":{expires_on},"expiresOn":"2027-01-15 09:23:02.000000","tenant":"t"}}"#
        )
    }

    #[test]
    fn a_saved_token_is_returned_for_its_resource() {
        for wanted in
            ["https://management.core.windows.net//.default", "https://management.azure.com/.default"]
        {
            assert_eq!(get(&saved(FOR_ARM, NOW + 60), scope(wanted)).expect("a token").expires_on, NOW + 60);
        }
        assert!(get(&saved("opaque", NOW + 60), scope("https://vault.azure.net/.default")).is_ok());
    }

    #[test]
    fn a_saved_token_for_another_request_is_refused() {
        let arm = || scope("https://management.azure.com/.default");
        let other_tenant = RawRequest { tenant_id: Some("other".into()), ..arm() };
        let challenged = RawRequest { claims: Some("{}".into()), ..arm() };
        for (file, raw, what, how) in [
            (
                saved(FOR_ARM, NOW + 60),
                scope("https://vault.azure.net/.default"),
                "is for another resource",
                " --scope <scope>",
            ),
            (saved(FOR_ARM, NOW), arm(), "has expired", ""),
            (saved(FOR_ARM, NOW + 60), other_tenant, "is of another tenant", " --tenant <id>"),
            (
                saved(FOR_ARM, NOW + 60),
                challenged,
                "cannot answer a claims challenge",
                " after az login --claims-challenge <challenge>",
            ),
            (saved("A\\r\\nT", NOW + 60), arm(), "has characters that no token has", ""),
            (
                r#"{"accessToken":"x","expiresOn":"2027-01-15 09:23:02.000000"}"#.into(),
                arm(),
                "has no expires_on (Azure CLI 2.54 and later write it)",
                "",
            ),
            ("{}".into(), arm(), "has no accessToken", ""),
            ("oops".into(), arm(), "is not JSON", ""),
        ] {
            let message = format!(
                "azure-cli: the token saved in AZURE_CLI_SAVED_TOKEN {what}; save a new one with: az account get-access-token{how}"
            );
            assert_eq!(get(&file, raw), Err(message));
        }
    }
}
