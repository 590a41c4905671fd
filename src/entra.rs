//! Microsoft Entra's token endpoint (OAuth 2.0, RFC 6749; Microsoft Learn, "Microsoft identity
//! platform and OAuth 2.0"): who is asked, for which tenant, and what the answer means.

pub mod assertion;
pub mod authority;
#[cfg(feature = "certificates")]
pub mod certificate_assertion;
pub mod client_authentication;
pub mod client_certificate;
pub mod pkce;
pub mod remedies;
pub mod scopes;

use crate::call_context::CallContext;
use crate::error::{Error, ErrorKind, quote, repeats_secret};
use crate::host::{self, BoxFuture, Host, boxed};
use crate::http::{Form, HttpError, Request, Response, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::request::{TokenRequest, check_tenant};
use crate::retry;
use crate::text;
use crate::token::Secret;
use crate::token_response::{ServiceError, TokenResponse};
use authority::Authority;
pub use authority::{PUBLIC_CLOUD, authority_of_environment, url_of_environment};
use client_authentication::ClientAuthentication;
pub use scopes::Scopes;

/// A client of one tenant of one authority.
#[derive(Clone, Debug)]
pub struct Client {
    /// The source that asks; stands in messages.
    pub source: &'static str,
    /// The authority.
    pub authority: Authority,
    /// Its own tenant.
    pub tenant_id: String,
    /// Its client id.
    pub client_id: String,
    /// The tenants that requests may name besides its own; `*` is all.
    pub allowed_tenants: Vec<String>,
}

/// What a client sends besides its id and the scopes.
pub struct Grant<'a> {
    /// The form's fields, `grant_type` among them. All of them count as secret: no server's echo of one
    /// gets into a message.
    pub fields: Vec<(&'static str, Secret)>,
    /// How the client proves who it is.
    pub authentication: &'a dyn ClientAuthentication,
    /// What is asked for behind the caller's scopes, as far as any is named again.
    pub scopes: Scopes,
    /// Further headers.
    pub headers: Vec<(&'static str, Secret)>,
    /// Whether the endpoint of a region may answer it; those serve applications alone, no users.
    pub is_regional: bool,
}

impl<'a> Grant<'a> {
    /// A grant with nothing but a proof.
    pub fn authenticated_by(authentication: &'a dyn ClientAuthentication) -> Self {
        Self {
            fields: Vec::new(),
            authentication,
            scopes: Scopes::Requested,
            headers: Vec::new(),
            is_regional: false,
        }
    }
}

impl Client {
    /// Asks for a token.
    ///
    /// # Errors
    /// `invalid-request` for a tenant that is not allowed, `unreachable`, `rejected` with the
    /// `AADSTS` numbers and claims, or `other` for an answer that makes no sense.
    #[maybe_async]
    pub async fn request_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        grant: &Grant<'_>,
    ) -> Result<TokenResponse, Error> {
        // The client as this request has it: a proof is made for the tenant that is asked.
        let tenant_id = self.tenant_for(call.host, request)?.to_owned();
        let client = Self { tenant_id, ..self.clone() };
        self.check_authority(call).await?;
        let is_regional = grant.is_regional && !self.is_adfs();
        let base = if is_regional { self.authority.regional() } else { &*self.authority };
        let url = base.join(&self.path(&client.tenant_id, "token"));
        let mut form = Form::new(&[("client_id", &self.client_id)]);
        if grant.scopes != Scopes::Omitted {
            form = form.field("scope", &grant.scopes.of(request));
        }
        if let Some(claims) = claims(request) {
            form = form.field("claims", &claims);
        }
        let mut fields = grant.authentication.fields(call, &client).await?;
        fields.extend(grant.fields.iter().cloned());
        let form = fields.iter().fold(form, |form, (name, value)| form.field(name, value.expose()));
        let post = Request::post(url, &form);
        let post = grant.headers.iter().fold(post, |post, (name, value)| post.header(name, value.clone()));
        let response = self.send(call, &post, &fields).await?;
        TokenResponse::parse(&response.body.0, call.host.now())
            .map_err(|error| Error::other(self.source, error))
    }

    /// Makes sure that the authority is one, by a question to Microsoft if need be, before anything is sent
    /// there. Asks once. AD FS stands with whoever runs it, and nobody vouches for it.
    ///
    /// # Errors
    /// `rejected` when Microsoft does not know it, `unreachable` when it cannot be asked.
    #[maybe_async]
    pub async fn check_authority(&self, call: &CallContext<'_>) -> Result<(), Error> {
        let Some(request) = self.authority.instance_discovery_request().filter(|_| !self.is_adfs()) else {
            return Ok(());
        };
        let answer = self.send(call, &request, &[]).await;
        let answer = answer.and_then(|answer| {
            let json = Json::parse(&answer.body.0);
            let is_yes = json.is_some_and(|json| json.text("tenant_discovery_endpoint").is_some());
            if is_yes { Ok(()) } else { Err(Error::other(self.source, "Microsoft's answer makes no sense")) }
        });
        answer.map_err(|mut error| {
            error.message.push_str(authority::IN_DOUBT);
            error
        })?;
        self.authority.mark_validated();
        Ok(())
    }

    /// Sends a request and takes no answer but 200; `secrets` is what of it stands in no message. Boxed,
    /// because it would stand twice in the component.
    ///
    /// # Errors
    /// As [`request_token`](Self::request_token).
    #[maybe_async]
    pub fn send<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a Request,
        secrets: &'a [(&'static str, Secret)],
    ) -> BoxFuture<'a, Result<Response, Error>> {
        boxed(async move {
            let host = request.url.authority();
            let response = retry::send(call, &retry::ENTRA, request).await;
            let response = response.map_err(|error| self.unreachable(host, error))?;
            if response.status == 200 {
                Ok(response)
            } else {
                Err(self.refused(call, host, &response, secrets))
            }
        })
    }

    /// An endpoint of a tenant, e.g. `token`; of the authority itself, not of its regions. Whoever asks
    /// another one than `token` has to [check](Self::check_authority) the authority first.
    pub fn endpoint(&self, tenant: &str, name: &str) -> Url {
        self.authority.join(&self.path(tenant, name))
    }

    /// Where an endpoint is. AD FS has no versions (Microsoft Learn, "AD FS OpenID Connect/OAuth flows").
    fn path(&self, tenant: &str, name: &str) -> String {
        let (tenant, version) = if self.is_adfs() { ("adfs", "") } else { (tenant, "v2.0/") };
        format!("{tenant}/oauth2/{version}{name}")
    }

    /// Whether the authority is an AD FS, by the name that MSAL gives its only tenant. The credential says
    /// so, never a request.
    fn is_adfs(&self) -> bool {
        self.tenant_id.eq_ignore_ascii_case("adfs")
    }

    /// The tenant to ask: the one that the request names, if that is allowed.
    ///
    /// # Errors
    /// `invalid-request` when it is not.
    pub fn tenant_for<'a>(&'a self, host: &dyn Host, request: &'a TokenRequest) -> Result<&'a str, Error> {
        let own = self.tenant_id.as_str();
        let Some(wanted) = request.tenant_id().filter(|wanted| !wanted.eq_ignore_ascii_case(own)) else {
            return Ok(own);
        };
        // As in the Azure SDKs: the variable turns overrides off, and AD FS has no tenants at all.
        if self.is_adfs() || is_true(host::env(host, "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH")) {
            return Ok(own);
        }
        if self.allowed_tenants.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(wanted)) {
            return Ok(wanted);
        }
        Err(Error::invalid(
            self.source,
            "the request's tenant-id is not this credential's tenant; allow it among the additionally allowed tenants",
        ))
    }

    /// Where tokens are asked for, and what assertions name as their audience.
    pub fn token_endpoint(&self) -> Url {
        self.endpoint(&self.tenant_id, "token")
    }

    fn unreachable(&self, host: &str, error: HttpError) -> Error {
        let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Unreachable };
        let remedy = match error {
            HttpError::Denied => "; allow it among the host's outgoing hosts",
            HttpError::Dns => "; check the authority and the network",
            _ => "",
        };
        Error::new(kind, self.source, format_args!("{host} gave no token: {error}{remedy}"))
    }

    fn refused(
        &self,
        call: &CallContext<'_>,
        host: &str,
        response: &Response,
        sent: &[(&str, Secret)],
    ) -> Error {
        // Some of what was sent is no secret and is told: the grant's type, for one.
        let secrets: Vec<&Secret> =
            sent.iter().filter(|(name, _)| !PUBLIC.contains(name)).map(|(_, s)| s).collect();
        let secrets = secrets.as_slice();
        let status = response.status;
        let said = ServiceError::parse(response);
        let kind = match status {
            ..=399 => ErrorKind::Other,
            408 | 429 | 500.. => ErrorKind::Unreachable,
            _ => ErrorKind::Rejected,
        };
        let Some(said) = said else {
            let what = format_args!(
                "{host} answered {status} without saying why{}{}",
                retry_hint(call, response),
                hint(status)
            );
            return Error::new(kind, self.source, what);
        };
        let (error, sentence) = (quote(&said.error, secrets), quote(&said.description, secrets));
        // What comes behind is for Microsoft's support: trace id, correlation id, timestamp.
        let sentence =
            text::split_once(&sentence, " Trace ID:").map_or(sentence.as_str(), |(sentence, _)| sentence);
        let sentence = sentence.trim_end_matches('.');
        let remedy = said.error_codes.iter().find_map(|code| remedies::remedy(*code));
        let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
        let what = format_args!("{status} {error}: {sentence}{}{remedy}", retry_hint(call, response));
        let is_fit =
            |claims: &String| Json::parse(claims.as_bytes()).is_some() && !repeats_secret(claims, secrets);
        let claims = said.claims.filter(is_fit);
        let mut told = Error::new(kind, self.source, what);
        (told.code, told.error_codes, told.claims) = (error, said.error_codes, claims);
        told
    }
}

