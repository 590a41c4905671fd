use super::*;
use golden::{Expect, expect};

/// The outcome of the call with this number, an hour after the Unix epoch.
fn outcome(answers: &str, number: usize) -> Result<AccessToken, CredentialError> {
    let answers = parse(Some(answers.to_owned()).filter(|it| !it.is_empty())).expect("well-formed");
    answers.of_call(number).outcome(number, true, 3600)
}

fn check(answers: &str, expected: &Expect) {
    expected.assert_debug_eq(&outcome(answers, 1));
}

#[test]
fn without_answers_each_call_gets_a_token_of_its_own_for_an_hour() {
    let tokens: Vec<_> = [1, 2].into_iter().filter_map(|number| outcome("", number).ok()).collect();
    assert_eq!(
        tokens.iter().map(|it| it.token.as_str()).collect::<Vec<_>>(),
        ["fake-token-1", "fake-token-2"]
    );
    assert!(tokens.iter().all(|it| (it.token_type.as_str(), it.expires_on) == ("Bearer", 7200)));
}

#[test]
fn every_field_of_a_token_can_be_chosen() {
    let answers = r#"[{"token": {"token": "t", "token-type": "pop", "expires-in": -1, "refresh-in": -60,
                       "source": "environment", "details": {"from-cache": "true"}, "delay-ms": 5}}]"#;
    assert_eq!(parse(Some(answers.to_owned())).map(|it| it.of_call(1).delay_ms()), Ok(5));
    check(
        answers,
        &expect![[r#"
        Ok(
            AccessToken {
                token: "t",
                token-type: "pop",
                expires-on: 3599,
                refresh-on: Some(
                    3540,
                ),
                source: "environment",
                details: [
                    (
                        "from-cache",
                        "true",
                    ),
                ],
            },
        )
    "#]],
    );
}

#[test]
fn every_field_of_an_error_can_be_chosen() {
    let answers = r#"[{"error": {"kind": "authentication-failed", "message": "m", "claims": {"access_token": {}},
        "response": {"status": 400, "error": "interaction_required", "suberror": "basic_action", "error-codes": [50076],
                     "correlation-id": "c", "trace-id": "t", "retry-after": 7},
        "details": {"client-request-id": "r"}, "delay-ms": 5}}]"#;
    check(
        answers,
        &expect![[r#"
            Err(
                CredentialError {
                    kind: ErrorKind::AuthenticationFailed,
                    message: "m",
                    claims: Some(
                        "{\"access_token\":{}}",
                    ),
                    response: Some(
                        ServiceResponse {
                            status: 400,
                            error: Some(
                                "interaction_required",
                            ),
                            suberror: Some(
                                "basic_action",
                            ),
                            error-codes: [
                                50076,
                            ],
                            correlation-id: Some(
                                "c",
                            ),
                            trace-id: Some(
                                "t",
                            ),
                            retry-after: Some(
                                7,
                            ),
                        },
                    ),
                    attempts: [],
                    details: [
                        (
                            "client-request-id",
                            "r",
                        ),
                    ],
                },
            )
        "#]],
    );
}

#[test]
fn each_kind_of_error_is_known_by_its_name_in_the_interface() {
    for (name, kind) in [
        ("not-configured", ErrorKind::NotConfigured),
        ("authentication-failed", ErrorKind::AuthenticationFailed),
        ("transient", ErrorKind::Transient),
        ("invalid-argument", ErrorKind::InvalidArgument),
        ("other", ErrorKind::Other),
    ] {
        let error = outcome(&format!(r#"[{{"error": {{"kind": "{name}"}}}}]"#), 3).expect_err(name);
        assert_eq!(
            (error.kind, error.message.as_str()),
            (kind, "fake: call 3 fails, as AZURE_FAKE_ANSWERS says")
        );
    }
}

#[test]
fn the_last_answer_is_repeated() {
    let answers = r#"[{"token": {}}, {"error": {"kind": "transient"}}, {"token": {"token": "last"}}]"#;
    let tokens = [1, 2, 3, 4].map(|number| outcome(answers, number).map(|it| it.token).unwrap_or_default());
    assert_eq!(tokens, ["fake-token-1", "", "last", "last"]);
}

#[test]
fn a_malformed_list_is_reported_with_its_place() {
    let error = |answers: &str| parse(Some(answers.to_owned())).err().unwrap_or_default();
    let errors = [
        "",
        "[]",
        "{}",
        r#"[{"token": {"tokn": "t"}}]"#,
        r#"[{"error": {}}]"#,
        r#"[{"error": {"kind": "timeout"}}]"#,
        r#"[{"token": {}, "error": {"kind": "other"}}]"#,
    ];
    let errors: Vec<_> = errors.into_iter().map(error).collect();
    expect![[r#"
        AZURE_FAKE_ANSWERS is malformed: EOF while parsing a value at line 1 column 0
        AZURE_FAKE_ANSWERS is malformed: the list is empty
        AZURE_FAKE_ANSWERS is malformed: invalid type: map, expected a sequence at line 1 column 0
        AZURE_FAKE_ANSWERS is malformed: unknown field `tokn`, expected one of `token`, `token-type`, `expires-in`, `refresh-in`, `source`, `details`, `delay-ms` at line 1 column 18
        AZURE_FAKE_ANSWERS is malformed: missing field `kind` at line 1 column 13
        AZURE_FAKE_ANSWERS is malformed: unknown variant `timeout`, expected one of `not-configured`, `authentication-failed`, `transient`, `invalid-argument`, `other` at line 1 column 29
        AZURE_FAKE_ANSWERS is malformed: expected value at line 1 column 13"#]].assert_eq(&errors.join("\n"));
}
