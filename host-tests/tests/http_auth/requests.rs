//! Requests that are authenticated and forwarded.

use crate::order::order;
use crate::scenario::{Scenario, audience, ok};
use crate::way::Way;
use anyhow::Result;
use azure_http_auth_rules::rules::services::TABLE;
use host_tests::async_app::ErrorCode;
use host_tests::edition::Edition;
use host_tests::network::Timeouts;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

over_each_way! {
    #[tokio::test(start_paused = true)]
    a_secret_is_read_without_the_app_requesting_a_token,
    every_service_of_the_table_receives_a_token_for_its_scope,
    the_rest_of_a_request_is_unchanged,
    a_request_is_sent_to_the_target_that_was_decided_on,
    a_token_is_requested_once_and_renewed_while_the_app_lives,
    a_thousand_concurrent_requests_need_one_token,
    a_request_with_a_cached_token_does_not_wait_for_another_token,
    without_a_token_nothing_is_sent_and_the_reason_is_logged
}

async fn a_secret_is_read_without_the_app_requesting_a_token(way: Way) -> Result<()> {
    let mut scenario = Scenario::plain(way).await?;
    let target = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
    let response = scenario.send("GET", target, &[]).await??;
    assert_eq!(response.status(), 200, "{:?}", response.body());
    let services: Vec<_> = scenario.azure.journal().iter().map(|entry| entry.service_name()).collect();
    assert_eq!(services, ["imds", "key-vault"]);
    scenario.assert_silent();
    Ok(())
}

async fn every_service_of_the_table_receives_a_token_for_its_scope(way: Way) -> Result<()> {
    let resource = |scope: &str| scope.trim_end_matches("/.default").to_owned();
    let mut resources: BTreeSet<_> = TABLE.iter().map(|row| resource(row.scope)).collect();
    resources.insert("https://cosmos.azure.com".to_owned());
    let toml = format!("resources = {:?}", resources.iter().collect::<Vec<_>>());
    let lines: BTreeSet<_> = TABLE.iter().map(ToString::to_string).collect();
    let cosmos =
        "https://my.documents.azure.com scope=https://cosmos.azure.com/.default as=cosmos".to_owned();
    let rules = lines.into_iter().chain([cosmos]).collect::<Vec<_>>().join("; ");
    let variables = [("AZURE_HTTP_AUTH_RULES", rules.as_str())];
    let mut scenario = Scenario::new(way, &variables, &toml, |_| ok()).await?;
    for row in TABLE {
        for hosts in row.hosts.iter().filter(|hosts| **hosts != "*.vault.azure.net") {
            let target = format!("https://{}/a?b=c", hosts.replace('*', "name"));
            let response = scenario.send("GET", &target, &[]).await?;
            let error = response.err();
            assert!(error.is_none(), "{target}: {error:?}: {}", scenario.log());
            let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
            assert_eq!(request.uri().to_string(), target);
            assert_eq!(audience(&request)?.0, resource(row.scope), "{target}");
            assert!(request.headers()["authorization"].to_str()?.starts_with("Bearer "), "{target}");
        }
    }
    scenario.send("GET", "https://my.documents.azure.com/dbs", &[]).await??;
    let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
    assert_eq!(audience(&request)?.0, "https://cosmos.azure.com");
    assert!(request.headers()["authorization"].to_str()?.starts_with("type%3Daad"));
    assert_eq!(scenario.token_requests(), resources.len() - 1, "one per resource except that of Key Vault");
    scenario.assert_silent();
    Ok(())
}

async fn the_rest_of_a_request_is_unchanged(way: Way) -> Result<()> {
    let mut scenario = Scenario::plain(way).await?;
    let orders = [
        ("x-with-authorization", "Bearer forged"),
        ("x-with-Authorization", "Basic forged"),
        ("x-with-te", "deflate"),
        ("x-with-x-ms-version", "2025-01-05"),
        ("x-with-accept", "a, b"),
        ("x-with-trailer", "x-sum"),
        ("x-timeout", "1500"),
    ];
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "PATCH", "PROPFIND"] {
        scenario.send(method, "https://my.blob.core.windows.net/c/b?x=%2F..", &orders).await??;
        let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
        assert_eq!((request.method().as_str(), request.uri().query()), (method, Some("x=%2F..")));
        audience(&request)?;
        let mut names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "authorization", "host", "trailer", "x-ms-version"]);
        assert_eq!(request.headers()["host"], "my.blob.core.windows.net");
        let timeout = Duration::from_millis(1500);
        let timeouts = Timeouts { connect: timeout, first_byte: timeout, between_bytes: timeout };
        assert_eq!(request.extensions().get(), Some(&timeouts));
        assert!(request.body().is_empty());
    }
    Ok(())
}

