//! Challenges: a service refuses a token and specifies the one that it accepts.

use crate::scenario::{Scenario, TWO_TENANTS, audience, ok};
use crate::way::Way;
use anyhow::{Context, Result};
use host_tests::async_app::ErrorCode;
use host_tests::clock::EPOCH;
use host_tests::network::Outcome;
use http::{HeaderMap, Response};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SECRET: &str = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
const BLOB: &str = "https://my.blob.core.windows.net/c/b";
/// `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`.
const CLAIMS: &str = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ==";

fn unauthorized(challenge: &str) -> Outcome {
    let response = Response::builder().status(401).header("www-authenticate", challenge);
    Outcome::Response(response.body("no".into()).expect("a response"))
}

/// A scenario whose services demand other claims of every token issued within the first minute.
async fn revoking(way: Way, variables: &[(&str, &str)]) -> Result<Scenario> {
    // Not a managed identity: IMDS caches its tokens, so a request with claims returns no new token.
    Scenario::new(way, &[CAE, variables].concat(), "", |request| {
        let (_, token) = audience(request).expect("a token");
        let claims = azure_simulator::jwt::verify(&token).expect("a signed token");
        // Microsoft Entra dates tokens back by five minutes.
        if claims["iat"].as_u64() < Some(EPOCH + 60 - 300) {
            return unauthorized(&format!(
                r#"Bearer realm="", error="insufficient_claims", claims="{CLAIMS}""#
            ));
        }
        ok()
    })
    .await
}

over_each_way! {
    #[tokio::test(start_paused = true)]
    a_revoked_token_is_replaced_without_the_app_noticing,
    a_request_without_a_body_is_sent_again_once,
    a_consumed_body_is_not_sent_again_and_the_next_request_has_the_new_token,
    a_body_that_a_rule_buffers_is_sent_again,
    a_body_is_buffered_at_its_content_length_even_if_the_stream_ends_later,
    a_body_is_sent_again_unless_it_is_longer_than_64_kib,
    a_body_without_a_length_is_sent_again,
    a_body_that_is_being_sent_when_the_challenge_comes_is_sent_again,
    the_tenant_of_a_rule_does_not_affect_other_rules,
    no_challenge_causes_a_request_for_a_scope_outside_the_rules,
    a_vault_in_another_tenant_names_its_tenant,
    a_response_that_echoes_the_token_is_withheld
}

async fn a_revoked_token_is_replaced_without_the_app_noticing(way: Way) -> Result<()> {
    let vaults = format!(
        "key-vaults = [{{ name = 'contoso', revoked-on = {}, secrets = [{{ name = 'greeting', value = 'hi there' }}] }}]",
        EPOCH + 60
    );
    let mut scenario = Scenario::new(way, CAE, &vaults, |_| ok()).await?;
    // Another vault, which does not revoke tokens, yields a token that was issued before the revocation.
    scenario.send("GET", "https://other.vault.azure.net/", &[]).await??;
    let first = audience(&scenario.seen()[0])?;
    scenario.clock.advance(Duration::from_secs(120)).await;
    assert_eq!(scenario.send("GET", SECRET, &[]).await??.status(), 200, "{:?}", scenario.azure.journal());
    let requests: Vec<_> = scenario.azure.journal().iter().map(|it| (it.service_name(), it.status)).collect();
    let (token, vault) = (("entra", Some(200)), |status| ("key-vault", Some(status)));
    assert_eq!(requests, [token, vault(401), token, vault(200)]);
    // The new token is used from now on.
    scenario.send("GET", "https://other.vault.azure.net/", &[]).await??;
    assert_ne!(audience(&scenario.seen()[0])?, first);
    assert_eq!(scenario.azure.journal().len(), 4);
    scenario.assert_silent();
    Ok(())
}

/// A service principal, whose tokens declare that the client handles claims challenges.
const CAE: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", azure_simulator::settings::TENANT_ID),
    ("AZURE_CLIENT_ID", azure_simulator::settings::CLIENT_ID),
    ("AZURE_CLIENT_SECRET", azure_simulator::settings::CLIENT_SECRET),
];

async fn a_request_without_a_body_is_sent_again_once(way: Way) -> Result<()> {
    let mut scenario = revoking(way, &[]).await?;
    scenario.clock.advance(Duration::from_secs(30)).await;
    // The new token was issued before the revocation as well: the service refuses it too, and the app gets the 401.
    let response = scenario.send("GET", BLOB, &[]).await??;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (401, &b"no"[..]));
    assert_eq!(scenario.seen().len(), 2);
    scenario.clock.advance(Duration::from_secs(60)).await;
    assert_eq!(scenario.send("DELETE", BLOB, &[]).await??.status(), 200);
    let seen = scenario.seen();
    assert_eq!(seen.len(), 2);
    assert_ne!(audience(&seen[0])?.1, audience(&seen[1])?.1);
    assert_eq!(
        seen.iter().map(|request| request.method().as_str()).collect::<Vec<_>>(),
        ["DELETE", "DELETE"]
    );
    Ok(())
}

