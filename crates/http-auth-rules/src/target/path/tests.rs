use super::*;

#[test]
fn a_path_has_one_form() {
    for (path, plain) in [
        ("", "/"),
        ("/", "/"),
        ("/secrets", "/secrets"),
        ("/secrets/", "/secrets/"),
        ("/%73ecrets/a%2db", "/secrets/a-b"),
        ("/%24web/%24batch", "/$web/$batch"),
        ("/a%21%24%26%27%28%29%2A%2b%2C%3d%3A%40", "/a!$&'()*+,=:@"),
        ("/a..b/.c", "/a..b/.c"),
        ("/Tables('a')", "/Tables('a')"),
        ("/a%20b%c3%bc", "/a%20bü"),
        ("/a{b}|\"<>^`[]", "/a%7Bb%7D%7C%22%3C%3E%5E%60%5B%5D"),
        ("/a%7bb%7d%7c%22%3c%3e%5e%60%5b%5d%3f%23", "/a%7Bb%7D%7C%22%3C%3E%5E%60%5B%5D%3F%23"),
    ] {
        assert_eq!(plain_path(path).as_deref(), Ok(plain), "{path}");
    }
}

#[test]
fn what_servers_could_read_differently_has_none() {
    use PathProblem::*;
    for (problem, paths) in [
        (NoSlash, &["*", "a", "http://other/"][..]),
        (EmptySegment, &["//a", "/a//b", "/a//", "//"]),
        (
            FinalDot,
            &[
                "/a/../b",
                "/..",
                "/.",
                "/a/..",
                "/./a",
                "/a/%2e%2e/b",
                "/%2E%2e",
                "/a/.%2e/b",
                "/admin.",
                "/admin./x",
                "/admin%2e",
                "/admin../x",
                "/...",
            ],
        ),
        (Blank, &["/admin%20", "/admin%20/x", "/%20admin", "/a/%20"]),
        (
            Semicolon,
            &[
                "/admin;x=1",
                "/admin%3Bx",
                "/admin;",
                "/;/admin",
                "/a;b/c",
                "/..;/b",
                "/a/..%3b/b",
                "/admin;a=b/x",
            ],
        ),
        (
            Delimiter,
            &[
                "/a%2fb",
                "/a%2Fb",
                "/a\\b",
                "/a%5cb",
                "/a%5C..%5Cb",
                "/a%00",
                "/a%0a",
                "/a%7f",
                "/a%09",
                "/a\nb",
                "/a%252e%252e/b",
                "/a%25",
            ],
        ),
        (
            Encoding,
            &["/a%", "/a%2", "/a%zz", "/a%c0%af", "/a%c0%ae", "/a%e0%80%af", "/a%ff", "/a%c3", "/%ed%a0%80"],
        ),
        (
            Confusable,
            &[
                "/a%EF%BC%8Fb",
                "/a%e2%81%84b",
                "/a%e2%88%95b",
                "/a%ef%bc%bcb",
                "/%ef%bc%8e%ef%bc%8e/b",
                "/%e2%80%a5/b",
                "/admin%ef%bc%9bx",
                "/ad%e2%80%8bmin",
                "/admin%c2%a0",
                "/admin%c2%ad",
                "/admin%ef%bb%bf",
                "/a%c2%85",
                "/a%ef%bc%85%32%66b",
                "/admin%e3%80%82",
            ],
        ),
    ] {
        for path in paths {
            assert_eq!(plain_path(path), Err(problem), "{path}");
        }
    }
}

#[test]
fn a_path_is_below_that_of_a_rule_if_its_segments_are() {
    use Relation::*;
    for (path, of_rule, expected) in [
        ("/api", "/api", Below),
        ("/api/", "/api", Below),
        ("/api/v1", "/api", Below),
        ("/api('v1')", "/api", Below),
        ("/api:run", "/api", Below),
        ("/apix", "/api", Outside),
        ("/api.json", "/api", Outside),
        ("/", "/api", Outside),
        ("/x/api", "/api", Outside),
        ("/API", "/api", Unclear(PathProblem::Case)),
        ("/Api/v1", "/api", Unclear(PathProblem::Case)),
        ("/Api(1)", "/api", Unclear(PathProblem::Case)),
        ("/Apix", "/api", Outside),
        ("/api/ü", "/api", Below),
        ("/api%3Fx", "/api", Unclear(PathProblem::EncodedEnd)),
        ("/Api%23x/y", "/api", Unclear(PathProblem::EncodedEnd)),
        ("/apix%3F", "/api", Outside),
        ("/api/x%3F", "/api", Below),
        // The Kelvin sign and the long s are letters of ASCII without case, and a full-width word is one in another form.
        ("/\u{212a}ey", "/key", Unclear(PathProblem::NotAscii)),
        ("/key\u{17f}/x", "/keys", Unclear(PathProblem::NotAscii)),
        ("/ａｐｉ/x", "/api", Unclear(PathProblem::NotAscii)),
        ("/v1/ädmin", "/v1/admin", Unclear(PathProblem::NotAscii)),
        ("/v1/API/ü", "/v1/api", Unclear(PathProblem::Case)),
        ("/v1/x/ü", "/v1/api", Outside),
        ("/v2/ü", "/v1/api", Outside),
        ("/ü", "/v1/api", Outside),
    ] {
        assert_eq!(relation(path, of_rule), expected, "{path} below {of_rule}");
    }
}
