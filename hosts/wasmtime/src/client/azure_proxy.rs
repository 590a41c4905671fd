//! The token proxy of a cluster with identity bindings (Microsoft Learn, "Identity bindings for AKS").
//!
//! The rules are those of `customtokenproxy` in azidentity for Go: `https` alone, no user information, query or fragment;
//! one of a CA file and CA data; a CA file that is empty is being replaced and keeps the last CA; one that cannot be read,
//! or has no certificate, fails the request.

use super::connections::Connections;
use super::endpoint::Endpoint;
use super::roots::Roots;
use http::Uri;
use rustls::pki_types::ServerName;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A cluster's token proxy.
pub(crate) struct AzureProxy {
    pub(crate) endpoint: Endpoint,
    server_name: Option<ServerName<'static>>,
    /// `None`: the CA does not change.
    file: Option<PathBuf>,
    current: Mutex<Current>,
}

/// The connections that the present CA verifies.
struct Current {
    connections: Arc<Connections>,
    /// The content of the CA file.
    content: Vec<u8>,
}

/// The values of the variables; none is empty.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) token_proxy: Option<String>,
    pub(crate) sni_name: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) ca_data: Option<String>,
}

impl AzureProxy {
    /// The proxy of these variables; `None`: there is none. Without a CA of its own it is verified with `public`.
    ///
    /// # Errors
    /// What is wrong with a variable. The message does not repeat its value, except for the path of the CA file.
    pub(crate) fn new(settings: Settings, public: &Roots) -> Result<Option<Self>, String> {
        let Settings { token_proxy, sni_name, ca_file, ca_data } = settings;
        let Some(url) = token_proxy else {
            let others = [(SNI_NAME, sni_name), (CA_FILE, ca_file), (CA_DATA, ca_data)];
            return match others.iter().find(|(_, value)| value.is_some()) {
                Some((name, _)) => {
                    Err(format!("{name} is set and {TOKEN_PROXY} is not; set both or neither"))
                }
                None => Ok(None),
            };
        };
        let endpoint = parse(&url).map_err(|what| format!("{TOKEN_PROXY} {what}"))?;
        let server_name = sni_name.map(ServerName::try_from).transpose();
        let server_name = server_name.map_err(|_| format!("{SNI_NAME} is not the name of a server"))?;
        let file = ca_file.map(PathBuf::from);
        let (roots, content) = match (&file, ca_data) {
            (Some(_), Some(_)) => {
                return Err(format!("{CA_FILE} and {CA_DATA} are both set; unset one of them"));
            }
            (Some(file), None) => {
                let content = read(file)?;
                (Roots::from_pem(&content, &origin(file))?, content)
            }
            (None, Some(data)) => (Roots::from_pem(data.as_bytes(), CA_DATA)?, Vec::new()),
            (None, None) => (public.clone(), Vec::new()),
        };
        let connections = connections(&roots, server_name.as_ref())?;
        let current = Mutex::new(Current { connections, content });
        Ok(Some(Self { endpoint, server_name, file, current }))
    }

    /// The connections that the CA verifies which the file has now. Reads the file, and so may block for a moment.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(crate) fn connections(&self) -> Result<Arc<Connections>, String> {
        let content = self.file.as_ref().map(|file| Ok::<_, String>((file, read(file)?))).transpose()?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((file, content)) = content
            && !content.is_empty()
            && content != current.content
        {
            let roots = Roots::from_pem(&content, &origin(file))?;
            // The connections that the previous CA verified end with the requests on them.
            *current = Current { connections: connections(&roots, self.server_name.as_ref())?, content };
        }
        Ok(Arc::clone(&current.connections))
    }
}

fn connections(roots: &Roots, server_name: Option<&ServerName<'static>>) -> Result<Arc<Connections>, String> {
    let connections = Connections::private(roots, server_name);
    connections.map(Arc::new).map_err(|error| error.to_string())
}

fn parse(url: &str) -> Result<Endpoint, &'static str> {
    // The parser of addresses drops a fragment.
    if url.contains('#') {
        return Err("must not have a fragment");
    }
    let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
    if uri.scheme_str() != Some("https") {
        return Err("must start with https://");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("must not have user information");
    }
    if uri.query().is_some() {
        return Err("must not have a query");
    }
    Endpoint::of(&uri).ok_or("has a host that is ambiguous or malformed")
}

/// The content of the CA file, cut off after [`MAX_FILE`] bytes.
fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(MAX_FILE).read_to_end(&mut content));
    read.map(|_| content).map_err(|error| format!("{} cannot be read: {error}", origin(file)))
}

fn origin(file: &Path) -> String {
    format!("{CA_FILE}, {}", file.display())
}

pub(crate) const TOKEN_PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
pub(crate) const SNI_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
pub(crate) const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
pub(crate) const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";

/// More than the bundle of an operating system.
const MAX_FILE: u64 = 4 << 20;

#[cfg(test)]
mod tests;
