use super::*;

/// The same value by `serde_json`, but for numbers, which we keep as they were written.
fn agrees(ours: &Json, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Json::Null, serde_json::Value::Null) => true,
        (Json::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Json::Number(ours), serde_json::Value::Number(theirs)) => {
            ours.parse::<f64>().ok() == theirs.as_f64()
        }
        (Json::String(ours), serde_json::Value::String(theirs)) => ours.expose() == theirs,
        (Json::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agrees(ours, theirs))
        }
        (Json::Object(_), serde_json::Value::Object(theirs)) => {
            theirs.iter().all(|(key, theirs)| ours.get(key).is_some_and(|ours| agrees(ours, theirs)))
        }
        _ => false,
    }
}

fn check(document: &str) {
    let theirs = serde_json::from_str::<serde_json::Value>(document);
    if theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range")) {
        return;
    }
    let theirs = theirs.ok();
    let ours = Json::parse(document.as_bytes());
    match (&ours, &theirs) {
        (Some(value), Some(theirs)) => {
            assert!(agrees(value, theirs), "{document}");
            let mut written = String::new();
            value.write(&mut written);
            assert_eq!(Json::parse(written.as_bytes()), ours, "{document} written as {written}");
        }
        _ => assert_eq!(ours.is_some(), theirs.is_some(), "{document}"),
    }
}

const DOCUMENTS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.5",
    "-1.5e+10",
    "1E5",
    "[]",
    "{}",
    " [ 1 , 2 ] ",
    "[[[]]]",
    r#"{"a":1,"b":{"c":[true,null,"x"]}}"#,
    r#"{"a":1,"a":2}"#,
    r#""\u00e4\ud83d\ude00\n\"\\\/\b\f\r\t""#,
    "\"ä😀\u{7f}\"",
    r#""\udbff\udfff""#,
    r#""\ud800\udc00""#,
    "\"\"",
    "\t\r\n 7",
    "",
    " ",
    "nul",
    "truex",
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1e",
    "0x1",
    "NaN",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{,}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":1,}"#,
    "{a:1}",
    "{1:2}",
    "'a'",
    "\"",
    "\"\\\"",
    r#""\x""#,
    r#""\u12""#,
    r#""\ud800""#,
    r#""\ud800\u0041""#,
    r#""\udc00""#,
    "\"a\nb\"",
    "\"\0\"",
    "1 2",
    "[1]]",
    "{}{}",
    "/* */ 1",
    "\u{a0}1",
    r#""\u+123""#,
    "1e+",
    "1e5.5",
    "--1",
    "[1\u{b}]",
];

#[test]
fn documents_are_read_as_serde_json_reads_them() {
    DOCUMENTS.iter().for_each(|document| check(document));
}

#[test]
fn documents_with_one_byte_changed_are_read_as_serde_json_reads_them() {
    let replacements = b"\"\\{}[],:0159eE+-. ntfu/\x1f";
    for document in DOCUMENTS {
        for position in 0..document.len() {
            for replacement in replacements {
                let mut bytes = document.as_bytes().to_vec();
                bytes[position] = *replacement;
                if let Ok(changed) = core::str::from_utf8(&bytes) {
                    check(changed);
                }
            }
            if let Some(cut) = document.get(..position) {
                check(cut);
            }
        }
    }
}

#[test]
fn what_is_not_utf_8_or_too_deep_is_no_document() {
    assert_eq!(Json::parse(b"\"\xff\""), None);
    assert_eq!(Json::parse(b"\xEF\xBB\xBF7"), Some(Json::Number("7".into())));
    assert_eq!(Json::parse("[".repeat(1_000_000).as_bytes()), None);
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(deep(65).as_bytes()).is_some());
    assert!(Json::parse(deep(66).as_bytes()).is_none());
}

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    let read = |document: &str| Json::parse(document.as_bytes()).and_then(|value| value.as_u64());
    for (document, number) in [
        ("3599", Some(3599)),
        ("3599.7", Some(3599)),
        ("\"3599\"", Some(3599)),
        ("\" 3599.7 \"", Some(3599)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("-1", None),
        ("1e5", None),
        ("\"\"", None),
        ("\"1.\"", None),
        ("\".5\"", None),
        ("\"+1\"", None),
        ("\"soon\"", None),
        ("null", None),
        ("[1]", None),
    ] {
        assert_eq!(read(document), number, "{document}");
    }
}

#[test]
fn debug_shows_no_string() {
    let value = Json::parse(br#"{"access_token":"s3cr3t"}"#).expect("JSON");
    assert_eq!(format!("{value:?}"), r#"Object([("access_token", String(REDACTED))])"#);
}
