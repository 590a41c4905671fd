//! What exists, for the page.

use std::net::SocketAddr;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::azure::Azure;
use crate::environment::environment;
use crate::settings::{ManagedIdentity, ServiceName, Settings};

/// The simulator's address and time, the identities, the variables of a credential, and each service with its faults.
pub fn of(azure: &Azure, address: SocketAddr) -> Value {
    let settings = azure.settings();
    let variables =
        environment(address, settings).into_iter().map(|(name, value)| (name, Value::from(value)));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "address": address.to_string(),
        "time": azure.now(),
        "variables": variables.collect::<Map<_, _>>(),
        "identities": identities(settings),
        "services": services(azure),
        "tenants": settings.tenants.iter().map(|it| json!({ "id": it.id, "name": it.name })).collect::<Vec<_>>(),
    })
}

/// The identities that can get tokens: of the virtual machine, of applications, of users.
fn identities(settings: &Settings) -> Vec<Value> {
    let machine = &settings.virtual_machine;
    let system = machine.system_assigned.then(ManagedIdentity::system_assigned);
    let managed = system.iter().chain(&machine.user_assigned).map(|it| {
        json!({
            "kind": "managed identity", "name": it.resource_id.rsplit('/').next(),
            "client-id": it.client_id, "object-id": it.object_id,
        })
    });
    let applications = settings.applications.iter().map(|it| {
        let kind = if it.is_public() { "public client" } else { "application" };
        json!({ "kind": kind, "client-id": it.client_id, "object-id": it.object_id() })
    });
    let users =
        settings.users.iter().map(|it| json!({ "kind": "user", "name": it.username, "object-id": it.oid }));
    managed.chain(applications).chain(users).collect()
}

fn services(azure: &Azure) -> Vec<Value> {
    let faults = azure.faults();
    let of = |service: ServiceName| {
        let texts = faults.iter().filter(|it| it.service.is_none_or(|it| it == service));
        let texts: Vec<_> = texts.map(ToString::to_string).collect();
        json!({ "name": service, "faults": texts })
    };
    ServiceName::value_variants().iter().copied().map(of).collect()
}
