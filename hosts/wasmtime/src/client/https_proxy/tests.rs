use super::*;

fn proxy(url: &str, no_proxy: &str) -> HttpsProxy {
    HttpsProxy::new(url, no_proxy, vec![Host::parse("identity.contoso.internal").expect("a host")])
        .expect(url)
}

fn through(proxy: &HttpsProxy, destination: &str) -> Option<String> {
    let intercept = proxy.intercept(&destination.parse().expect(destination))?;
    Some(intercept.uri().to_string())
}

#[test]
fn requests_by_https_go_through_the_proxy() {
    let proxy = proxy("http://user:p%40ss@proxy.contoso.com:8080", "adfs.contoso.com, 10.0.0.0/8");
    let expected = Some("http://proxy.contoso.com:8080/".to_owned());
    assert_eq!(through(&proxy, "https://login.microsoftonline.com/t/oauth2/v2.0/token"), expected);
    for direct in ["https://adfs.contoso.com/", "https://sts.adfs.contoso.com/", "https://10.1.2.3/"] {
        assert_eq!(through(&proxy, direct), None, "{direct}");
    }
}

#[test]
fn no_metadata_service_is_reached_through_the_proxy() {
    let proxy = proxy("http://proxy.contoso.com:8080", "");
    for direct in [
        "http://169.254.169.254/metadata/identity/oauth2/token",
        "http://login.microsoftonline.com/",
        "https://169.254.169.254/",
        "https://168.63.129.16/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://metadata.google.internal/",
        "https://metadata.azure.internal./",
        "https://localhost:2377/",
        "https://LOCALHOST./",
        "https://127.0.0.1/",
        "https://[::1]:2377/",
        "https://0.0.0.0/",
        "https://identity.contoso.internal:2377/",
        "https://IDENTITY.contoso.internal./",
        // Addresses of this machine and of a metadata service in forms that parsers read differently.
        "https://2130706433/",
        "https://0xa9.254.169.254/",
        "https://[::ffff:169.254.169.254]/",
    ] {
        assert_eq!(through(&proxy, direct), None, "{direct}");
    }
}

#[test]
fn a_url_that_is_not_a_proxys_is_refused_and_not_repeated() {
    for url in [
        "socks5://user:secret@proxy",
        "http://user:secret@",
        "ftp://user:secret@proxy",
        "http://user:secret@a b",
    ] {
        let refused = HttpsProxy::new(url, "", Vec::new()).err().expect(url);
        assert!(!refused.contains("secret"), "{refused}");
    }
}

#[test]
fn the_variables_are_read_in_upper_and_in_lower_case() {
    let read = |variables: &[(&str, &str)]| {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        from_variables(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
        })
    };
    let expected = |url: &str, no_proxy: &str| Some((url.to_owned(), no_proxy.to_owned()));
    assert_eq!(read(&[("HTTPS_PROXY", "http://a"), ("NO_PROXY", "b")]), expected("http://a", "b"));
    assert_eq!(read(&[("https_proxy", "http://a"), ("no_proxy", "b")]), expected("http://a", "b"));
    assert_eq!(read(&[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b")]), expected("http://a", ""));
    assert_eq!(read(&[("HTTPS_PROXY", ""), ("HTTP_PROXY", "http://a"), ("NO_PROXY", "b")]), None);
}

#[test]
fn an_error_names_the_proxy_and_not_its_credentials() {
    let proxy = proxy("http://user:secret@proxy.contoso.com:8080", "");
    let intercept = proxy.intercept(&Uri::from_static("https://login.microsoftonline.com")).expect("a proxy");
    let authority = intercept.uri().authority().expect("an authority").to_string();
    let error = ProxyError { authority, source: "tunnel error: proxy authorization required".into() };
    assert_eq!(
        error.to_string(),
        "the proxy proxy.contoso.com:8080 gave no connection: tunnel error: proxy authorization required"
    );
    assert!(!format!("{intercept:?}").contains("secret"));
}