async fn a_consumed_body_is_not_sent_again_and_the_next_request_has_the_new_token(way: Way) -> Result<()> {
    let mut scenario = revoked(way, " keep=0").await?;
    let body = [("x-body", "1000"), ("x-with-content-length", "1000")];
    assert_eq!(scenario.send("PUT", BLOB, &body).await??.status(), 401);
    assert_eq!(scenario.seen().len(), 1);
    assert_eq!(scenario.send("PUT", BLOB, &body).await??.status(), 200);
    assert_eq!(scenario.seen()[0].body().len(), 1000);
    Ok(())
}

/// A scenario whose services have revoked the app's token, and a rule with these options.
async fn revoked(way: Way, options: &str) -> Result<Scenario> {
    let rule = format!("https://*.blob.core.windows.net scope=https://storage.azure.com/.default{options}");
    let mut scenario = revoking(way, &[("AZURE_HTTP_AUTH_RULES", &rule)]).await?;
    scenario.send("GET", BLOB, &[]).await??;
    scenario.clock.advance(Duration::from_secs(90)).await;
    scenario.seen();
    Ok(scenario)
}

/// The status of a PUT with these orders to a service that has revoked the token, and the lengths of the bodies and the
/// values of `x-trailer` that it received.
async fn put(scenario: &mut Scenario, orders: &[(&str, &str)]) -> Result<(u16, Vec<(usize, String)>)> {
    let sending = tokio::time::timeout(Duration::from_secs(600), scenario.send("PUT", BLOB, orders));
    let response = sending.await.with_context(|| format!("{orders:?}: it hangs"))???;
    let received = scenario.seen().into_iter().map(|request| {
        let trailers = request.extensions().get::<HeaderMap>();
        let trailer = trailers.and_then(|trailers| trailers.get("x-trailer")).and_then(|it| it.to_str().ok());
        (request.body().len(), trailer.unwrap_or_default().to_owned())
    });
    Ok((response.status().as_u16(), received.collect()))
}

async fn a_body_that_a_rule_buffers_is_sent_again(way: Way) -> Result<()> {
    for (length, status, times) in [("1001", 401, 1), ("1000", 200, 2), ("1", 200, 2), ("0", 200, 2)] {
        let mut scenario = revoked(way, " keep=1000").await?;
        let received = put(&mut scenario, &[("x-body", length), ("x-with-content-length", length)]).await?;
        assert_eq!(received, (status, vec![(length.parse()?, String::new()); times]));
    }
    Ok(())
}

async fn a_body_is_sent_again_unless_it_is_longer_than_64_kib(way: Way) -> Result<()> {
    for (length, status, times) in [("65536", 200, 2), ("65537", 401, 1)] {
        for orders in [&[("x-body", length)][..], &[("x-body", length), ("x-with-content-length", length)]] {
            let mut scenario = revoked(way, "").await?;
            let received = put(&mut scenario, orders).await?;
            assert_eq!(received, (status, vec![(length.parse()?, String::new()); times]), "{orders:?}");
        }
    }
    Ok(())
}

async fn a_body_is_buffered_at_its_content_length_even_if_the_stream_ends_later(way: Way) -> Result<()> {
    let mut scenario = revoked(way, "").await?;
    let body = [("x-body", "3"), ("x-with-content-length", "3"), ("x-open", "")];
    assert_eq!(put(&mut scenario, &body).await?, (200, vec![(3, String::new()); 2]));
    Ok(())
}

async fn a_body_without_a_length_is_sent_again(way: Way) -> Result<()> {
    for (orders, received) in [
        (&[("x-body", "0")][..], (0, "")),
        (&[("x-body", "3")], (3, "")),
        (&[("x-body", "3"), ("x-trailer", "sum")], (3, "sum")),
        (&[("x-body", "0"), ("x-trailer", "sum")], (0, "sum")),
        (&[("x-body", "3"), ("x-trailer", "sum"), ("x-with-trailer", "x-trailer")], (3, "sum")),
    ] {
        let mut scenario = revoked(way, "").await?;
        let received = (received.0, received.1.to_owned());
        assert_eq!(put(&mut scenario, orders).await?, (200, vec![received; 2]), "{orders:?}");
    }
    Ok(())
}

