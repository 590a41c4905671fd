//! The interfaces of a later version, derived from those of today by the edits that the contract permits. The frozen
//! package keeps its version here; `versions_of_the_frozen_package_fit_in_both_directions` gives it another.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// The version of the growing package.
pub const TODAY: &str = "0.2.0";
/// Its version after the additions.
pub const LATER: &str = "0.2.1";

/// Writes the interfaces of today to `folder/today` and those of a later version to `folder/later`, each beside the
/// worlds of the components that the tests build.
pub fn write_interfaces(folder: &Path) -> Result<()> {
    for (name, version, edits) in [("today", TODAY, &[][..]), ("later", LATER, ADDITIONS)] {
        let to = folder.join(name);
        copy(&workspace().join("wit/0.2"), &to.join("deps/identity"), &|text| edit(text, edits))?;
        copy(&workspace().join("wit/0.2/credentials"), &to.join("deps/identity-credentials"), &|text| {
            let text = edit(text, edits);
            let package = |version| format!("package azure:identity-credentials@{version};");
            text.replace(&package(TODAY), &package(version))
        })?;
        write(&to.join("world.wit"), &WORLDS.replace("{version}", version))?;
        let text = fs::read_to_string(to.join("deps/identity-credentials/credentials.wit"))?
            + &fs::read_to_string(to.join("deps/identity/types.wit"))?;
        for (anchor, addition) in edits {
            ensure!(text.contains(addition), "no place for an addition: {anchor:?} is not in wit/0.2");
        }
    }
    Ok(())
}

/// Each addition, and the line of today's interfaces before which it stands. The first three are additions to the
/// growing package: an option, a kind of credential and a resource. The others are keys, which add no item to the frozen
/// package: an option of a request, a fact about a token and a detail of an error.
const ADDITIONS: &[(&str, &str)] = &[
    (
        "    /// The authority, e.g. `https://login.microsoftonline.us`: a URL without user, path and query.\n",
        "    /// The path of an agent identity.\n    @since(version = 0.2.1)\n    set-fmi-path: func(path: string);\n",
    ),
    (
        "    /// The account that is logged in to the Azure CLI, read from the CLI's files (in\n",
        "    /// A workflow of GitHub Actions.\n    @since(version = 0.2.1)\n    github-actions: static func(application: \
         application, request: borrow<oidc-request>) -> credential-builder;\n",
    ),
    (
        "  /// A credential that is not created yet: its kind and its options.\n",
        "  /// A request for an OpenID Connect token.\n  @since(version = 0.2.1)\n  resource oidc-request {\n    \
         /// The URL of the request.\n    @since(version = 0.2.1)\n    constructor(url: string);\n  }\n\n",
    ),
    (
        "    options: list<tuple<string, string>>,\n",
        "    /// - `fmi-path`, since 0.2.1: the path of an agent identity.\n",
    ),
    (
        "    /// - `username`: the user's sign-in name, e.g.",
        "    /// - `device-id`, since 0.2.1: the id of the device.\n",
    ),
    (
        "    /// - `client-request-id`: the id",
        "    /// - `troubleshooting-url`, since 0.2.1: a page about the failure.\n",
    ),
];

fn edit(mut text: String, edits: &[(&str, &str)]) -> String {
    for (anchor, addition) in edits {
        text = text.replace(anchor, &format!("{addition}{anchor}"));
    }
    text
}

/// Copies the files of a folder, and no folder in it.
fn copy(from: &Path, to: &Path, edit: &dyn Fn(String) -> String) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.is_file() {
            let text = edit(fs::read_to_string(&path)?);
            write(&to.join(path.file_name().context("a file has a name")?), &text)?;
        }
    }
    Ok(())
}

/// Writes a file, unless it has this text already: cargo compiles again what has a new modification time.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The worlds of the components.
const WORLDS: &str = "\
package tests:growth;

world app {
  import azure:identity/token-credential@0.2.0;
  import azure:identity-credentials/credentials@{version};
  /// Requests a token as the words say; returns its source and details, or the kind and the details of the error.
  export ask: func(words: list<string>) -> string;
}

world provider {
  export azure:identity/token-credential@0.2.0;
  export azure:identity-credentials/credentials@{version};
}
";
