//! The simulated services.
//!
//! To add one: a variant of [`ServiceName`](crate::settings::ServiceName), a file in this folder with a type that
//! implements [`Service`], and a line in [`all`].

use crate::service::Service;
use crate::settings::Settings;

mod adfs;
mod app_service;
mod azure_arc;
mod azure_devops;
mod azure_ml;
mod cloud_shell;
mod entra;
mod identity_endpoint;
mod imds;
mod key_vault;
mod managed_identity;
mod service_fabric;

/// Every service. The first that [is at](Service::is_at) an address handles its requests.
pub fn all(settings: &Settings) -> Vec<Box<dyn Service>> {
    vec![
        Box::new(imds::Imds),
        Box::new(app_service::AppService),
        Box::new(azure_arc::AzureArc),
        Box::new(azure_ml::AzureMl),
        Box::new(cloud_shell::CloudShell),
        Box::new(service_fabric::ServiceFabric),
        Box::new(entra::Entra::new(settings)),
        Box::new(adfs::Adfs::new(settings)),
        Box::new(azure_devops::AzureDevOps),
        Box::new(key_vault::KeyVault),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ServiceName;
    use clap::ValueEnum;

    #[test]
    fn every_service_name_has_one_service() {
        let names: Vec<_> = all(&Settings::default()).iter().map(|service| service.name()).collect();
        assert_eq!(names, ServiceName::value_variants());
    }
}
