//! What there may be at 169.254.169.254 when it is not the metadata service of Azure.

use serde::Deserialize;

use crate::network::Fault;
use crate::reply::Reply;

/// What answers at 169.254.169.254.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// IMDS.
    #[default]
    Azure,
    /// The host does not let requests to it out.
    Denied,
    /// Docker Desktop, which answers for networks that it cannot reach.
    DockerDesktop,
    /// The metadata service of another cloud, which knows no such path.
    OtherCloud,
    /// A proxy or captive portal, which answers everything with a web page.
    Portal,
    /// A machine without that port.
    Refused,
    /// Something that accepts connections and never answers.
    Silent,
    /// Nothing; the attempt to connect times out.
    Unroutable,
}

impl Presence {
    /// The answer of whoever is there instead of IMDS; `None` if IMDS is.
    pub fn instead_of_imds(self) -> Option<Reply> {
        match self {
            Presence::Azure => None,
            Presence::Denied => Some(Reply::fault(Fault::Denied, "denied by the host")),
            Presence::DockerDesktop => Some(docker_desktop()),
            Presence::OtherCloud => Some(other_cloud()),
            Presence::Portal => Some(portal()),
            Presence::Refused => Some(Reply::fault(Fault::Refused, "no IMDS here: refused")),
            Presence::Silent => Some(Reply::fault(Fault::HangBeforeResponse, "no IMDS here: silence")),
            Presence::Unroutable => Some(Reply::fault(Fault::ConnectTimeout, "no IMDS here: unroutable")),
        }
    }
}

/// The text that `azure-identity` looks for to tell Docker Desktop from IMDS.
fn docker_desktop() -> Reply {
    let body = "connecting to 169.254.169.254:80: connecting to 169.254.169.254:80: dial tcp 169.254.169.254:80: \
                connectex: A socket operation was attempted to an unreachable network.";
    Reply::text(403, "text/plain; charset=utf-8", body, "Docker Desktop: unreachable")
}

fn other_cloud() -> Reply {
    let body = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html>\n <head>\n  <title>404 - Not Found</title>\n \
                </head>\n <body>\n  <h1>404 - Not Found</h1>\n </body>\n</html>\n";
    Reply::text(404, "text/html", body, "another cloud's metadata service").header("server", "EC2ws")
}

fn portal() -> Reply {
    let body = "<!DOCTYPE html><html><body>Please sign in to use this network.</body></html>";
    Reply::text(200, "text/html", body, "a portal's sign-in page")
}
