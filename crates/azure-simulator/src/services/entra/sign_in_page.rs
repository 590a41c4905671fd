//! The page that a browser shows before it is sent back to the app. The user is known, so that the page asks for consent alone.

use url::form_urlencoded;

use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::settings::Application;

/// Whether a browser sent the request: other clients do not ask for HTML, and are redirected at once.
pub fn is_wanted(request: &IncomingRequest) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("text/html"))
}

/// The page: one link to the app with `consented`, which has the code, and one with an error.
pub fn reply(request: &IncomingRequest, client: &Application, username: &str, consented: &str) -> Reply {
    let declined = declined(request);
    let scopes: String = request.parameter("scope").unwrap_or_default().split(' ').map(item).collect();
    let body = PAGE
        .replace("{user}", &escaped(username))
        .replace("{client}", &escaped(&client.client_id))
        .replace("{scopes}", &scopes)
        .replace("{consented}", &escaped(consented))
        .replace("{declined}", &escaped(&declined));
    let note = format!("{username} is asked for consent to {}", client.client_id);
    Reply::text(200, "text/html; charset=utf-8", body, note)
        .header(
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        )
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-store")
}

/// The address of the app when the user declines.
fn declined(request: &IncomingRequest) -> String {
    let redirect_uri = request.parameter("redirect_uri").unwrap_or_default();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("error", "access_denied");
    query.append_pair("error_description", "AADSTS65004: User declined to consent to access the app.");
    if let Some(state) = request.parameter("state") {
        query.append_pair("state", state);
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", query.finish())
}

fn item(scope: &str) -> String {
    format!("<li>{}</li>", escaped(scope))
}

/// The text without the characters that HTML reads as its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('{', "&#123;")
}

const PAGE: &str = include_str!("sign_in_page.html");
