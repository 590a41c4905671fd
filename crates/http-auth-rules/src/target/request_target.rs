//! The target of a request (RFC 9110, section 7.1): the server, and the path with the query.

use super::{Authority, Scheme, Server, TargetError};
use crate::prelude::*;

/// The target of a request, parsed once. Rules decide on it, and the request is sent to it: its scheme, authority and path
/// are written anew from here, so that no host can read another target from the texts of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The server.
    pub server: Server,
    path_with_query: String,
}

impl Target {
    /// Parses the target of a request. Without a scheme it is `https`, without a path `/` (RFC 3986, section 6.2.3).
    ///
    /// # Errors
    /// When it names no server, or when two parsers could read it as different targets.
    pub fn parse(
        method: &str,
        scheme: Option<&str>,
        authority: Option<&str>,
        path_with_query: Option<&str>,
    ) -> Result<Self, TargetError> {
        let server = Server::parse(scheme, authority)?;
        let text = path_with_query.unwrap_or_default();
        let absent = if text.is_empty() || text.starts_with('?') { "/" } else { "" };
        let path_with_query = [absent, text].concat();
        // The asterisk-form (RFC 9112, section 3.2.4) is for OPTIONS alone.
        let is_asterisk = path_with_query == "*" && method == "OPTIONS";
        if is_asterisk || is_origin_form(&path_with_query) {
            Ok(Self { server, path_with_query })
        } else {
            Err(TargetError::Path)
        }
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.server.scheme
    }

    /// The authority: the host in its canonical form, and the port unless it is the scheme's.
    pub fn authority(&self) -> String {
        format!("{}", Authority(&self.server))
    }

    /// The path with the query, as the app wrote them. Begins with `/`, or is `*`.
    pub fn path_with_query(&self) -> &str {
        &self.path_with_query
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.path_with_query.split('?').next().unwrap_or_default()
    }

    /// The query, without the question mark; empty: there is none.
    pub fn query(&self) -> &str {
        self.path_with_query.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Whether a text is a path and a query (RFC 9112, section 3.2.1) to every parser.
///
/// What begins with `//` is an authority, and what begins with neither `/` nor `?` belongs to the authority, where a host
/// resolves it against the scheme or appends it to the authority: `@evil.example` makes a user of the rule's host. A
/// backslash is a slash in the URL Standard, `#` begins a fragment, and blanks and line ends end the request line.
fn is_origin_form(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    let is_sent = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && text.bytes().all(is_sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(scheme: Option<&str>, authority: &str, path: Option<&str>) -> Result<String, TargetError> {
        let target = Target::parse("GET", scheme, Some(authority), path)?;
        Ok(format!("{} {} {}", target.scheme().name(), target.authority(), target.path_with_query()))
    }

    #[test]
    fn a_request_is_sent_to_the_canonical_form_of_its_target() {
        for (scheme, authority, path, sent) in [
            (None, "a.example", None, "https a.example /"),
            (Some("HTTPS"), "A.example.:443", Some(""), "https a.example /"),
            (Some("https"), "a.example:8443", Some("?x=//y\\z"), "https a.example:8443 /?x=//y\\z"),
            (Some("Http"), "127.0.0.1:80", Some("/a//b?c?d"), "http 127.0.0.1 /a//b?c?d"),
            (Some("https"), "[0::1]:9", Some("/@b.example"), "https [::1]:9 /@b.example"),
            (Some("https"), "a.example", Some("/a/../%2F%00"), "https a.example /a/../%2F%00"),
        ] {
            assert_eq!(
                parsed(scheme, authority, path).as_deref(),
                Ok(sent),
                "{scheme:?} {authority} {path:?}"
            );
        }
    }

    #[test]
    fn a_path_that_hosts_could_read_as_another_target_is_refused() {
        for path in [
            "//evil.example/x",
            "///x",
            "@evil.example/x",
            ":443@evil.example/",
            ".evil.example/",
            "evil.example/",
            "https://evil.example/",
            "\\\\evil.example/",
            "/\\evil.example/",
            "/a\\b",
            "*",
            "/a#b",
            "#",
            "?a#b",
            "/a b",
            " /a",
            "/a ",
            "/a?b c",
            "/a\tb",
            "/a\r\nhost: evil.example",
            "/a?b\r\n",
            "/a\0",
            "/\u{7f}",
            "/ü",
            "/?ü",
            "\u{ff0f}a",
        ] {
            assert_eq!(parsed(Some("https"), "a.example", Some(path)), Err(TargetError::Path), "{path:?}");
        }
    }

    #[test]
    fn the_asterisk_is_for_options_alone() {
        let sent = |method| {
            Target::parse(method, None, Some("a.example"), Some("*"))
                .map(|it| it.path_with_query().to_owned())
        };
        assert_eq!(sent("OPTIONS"), Ok("*".to_owned()));
        assert_eq!((sent("GET"), sent("options")), (Err(TargetError::Path), Err(TargetError::Path)));
    }

    #[test]
    fn the_path_ends_where_the_query_begins() {
        for (text, path, query) in
            [("/a/b?c=d?e", "/a/b", "c=d?e"), ("?x", "/", "x"), ("/a", "/a", ""), ("/a?", "/a", "")]
        {
            let target = Target::parse("GET", None, Some("a.example"), Some(text)).expect(text);
            assert_eq!((target.path(), target.query()), (path, query), "{text}");
        }
    }
}
