//! The active cloud of the Azure CLI: `cloud.name` in its `config`, and the clouds that `clouds.config` adds or
//! changes (azure-cli-core 2.91, `cloud.py`).

use super::files;
use super::options::NAME;
use crate::call_context::CallContext;
use crate::entra::authority::Authority;
use crate::error::{Error, quote};
use crate::host;
use crate::http::Url;
use crate::prelude::*;
use crate::sources::developer_login::authority_of_cloud;

/// The active cloud.
#[derive(Debug)]
pub struct Cloud {
    /// Its name. The CLI knows the subscriptions of this cloud alone.
    pub name: String,
    endpoint: Option<String>,
    is_validated: bool,
}

impl Cloud {
    /// The cloud that the environment or the files in the folder make the active one.
    ///
    /// # Errors
    /// `other` when a file cannot be read.
    #[maybe_async]
    pub async fn active(call: &CallContext<'_>, folder: &str) -> Result<Self, Error> {
        let config = files::read(call, folder, "config").await?;
        // The CLI takes each of its settings from a variable first.
        let setting = |variable, section, key| {
            host::env(call.host, variable)
                .or_else(|| value(config.as_deref()?, section, key).map(ToOwned::to_owned))
        };
        let name = setting("AZURE_CLOUD_NAME", "cloud", "name");
        let name = name.map_or_else(|| "AzureCloud".to_owned(), |name| name.trim().to_owned());
        let clouds = files::read(call, folder, "clouds.config").await?;
        let endpoint = clouds.as_deref().and_then(|clouds| value(clouds, &name, "endpoint_active_directory"));
        let endpoint = endpoint.or_else(|| authority_of_cloud(&name)).map(ToOwned::to_owned);
        // "Azure Stack Hub" and other clouds without a way to Microsoft need it (`az config set
        // core.instance_discovery=false`).
        let discovery = setting("AZURE_CORE_INSTANCE_DISCOVERY", "core", "instance_discovery");
        let is_validated = discovery.is_some_and(|value| is_false(&value));
        Ok(Self { name, endpoint, is_validated })
    }

    /// Its authority.
    ///
    /// # Errors
    /// `other` when no file names it, or it is not an authority.
    pub fn authority(&self) -> Result<Authority, Error> {
        let name = quote(&self.name, &[]);
        let endpoint = self.endpoint.as_deref().ok_or_else(|| {
            Error::other(
                NAME,
                format_args!("the active cloud {name} is not in clouds.config; see: az cloud list, then run: az cloud set --name <cloud>"),
            )
        })?;
        let url = Url::parse_authority(endpoint).map_err(|error| {
            Error::other(
                NAME,
                format_args!("endpoint_active_directory of the cloud {name} in clouds.config {error}"),
            )
        })?;
        let authority = Authority::from(url);
        Ok(if self.is_validated { authority.validated() } else { authority })
    }
}

/// The value of a key in a section of an INI file, as Python's `configparser` reads it: the names of keys
/// without regard to case, `=` or `:` behind them, and comments on lines of their own.
fn value<'a>(file: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut is_in_section = false;
    let mut found = None;
    for line in file.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            is_in_section = name.0 == section;
        } else if is_in_section
            && let Some((name, value)) = line.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    found
}

/// As `configparser` reads a boolean.
fn is_false(value: &str) -> bool {
    ["0", "no", "false", "off"].iter().any(|no| no.eq_ignore_ascii_case(value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;

    /// Name and authority of the active cloud.
    fn active(host: &FakeHost) -> Result<(String, String), String> {
        let cloud = run(Cloud::active(&CallContext::new(host), "/c")).expect("the files are readable");
        let authority = cloud.authority().map_err(|error| error.into_details().message)?;
        let discovery =
            if authority.instance_discovery_request().is_some() { " to be validated" } else { "" };
        Ok((cloud.name, format!("{}{discovery}", authority.authority())))
    }

    #[test]
    fn the_active_cloud_is_that_of_the_environment_else_of_the_configuration() {
        const CONFIG: &str = "[core]\nname = x\n# a comment\n[cloud]\n; name = y\nName: AzureUSGovernment\n";
        for (variable, config, name, authority) in [
            ("", "", "AzureCloud", "login.microsoftonline.com"),
            ("", CONFIG, "AzureUSGovernment", "login.microsoftonline.us"),
            ("AzureChinaCloud", CONFIG, "AzureChinaCloud", "login.chinacloudapi.cn"),
            ("", "[cloud]\nname =\n", "AzureCloud", "login.microsoftonline.com"),
        ] {
            let host = FakeHost::new().env("AZURE_CLOUD_NAME", variable).file("/c/config", config);
            assert_eq!(active(&host), Ok((name.to_owned(), authority.to_owned())), "{variable:?} {config:?}");
        }
    }

    #[test]
    fn a_cloud_of_clouds_config_has_the_authority_that_is_named_there() {
        let clouds = "[AzureCloud]\nprofile = latest\n[Stack]\nendpoint_active_directory = https://login.stack.example/\nendpoint_management = https://x\n[Bad]\nendpoint_active_directory = http://x\n";
        let host =
            |name: &str| FakeHost::new().env("AZURE_CLOUD_NAME", name).file("/c/clouds.config", clouds);
        let stack = |authority: &str| Ok(("Stack".to_owned(), authority.to_owned()));
        assert_eq!(
            active(&host("AzureCloud")).map(|cloud| cloud.1).as_deref(),
            Ok("login.microsoftonline.com")
        );
        assert_eq!(active(&host("Stack")), stack("login.stack.example to be validated"));
        for (variable, config) in [("false", ""), ("", "[core]\ninstance_discovery = False")] {
            let host = host("Stack").env("AZURE_CORE_INSTANCE_DISCOVERY", variable).file("/c/config", config);
            assert_eq!(active(&host), stack("login.stack.example"));
        }
        assert_eq!(
            active(&host("Bad")),
            Err("azure-cli: endpoint_active_directory of the cloud Bad in clouds.config must start with https://".into())
        );
        assert_eq!(
            active(&host("Else\nwhere")),
            Err("azure-cli: the active cloud Else where is not in clouds.config; see: az cloud list, then run: az cloud set --name <cloud>".into())
        );
    }
}
