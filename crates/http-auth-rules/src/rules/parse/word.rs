//! The words of the rules, and the errors that name their places.

use crate::prelude::*;
use crate::rules::customer_hosts::{CustomerHosts, Exact};
use crate::target::PathProblem;
use core::fmt;

/// Where the text is malformed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
    /// What is wrong there, and what to write instead.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The problem as a sentence.
    Text(&'static str),
    /// The rule of this line matches the same requests.
    Duplicate(usize),
    /// A wildcard could match a host below this suffix, where customers' code is called.
    CustomerHosts(&'static str, &'static CustomerHosts),
    /// No `use` line opens the service, because customers' code is called below its suffix.
    Exact(&'static Exact),
    /// The path of a rule has no normal form that every server reads in the same way.
    Path(PathProblem),
}

/// A word of a rule, with its place.
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// The line, counted from 1.
    pub line: usize,
    /// The column of its first character, counted in characters from 1.
    pub column: usize,
}

impl Word<'_> {
    /// An error at this word.
    pub fn error(&self, problem: &'static str) -> ParseError {
        self.problem(Problem::Text(problem))
    }

    /// An error at this word, with what it is about.
    pub fn problem(&self, problem: Problem) -> ParseError {
        ParseError { line: self.line, column: self.column, problem }
    }

    /// An error at this byte of the word.
    pub fn error_at(&self, offset: usize, problem: &'static str) -> ParseError {
        self.problem_at(offset, Problem::Text(problem))
    }

    /// A problem at this byte of the word.
    pub fn problem_at(&self, offset: usize, problem: Problem) -> ParseError {
        let before = self.text.get(..offset).unwrap_or_default().chars().count();
        ParseError { line: self.line, column: self.column.saturating_add(before), problem }
    }
}

/// The words of a part of a line that begins at this column.
pub fn words(part: &str, line: usize, column: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let ends = part.char_indices().chain([(part.len(), ' ')]);
    for (characters, (at, character)) in ends.enumerate() {
        match (start, character.is_whitespace()) {
            (None, false) => start = Some((at, column.saturating_add(characters))),
            (Some((from, column)), true) => {
                words.push(Word { text: part.get(from..at).unwrap_or_default(), line, column });
                start = None;
            }
            _ => {}
        }
    }
    words
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AZURE_HTTP_AUTH_RULES, line {}, column {}: ", self.line, self.column)?;
        match &self.problem {
            Problem::Text(text) => f.write_str(text),
            Problem::Path(problem) => {
                write!(f, "the path of a rule is one that all servers read in the same way, and {problem}")
            }
            Problem::Duplicate(line) => {
                write!(f, "the rule of line {line} matches the same requests; keep one of them")
            }
            Problem::CustomerHosts(suffix, CustomerHosts { path: None, reason, .. }) => {
                write!(f, "the wildcard could match a host below {suffix}, where {reason}; name the host")
            }
            Problem::CustomerHosts(suffix, CustomerHosts { path: Some(path), reason, .. }) => {
                write!(
                    f,
                    "the wildcard could match {path} of a host below {suffix}, where {reason}; name the host or another path"
                )
            }
            Problem::Exact(exact) => {
                write!(
                    f,
                    "no use line opens {}, because {}; write the host: {exact}",
                    exact.service,
                    exact.reason()
                )
            }
        }
    }
}
