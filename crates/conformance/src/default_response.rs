//! The responses of Azure to well-formed requests that no rule of a case matches.

use crate::case::Respond;
use crate::response::json as respond;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// The response at the time `now`, in Unix seconds; `issued` is the number of tokens issued so far: they are `AT-1`, `AT-2`, …
pub fn of(request: &Request<Bytes>, issued: &mut u32, now: u64) -> Respond {
    let path = request.uri().path();
    let origin = format!("https://{}", request.uri().host().unwrap_or_default());
    if path.ends_with("/.well-known/openid-configuration") {
        let base = path.strip_suffix("/v2.0/.well-known/openid-configuration").unwrap_or_default();
        let base = format!("{origin}{base}");
        respond(
            200,
            json!({"token_endpoint": format!("{base}/oauth2/v2.0/token"), "issuer": format!("{base}/v2.0")}),
        )
    } else if path.ends_with("/discovery/instance") {
        let endpoint = format!("{origin}/common/v2.0/.well-known/openid-configuration");
        respond(200, json!({"tenant_discovery_endpoint": endpoint}))
    } else if path.ends_with("/devicecode") {
        respond(200, device_code())
    } else if path.ends_with("/token") && path.contains("/oauth2/") && request.method() == "POST" {
        *issued += 1;
        respond(200, token(request, *issued, now))
    } else {
        respond(
            404,
            json!({"error": "not_found", "error_description": "no rule of this case matches the request"}),
        )
    }
}

fn token(request: &Request<Bytes>, count: u32, now: u64) -> Value {
    let mut response = json!({
        "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
        "access_token": format!("AT-{count}"),
    });
    let field = |wanted: &str| {
        let mut fields = url::form_urlencoded::parse(request.body());
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    if field("grant_type").as_deref() != Some("client_credentials") {
        response["scope"] = json!(field("scope").unwrap_or("https://vault.azure.net/.default".to_owned()));
        response["refresh_token"] = json!(format!("RT-{count}"));
        response["client_info"] = json!(encode(&json!({"uid": "uid-1234", "utid": TENANT})));
        response["id_token"] = json!(id_token(field("client_id"), now));
    }
    response
}

fn id_token(client_id: Option<String>, now: u64) -> String {
    let claims = json!({
        "aud": client_id, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "iat": now, "nbf": now, "exp": now + 3600, "name": "User", "oid": "uid-1234",
        "preferred_username": "user@contoso.com", "sub": "sub-1", "tid": TENANT, "ver": "2.0",
    });
    format!("{}.{}.sig", encode(&json!({"alg": "none", "typ": "JWT"})), encode(&claims))
}

fn device_code() -> Value {
    json!({
        "user_code": "ABCD-EFGH", "device_code": "DEV-CODE-1",
        "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 5,
        "message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ABCD-EFGH to authenticate.",
    })
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
