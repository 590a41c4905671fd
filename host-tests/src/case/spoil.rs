//! Cases that say once what shall happen to many fields: each field that is named gets everything in turn
//! that could end it (a quotation mark, a form field, a fragment, a line, a C string) or is no ASCII.
//!
//! A call's `spoil` names fields of that call, e.g. `via.client-secret.tenant-id`; a case's `spoil-env` names
//! variables, and runs the case anew for each.

use super::Case;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use toml::Value;

/// What ends fields.
pub const TEXTS: [&str; 6] = ["\"", "&x=y", "#x", "\r\nx: y", "\0", "ä"];

/// Which fields, and with what.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Spoil {
    /// The fields of a call, or the variables of a case.
    pub fields: Vec<String>,
    /// Some of [`TEXTS`]; by default all.
    #[serde(default = "all")]
    pub with: Vec<String>,
}

/// Writes each call that spoils fields out, once for each field and text.
///
/// # Errors
/// When a path leads through something that is no table.
pub fn calls(case: &mut Value) -> Result<()> {
    let Some(Value::Array(calls)) = case.get_mut("calls") else { return Ok(()) };
    let mut written = Vec::new();
    for call in calls.drain(..) {
        let Some(spoil) = call.get("spoil").cloned() else {
            written.push(call);
            continue;
        };
        for (field, text) in Spoil::deserialize(spoil)?.pairs() {
            let mut call = call.clone();
            call.as_table_mut().context("a call is a table")?.remove("spoil");
            spoil_field(&mut call, &field, &text).with_context(|| format!("spoil {field}"))?;
            written.push(call);
        }
    }
    *calls = written;
    Ok(())
}

/// The case once for each variable and text that `spoil-env` names, with what it is; by itself, if none.
pub fn environments(case: Case) -> Vec<(String, Case)> {
    let Some(spoil) = case.spoil_env.clone() else { return vec![(String::new(), case)] };
    let spoiled = |(variable, text): (String, String)| {
        let mut case = case.clone();
        case.env.entry(variable.clone()).or_insert_with(|| "x".to_owned()).push_str(&text);
        (format!("with {variable} ending in {text:?}"), case)
    };
    spoil.pairs().into_iter().map(spoiled).collect()
}

impl Spoil {
    /// Each field with each text.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let of =
            |field: &String| self.with.iter().map(|text| (field.clone(), text.clone())).collect::<Vec<_>>();
        self.fields.iter().flat_map(of).collect()
    }
}

fn spoil_field(call: &mut Value, path: &str, text: &str) -> Result<()> {
    let mut place = call;
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        let table = place.as_table_mut().with_context(|| format!("{part} is in no table"))?;
        place = table.entry(part).or_insert_with(|| Value::Table(toml::Table::new()));
    }
    let table = place.as_table_mut().context("it is in no table")?;
    let spoiled = match table.get(name) {
        None => Value::String(format!("x{text}")),
        Some(Value::String(value)) => Value::String(format!("{value}{text}")),
        Some(Value::Array(_)) => Value::Array(vec![Value::String(format!("x{text}"))]),
        Some(other) => bail!("{other} is no text"),
    };
    table.insert(name.to_owned(), spoiled);
    Ok(())
}

fn all() -> Vec<String> {
    TEXTS.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_written_out_for_each_field_and_text() {
        let mut case = toml::from_str(
            "[[calls]]
             via = { a = { b = 'c', d = ['e'] } }
             spoil = { fields = ['via.a.b', 'via.a.d', 'via.f.g'], with = ['&', '#'] }
             [[calls]]
             via = 'h'",
        )
        .expect("TOML");
        calls(&mut case).expect("tables");
        let written: Vec<_> =
            case["calls"].as_array().expect("calls").iter().map(|call| call["via"].to_string()).collect();
        assert_eq!(
            written,
            [
                r#"{ a = { b = "c&", d = ["e"] } }"#,
                r##"{ a = { b = "c#", d = ["e"] } }"##,
                r#"{ a = { b = "c", d = ["x&"] } }"#,
                r##"{ a = { b = "c", d = ["x#"] } }"##,
                r#"{ a = { b = "c", d = ["e"] }, f = { g = "x&" } }"#,
                r##"{ a = { b = "c", d = ["e"] }, f = { g = "x#" } }"##,
                r#""h""#,
            ]
        );
    }
}
