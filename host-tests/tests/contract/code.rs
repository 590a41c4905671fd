//! The structure of the code, and the checks that CI runs.

use crate::{crate_root, files, read, root};
use anyhow::Result;
use std::fs;

#[test]
fn code_that_may_trap_is_denied_by_lints() -> Result<()> {
    let middlewares = fs::read_dir(root().join("middleware"))?;
    let middlewares = middlewares.map(|folder| Ok(folder?.path().join("Cargo.toml")));
    let others = [
        "Cargo.toml",
        "crates/http-auth-rules/Cargo.toml",
        "crates/token-cache/Cargo.toml",
        "crates/token-rules/Cargo.toml",
    ];
    for path in middlewares.chain(others.map(|path| Ok(root().join(path)))).collect::<Result<Vec<_>>>()? {
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(&path)?)?;
        let lints = &manifest["lints"]["clippy"];
        for lint in LINTS {
            let level = lints.get(lint).and_then(toml::Value::as_str);
            assert_eq!(level, Some("deny"), "{lint} in {}", path.display());
        }
        let level = manifest["lints"]["rust"]["unsafe_code"].as_str();
        assert!(matches!(level, Some("deny" | "forbid")), "unsafe_code in {}", path.display());
    }
    assert!(
        read(".ci/run")?.lines().any(|line| line.contains("cargo clippy") && line.contains("-D warnings"))
    );
    Ok(())
}

#[test]
fn ci_checks_the_dependencies() -> Result<()> {
    assert!(read(".ci/run")?.contains("cargo-deny") && read(".ci/run")?.contains("check"));
    let rules: toml::Table = toml::from_str(&read("deny.toml")?)?;
    assert_eq!(rules["bans"]["multiple-versions"].as_str(), Some("deny"));
    assert_eq!(rules["sources"]["unknown-registry"].as_str(), Some("deny"));
    assert_eq!(rules["sources"]["unknown-git"].as_str(), Some("deny"));
    assert!(rules["licenses"]["allow"].as_array().is_some_and(|allowed| !allowed.is_empty()));
    Ok(())
}

#[test]
fn ci_runs_the_readmes_test_command() -> Result<()> {
    assert!(read(".ci/run")?.lines().any(|line| line.starts_with("cargo test")));
    assert!(read("README.md")?.contains("\ncargo test "));
    Ok(())
}

#[test]
fn no_file_is_long_or_has_a_meaningless_name() -> Result<()> {
    let middleware = files(&root().join("middleware"), "rs")?.into_iter();
    let middleware = middleware.chain(files(&root().join("crates"), "rs")?);
    let all = files(&root().join("src"), "rs")?.into_iter().chain(files(&crate_root().join("src"), "rs")?);
    for file in all.chain(middleware) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(!["mod.rs", "utils.rs", "common.rs"].contains(&name.as_str()), "{}", file.display());
        let lines = fs::read_to_string(&file)?.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines; split it", file.display());
    }
    Ok(())
}

/// `expect-test` itself rewrites golden files whenever the variable is set, for `UPDATE_EXPECT=0` too.
#[test]
fn golden_files_are_compared_by_tools_golden() -> Result<()> {
    let sources =
        ["crates", "examples", "fuzz", "host-tests", "hosts", "middleware", "runtime", "src", "tools"];
    for folder in sources {
        for file in files(&root().join(folder), "rs")? {
            let is_exempt =
                file.ends_with("contract/code.rs") || file.starts_with(root().join("tools/golden"));
            let text = fs::read_to_string(&file)?;
            let reads = ["expect_test::", "\"UPDATE_EXPECT\""].iter().any(|it| text.contains(it));
            assert!(is_exempt || !reads, "{} must use tools/golden", file.display());
        }
    }
    Ok(())
}

/// Those against constructs that may trap, and against output.
const LINTS: [&str; 12] = [
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
    "string_slice",
    "unreachable",
    "todo",
    "unimplemented",
    "arithmetic_side_effects",
    "print_stdout",
    "print_stderr",
    "dbg_macro",
];

/// About 300 lines.
const MAX_LINES: usize = 330;
