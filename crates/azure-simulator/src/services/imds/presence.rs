//! What is at 169.254.169.254 in place of IMDS.

use crate::network::Fault;
use crate::reply::Reply;
use crate::settings::Presence;

/// The reply of what is there in place of IMDS; `None` if IMDS is there.
pub fn reply_in_place_of_imds(presence: Presence) -> Option<Reply> {
    match presence {
        Presence::Azure => None,
        Presence::Denied => Some(Reply::fault(Fault::Denied, "denied by the host")),
        Presence::DockerDesktop => Some(docker_desktop()),
        Presence::OtherCloud => Some(other_cloud()),
        Presence::Portal => Some(portal()),
        Presence::Refused => Some(Reply::fault(Fault::Refused, "no IMDS: connection refused")),
        Presence::Silent => Some(Reply::fault(Fault::HangBeforeResponse, "no IMDS: no response")),
        Presence::Unroutable => Some(Reply::fault(Fault::ConnectTimeout, "no IMDS: connect timeout")),
    }
}

/// The text by which `azure-identity` distinguishes Docker Desktop from IMDS.
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
    Reply::text(200, "text/html", body, "a captive portal's sign-in page")
}
