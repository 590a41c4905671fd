use super::*;

const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "AAAABBBB-0000-cccc-1111-dddd2222eeee");
const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444");

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn names(settings: &Settings) -> Vec<&str> {
    settings.env.keys().map(String::as_str).collect()
}

fn error(identity: Identity, pairs: &[(&str, &str)]) -> String {
    Settings::parse(identity, &variables(pairs)).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn the_component_gets_the_variables_of_its_identity_and_no_others() -> Result<()> {
    let all = variables(&[
        TENANT,
        CLIENT,
        ("AZURE_CLIENT_SECRET", "secret"),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/certificates/client.pem"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/token"),
        ("AZURE_CONFIG_DIR", "/home/user/.azure"),
        ("LIVE_MANAGED_IDENTITY", "55556666-ffff-7777-aaaa-8888bbbb9999"),
        ("HOME", "/home/user"),
    ]);
    let settings = |identity| Settings::parse(identity, &all);
    let (app, only) =
        (["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_TOKEN_CREDENTIALS"], "AZURE_TOKEN_CREDENTIALS");
    let with = |name: &'static str| {
        let mut names = [app.as_slice(), &[name]].concat();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&settings(Identity::ClientSecret)?), with("AZURE_CLIENT_SECRET"));
    assert_eq!(names(&settings(Identity::Certificate)?), with("AZURE_CLIENT_CERTIFICATE_PATH"));
    assert_eq!(names(&settings(Identity::WorkloadIdentity)?), with("AZURE_FEDERATED_TOKEN_FILE"));
    assert_eq!(names(&settings(Identity::ManagedIdentity)?), ["AZURE_CLIENT_ID", only]);
    assert_eq!(names(&settings(Identity::AzureCli)?), ["AZURE_CONFIG_DIR", only]);
    let wrong = settings(Identity::WrongSecret)?;
    assert_eq!(names(&wrong), with("AZURE_CLIENT_SECRET"));
    assert_eq!(wrong.env.get("AZURE_CLIENT_SECRET").map(String::as_str), Some(WRONG_SECRET));
    Ok(())
}

#[test]
fn the_component_may_read_the_folders_that_the_variables_name() -> Result<()> {
    let all = variables(&[
        TENANT,
        CLIENT,
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/certificates/client.pem"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/token"),
        ("AZURE_CONFIG_DIR", "/home/user/.azure"),
    ]);
    let folders = |identity| Settings::parse(identity, &all).map(|settings| settings.folders);
    assert_eq!(folders(Identity::WrongSecret)?, <[PathBuf; 0]>::default());
    assert_eq!(folders(Identity::Certificate)?, [Path::new("/certificates")]);
    assert_eq!(folders(Identity::WorkloadIdentity)?, [Path::new("/var/run/secrets")]);
    assert_eq!(folders(Identity::AzureCli)?, [Path::new("/home/user/.azure")]);
    Ok(())
}

#[test]
fn the_audience_is_that_of_the_scope_unless_it_is_set() -> Result<()> {
    let audience = |pairs: &[(&str, &str)]| {
        let pairs = [&[TENANT, CLIENT], pairs].concat();
        Settings::parse(Identity::WrongSecret, &variables(&pairs)).map(|settings| settings.audience)
    };
    assert_eq!(audience(&[])?, "https://vault.azure.net");
    assert_eq!(
        audience(&[("LIVE_SCOPE", "https://management.azure.com//.default")])?,
        "https://management.azure.com"
    );
    let app =
        [("LIVE_SCOPE", "api://shop/.default"), ("LIVE_AUDIENCE", "11112222-bbbb-3333-cccc-4444dddd5555")];
    assert_eq!(audience(&app)?, "11112222-bbbb-3333-cccc-4444dddd5555");
    Ok(())
}

#[test]
fn a_malformed_variable_is_an_error_with_its_name() {
    let name = [("AZURE_TENANT_ID", "contoso.com"), CLIENT];
    let expected = "AZURE_TENANT_ID is compared with the tokens' tid; set it to the tenant's id, not a name";
    assert_eq!(error(Identity::WrongSecret, &name), expected);
    let relative = [TENANT, CLIENT, ("AZURE_CLIENT_CERTIFICATE_PATH", "client.pem")];
    assert_eq!(error(Identity::Certificate, &relative), "AZURE_CLIENT_CERTIFICATE_PATH is no absolute path");
    let identity = [TENANT, ("LIVE_MANAGED_IDENTITY", "yes")];
    let expected = "LIVE_MANAGED_IDENTITY is neither system-assigned nor a client id";
    assert_eq!(error(Identity::ManagedIdentity, &identity), expected);
    let scope = [TENANT, CLIENT, ("LIVE_SCOPE", "User.Read")];
    let expected = "LIVE_SCOPE does not end in /.default; set LIVE_AUDIENCE to the tokens' aud";
    assert_eq!(error(Identity::WrongSecret, &scope), expected);
}

#[test]
fn a_test_without_its_variables_is_skipped_and_fails_in_ci() -> Result<()> {
    let missing = missing(Identity::ClientSecret, &variables(&[TENANT, ("AZURE_CLIENT_SECRET", " ")]));
    assert_eq!(missing, ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]);
    let needs = "needs AZURE_CLIENT_ID, AZURE_CLIENT_SECRET";
    let readme = "crates/live/README.md has the variables";
    let skipped = decide(Identity::ClientSecret, &missing, false)?;
    assert_eq!(skipped, format!("SKIPPED ClientSecret: it {needs}; {readme}\n"));
    let failed = decide(Identity::ClientSecret, &missing, true).expect_err("CI skips nothing");
    assert_eq!(failed.to_string(), format!("ClientSecret {needs}, and CI=true skips no test; {readme}"));
    Ok(())
}

#[test]
fn the_readme_has_every_variable() {
    let readme = include_str!("../../README.md");
    let all = Identity::ALL.iter().flat_map(|it| it.needs().required.iter().chain(it.needs().passed));
    let absent: Vec<_> = all.filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    assert_eq!(absent, <[&&str; 0]>::default());
}
