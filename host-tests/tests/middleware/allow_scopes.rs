//! `allow-scopes` over the provider.

use crate::composed::{Composed, STORAGE, VAULT, request};
use anyhow::Result;
use azure_simulator::jwt;
use host_tests::bindings::{CredentialError, ErrorKind, TokenRequest};
use host_tests::edition::Edition;

in_each_edition! {
    #[tokio::test(start_paused = true)]
    a_listed_scope_gets_the_providers_token,
    claims_and_continuous_access_evaluation_are_handed_on,
    a_refused_request_makes_no_provider_call,
    without_a_list_every_request_is_refused,
    a_malformed_list_refuses_every_request
}

async fn start(edition: Edition, variables: &[(&str, &str)]) -> Result<Composed> {
    Composed::start(edition, &[edition.allow_scopes(), edition.component()], variables).await
}

async fn a_listed_scope_gets_the_providers_token(edition: Edition) -> Result<()> {
    let list = [("AZURE_ALLOW_SCOPES", VAULT), ("AZURE_ALLOW_TENANTS", "contoso.com")];
    let mut composed = start(edition, &list).await?;
    let options = vec![("include-details".to_owned(), "true".to_owned())];
    for (tenant_id, from_cache) in [(None, "false"), (Some("Contoso.com"), "false"), (Some(""), "true")] {
        let tenant_id = tenant_id.map(ToOwned::to_owned);
        let token = TokenRequest { tenant_id, options: options.clone(), ..request(VAULT) };
        let token = composed.get_token(&token).await??;
        assert_eq!(jwt::verify(&token.token).expect("a signature")["aud"], "https://vault.azure.net");
        assert_eq!(token.source, "managed-identity/imds");
        assert!(
            token.details.contains(&("from-cache".to_owned(), from_cache.to_owned())),
            "{:?}",
            token.details
        );
    }
    Ok(())
}

async fn claims_and_continuous_access_evaluation_are_handed_on(edition: Edition) -> Result<()> {
    let mut composed = start(edition, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    let claims = TokenRequest { claims: Some("{}".to_owned()), ..request(VAULT) };
    let cae = TokenRequest { enable_cae: true, ..request(VAULT) };
    // The provider caches tokens with and without CAE apart, and no cached token satisfies claims.
    for (request, requests) in [
        (request(VAULT), 1),
        (request(VAULT), 1),
        (cae.clone(), 2),
        (cae, 2),
        (claims.clone(), 3),
        (claims, 4),
    ] {
        composed.get_token(&request).await??;
        assert_eq!(composed.token_requests(), requests, "{request:?}");
    }
    Ok(())
}

async fn a_refused_request_makes_no_provider_call(edition: Edition) -> Result<()> {
    let mut composed = start(edition, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    let other = "allow-scopes: the scope https://storage.azure.com/.default is not allowed; only the scopes of \
                 AZURE_ALLOW_SCOPES are";
    let both = [VAULT, STORAGE].map(ToOwned::to_owned).into();
    let claims = Some("{}".to_owned());
    for (request, message) in [
        (request(STORAGE), other),
        (TokenRequest { scopes: both, claims, enable_cae: true, ..request(VAULT) }, other),
        (
            request("https://vault.azure.net/.default\u{202e}\r\n"),
            "allow-scopes: a malformed scope is not allowed; only the scopes of AZURE_ALLOW_SCOPES are",
        ),
        (TokenRequest { scopes: Vec::new(), ..request(VAULT) }, "allow-scopes: the request has no scope"),
        (
            TokenRequest { tenant_id: Some("contoso.com".to_owned()), ..request(VAULT) },
            "allow-scopes: the tenant contoso.com is not allowed; only those of AZURE_ALLOW_TENANTS are, and the \
             provider's own for a request without a tenant",
        ),
    ] {
        assert_refused(composed.get_token(&request).await?.expect_err(message), message);
    }
    assert_eq!(composed.token_requests(), 0);
    composed.get_token(&request(VAULT)).await??;
    assert_eq!(composed.token_requests(), 1, "a refusal affects no later request");
    Ok(())
}

async fn without_a_list_every_request_is_refused(edition: Edition) -> Result<()> {
    for variables in [&[][..], &[("AZURE_ALLOW_SCOPES", " \n")], &[("AZURE_ALLOW_TENANTS", "contoso.com")]] {
        let mut composed = start(edition, variables).await?;
        let message = "allow-scopes: AZURE_ALLOW_SCOPES is not set, so every request is refused; list the scopes that the \
                       app may request there, with blanks between them, e.g. \
                       AZURE_ALLOW_SCOPES=https://vault.azure.net/.default";
        assert_refused(composed.get_token(&request(VAULT)).await?.expect_err(message), message);
        assert_eq!(composed.token_requests(), 0);
    }
    Ok(())
}

async fn a_malformed_list_refuses_every_request(edition: Edition) -> Result<()> {
    for (scopes, tenants, malformed) in [
        ("https://vault.azure.net/.default {}", "", "AZURE_ALLOW_SCOPES"),
        (VAULT, "*", "AZURE_ALLOW_TENANTS"),
    ] {
        let list = [("AZURE_ALLOW_SCOPES", scopes), ("AZURE_ALLOW_TENANTS", tenants)];
        let mut composed = start(edition, &list).await?;
        let error = composed.get_token(&request(VAULT)).await?.expect_err("the list is malformed");
        assert!(error.message.starts_with(&format!("allow-scopes: {malformed} is malformed")), "{error:?}");
        assert_eq!((error.kind, composed.token_requests()), (ErrorKind::InvalidArgument, 0));
    }
    Ok(())
}

fn assert_refused(error: CredentialError, message: &str) {
    let nothing_else = (&error.claims, &error.response.is_none(), error.attempts.len(), error.details.len());
    assert_eq!(nothing_else, (&None, &true, 0, 0));
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidArgument, message));
}
