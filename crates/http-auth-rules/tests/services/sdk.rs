//! `fixtures/sdk-constants.toml`: the constants of Microsoft's SDKs, which `fixtures/tools/sdk_constants.py` writes.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What a constant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A host, or the part of it that customers do not choose.
    Host,
    /// A scope.
    Scope,
}

/// All constants.
#[derive(Debug, Deserialize)]
pub struct Constants {
    scope: Vec<Constant>,
    audience: Vec<Constant>,
    host: Vec<Constant>,
}

/// A constant, and where it is.
#[derive(Debug, Deserialize)]
struct Constant {
    text: String,
    /// A file by the package that it is in: registry, name and version.
    files: BTreeMap<String, String>,
}

impl Constants {
    /// Reads them.
    pub fn read() -> Self {
        toml::from_str(include_str!("../fixtures/sdk-constants.toml")).expect("three lists of constants")
    }

    /// The package and the file of the constant that a host or scope of a service is taken from. `packages` are the
    /// service's own.
    pub fn source<'a>(&'a self, kind: Kind, text: &str, packages: &[String]) -> Option<(&'a str, &'a str)> {
        let is_below = |it: &Constant| it.text.strip_suffix(text).is_some_and(|rest| rest.ends_with('.'));
        let find = |constants: &'a [Constant], is_it: &dyn Fn(&Constant) -> bool| {
            constants.iter().filter(|it| is_it(it)).find_map(|it| it.of(packages))
        };
        match kind {
            Kind::Scope => find(&self.scope, &|it| it.text == text)
                .or_else(|| find(&self.audience, &|it| it.is_audience_of(text))),
            Kind::Host => find(&self.host, &|it| it.text == text).or_else(|| find(&self.host, &is_below)),
        }
    }
}

impl Constant {
    /// The first of the packages that has the constant, and its file there.
    fn of(&self, packages: &[String]) -> Option<(&str, &str)> {
        let is_in = |package: &str| {
            packages.iter().any(|it| package.rsplit_once(' ').is_some_and(|(name, _)| name == it))
        };
        let mut files = self.files.iter().map(|(package, file)| (package.as_str(), file.as_str()));
        files.find(|(package, _)| is_in(package))
    }

    /// Whether the scope is that of the audience. SDKs write some audiences with a slash at the end and some without.
    fn is_audience_of(&self, scope: &str) -> bool {
        let audience = scope.strip_suffix("/.default");
        audience.is_some_and(|audience| [audience, &format!("{audience}/")].contains(&self.text.as_str()))
    }
}
