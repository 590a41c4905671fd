//! JSON (RFC 8259), read strictly and written back.
//!
//! Our own, because of what it weighs and what it forgets: `serde_json` adds 55 KB to the component
//! (a fifth of it tables for floating-point numbers, which no token service needs), and its values
//! stay in memory when they are dropped, tokens and refresh tokens among them. The tests hold it
//! against `serde_json`, value by value.

use crate::prelude::*;
use crate::text;
use crate::token::Secret;

/// A value. `Debug` does not show its strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    String(Secret),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the order it was written.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a document; `None`: it is not JSON, or nested more than 64 deep. A byte order mark in
    /// front of it is passed over, as RFC 8259 allows.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()?;
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.skip_space();
        reader.rest.is_empty().then_some(value)
    }

    /// A string value.
    pub fn string(text: impl Into<Secret>) -> Self {
        Self::String(text.into())
    }

    /// The member of that name; of several, the last.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The member of that name, if it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text.expose()) } else { None }
    }

    /// The elements; none, if it is no array.
    pub fn elements(&self) -> &[Self] {
        if let Self::Array(elements) = self { elements } else { &[] }
    }

    /// The members.
    pub fn as_object(&self) -> Option<&[(String, Self)]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// Sets a member, in place of all of that name. Does nothing to what is no object.
    pub fn set(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self {
            members.retain(|(key, _)| key != name);
            members.push((name.to_owned(), value));
        }
    }

    /// A whole number, however it is written: `3599`, `3599.7`, `"3599"`, `"3599.7"`; a fraction is
    /// cut off. `None` for what is negative, too large, or written with an exponent.
    pub fn as_u64(&self) -> Option<u64> {
        let number = match self {
            Self::Number(number) => number.as_str(),
            Self::String(text) => text.expose().trim(),
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_digits = |text: &str| !text.is_empty() && text::has_only(text, |b| b.is_ascii_digit());
        (is_digits(whole) && is_digits(fraction)).then(|| whole.parse().ok())?
    }

    /// Writes the value, without space.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::String(text) => write_string(text.expose(), out),
            Self::Array(elements) => write_list(out, ('[', ']'), elements, |element, out| element.write(out)),
            Self::Object(members) => write_list(out, ('{', '}'), members, |(name, value), out| {
                write_string(name, out);
                out.push(':');
                value.write(out);
            }),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.bytes().next()? {
            b'n' => self.take("null").then_some(Json::Null),
            b't' => self.take("true").then_some(Json::Bool(true)),
            b'f' => self.take("false").then_some(Json::Bool(false)),
            b'"' => self.string().map(|text| Json::String(text.into())),
            b'[' => self.list(('[', ']'), |reader| reader.value(depth.saturating_add(1))).map(Json::Array),
            b'{' => self.list(('{', '}'), |reader| reader.member(depth)).map(Json::Object),
            _ => self.number(),
        }
    }

    fn member(&mut self, depth: u32) -> Option<(String, Json)> {
        self.skip_space();
        let name = self.string()?;
        self.skip_space();
        self.take(":").then(|| Some((name, self.value(depth.saturating_add(1))?)))?
    }

    fn list<T>(
        &mut self,
        (open, close): (char, char),
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.take_char(open).then_some(())?;
        self.skip_space();
        if self.take_char(close) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            self.skip_space();
            if self.take_char(close) {
                return Some(items);
            }
            self.take_char(',').then_some(())?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("\"").then_some(())?;
        let mut text = String::new();
        loop {
            // No byte of a character beyond ASCII is one of these.
            let plain = text::position(self.rest, |b| b == b'"' || b == b'\\' || b < b' ')?;
            let (before, rest) = self.rest.split_at_checked(plain)?;
            text.push_str(before);
            self.rest = rest;
            if self.take("\"") {
                return Some(text);
            }
            self.take("\\").then_some(())?;
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let kind = self.next_char()?;
        Some(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(),
            _ => return None,
        })
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.four_hex_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        // A character beyond U+FFFF is written as two halves (RFC 8259, section 7).
        self.take("\\u").then_some(())?;
        let second = self.four_hex_digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        let high = first.checked_sub(0xD800)?.checked_mul(0x400)?;
        char::from_u32(high.checked_add(second)?.checked_add(0x1_0000)?)
    }

    fn four_hex_digits(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        text::has_only(digits, |b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.rest;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            self.digits()?;
        }
        let length = start.len().checked_sub(self.rest.len())?;
        start.get(..length).map(|number| Json::Number(number.to_owned()))
    }

    fn digits(&mut self) -> Option<()> {
        let end = text::position(self.rest, |b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        self.rest = self.rest.get(end..)?;
        (end > 0).then_some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take_char(&mut self, token: char) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next_char(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }
}

fn write_list<T>(
    out: &mut String,
    (open, close): (char, char),
    items: &[T],
    write: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                out.push_str("\\u00");
                let code = u32::from(c);
                out.extend([code >> 4, code & 15].iter().filter_map(|digit| char::from_digit(*digit, 16)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Services nest three deep; a limit keeps a hostile one from using up the stack.
const MAX_DEPTH: u32 = 64;

#[cfg(test)]
mod tests;
