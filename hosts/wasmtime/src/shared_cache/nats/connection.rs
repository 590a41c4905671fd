//! The connection to NATS, which the client opens in the background and opens again when it is lost.

use super::super::store::StoreError;
use async_nats::jetstream::context::{Context, ContextBuilder};
use async_nats::{ConnectOptions, Event, ServerAddr};
use rustls::ClientConfig;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, watch};

/// Servers with the credentials for them. It has no `Debug`.
pub(super) struct Settings {
    servers: Vec<ServerAddr>,
    credentials: Credentials,
    tls: ClientConfig,
    /// The URLs, which have no credentials, for messages.
    shown: String,
}

/// What a host authenticates with.
pub(super) enum Credentials {
    None,
    /// A user and a password.
    Password(String, String),
    /// The seed of an NKey.
    NKey(String),
    /// The content of a credentials file.
    File(String),
}

/// A connection to one of the servers.
pub(super) struct Connection {
    settings: Settings,
    context: OnceCell<Context>,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, PartialEq, Eq)]
enum State {
    /// An attempt is made, and the one before it did not fail.
    Connecting,
    Connected,
    /// The last attempt failed; another one follows.
    Failing(String),
}

impl Settings {
    /// The settings of a connection to the servers with these URLs, separated by commas.
    ///
    /// # Errors
    /// What is wrong with a URL or the credentials, without quoting them.
    pub(super) fn parse(urls: &str, credentials: Credentials, tls: ClientConfig) -> Result<Self, StoreError> {
        let servers = urls.split(',').map(server).collect::<Result<Vec<_>, _>>()?;
        let shown = servers.iter().map(ServerAddr::as_url_str).collect::<Vec<_>>().join(",");
        let settings = Self { servers, credentials, tls, shown };
        // Malformed credentials are known now.
        settings.options().map(|_| settings)
    }

    fn options(&self) -> Result<ConnectOptions, StoreError> {
        let options = ConnectOptions::new()
            .name("azure-identity-wasmtime")
            // The client's own configuration of TLS panics in a program that links two implementations of cryptography.
            .tls_client_config(self.tls.clone())
            .retry_on_initial_connect()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(Some(REQUEST_TIMEOUT))
            .client_capacity(QUEUE)
            // A connection without a response to three of these is replaced: a machine that lost its power does not close it.
            .ping_interval(PING_INTERVAL)
            .reconnect_delay_callback(pause);
        match &self.credentials {
            Credentials::None => Ok(options),
            Credentials::Password(user, password) => {
                Ok(options.user_and_password(user.clone(), password.clone()))
            }
            Credentials::NKey(seed) => Ok(options.nkey(seed.clone())),
            Credentials::File(content) => options
                .credentials(content)
                .map_err(|_| StoreError::new("credentials is not the content of a credentials file of NATS")),
        }
    }
}

fn server(url: &str) -> Result<ServerAddr, StoreError> {
    let refused = |what: &str| StoreError::new(format_args!("the URL of NATS {what}"));
    let server = url.trim().parse::<ServerAddr>().map_err(|_| refused("is malformed"))?;
    if !matches!(server.scheme(), "nats" | "tls") || server.host().is_empty() {
        return Err(refused("must be nats://host:port or tls://host:port"));
    }
    // The client writes URLs to the log.
    if server.has_user_pass() || server.password().is_some() {
        return Err(refused(
            "has credentials; the options `user_and_password`, `nkey` and `credentials` take them",
        ));
    }
    Ok(server)
}

impl Connection {
    /// Begins to connect, if this is called in a tokio runtime.
    pub(super) fn new(settings: Settings) -> Arc<Self> {
        let state = Arc::new(watch::Sender::new(State::Connecting));
        let connection = Arc::new(Self { settings, context: OnceCell::new(), state });
        if Handle::try_current().is_ok() {
            let connection = Arc::clone(&connection);
            tokio::spawn(async move { connection.client().await.map(drop) });
        }
        connection
    }

