//! `docs/quick-start/typescript.md`, walked from an empty folder with node alone.

use crate::npm_project::NpmProject;
use crate::project::workspace;
use crate::{expected_claims, identity_claims};
use anyhow::Result;
use host_tests::external_tools;
use regex::Regex;
use std::fs;
use std::net::TcpListener;

/// What the page promises.
const COMMANDS: usize = 10;

#[test]
fn the_quick_start_for_typescript_shows_the_claims_of_a_token() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let page = fs::read_to_string(workspace().join("docs/quick-start/typescript.md"))?;
    let steps = page.split("\n## ").next().unwrap_or_default();
    let shell = blocks(steps, "sh")?;
    let [install, build, simulator, serve, ask] = &shell[..] else { panic!("other blocks: {shell:?}") };
    assert!(shell.iter().flat_map(|it| it.lines()).count() <= COMMANDS, "{shell:?}");
    // A test of the simulator's package starts the program.
    assert_eq!((simulator.trim(), install.contains(" azure-simulator")), ("npx azure-simulator", true));

    let mut project = NpmProject::start()?;
    project.write_files(steps)?;
    project.run(&install.replace(" azure-simulator", ""))?;
    project.run(build)?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    project.serve(serve.replace("8080", &port).trim(), "Server listening @ ")?;
    let claims = project.run(&ask.replace("8080", &port))?;
    assert_eq!(claims.trim(), blocks(steps, "json")?[0].trim(), "the page shows what the app responds with");
    assert_eq!(identity_claims(&claims)?, expected_claims());
    Ok(())
}

/// The blocks of a language in a page, in order, with continued lines joined.
fn blocks(page: &str, language: &str) -> Result<Vec<String>> {
    let block = Regex::new(&format!(r"(?ms)^```{language}\n(.*?)^```$"))?;
    Ok(block.captures_iter(page).map(|found| found[1].replace("\\\n", "")).collect())
}
