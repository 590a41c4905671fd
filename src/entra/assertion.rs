//! Client assertions: signed JWTs that authenticate a client (RFC 7521, section 4.2, and RFC 7523, section
//! 2.2; Microsoft Learn, "Workload identity federation").
//!
//! These are signed by another issuer. They are passed on and never parsed.

use super::client::Client;
use super::client_authentication::{ClientAuthentication, FormFields};
use crate::call_context::CallContext;
use crate::credential::Credential;
use crate::error::{Error, quote};
use crate::host::FileError;
use crate::http::Body;
use crate::identifiers::Scope;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::Secret;

/// An assertion, by its origin. It is fetched anew for every request to Microsoft Entra.
#[derive(Debug)]
pub enum Assertion {
    /// The assertion itself.
    Text(Secret),
    /// A file that the issuer writes and replaces before the assertion expires, as Kubernetes does.
    File {
        /// The file's path.
        path: String,
        /// The variable or field that the path comes from, for messages.
        named_by: &'static str,
    },
    /// The token of another credential, e.g. of a managed identity.
    Federated {
        /// The credential whose token is the assertion. It has a cache of its own.
        credential: Credential,
        /// The request for its token.
        request: TokenRequest,
    },
}

impl Assertion {
    /// An assertion that the caller has.
    ///
    /// # Errors
    /// `invalid-argument` when it is blank or has characters that no assertion has.
    pub fn text(source: &str, text: &Secret) -> Result<Self, Error> {
        let parsed = parse(text.expose().as_bytes());
        let text =
            parsed.map_err(|what| Error::invalid_argument(source, format_args!("the assertion {what}")))?;
        Ok(Self::Text(text))
    }

    /// An assertion in a file; `named_by` is the variable or field that holds the path.
    ///
    /// # Errors
    /// `invalid-argument` when the path is blank.
    pub fn file(source: &str, path: String, named_by: &'static str) -> Result<Self, Error> {
        if path.trim().is_empty() {
            return Err(Error::invalid_argument(source, format_args!("{named_by} is blank")));
        }
        Ok(Self::File { path, named_by })
    }

    /// The token of `credential` for `scope`; `None`: `api://AzureADTokenExchange/.default`, whose tokens
    /// Microsoft Entra accepts from a managed identity.
    ///
    /// # Errors
    /// `invalid-argument` when the scope is malformed.
    pub fn federated(credential: Credential, scope: Option<String>) -> Result<Self, Error> {
        let scope = scope.unwrap_or_else(|| TOKEN_EXCHANGE.to_owned());
        Ok(Self::Federated { credential, request: TokenRequest::for_scope(Scope::parse(scope)?) })
    }

    #[maybe_async]
    async fn fetch(&self, call: &CallContext<'_>, source: &'static str) -> Result<Secret, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File { path, named_by } => {
                let content = call.host.read_file(path, MAX_ASSERTION).await.map(Body);
                parse_file(source, path, named_by, content)
            }
            Self::Federated { credential, request } => {
                let token = credential.get_token_within(call, request.clone()).await;
                token.map(|token| token.token).map_err(|mut error| {
                    let message = format!("{source}: no assertion from its credential: {}", error.message);
                    error.message = message;
                    error
                })
            }
        }
    }
}

#[maybe_async(AFIT)]
impl ClientAuthentication for Assertion {
    async fn form_fields(&self, call: &CallContext<'_>, client: &Client) -> Result<FormFields, Error> {
        Ok(form_fields(self.fetch(call, client.source).await?))
    }
}

/// The form fields that carry an assertion.
pub fn form_fields(assertion: Secret) -> FormFields {
    vec![("client_assertion_type", JWT_BEARER.into()), ("client_assertion", assertion)]
}

/// Parses an assertion. White space around it, such as a file's last line break, is no part of it.
///
/// # Errors
/// Why the bytes are no assertion, to stand behind its name.
pub fn parse(bytes: &[u8]) -> Result<Secret, &'static str> {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return Err("is empty");
    }
    let text = core::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
    text.map(Secret::from).ok_or("has characters that no token has")
}

fn parse_file(
    source: &str,
    path: &str,
    named_by: &str,
    content: Result<Body, FileError>,
) -> Result<Secret, Error> {
    let parsed = match content {
        Ok(bytes) => parse(&bytes.0).map_err(ToOwned::to_owned),
        Err(error) => Err(error.to_string()),
    };
    parsed.map_err(|what| {
        // The text is no path when a user set the variable to the token itself, which is a secret.
        let path = if path.starts_with('/') { format!(" ({})", quote(path, &[])) } else { String::new() };
        Error::other(
            source,
            format_args!(
                "the file that {named_by} names{path} {what}; check that the issuer of the token writes it there"
            ),
        )
    })
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange/.default";
/// In bytes. Tokens are a few KiB; what is larger is some other file.
const MAX_ASSERTION: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;

    #[test]
    fn an_assertion_is_one_word_of_ascii_without_the_space_around_it() {
        for good in ["eyJ.fake.sa", "eyJ.fake.sa\n", "\r\n\t eyJ.fake.sa \r\n"] {
            assert_eq!(parse(good.as_bytes()), Ok("eyJ.fake.sa".into()), "{good:?}");
        }
        for (bad, what) in [
            (&b""[..], "is empty"),
            (b" \r\n\t", "is empty"),
            (b"a b", "has characters that no token has"),
            (b"a\r\nb", "has characters that no token has"),
            (b"a\0b", "has characters that no token has"),
            (b"\xEF\xBB\xBFa", "has characters that no token has"),
            (b"\xFF\xFE", "has characters that no token has"),
            ("ä".as_bytes(), "has characters that no token has"),
        ] {
            assert_eq!(parse(bad), Err(what), "{bad:?}");
        }
    }

    fn message(path: &str, content: &str) -> String {
        let host = FakeHost::new().file("/token", content).file("token", content);
        let file = Assertion::file("test", path.to_owned(), "FILE").expect("a path");
        run(file.fetch(&CallContext::new(&host), "test")).expect_err("no assertion").into_details().message
    }

    #[test]
    fn the_error_for_a_malformed_assertion_file_names_the_file_and_the_reason() {
        let remedy = "; check that the issuer of the token writes it there";
        for (path, content, what) in [
            ("/none", "", "(/none) does not exist"),
            ("/token", "\n", "(/token) is empty"),
            ("/token", "a\nb", "(/token) has characters that no token has"),
            ("/no\r\nne", "", "(/no ne) does not exist"),
        ] {
            assert_eq!(message(path, content), format!("test: the file that FILE names {what}{remedy}"));
        }
        let huge = " ".repeat(MAX_ASSERTION + 1);
        assert!(message("/token", &huge).contains("is larger than anything that belongs there"));
    }

    #[test]
    fn a_token_in_place_of_its_path_is_not_in_the_message() {
        assert!(!message("eyJ.s3cr3t.x", "").contains("s3cr3t"));
    }
}
