//! The interfaces as they were released, without comments. `released/` has one file for each package and generation.
//!
//! A difference here breaks apps that exist. Before the first release, and only then, `UPDATE_EXPECT=1` writes the files of
//! both packages. Afterwards those of `azure:identity` never change, and those of `azure:identity-credentials` are written
//! again with each release that adds something. `tests/growth.rs` runs the compositions that these rules are for.

use crate::{crate_root, root};
use anyhow::{Context, Result, ensure};
use golden::expect_file;
use host_tests::edition::Edition;
use std::fs;
use std::path::PathBuf;
use wit_component::{WitPrinter, semver_check};
use wit_parser::{PackageId, Resolve};

#[test]
fn the_frozen_package_is_the_released_one() -> Result<()> {
    for edition in Edition::WHOLE {
        let (resolve, frozen, _) = interfaces(edition)?;
        expect_file![path("identity", edition)].assert_eq(&printed(&resolve, frozen)?);
    }
    Ok(())
}

#[test]
fn the_growing_package_has_everything_that_was_released() -> Result<()> {
    for edition in Edition::WHOLE {
        let (resolve, _, growing) = interfaces(edition)?;
        let (path, now) = (path("identity-credentials", edition), printed(&resolve, growing)?);
        if golden::is_update_requested() {
            fs::write(&path, &now)?;
        }
        fits(edition, &fs::read_to_string(path)?, &now)?;
    }
    Ok(())
}

#[test]
fn an_addition_is_growth_and_a_change_is_not() -> Result<()> {
    for edition in Edition::WHOLE {
        let (resolve, _, growing) = interfaces(edition)?;
        let now = printed(&resolve, growing)?;
        let setter = "set-region: func(region: string);";
        for (old, new, is_growth) in [
            (setter, "set-region: func(region: string);\n    set-more: func(more: string);", true),
            ("resource credential-builder {", "resource more {\n  }\n  resource credential-builder {", true),
            (setter, "", false),
            (setter, "set-region: func(region: option<string>);", false),
            ("client-id: string,", "client-id: string,\n    more: string,", false),
        ] {
            ensure!(now.contains(old), "{old:?} is not in the interfaces");
            let fits = fits(edition, &now, &now.replacen(old, new, 1));
            assert_eq!(fits.is_ok(), is_growth, "{old:?} becomes {new:?}: {fits:?}");
        }
    }
    Ok(())
}

/// Fails unless an app of the released growing package fits a provider of the package `now`.
fn fits(edition: Edition, released: &str, now: &str) -> Result<()> {
    let (mut resolve, _) = seam(edition)?;
    let mut consumer = |text: &str, version: &str| -> Result<_> {
        let (start, rest) = text.split_once("package ").context("a package has a name")?;
        let (name, rest) = rest.split_once(';').context("a package has items")?;
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        // One `Resolve` cannot have two packages with the same version. `semver_check` ignores versions; `@since` wants later
        // ones than its own.
        let text = format!("{start}package {name}@{version};{rest}");
        let package = resolve.push_str("interfaces.wit", &text)?;
        resolve.select_world(&[package], Some("consumer"))
    };
    let released = consumer(released, "1000.0.0")?;
    let now = consumer(now, "1000.0.1")?;
    semver_check(resolve, released, now)
        .with_context(|| format!("an app of the release does not fit wit/{}", edition.name()))
}

/// The frozen and the growing package.
fn interfaces(edition: Edition) -> Result<(Resolve, PackageId, PackageId)> {
    let (mut resolve, frozen) = seam(edition)?;
    let (growing, _) = resolve.push_dir(root().join(edition.wit()).join("credentials"))?;
    Ok((resolve, frozen, growing))
}

fn seam(edition: Edition) -> Result<(Resolve, PackageId)> {
    let mut resolve = Resolve::default();
    let (frozen, _) = resolve.push_dir(root().join(edition.wit()))?;
    Ok((resolve, frozen))
}

fn printed(resolve: &Resolve, package: PackageId) -> Result<String> {
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer.print(resolve, package, &[])?;
    Ok(printer.output.to_string())
}

fn path(package: &str, edition: Edition) -> PathBuf {
    crate_root().join(format!("tests/contract/released/{package}-{}.wit", edition.name()))
}
