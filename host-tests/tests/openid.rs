//! The component against an OpenID server of other authors, npm's `oidc-provider`, on Node (`openid/server.mjs`): what a
//! strict server accepts once must not come twice.
#![cfg(unix)]

use anyhow::Result;
use golden::expect;
use host_tests::external_tools;
use project::Project;

#[path = "languages/npm_packages.rs"]
mod npm_packages;
#[path = "languages/project.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod project;

/// Each line has the outcomes, and the grants that reached the server with the statuses of its responses. The server has
/// no grant for on-behalf-of.
#[test]
fn a_strict_server_accepts_every_grant_once() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("openid", "host-node")?;
    npm_packages::install(&project)?;
    project.put("server.mjs", include_str!("openid/server.mjs"))?;
    project.put("component.mjs", include_str!("openid/component.mjs"))?;
    project.put("certificate.pem", include_str!("../fixtures/certificates/pkcs8.pem"))?;
    let provider = "examples/node_modules/azure-identity-host/provider/azure-identity.js";
    let ran = project.shell(&format!("node server.mjs {provider} certificate.pem"))?;
    expect![[r#"
        secret: Bearer [client_credentials 200]
        certificate twice: Bearer, Bearer [client_credentials 200, client_credentials 200]
        certificate after a 503: Bearer [client_credentials 200, client_credentials 200]
        code, and two refresh tokens: Bearer, Bearer [authorization_code 200, refresh_token 200, refresh_token 200]
        refresh token whose response is lost: transient [refresh_token 200]
        the session that it ended: authentication-failed invalid_grant [refresh_token 400]
        code whose response is lost: transient [authorization_code 200]
        device: not yet, Bearer [urn:ietf:params:oauth:grant-type:device_code 400, urn:ietf:params:oauth:grant-type:device_code 200, refresh_token 200]
    "#]]
    .assert_eq(&ran.printed);
    assert!(ran.success);
    Ok(())
}
