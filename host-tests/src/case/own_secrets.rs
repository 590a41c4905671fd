//! The secrets that a case contains. Those that the simulated Azure issues, it records itself.

use super::Case;
use super::signed::Signed;
use anyhow::Result;
use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

/// The secrets of a case, as pairs of a name and the secret: those that the case declares, and those that can be
/// recognised in its variables, files and arguments.
///
/// # Errors
/// When `case.toml` cannot be read again.
pub fn own_secrets(case: &Case, files: &[(String, Vec<u8>)]) -> Result<Vec<(String, String)>> {
    let mut secrets: Vec<_> = case.secrets.clone().into_iter().collect();
    for (name, value) in &case.env {
        if SECRET_VARIABLES.contains(&name.as_str()) {
            secrets.push((name.clone(), value.clone()));
        }
        in_text(name, value, &mut secrets);
    }
    let mut files = files.to_vec();
    for (path, file) in case.calls.iter().flat_map(|call| &call.write_files) {
        files.extend(file.read(path)?);
    }
    for (path, content) in &files {
        let text = String::from_utf8_lossy(content);
        if is_secret_file(case, path) {
            secrets.push((format!("the content of {path}"), text.trim().to_owned()));
        }
        in_text(path, &text, &mut secrets);
    }
    let text = std::fs::read_to_string(case.folder.join("case.toml"))?;
    let calls = toml::from_str::<toml::Table>(&super::expand(&text))?.remove("calls");
    in_arguments(calls.as_ref(), &mut secrets);
    secrets.extend(case.calls.iter().flat_map(|call| call.via.secrets()));
    Ok(secrets)
}

/// The files of workload identity and of Azure Arc contain a secret and nothing else.
fn is_secret_file(case: &Case, path: &str) -> bool {
    path.ends_with(".key") || case.env.get("AZURE_FEDERATED_TOKEN_FILE").is_some_and(|it| it.trim() == path)
}

/// Finds secret members of JSON, JSON web tokens and private keys.
fn in_text(place: &str, text: &str, secrets: &mut Vec<(String, String)>) {
    for found in MEMBER.captures_iter(text) {
        secrets.push((format!("{} of {place}", &found[1]), found[2].to_owned()));
    }
    for found in JWT.find_iter(text) {
        secrets.push((format!("a JWT of {place}"), found.as_str().to_owned()));
    }
    for found in PRIVATE_KEY.captures_iter(text) {
        let lines: Vec<_> = found[1].lines().collect();
        // The first half of an RSA key is its public part, which the certificate contains as well.
        let private = lines.iter().skip(lines.len() / 2);
        secrets.extend(private.map(|line| (format!("a private key of {place}"), (*line).to_owned())));
    }
}

/// Finds secret arguments of credentials, at any depth of the calls.
fn in_arguments(value: Option<&toml::Value>, secrets: &mut Vec<(String, String)>) {
    match value {
        Some(toml::Value::Array(members)) => {
            members.iter().for_each(|member| in_arguments(Some(member), secrets));
        }
        Some(toml::Value::Table(members)) => {
            for (name, member) in members {
                if name == "signed"
                    && let Ok(signed) = Signed::deserialize(member.clone())
                {
                    secrets.push(("the assertion".to_owned(), signed.sign()));
                }
                match member.as_str() {
                    Some(secret) if SECRET_ARGUMENTS.contains(&name.as_str()) => {
                        secrets.push((name.clone(), secret.trim().to_owned()));
                        in_text(name, secret, secrets);
                    }
                    _ => in_arguments(Some(member), secrets),
                }
            }
        }
        _ => {}
    }
}

const SECRET_VARIABLES: &[&str] = &[
    "AZURE_CLIENT_SECRET",
    "AZURE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "IDENTITY_HEADER",
    "MSI_SECRET",
    "SYSTEM_ACCESSTOKEN",
];

/// The parameters that `wit/0.2/credentials` documents as secret; `text` is that of an assertion, `data` that of a
/// certificate.
const SECRET_ARGUMENTS: &[&str] = &[
    "client-secret",
    "code",
    "code-verifier",
    "data",
    "password",
    "secret",
    "system-access-token",
    "text",
    "user-assertion",
];

static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    let names = "secret|client_secret|accessToken|access_token|refresh_token|client_assertion";
    Regex::new(&format!(r#""({names})"\s*:\s*"([^"]+)""#)).expect("the expression is constant")
});

static JWT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"eyJ[\w-]+\.[\w-]+\.[\w-]+").expect("the expression is constant"));

static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+([A-Za-z0-9+/=\r\n]+)")
        .expect("the expression is constant")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognised_in_variables_files_and_arguments() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let toml = r#"
            docs = "secrets everywhere"
            sort = "success"
            secrets = { declared = "declared secret" }
            env = { MSI_SECRET = "variable secret", AZURE_TENANT_ID = "no secret", AZURE_FEDERATED_TOKEN_FILE = "/t" }
            [[calls]]
            via = { chain = [{ client-secret = { tenant-id = "t", client-id = "c", client-secret = "argument secret" } }] }
            write-files = { "/t" = "federated secret\n", "/a" = '{"accessToken": "member secret"}' }
            expect = { requests = 0 }
        "#;
        std::fs::write(folder.path().join("case.toml"), toml).expect("a file");
        let case = Case::read(folder.path()).expect("a case");
        let key = "-----BEGIN PRIVATE KEY-----\npublic\nsecret key\n-----END PRIVATE KEY-----\n";
        let key = key.replace("secret key", "c2VjcmV0");
        let files =
            [("/k.pem".to_owned(), key.into_bytes()), ("/j".to_owned(), b"<eyJh.eyJi.c2ln>".to_vec())];
        let mut secrets: Vec<_> =
            own_secrets(&case, &files).expect("secrets").into_iter().map(|(_, secret)| secret).collect();
        secrets.sort();
        let expected = [
            "argument secret",
            "c2VjcmV0",
            "declared secret",
            "eyJh.eyJi.c2ln",
            "federated secret",
            "member secret",
            "variable secret",
        ];
        assert_eq!(secrets, expected);
    }

    #[test]
    fn default_arguments_are_secret_too() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let calls = "[[calls]]\nvia.on-behalf-of = {}\nexpect = { requests = 0 }\n\
            [[calls]]\nvia.chain = [{ username-password = {} }]\nexpect = { requests = 0 }\n";
        let toml = format!("docs = 'defaults'\nsort = 'success'\n{calls}");
        std::fs::write(folder.path().join("case.toml"), toml).expect("the file is written");
        let case = Case::read(folder.path()).expect("a case");
        let names: Vec<_> =
            own_secrets(&case, &[]).expect("secrets").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["user assertion", "client secret", "password"]);
    }
}
