//! Pushes the published components into a registry.

use crate::published::{AUTHORS, LICENCE, PUBLISHED, Published};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Pushes every published component in `folder` into an OCI registry with `wkg`, where `wkg get` and `wac` find it.
///
/// `registry` is a host, optionally with a namespace: `registry.example/someone`. A registry on a loopback address is
/// reached without TLS. `wkg` itself finds the credentials: from `docker login`, or in its environment.
///
/// `wkg oci push` is used because `wkg publish` fails: wkg 0.16 reads the version from the component's own world, which
/// has none, even when package and version are arguments. The result is the same: the same reference, with the same
/// annotations.
///
/// # Errors
/// When a component is not in `folder`, or `wkg` cannot be started or fails.
pub fn push(wkg: &Path, registry: &str, folder: &Path) -> Result<Vec<String>> {
    PUBLISHED.iter().map(|published| push_one(wkg, registry, folder, published)).collect()
}

/// The command that pushes a component, and the reference that it is then found by. Its parameters are those of [`push`].
///
/// # Errors
/// When the component is not in `folder`.
pub fn push_command(
    wkg: &Path,
    registry: &str,
    folder: &Path,
    published: &Published,
) -> Result<(String, Command)> {
    let component = folder.join(format!("{}.wasm", published.component));
    if !component.is_file() {
        bail!("no {}; run: cargo components", component.display());
    }
    let reference = reference(registry, published);
    let mut command = Command::new(wkg);
    command.args(["oci", "push"]);
    let host = registry.split('/').next().unwrap_or(registry);
    if is_loopback(host) {
        command.args(["--insecure", host]);
    }
    for (name, value) in annotations(published) {
        command.arg("--annotation").arg(format!("{name}={value}"));
    }
    command.arg(&reference).arg(&component);
    Ok((reference, command))
}

fn push_one(wkg: &Path, registry: &str, folder: &Path, published: &Published) -> Result<String> {
    let (reference, mut command) = push_command(wkg, registry, folder, published)?;
    let output = command.output().with_context(|| format!("{} did not start", wkg.display()))?;
    if !output.status.success() {
        bail!("wkg could not push {reference}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(reference)
}

/// The reference under which `wkg` finds a package: `namespace:name@version` is the tag `version` of `namespace/name`.
fn reference(registry: &str, published: &Published) -> String {
    format!("{registry}/{}:{}", published.package.replace(':', "/"), published.version)
}

/// The annotations that `wkg publish` would write.
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

/// Whether a host, with or without a port, is this machine, which is reached without TLS.
pub fn is_loopback(host: &str) -> bool {
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
            format!("registry.example/someone/azure/identity-allow-scopes:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-allow-scopes:0.3.{patch}"),
            format!("registry.example/someone/azure/identity-log:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-log:0.3.{patch}"),
            format!("registry.example/someone/azure/identity-token-cache:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-token-cache-spin:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-secret-environment:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-secret-environment-spin:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-fake:0.2.{patch}"),
            format!("registry.example/someone/azure/identity-fake:0.3.{patch}"),
        ];
        assert_eq!(references, expected);
    }

    #[test]
    fn only_a_loopback_address_is_reached_without_tls() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["registry.example", "localhost.example", "127.0.0.1.example:5000", "[::2]:5000", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
