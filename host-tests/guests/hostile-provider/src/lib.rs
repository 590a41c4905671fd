//! A misbehaving provider. The first scope selects the behaviour: `trap`, `loop`, `memory`, or
//! `until/<expires-on>/<refresh-on>`, which returns a token. The tokens of an instance are numbered from `token 1`.

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use exports::azure::identity::token_credential::Guest;
use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({
    inline: "
        package tests:hostile-provider;
        world hostile-provider { export azure:identity/token-credential@0.2.0; }
    ",
    path: "../../../wit/0.2",
    generate_all,
});
export!(Hostile);

struct Hostile;

impl Guest for Hostile {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let number = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        let scope = request.scopes.first().map(String::as_str).unwrap_or_default();
        let (expires_on, refresh_on) = match scope.split('/').collect::<Vec<_>>()[..] {
            ["trap"] => core::arch::wasm32::unreachable(),
            ["loop"] => loop {
                core::hint::black_box(number);
            },
            ["memory"] => exhaust_memory(),
            ["until", expires_on, refresh_on] => (expires_on.parse(), refresh_on.parse()),
            _ => return Err(unknown(scope)),
        };
        let (Ok(expires_on), Ok(refresh_on)) = (expires_on, refresh_on) else { return Err(unknown(scope)) };
        Ok(AccessToken {
            token: format!("token {number}"),
            token_type: "Bearer".into(),
            expires_on,
            refresh_on: Some(refresh_on),
            source: "hostile".into(),
            details: Vec::new(),
        })
    }
}

fn exhaust_memory() -> ! {
    let mut all = Vec::new();
    loop {
        all.push(core::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

fn unknown(scope: &str) -> CredentialError {
    let message = format!("hostile: unknown scope '{scope}'");
    CredentialError {
        kind: ErrorKind::AuthenticationFailed,
        message,
        claims: None,
        response: None,
        attempts: vec![],
        details: vec![],
    }
}
