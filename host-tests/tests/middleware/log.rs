//! `log`, and its order with `allow-scopes`.

use crate::composed::{Composed, STORAGE, VAULT, request};
use anyhow::{Context, Result};
use azure_simulator::settings::{CLIENT_ID, TENANT_ID};
use host_tests::bindings::TokenRequest;
use host_tests::edition::Edition;
use host_tests::secrets;
use serde_json::{Value, json};

in_each_edition! {
    #[tokio::test(start_paused = true)]
    each_call_is_one_line,
    a_line_holds_no_secret_of_request_token_or_error,
    outcomes_are_passed_on_unchanged,
    over_allow_scopes_a_refusal_is_logged,
    under_allow_scopes_a_refusal_is_not_logged
}

async fn each_call_is_one_line(edition: Edition) -> Result<()> {
    let mut composed = Composed::start(edition, &[edition.log(), edition.component()], &[]).await?;
    let options = vec![("include-details".to_owned(), "true".to_owned())];
    let detailed = TokenRequest { options, enable_cae: true, ..request(VAULT) };
    for request in [&request(VAULT), &detailed, &detailed, &request("no scope\r\n\u{1b}[31m\"}")] {
        let _ = composed.get_token(request).await?;
    }
    let line =
        |scope: &str| json!({"event": "get-token", "scopes": [scope], "claims": false, "duration_ms": 0});
    let token = json!({"outcome": "token", "source": "managed-identity/imds", "expires_in": 86400});
    assert_eq!(
        lines(&composed)?,
        [
            merged(&[line(VAULT), token.clone(), json!({"cae": false})]),
            merged(&[line(VAULT), token.clone(), json!({"cae": true, "from_cache": false})]),
            merged(&[line(VAULT), token, json!({"cae": true, "from_cache": true})]),
            merged(&[line("no?scope????31m??"), json!({"cae": false, "outcome": "invalid-argument"})]),
        ]
    );
    Ok(())
}

async fn a_line_holds_no_secret_of_request_token_or_error(edition: Edition) -> Result<()> {
    for (secret, outcome) in
        [(azure_simulator::settings::CLIENT_SECRET, "token"), (WRONG, "authentication-failed")]
    {
        let mut composed =
            Composed::start(edition, &[edition.log(), edition.component()], &service_principal(secret))
                .await?;
        let claims = Some(format!(r#"{{"access_token":{{"acrs":{{"value":"{CLAIM}"}}}}}}"#));
        let request = TokenRequest { claims, ..request(VAULT) };
        let token = composed.get_token(&request).await?.map(|token| token.token).unwrap_or_default();
        let secrets = [("the token", token.as_str()), ("the secret", secret), ("the claim", CLAIM)];
        let secrets = secrets.map(|(name, secret)| (name.to_owned(), secret.to_owned()));
        let seen = [("the log".to_owned(), composed.guest.output())];
        assert_eq!(
            secrets::find(&[&secrets[..], &composed.azure.secrets()].concat(), &seen),
            Vec::<String>::new()
        );
        let [line] = <[_; 1]>::try_from(lines(&composed)?).expect("one line");
        assert_eq!((&line["outcome"], &line["claims"]), (&json!(outcome), &json!(true)));
        assert_eq!(line.get("error_codes"), (secret == WRONG).then_some(&json!([7000215])));
    }
    Ok(())
}

async fn outcomes_are_passed_on_unchanged(edition: Edition) -> Result<()> {
    for secret in [azure_simulator::settings::CLIENT_SECRET, WRONG] {
        let mut outcomes = Vec::new();
        for layers in
            [&[edition.component()][..], &[edition.log(), edition.allow_scopes(), edition.component()]]
        {
            let variables = [&service_principal(secret)[..], &[("AZURE_ALLOW_SCOPES", VAULT)]].concat();
            let mut composed = Composed::start(edition, layers, &variables).await?;
            let options = vec![("include-details".to_owned(), "true".to_owned())];
            let outcome = composed.get_token(&TokenRequest { options, ..request(VAULT) }).await?;
            outcomes.push(format!("{outcome:#?}"));
        }
        let [direct, layered] = <[_; 2]>::try_from(outcomes).expect("two outcomes");
        assert!(direct == layered, "{}", similar::TextDiff::from_lines(&direct, &layered).unified_diff());
    }
    Ok(())
}

async fn over_allow_scopes_a_refusal_is_logged(edition: Edition) -> Result<()> {
    let layers = [edition.log(), edition.allow_scopes(), edition.component()];
    assert_eq!(outcomes_of_both_scopes(edition, &layers).await?, ["token", "invalid-argument"]);
    Ok(())
}

async fn under_allow_scopes_a_refusal_is_not_logged(edition: Edition) -> Result<()> {
    let layers = [edition.allow_scopes(), edition.log(), edition.component()];
    assert_eq!(outcomes_of_both_scopes(edition, &layers).await?, ["token"]);
    Ok(())
}

/// The logged outcomes of a request for a listed scope and of one for another.
async fn outcomes_of_both_scopes(edition: Edition, layers: &[&str]) -> Result<Vec<Value>> {
    let mut composed = Composed::start(edition, layers, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    composed.get_token(&request(VAULT)).await??;
    composed.get_token(&request(STORAGE)).await?.expect_err("the scope is not listed");
    assert_eq!(composed.token_requests(), 1);
    Ok(lines(&composed)?.into_iter().map(|line| line["outcome"].clone()).collect())
}

/// The lines of standard error, as JSON.
fn lines(composed: &Composed) -> Result<Vec<Value>> {
    let output = composed.guest.output();
    let parse = |line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"));
    output.lines().map(parse).collect()
}

fn merged(parts: &[Value]) -> Value {
    parts
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn service_principal(secret: &str) -> [(&str, &str); 3] {
    [("AZURE_TENANT_ID", TENANT_ID), ("AZURE_CLIENT_ID", CLIENT_ID), ("AZURE_CLIENT_SECRET", secret)]
}

const WRONG: &str = "wr0ng-s3cr3t-of-the-test";
const CLAIM: &str = "cl41m-of-the-test";
