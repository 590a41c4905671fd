//! The list of fakes, and what each must be able to say.
//!
//! To add one: a file beside this one, a type that implements [`Service`], one line in [`SERVICES`].

use http::Uri;

use super::adfs::Adfs;
use super::app_service::AppService;
use super::azure_arc::AzureArc;
use super::azure_devops::AzureDevOps;
use super::azure_ml::AzureMl;
use super::call::Call;
use super::cloud_shell::CloudShell;
use super::entra::Entra;
use super::imds::Imds;
use super::key_vault::KeyVault;
use super::reply::Reply;
use super::service_fabric::ServiceFabric;
use super::state::State;

/// THE LIST of fakes. The first that [answers at](Service::answers_at) an address gets the request.
pub const SERVICES: &[&dyn Service] = &[
    &Imds,
    &AppService,
    &AzureArc,
    &AzureMl,
    &CloudShell,
    &ServiceFabric,
    &Entra,
    &Adfs,
    &AzureDevOps,
    &KeyVault,
];

/// One service of Azure, faked.
pub trait Service: Send + Sync {
    /// The name that faults, the journal and the simulator's flags use, e.g. `imds`.
    fn name(&self) -> &'static str;

    /// Whether the real service (or this simulation of it) lives at the scheme and authority of `uri`.
    fn answers_at(&self, state: &State, uri: &Uri) -> bool;

    /// Where a request for `path` belongs if all services are reached through one address, as the
    /// simulator's socket is: scheme and authority, or `None` if the path is not this service's.
    fn home_of(&self, path: &str) -> Option<&'static str>;

    /// Answers as the real service does, refusals included.
    fn answer(&self, state: &State, call: &Call) -> Reply;
}

/// The service that lives where `uri` points.
pub fn at(state: &State, uri: &Uri) -> Option<&'static dyn Service> {
    SERVICES.iter().copied().find(|service| service.answers_at(state, uri))
}

/// Where a request for `path` belongs when only the path is known.
pub fn home_of(path: &str) -> Option<&'static str> {
    SERVICES.iter().find_map(|service| service.home_of(path))
}

/// Whether there is a fake of this name.
pub fn exists(name: &str) -> bool {
    SERVICES.iter().any(|service| service.name() == name)
}