/// The tenants of `AZURE_ADDITIONALLY_ALLOWED_TENANTS`, which are separated by semicolons.
pub fn allowed_tenants_of_environment(host: &dyn Host) -> Vec<String> {
    let list = host::env(host, "AZURE_ADDITIONALLY_ALLOWED_TENANTS").unwrap_or_default();
    list.split(';').map(str::trim).filter(|tenant| !tenant.is_empty()).map(ToOwned::to_owned).collect()
}

/// Checks a tenant and a client id; `names` are those of the fields or variables they come from.
///
/// # Errors
/// `invalid-request`, naming the one that is wrong.
pub fn check_ids(source: &str, names: (&str, &str), tenant_id: &str, client_id: &str) -> Result<(), Error> {
    check_tenant(tenant_id).map_err(|what| Error::invalid(source, format_args!("{} {what}", names.0)))?;
    if !is_id(client_id) {
        return Err(Error::invalid(
            source,
            format_args!("{} must be a client id: ASCII letters, digits and '-'", names.1),
        ));
    }
    Ok(())
}

/// Whether a text may be an id: 1 to 64 ASCII letters, digits and '-'.
pub fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !text.is_empty() && text.len() <= 64 && text::has_only(text, allowed)
}

/// The `claims` parameter: the caller's challenge, and that the caller can answer one (`CP1`), merged
/// (Microsoft Learn, "Claims challenges, claims requests, and client capabilities").
fn claims(request: &TokenRequest) -> Option<String> {
    let mut claims = match request.claims() {
        Some(claims) => Json::parse(claims.as_bytes())?,
        None if request.enable_cae() => Json::Object(Vec::new()),
        None => return None,
    };
    if request.enable_cae() {
        let capabilities = Json::Array(vec![Json::string("CP1")]);
        let capabilities = Json::Object(vec![("values".to_owned(), capabilities)]);
        let wanted = claims.get("access_token").filter(|wanted| wanted.as_object().is_some());
        let mut wanted = wanted.cloned().unwrap_or(Json::Object(Vec::new()));
        wanted.set("xms_cc", capabilities);
        claims.set("access_token", wanted);
    }
    let mut text = String::new();
    claims.write(&mut text);
    Some(text)
}

fn retry_hint(call: &CallContext<'_>, response: &Response) -> String {
    let wait = retry::retry_after(response, call.host.now());
    wait.map(|wait| format!("; try again after {} s", wait.as_secs())).unwrap_or_default()
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => "; redirects are not followed: check the authority",
        404 => "; check the authority and the tenant",
        408 | 429 => "",
        400..=499 => "; check whether something stands between this machine and Microsoft Entra",
        _ => "",
    }
}

fn is_true(value: Option<String>) -> bool {
    value.is_some_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"))
}

/// Form fields that are no secret.
const PUBLIC: &[&str] = &[
    "client_assertion_type",
    "client_info",
    "grant_type",
    "redirect_uri",
    "requested_token_use",
    "username",
];
