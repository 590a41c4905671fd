//! Where a Redis server is, and how a connection to it is opened.

use super::super::store::StoreError;
use super::super::tls::TlsSettings;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

/// A server with the credentials for it. It has no `Debug`.
pub(super) struct Address {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    login: RedisConnectionInfo,
    /// The URL without credentials, for messages.
    shown: String,
}

impl Address {
    /// The address in a URL.
    ///
    /// # Errors
    /// What is wrong with it, without quoting it.
    pub(super) fn parse(url: &str, tls: &TlsSettings) -> Result<Self, StoreError> {
        let refused = |what: &str| StoreError::new(format_args!("the URL of Redis {what}"));
        // The `redis` crate would parse `rediss` only with the feature of its own TLS, which panics in a program that links
        // two implementations of cryptography.
        let (scheme, rest) =
            url.trim().split_once("://").ok_or_else(|| refused("has no scheme, like redis://"))?;
        let is_tls = match scheme {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => return Err(refused("must begin with redis:// or rediss://")),
        };
        if rest.contains('#') {
            return Err(refused("has a fragment; a server that is not verified is not supported"));
        }
        let parsed =
            redis::parse_redis_url(&format!("redis://{rest}")).ok_or_else(|| refused("is malformed"))?;
        // Errors of the parser name the part and do not quote it.
        let info = parsed
            .as_str()
            .into_connection_info()
            .map_err(|error| refused(&format!("is malformed: {error}")))?;
        let ConnectionAddr::Tcp(host, port) = info.addr().clone() else {
            return Err(refused("names no host"));
        };
        let login = info.redis_settings().clone();
        let shown_host = parsed.host_str().unwrap_or_default();
        let shown = format!("{scheme}://{shown_host}:{port}/{}", login.db());
        let tls = match is_tls {
            false => None,
            true => {
                let name = ServerName::try_from(host.clone());
                let name = name.map_err(|_| refused("names a host that no certificate can have"))?;
                Some((TlsConnector::from(Arc::new(tls.config()?)), name))
            }
        };
        Ok(Self { host, port, tls, login, shown })
    }

    /// The URL without credentials.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Connects and authenticates. The task serves the connection until it is lost.
    pub(super) async fn connect(&self) -> Result<(MultiplexedConnection, JoinHandle<()>), String> {
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
            let stream = stream.map_err(|error| error.to_string())?;
            // A command is a small packet, which is not to wait for another.
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            match &self.tls {
                None => self.authenticate(stream).await,
                Some((connector, name)) => {
                    let stream = connector.connect(name.clone(), stream).await;
                    self.authenticate(stream.map_err(|error| format!("TLS: {error}"))?).await
                }
            }
        });
        connected.await.unwrap_or_else(|_| Err("no connection within a second".to_owned()))
    }

    async fn authenticate<S>(&self, stream: S) -> Result<(MultiplexedConnection, JoinHandle<()>), String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
        let connected = MultiplexedConnection::new_with_config(&self.login, stream, config).await;
        let (connection, driver) = connected.map_err(|error| error.to_string())?;
        Ok((connection, tokio::spawn(driver)))
    }
}

/// For a connection, with TLS and authentication.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// For the response to a command. The provider waits less.
pub(super) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        match Address::parse(url, &TlsSettings::default()) {
            Ok(address) => address.shown().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_address_is_shown_without_its_credentials() {
        let cases = [
            ("redis://cache", "redis://cache:6379/0"),
            ("rediss://tokens:s3cret@cache.contoso.com:6380/2", "rediss://cache.contoso.com:6380/2"),
            ("valkeys://:s3cret@[::1]", "valkeys://[::1]:6379/0"),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn a_url_that_is_not_one_of_redis_is_refused_and_not_quoted() {
        let cases = [
            ("cache:s3cret", "the URL of Redis has no scheme, like redis://"),
            ("https://tokens:s3cret@cache", "the URL of Redis must begin with redis:// or rediss://"),
            ("redis://tokens:s3cret@", "the URL of Redis is malformed"),
            ("redis://tokens:s3cret@cache:port", "the URL of Redis is malformed"),
            (
                "redis://tokens:s3cret@cache/first",
                "the URL of Redis is malformed: Invalid database number - InvalidClientConfig",
            ),
            (
                "rediss://tokens:s3cret@cache#insecure",
                "the URL of Redis has a fragment; a server that is not verified is not supported",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn the_credentials_of_the_url_are_decoded() {
        let address =
            Address::parse("redis://tok%40ens:s%2Fcret@cache", &TlsSettings::default()).expect("it is a URL");
        assert_eq!((address.login.username(), address.login.password()), (Some("tok@ens"), Some("s/cret")));
    }
}
