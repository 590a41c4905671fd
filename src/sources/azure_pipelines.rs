//! A service connection of Azure Pipelines with workload identity federation: the job asks Azure
//! DevOps for a token that vouches for it (Azure DevOps REST API, "Oidctoken - Create").

use crate::call_context::CallContext;
use crate::entra::client_authentication::ClientAuthentication;
use crate::entra::{Client, assertion, is_id};
use crate::error::{Error, ErrorKind, quote};
use crate::host::{self, BoxFuture, Host, boxed};
use crate::http::url::{Scheme, UrlError};
use crate::http::{HttpError, Method, Request, Response, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::retry;
use crate::token::Secret;
use crate::token_response::ServiceError;

/// The name of the credential.
pub const NAME: &str = "azure-pipelines";

/// A service connection as proof of the client it stands for. Azure DevOps is asked anew for every
/// request to Microsoft Entra, as its tokens live minutes.
#[derive(Debug)]
pub struct ServiceConnection {
    id: String,
    access_token: Secret,
}

impl ServiceConnection {
    /// The service connection of that id, for the job whose `System.AccessToken` is given.
    ///
    /// # Errors
    /// `invalid-request` when one of them is blank or has characters that none has.
    pub fn new(id: String, access_token: &Secret) -> Result<Self, Error> {
        if !is_id(&id) {
            let what = "service-connection-id must be an id: ASCII letters, digits and '-'";
            return Err(Error::invalid(NAME, what));
        }
        let access_token = assertion::parse(access_token.expose().as_bytes());
        let access_token =
            access_token.map_err(|what| Error::invalid(NAME, format_args!("system-access-token {what}")))?;
        Ok(Self { id, access_token })
    }

    #[maybe_async]
    async fn oidc_token(&self, call: &CallContext<'_>) -> Result<Secret, Error> {
        let request = self.build_request(call.host)?;
        match retry::send(call, &retry::ENTRA, &request).await {
            Ok(response) => self.read(request.url.authority(), &response),
            Err(error) => Err(unreachable(request.url.authority(), error)),
        }
    }

    fn build_request(&self, host: &dyn Host) -> Result<Request, Error> {
        let url = host::env(host, VARIABLE).ok_or_else(|| {
            Error::unavailable(
                NAME,
                "SYSTEM_OIDCREQUESTURI is not set; run in a job of Azure Pipelines and hand this variable on to the component",
            )
        })?;
        let url = Url::parse(url.trim().trim_end_matches('/'))
            .and_then(|url| if url.scheme() == Scheme::Https { Ok(url) } else { Err(UrlError::NotHttps) })
            .map_err(|error| Error::invalid(NAME, format_args!("{VARIABLE} {error}")))?;
        let url = url.query(&[("api-version", "7.1"), ("serviceConnectionId", &self.id)]);
        let headers = vec![
            ("authorization", format!("Bearer {}", self.access_token.expose()).into()),
            ("content-type", "application/json".into()),
            // Whoever may not ask is told so, and not sent to a page for people.
            ("x-tfs-fedauthredirect", "Suppress".into()),
        ];
        Ok(Request { method: Method::Post, url, headers, body: Some("".into()) })
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
                format_args!("the answer of {host} holds no usable oidcToken; check {VARIABLE}"),
            )
        })
    }

    fn refused(&self, host: &str, response: &Response) -> Error {
        let quote = |said: &str| quote(said, &[&self.access_token]);
        let (kind, remedy) = match response.status {
            408 | 429 | 500.. => (ErrorKind::Unreachable, ""),
            _ => (ErrorKind::Rejected, REMEDY),
        };
        let mut said = ServiceError::parse(response).map(|said| quote(&said.description)).unwrap_or_default();
        // What Microsoft's support asks for.
        if let Some(activity) = response.header("x-vss-e2eid") {
            said = format!("{said} (x-vss-e2eid {})", quote(activity));
        }
        if said.is_empty() {
            said.push_str("without saying why");
        }
        let (status, said) = (response.status, said.trim());
        Error::new(kind, NAME, format_args!("{host} gave no token for the job: {status} {said}{remedy}"))
    }
}

impl ClientAuthentication for ServiceConnection {
    #[maybe_async]
    fn fields<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        _: &'a Client,
    ) -> BoxFuture<'a, Result<Vec<(&'static str, Secret)>, Error>> {
        boxed(async move { Ok(assertion::fields(self.oidc_token(call).await?)) })
    }
}

fn unreachable(host: &str, error: HttpError) -> Error {
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Unreachable };
    let remedy = if error == HttpError::Denied { "; allow it among the host's outgoing hosts" } else { "" };
    Error::new(kind, NAME, format_args!("{host} gave no token for the job: {error}{remedy}"))
}

const REMEDY: &str =
    "; check service-connection-id, and that system-access-token is the job's System.AccessToken";
const VARIABLE: &str = "SYSTEM_OIDCREQUESTURI";
