//! An app that requests tokens in a loop, to measure the call from component to component.

use azure::identity::token_credential::{TokenRequest, get_token};

wit_bindgen::generate!({
    inline: "
        package tests:caller;
        world caller {
            import azure:identity/token-credential@0.2.0;
            /// Requests `times` tokens, for the scopes in turn. Returns the total length of the tokens.
            export ask: func(times: u32, scopes: list<string>) -> result<u64, string>;
        }
    ",
    path: "../../../wit/0.2",
    generate_all,
});
export!(Caller);

struct Caller;

impl Guest for Caller {
    fn ask(times: u32, scopes: Vec<String>) -> Result<u64, String> {
        let mut length = 0;
        for number in 0..times as usize {
            let scope = scopes.get(number % scopes.len().max(1)).ok_or("no scopes")?;
            let request = TokenRequest {
                scopes: vec![scope.clone()],
                tenant_id: None,
                claims: None,
                enable_cae: false,
                options: Vec::new(),
            };
            length += get_token(&request).map_err(|error| error.message)?.token.len() as u64;
        }
        Ok(length)
    }
}
