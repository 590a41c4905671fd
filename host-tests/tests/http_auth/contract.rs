//! The contract with deployers: imports and exports, and the rules of the README.

use anyhow::Result;
use golden::expect_file;
use host_tests::edition::Edition;

#[test]
fn the_component_imports_and_exports_the_listed_interfaces_only() -> Result<()> {
    for (edition, file) in [(Edition::Wasi03, "interfaces.txt"), (Edition::Wasi02, "interfaces-0.2.txt")] {
        let decoded = wit_component::decode(&std::fs::read(edition.http_auth())?)?;
        let world = &decoded.resolve().worlds[decoded.resolve().select_world(&[decoded.package()], None)?];
        let name = |key| decoded.resolve().name_world_key(key);
        let imports = world.imports.keys().map(|key| format!("import {}\n", name(key)));
        let exports = world.exports.keys().map(|key| format!("export {}\n", name(key)));
        expect_file![file].assert_eq(&imports.chain(exports).collect::<String>());
    }
    Ok(())
}

#[test]
fn the_readmes_rules_can_be_parsed() -> Result<()> {
    let readme = include_str!("../../../middleware/http-auth/README.md");
    let blocks: Vec<_> =
        readme.split("```rules\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(
            azure_http_auth_rules::rules::parse::parse(block)
                .is_ok_and(|parsed| !parsed.rules.is_empty() || !parsed.of_services.is_empty()),
            "{block}"
        );
    }
    Ok(())
}