async fn a_request_is_sent_to_the_target_that_was_decided_on(way: Way) -> Result<()> {
    let rules = [("AZURE_HTTP_AUTH_RULES", "use storage; https://open.example pass")];
    let mut scenario = Scenario::new(way, &rules, "", |_| ok()).await?;
    for (host, authenticated) in [("my.blob.core.windows.net", true), ("open.example", false)] {
        for (target, sent) in [
            ("HTTPS://HOST/c/b", "/c/b"),
            ("https://HOST:443/c/b", "/c/b"),
            ("https://HOST./c//b?x=//y", "/c//b?x=//y"),
            ("https://HOST?x", "/?x"),
            ("https://HOST", "/"),
            ("https://HOST/@evil.example", "/@evil.example"),
        ] {
            let target = target.replace("HOST", &host.to_uppercase());
            scenario.send("GET", &target, &[]).await??;
            let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
            assert_eq!(request.uri().to_string(), format!("https://{host}{sent}"), "{target}");
            assert_eq!(request.headers().contains_key("authorization"), authenticated, "{target}");
        }
    }
    Ok(())
}

async fn a_token_is_requested_once_and_renewed_while_the_app_lives(way: Way) -> Result<()> {
    let mut scenario = Scenario::plain(way).await?;
    let mut tokens = BTreeSet::new();
    for _ in 0..72 {
        scenario.send("GET", "https://my.queue.core.windows.net/q", &[]).await??;
        tokens.insert(audience(&scenario.seen()[0])?.1);
        // A token that is due is renewed beside the request.
        scenario.app.pass(Duration::from_secs(3600)).await?;
    }
    // The last one may have been fetched after the last request.
    assert!((tokens.len()..=tokens.len() + 1).contains(&scenario.token_requests()));
    assert!((3..=8).contains(&tokens.len()), "{} tokens in three days", tokens.len());
    Ok(())
}

async fn a_thousand_concurrent_requests_need_one_token(way: Way) -> Result<()> {
    let mut scenario = Scenario::plain(way).await?;
    let target = |number| format!("https://my.blob.core.windows.net/c/{number}");
    let orders = (0..1000).map(|number| order("GET", &target(number), &[])).collect::<Result<Vec<_>>>()?;
    for response in scenario.app.handle_all(orders).await? {
        assert_eq!(response?.body(), "ok");
    }
    let seen = scenario.seen();
    let paths: BTreeSet<_> = seen.iter().map(|request| request.uri().path().to_owned()).collect();
    let tokens = seen.iter().map(audience).collect::<Result<BTreeSet<_>>>()?;
    assert_eq!((seen.len(), paths.len(), tokens.len(), scenario.token_requests()), (1000, 1000, 1, 1));
    Ok(())
}

/// The edition for WASI 0.2 is the exception: it blocks the whole instance.
async fn a_request_with_a_cached_token_does_not_wait_for_another_token(way: Way) -> Result<()> {
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&arrivals);
    let slow = "[[faults]]\nservice = 'imds'\nafter = 1\ndelay = '5s'";
    let mut scenario = Scenario::new(way, &[], slow, move |request| {
        let host = request.uri().host().unwrap_or_default().to_owned();
        recorder.lock().expect("the lock is not poisoned").push((host, Instant::now()));
        ok()
    })
    .await?;
    let (queue, vault) = ("my.queue.core.windows.net", "other.vault.azure.net");
    scenario.send("GET", &format!("https://{queue}/q"), &[]).await??;
    let started = Instant::now();
    let orders = [vault, queue]
        .map(|host| order("GET", &format!("https://{host}/"), &[]))
        .into_iter()
        .collect::<Result<_>>()?;
    for response in scenario.app.handle_all(orders).await? {
        assert_eq!(response?.status(), 200);
    }
    let arrived = |host| {
        let arrivals = arrivals.lock().expect("the lock is not poisoned");
        arrivals.iter().rfind(|(it, _)| it == host).map(|(_, at)| at.duration_since(started).as_secs())
    };
    let expected =
        if way != Way::Composed(Edition::Wasi02) { (Some(5), Some(0)) } else { (Some(5), Some(5)) };
    assert_eq!((arrived(vault), arrived(queue)), expected);
    Ok(())
}

async fn without_a_token_nothing_is_sent_and_the_reason_is_logged(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, &[], "imds = 'refused'", |_| ok()).await?;
    let error =
        scenario.send("GET", "https://my.blob.core.windows.net/", &[]).await?.expect_err("no identity");
    let ErrorCode::InternalError(Some(message)) = error else { panic!("{error:?}") };
    let beginning = "http-auth: no token for https://storage.azure.com/.default: default: no credential is available here";
    assert!(message.starts_with(beginning), "{message}");
    assert_eq!(scenario.log(), message + "\n");
    assert!(scenario.seen().is_empty());
    Ok(())
}
