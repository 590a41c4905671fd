//! The published components, on their way into a registry.

use crate::published::{AUTHORS, LICENCE, PUBLISHED, Published};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Pushes every published component in `folder` into an OCI registry with `wkg`, where `wkg get` and `wac` find it.
///
/// `registry` is a host, with a namespace behind it if there is one: `registry.example/someone`. A registry on this machine is
/// talked to without TLS. Credentials are `wkg`'s own affair: `docker login`, or its environment.
///
/// Not `wkg publish`: wkg 0.16 looks for a version in the component's own world, whose name is fixed and which never
/// has one, and does so even when it is told package and version. What comes of it is the same: the package at the
/// place where its name and version say, with the same annotations.
///
/// # Errors
/// When a component is not in `folder`, or `wkg` cannot be started or fails.
pub fn push(wkg: &Path, registry: &str, folder: &Path) -> Result<Vec<String>> {
    PUBLISHED.iter().map(|published| push_one(wkg, registry, folder, published)).collect()
}

fn push_one(wkg: &Path, registry: &str, folder: &Path, published: &Published) -> Result<String> {
    let component = folder.join(format!("{}.wasm", published.component));
    if !component.is_file() {
        bail!("no {}; run: cargo components", component.display());
    }
    let reference = reference(registry, published);
    let mut command = Command::new(wkg);
    command.args(["oci", "push"]);
    let host = registry.split('/').next().unwrap_or(registry);
    if is_this_machine(host) {
        command.args(["--insecure", host]);
    }
    for (name, value) in annotations(published) {
        command.arg("--annotation").arg(format!("{name}={value}"));
    }
    command.arg(&reference).arg(&component);
    let output = command.output().with_context(|| format!("{} did not start", wkg.display()))?;
    if !output.status.success() {
        bail!("wkg pushed no {reference}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(reference)
}

/// Where `wkg` looks for a package: `namespace:name@version` is the tag `version` of `namespace/name`.
fn reference(registry: &str, published: &Published) -> String {
    format!("{registry}/{}:{}", published.package.replace(':', "/"), published.version)
}

/// What `wkg publish` would say of it, too.
fn annotations(published: &Published) -> Vec<(&'static str, &'static str)> {
    let mut annotations = vec![
        ("org.opencontainers.image.version", published.version),
        ("org.opencontainers.image.description", published.description),
        ("org.opencontainers.image.licenses", LICENCE),
        ("org.opencontainers.image.authors", AUTHORS),
    ];
    annotations.extend(crate::published::SOURCE.map(|url| ("org.opencontainers.image.source", url)));
    annotations
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_goes_where_wkg_looks_for_it() {
        let references: Vec<_> =
            PUBLISHED.iter().map(|it| reference("registry.example/someone", it)).collect();
        let patch = env!("CARGO_PKG_VERSION_PATCH");
        let expected = [
            format!("registry.example/someone/azure/identity-provider:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-provider:0.3.{patch}"),
            format!("registry.example/someone/azure/identity-provider-without-certificates:0.2.{patch}"),
            format!("registry.example/someone/azure/http-auth:0.3.{patch}"),
            format!("registry.example/someone/azure/http-auth-sync:0.3.{patch}"),
        ];
        assert_eq!(references, expected);
    }

    #[test]
    fn only_this_machine_is_talked_to_without_tls() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["registry.example", "localhost.example", "127.0.0.1.example:5000", "[::2]:5000", ""] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
