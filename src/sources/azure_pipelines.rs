//! A service connection of Azure Pipelines with workload identity federation: Azure DevOps issues an OIDC
//! token for the job, which is the client's assertion (Azure DevOps REST API, "Oidctoken - Create").

use crate::call_context::CallContext;
use crate::entra::client_authentication::{ClientAuthentication, FormFields};
use crate::entra::{Client, assertion};
use crate::error::{Error, ErrorKind, quote};
use crate::host::{self, Host};
use crate::http::url::{Scheme, UrlError};
use crate::http::{HttpError, Method, Request, Response, Url};
use crate::identifiers::is_id;
use crate::json::Json;
use crate::prelude::*;
use crate::received::contents;
use crate::retry;
use crate::token::Secret;
use crate::token_response::ServiceError;

/// The name of the credential.
pub const NAME: &str = "azure-pipelines";

/// The authentication by a service connection. Each request to Microsoft Entra fetches a new OIDC token,
/// which is valid for minutes.
#[derive(Debug)]
pub struct ServiceConnection {
    id: String,
    access_token: Secret,
}

impl ServiceConnection {
    /// The service connection with an id, for the job with the `System.AccessToken`.
    ///
    /// # Errors
    /// `invalid-argument` when one of them is blank or malformed.
    pub fn new(id: String, access_token: &Secret) -> Result<Self, Error> {
        if !is_id(&id) {
            let what = "service-connection-id must be an id: ASCII letters, digits and '-'";
            return Err(Error::invalid_argument(NAME, what));
        }
        let access_token = assertion::parse(access_token.expose().as_bytes());
        let access_token = access_token
            .map_err(|what| Error::invalid_argument(NAME, format_args!("system-access-token {what}")))?;
        Ok(Self { id, access_token })
    }

    #[maybe_async]
    async fn fetch_oidc_token(&self, call: &CallContext<'_>) -> Result<Secret, Error> {
        let request = self.build_request(call.host)?;
        match retry::send(call, &retry::ENTRA, &request).await {
            Ok(response) => self.read(request.url.authority(), &response),
            Err(error) => Err(unreachable(request.url.authority(), error)),
        }
    }

    fn build_request(&self, host: &dyn Host) -> Result<Request, Error> {
        let url = host::env(host, VARIABLE).ok_or_else(|| {
            Error::not_configured(
                NAME,
                "SYSTEM_OIDCREQUESTURI is not set; run in a job of Azure Pipelines and hand this variable on to the component",
            )
        })?;
        let url = Url::parse(url.trim().trim_end_matches('/'))
            .and_then(|url| if url.scheme() == Scheme::Https { Ok(url) } else { Err(UrlError::NotHttps) })
            .map_err(|error| Error::invalid_argument(NAME, format_args!("{VARIABLE} {error}")))?;
        let url = url.query(&[("api-version", "7.1"), ("serviceConnectionId", &self.id)]);
        let request = Request::new(Method::Post, url)
            .header("authorization", format!("Bearer {}", self.access_token.expose()))
            .header("content-type", "application/json")
            // Without this header the response to a refused request is a redirect to a sign-in page.
            .header("x-tfs-fedauthredirect", "Suppress");
        Ok(Request { body: Some("".into()), ..request })
    }

    fn read(&self, host: &str, response: &Response) -> Result<Secret, Error> {
        if response.status != 200 {
            return Err(self.refused(host, response));
        }
        let json = Json::parse(&response.body.0);
        let token = json.as_ref().and_then(|json| json.text("oidcToken")).unwrap_or_default();
        assertion::parse(token.as_bytes()).map_err(|_| {
            Error::other(
                NAME,
                format_args!(
                    "the response of {host} (200, {}) has no usable oidcToken; check {VARIABLE}",
                    contents(response, &[&self.access_token])
                ),
            )
        })
    }

    fn refused(&self, host: &str, response: &Response) -> Error {
        let quote = |reported: &str| quote(reported, &[&self.access_token]);
        let (kind, remedy) = match response.status {
            408 | 429 | 500.. => (ErrorKind::Transient, ""),
            _ => (ErrorKind::AuthenticationFailed, REMEDY),
        };
        let mut reason =
            ServiceError::parse(response).map(|reported| quote(&reported.description)).unwrap_or_default();
        // The activity id is for Microsoft's support.
        if let Some(activity) = response.header("x-vss-e2eid") {
            reason = format!("{reason} (x-vss-e2eid {})", quote(activity));
        }
        if reason.is_empty() {
            reason.push_str("without saying why");
        }
        let (status, reason) = (response.status, reason.trim());
        Error::new(kind, NAME, format_args!("{host} gave no token for the job: {status} {reason}{remedy}"))
    }
}

#[maybe_async(AFIT)]
impl ClientAuthentication for ServiceConnection {
    async fn form_fields(&self, call: &CallContext<'_>, _: &Client) -> Result<FormFields, Error> {
        Ok(assertion::form_fields(self.fetch_oidc_token(call).await?))
    }
}

fn unreachable(host: &str, error: HttpError) -> Error {
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Transient };
    let remedy = if error == HttpError::Denied { "; allow it among the host's outgoing hosts" } else { "" };
    Error::new(kind, NAME, format_args!("{host} gave no token for the job: {error}{remedy}"))
}

const REMEDY: &str =
    "; check service-connection-id, and that system-access-token is the job's System.AccessToken";
const VARIABLE: &str = "SYSTEM_OIDCREQUESTURI";
