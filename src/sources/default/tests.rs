//! Tests of the default chain.

use super::*;
use crate::concurrency::run;
use crate::host::fake::FakeHost;
use crate::request::RawRequest;

/// The sources that are tried when none is available, or the error when there is no chain.
fn tried(variable: &str, exclude: &[&str]) -> Result<Vec<&'static str>, String> {
    let host = FakeHost::new().env(VARIABLE, variable);
    let exclude = exclude.iter().map(ToString::to_string).collect();
    let chain = DefaultChain::new(Options { exclude, ..Default::default() });
    chain.prepare(&host).map_err(|error| error.into_details().message)?;
    let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
    let request = TokenRequest::parse(raw).expect("well-formed");
    let error = run(chain.get_token(&CallContext::new(&host), &request)).expect_err("no source is available");
    // A chain of one source reports that source's error, without attempts.
    let single = || {
        DEFAULT
            .iter()
            .filter(|source| error.message.contains(source.name))
            .map(|source| source.name)
            .collect()
    };
    Ok(if error.attempts.is_empty() {
        single()
    } else {
        error.attempts.iter().map(|attempt| attempt.source).collect()
    })
}

#[test]
fn all_sources_are_tried_unless_the_variable_restricts_them() {
    for (variable, expected) in [
        (
            "",
            vec![
                "environment",
                "workload-identity",
                "managed-identity",
                "shared-token-cache",
                "azure-cli",
                "azure-developer-cli",
            ],
        ),
        (
            " ",
            vec![
                "environment",
                "workload-identity",
                "managed-identity",
                "shared-token-cache",
                "azure-cli",
                "azure-developer-cli",
            ],
        ),
        ("prod", vec!["environment", "workload-identity", "managed-identity"]),
        ("DEV", vec!["shared-token-cache", "azure-cli", "azure-developer-cli"]),
        ("EnvironmentCredential", vec!["environment"]),
        ("azure-cli", vec!["azure-cli"]),
    ] {
        assert_eq!(tried(variable, &[]), Ok(expected), "{variable:?}");
    }
}

#[test]
fn an_unknown_name_is_an_error() {
    let names = "environment, workload-identity, managed-identity, shared-token-cache, azure-cli, azure-developer-cli";
    assert_eq!(
        tried("Foo", &[]),
        Err(format!(
            "default: AZURE_TOKEN_CREDENTIALS names no source of the chain; set it to prod, dev or one of {names}"
        ))
    );
    assert_eq!(
        tried("", &["foo"]),
        Err(format!("default: exclude names no source of the chain; it has {names}"))
    );
    assert_eq!(
        tried("azure-cli", &["azure-cli"]),
        Err("default: exclude and AZURE_TOKEN_CREDENTIALS together leave no source".to_owned())
    );
}

#[test]
fn an_excluded_source_is_not_tried() {
    assert_eq!(
        tried("", &["managed-identity"]),
        Ok(vec![
            "environment",
            "workload-identity",
            "shared-token-cache",
            "azure-cli",
            "azure-developer-cli"
        ])
    );
}

/// The files that the logins of developer tools are looked for in.
fn looked_for(variables: &[(&str, &str)]) -> Vec<String> {
    let host = FakeHost::new().env(VARIABLE, "dev");
    let host = variables.iter().fold(host, |host, (name, value)| host.env(name, value));
    let request = RawRequest { scopes: vec!["s".into()], ..Default::default() };
    let request = TokenRequest::parse(request).expect("well-formed");
    let chain = DefaultChain::new(Options::default());
    run(chain.get_token(&CallContext::new(&host), &request)).expect_err("there is no login");
    host.paths_read.take()
}

#[test]
fn the_logins_of_developer_tools_are_where_linux_and_macos_have_them() {
    let expected = [
        "/Users/user/.IdentityService/msal.cache.nocae",
        "/Users/user/.IdentityService/msal.cache",
        "/Users/user/.local/share/.IdentityService/msal.cache.nocae",
        "/Users/user/.local/share/.IdentityService/msal.cache",
        "/Users/user/.azure/azureProfile.json",
        "/Users/user/.azd/config.json",
        "/Users/user/.azd/auth.json",
        "/Users/user/.azd/auth/msal/cache.json",
    ];
    assert_eq!(looked_for(&[("HOME", "/Users/user")]), expected);
    assert_eq!(looked_for(&[("HOME", "/Users/user/"), ("USERPROFILE", r"C:\Users\other")]), expected);
}

#[test]
fn the_logins_of_developer_tools_are_where_windows_has_them() {
    let variables = [("USERPROFILE", r"C:\Users\user"), ("LOCALAPPDATA", r"C:\Users\user\AppData\Local")];
    let expected = [
        r"C:\Users\user\AppData\Local\.IdentityService\msal.cache.nocae",
        r"C:\Users\user\AppData\Local\.IdentityService\msal.cache",
        r"C:\Users\user\.IdentityService\msal.cache.nocae",
        r"C:\Users\user\.IdentityService\msal.cache",
        r"C:\Users\user\.local\share\.IdentityService\msal.cache.nocae",
        r"C:\Users\user\.local\share\.IdentityService\msal.cache",
        r"C:\Users\user\.azure\azureProfile.json",
        r"C:\Users\user\.azd\config.json",
        r"C:\Users\user\.azd\auth.json",
        r"C:\Users\user\.azd\auth\msal\cache.json",
    ];
    assert_eq!(looked_for(&variables), expected);
    let folders = [("AZURE_CONFIG_DIR", r"D:\az\"), ("AZD_CONFIG_DIR", "D:/azd")];
    assert_eq!(
        looked_for(&folders),
        [
            r"D:\az\azureProfile.json",
            r"D:/azd\config.json",
            r"D:/azd\auth.json",
            r"D:/azd\auth\msal\cache.json"
        ]
    );
}

#[test]
fn the_error_for_an_unsupported_credential_names_another_one() {
    for (name, _, why) in UNSUPPORTED {
        let message = format!("default: AZURE_TOKEN_CREDENTIALS names {name}, which {why}");
        assert_eq!(tried(&name.to_lowercase(), &[]), Err(message));
    }
}