/// The service answers before it reads the body, and the app writes it meanwhile.
async fn a_body_that_is_being_sent_when_the_challenge_comes_is_sent_again(way: Way) -> Result<()> {
    for (orders, received) in [
        (&[("x-body", "3")][..], (3, "")),
        (&[("x-body", "60000")], (60_000, "")),
        (&[("x-body", "60000"), ("x-with-content-length", "60000")], (60_000, "")),
        (&[("x-body", "3"), ("x-with-content-length", "3"), ("x-open", "")], (3, "")),
        (&[("x-body", "60000"), ("x-trailer", "sum")], (60_000, "sum")),
    ] {
        let mut scenario = revoked(way, "").await?;
        scenario.answer_early();
        let received = vec![(0, String::new()), (received.0, received.1.to_owned())];
        assert_eq!(put(&mut scenario, orders).await?, (200, received), "{orders:?}");
    }
    Ok(())
}

async fn the_tenant_of_a_rule_does_not_affect_other_rules(way: Way) -> Result<()> {
    let other = "99999999-0000-cccc-1111-dddd2222eeee";
    let storage = "scope=https://storage.azure.com/.default";
    let rules = format!(
        "https://my.blob.core.windows.net/theirs {storage} tenant={other}; https://my.blob.core.windows.net {storage}"
    );
    let variables =
        [CAE, &[("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*"), ("AZURE_HTTP_AUTH_RULES", &rules)]].concat();
    let refusals = AtomicUsize::new(0);
    let mut scenario = Scenario::new(way, &variables, &vault_of_another_tenant(), move |_| {
        if refusals.fetch_add(1, Ordering::Relaxed) == 0 {
            return unauthorized(&format!(r#"Bearer error="insufficient_claims", claims="{CLAIMS}""#));
        }
        ok()
    })
    .await?;
    for path in ["theirs/b", "ours"] {
        let address = format!("https://my.blob.core.windows.net/{path}");
        assert_eq!(scenario.send("GET", &address, &[]).await??.status(), 200, "{path}");
    }
    let mut tenants = Vec::new();
    for request in scenario.seen() {
        let claims = azure_simulator::jwt::verify(&audience(&request)?.1).context("a signed token")?;
        tenants.push(claims["tid"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(tenants, [other, other, azure_simulator::settings::TENANT_ID]);
    Ok(())
}

async fn no_challenge_causes_a_request_for_a_scope_outside_the_rules(way: Way) -> Result<()> {
    for challenge in [
        r#"Bearer authorization="https://login.microsoftonline.com/t", resource="https://graph.microsoft.com""#,
        r#"Bearer authorization="https://evil.example/t", resource="https://storage.azure.com""#,
        r#"Bearer authorization="http://login.microsoftonline.com/t", resource="https://storage.azure.com""#,
        r#"Bearer error="insufficient_claims", claims="not base64!""#,
        r#"Basic realm="x""#,
    ] {
        let mut scenario = Scenario::new(way, &[], "", move |_| unauthorized(challenge)).await?;
        assert_eq!(scenario.send("GET", BLOB, &[]).await??.status(), 401);
        assert_eq!((scenario.seen().len(), scenario.token_requests()), (1, 1), "{challenge}");
    }
    Ok(())
}

async fn a_vault_in_another_tenant_names_its_tenant(way: Way) -> Result<()> {
    let mut variables = CAE.to_vec();
    variables.push(("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*"));
    let mut scenario = Scenario::new(way, &variables, &vault_of_another_tenant(), |_| ok()).await?;
    for _ in 0..3 {
        let response = scenario.send("GET", SECRET, &[]).await??;
        assert_eq!(response.status(), 200, "{:?}: {:?}", response.body(), scenario.azure.journal());
    }
    let requests = scenario.azure.journal();
    let vault = requests.iter().filter(|it| it.service_name() == "key-vault").filter_map(|it| it.status);
    assert_eq!(vault.collect::<Vec<_>>(), [401, 200, 200, 200], "the vault sends one challenge");
    Ok(())
}

/// The settings of a vault in the second tenant.
fn vault_of_another_tenant() -> String {
    TWO_TENANTS.to_owned()
        + "
    [[key-vaults]]
    name = 'contoso'
    tenant = '99999999-0000-cccc-1111-dddd2222eeee'
    secrets = [{ name = 'greeting', value = 'hi there' }]
"
}

async fn a_response_that_echoes_the_token_is_withheld(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, &[], "", |request| {
        let value = request.headers()["authorization"].clone();
        Outcome::Response(
            Response::builder().header("x-you-said", value).body("ok".into()).expect("a response"),
        )
    })
    .await?;
    let error = scenario.send("GET", BLOB, &[]).await?.expect_err("the response echoes the token");
    assert!(matches!(error, ErrorCode::HttpResponseHeaderSectionSize(None)), "{error:?}");
    assert_eq!(
        scenario.log(),
        "http-auth: a response is withheld: its headers contain the token that was sent\n"
    );
    scenario.assert_silent();
    Ok(())
}
