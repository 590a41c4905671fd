//! Mutations: a case names fields, and each of them is extended in turn by a text that could end the field in some
//! encoding (a quotation mark, a form field, a fragment, a header line, a C string) or that is not ASCII.
//!
//! A call's `mutate` names fields of that call, e.g. `via.client-secret.tenant-id`. A case's `mutate-env` names
//! environment variables, and runs the case once for each mutation.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use toml::Value;

/// The texts that are appended.
pub const TEXTS: [&str; 6] = ["\"", "&x=y", "#x", "\r\nx: y", "\0", "ä"];

/// The fields to mutate, and the texts to append.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mutation {
    /// The fields of a call, or the variables of a case.
    pub fields: Vec<String>,
    /// Some of [`TEXTS`]; by default all.
    #[serde(default = "all")]
    pub with: Vec<String>,
}

/// Replaces each call with mutations by one call for each field and text.
///
/// # Errors
/// When a field's path leads through a value that is not a table.
pub fn calls(case: &mut Value) -> Result<()> {
    let Some(Value::Array(calls)) = case.get_mut("calls") else { return Ok(()) };
    let mut expanded = Vec::new();
    for call in calls.drain(..) {
        let Some(mutation) = call.get("mutate").cloned() else {
            expanded.push(call);
            continue;
        };
        for (field, text) in Mutation::deserialize(mutation)?.pairs() {
            let mut call = call.clone();
            call.as_table_mut().context("a call is a table")?.remove("mutate");
            mutate_field(&mut call, &field, &text).with_context(|| format!("mutate {field}"))?;
            expanded.push(call);
        }
    }
    *calls = expanded;
    Ok(())
}

impl Mutation {
    /// Each pair of a field and a text.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pairs =
            |field: &String| self.with.iter().map(|text| (field.clone(), text.clone())).collect::<Vec<_>>();
        self.fields.iter().flat_map(pairs).collect()
    }
}

fn mutate_field(call: &mut Value, path: &str, text: &str) -> Result<()> {
    let mut parent = call;
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        let table = parent.as_table_mut().with_context(|| format!("the parent of {part} is not a table"))?;
        parent = table.entry(part).or_insert_with(|| Value::Table(toml::Table::new()));
    }
    let table = parent.as_table_mut().context("its parent is not a table")?;
    let mutated = match table.get(name) {
        None => Value::String(format!("x{text}")),
        Some(Value::String(value)) => Value::String(format!("{value}{text}")),
        Some(Value::Array(_)) => Value::Array(vec![Value::String(format!("x{text}"))]),
        Some(other) => bail!("{other} is not a string"),
    };
    table.insert(name.to_owned(), mutated);
    Ok(())
}

fn all() -> Vec<String> {
    TEXTS.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_expanded_for_each_field_and_text() {
        let mut case = toml::from_str(
            "[[calls]]
             via = { a = { b = 'c', d = ['e'] } }
             mutate = { fields = ['via.a.b', 'via.a.d', 'via.f.g'], with = ['&', '#'] }
             [[calls]]
             via = 'h'",
        )
        .expect("TOML");
        calls(&mut case).expect("tables");
        let expanded: Vec<_> =
            case["calls"].as_array().expect("calls").iter().map(|call| call["via"].to_string()).collect();
        assert_eq!(
            expanded,
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