    /// The API of JetStream, when the connection is open. While it is being opened, this waits for it; while attempts
    /// fail, it does not, so that no request is queued for later.
    pub(super) async fn jetstream(&self) -> Result<&Context, StoreError> {
        let context = self.client().await?;
        let mut states = self.state.subscribe();
        // `self` holds a sender.
        let state = states.wait_for(|state| *state != State::Connecting).await;
        match state.as_deref() {
            Ok(State::Failing(error)) => Err(self.error(error)),
            _ => Ok(context),
        }
    }

    /// The client, which connects in the background.
    async fn client(&self) -> Result<&Context, StoreError> {
        let connect = || async {
            let state = Arc::clone(&self.state);
            let options = self.settings.options()?.event_callback(move |event| {
                observe(&state, event);
                std::future::ready(())
            });
            let client = options.connect(&self.settings.servers).await.map_err(|error| self.error(error))?;
            Ok(ContextBuilder::new().timeout(REQUEST_TIMEOUT).build(client))
        };
        self.context.get_or_try_init(connect).await
    }

    /// An error with the servers' URLs.
    pub(super) fn error(&self, what: impl fmt::Display) -> StoreError {
        StoreError::new(format_args!("{}: {what}", self.settings.shown))
    }
}

fn observe(state: &watch::Sender<State>, event: Event) {
    let next = match event {
        Event::Connected => State::Connected,
        Event::Disconnected => State::Connecting,
        Event::Closed => State::Failing("the connection was closed".to_owned()),
        // An attempt that failed. Without a connection there is no other error of the client.
        Event::ClientError(error) if *state.borrow() != State::Connected => {
            State::Failing(format!("no connection: {error}"))
        }
        _ => return,
    };
    state.send_replace(next);
}

/// The pause before an attempt to connect: it doubles with each failure, up to a second.
fn pause(attempts: usize) -> Duration {
    let failures = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    match failures {
        0 => Duration::ZERO,
        _ => {
            let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(LONGEST_PAUSE);
            // Hosts that lost the server together do not come back together.
            longest.mul_f64(rand::random_range(0.5..1.0))
        }
    }
}

/// For a connection, with TLS and authentication.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For the response to a request, as the client has it by default. The provider has a deadline of its own, 200 ms unless the
/// embedder sets another one; a server with a slow disk takes more than a second to create a bucket.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const PING_INTERVAL: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Requests that wait for the connection's task.
const QUEUE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_cache::tls::TlsSettings;

    fn shown(urls: &str, credentials: Credentials) -> String {
        let tls = TlsSettings::default().config().expect("it is valid");
        match Settings::parse(urls, credentials, tls) {
            Ok(settings) => settings.shown,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_urls_of_a_cluster_are_shown() {
        assert_eq!(shown("nats://a:4222, tls://b", Credentials::None), "nats://a:4222,tls://b");
    }

    #[test]
    fn a_url_that_is_not_one_of_nats_is_refused_and_not_quoted() {
        let with_credentials = "the URL of NATS has credentials; the options `user_and_password`, `nkey` and `credentials` take them";
        let cases = [
            ("nats://s3cret:port", "the URL of NATS is malformed"),
            ("https://nats/?s3cret", "the URL of NATS is malformed"),
            ("ws://nats/s3cret", "the URL of NATS must be nats://host:port or tls://host:port"),
            ("nats://tokens:s3cret@nats", with_credentials),
            ("nats://:s3cret@nats", with_credentials),
            ("nats://a,s3cret@b", with_credentials),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url, Credentials::None), expected);
        }
    }

    #[test]
    fn malformed_credentials_are_refused_and_not_quoted() {
        let refused = "credentials is not the content of a credentials file of NATS";
        assert_eq!(shown("nats://nats", Credentials::File("s3cret".to_owned())), refused);
    }

    #[test]
    fn the_pauses_grow_to_a_second() {
        assert_eq!((pause(0), pause(1)), (Duration::ZERO, Duration::ZERO));
        for attempts in 2..100 {
            let longest = (50 << (attempts - 2).min(10)).min(1000);
            let pause = u64::try_from(pause(attempts).as_millis()).expect("it is short");
            assert!((longest / 2..=longest).contains(&pause), "{attempts}: {pause} ms");
        }
    }
}
