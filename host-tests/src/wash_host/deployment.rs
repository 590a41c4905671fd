//! What the operator makes of a `WorkloadDeployment` before a host starts it.

use super::registry::TAG;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

/// The message `workload.start`: references to secrets are resolved, and environments are their variables alone.
pub fn start(deployment: &Value, secrets: &Value, registry: &str) -> Result<Value> {
    let name = &deployment["metadata"]["name"];
    let spec = &deployment["spec"]["template"]["spec"];
    let mut interfaces = spec["hostInterfaces"].clone();
    for interface in interfaces.as_array_mut().context("a deployment has hostInterfaces")? {
        interface["config"] = resolved(interface, secrets)?;
        interface.as_object_mut().context("an interface is an object")?.remove("secretFrom");
    }
    let mut components = spec["components"].clone();
    for component in components.as_array_mut().context("a deployment has components")? {
        let image = component["image"].as_str().context("a component has an image")?;
        let image = image.rsplit('/').next().and_then(|name| name.split([':', '@']).next());
        component["image"] = format!("{registry}/{}:{TAG}", image.unwrap_or_default()).into();
        let resources = &mut component["localResources"];
        if !resources["environment"].is_null() {
            resources["environment"] = resolved(&resources["environment"], secrets)?;
        }
    }
    let volumes = spec["volumes"].as_array().into_iter().flatten();
    let volumes: Vec<_> = volumes
        .map(|volume| json!({ "name": volume["name"], "hostPath": { "localPath": volume["hostPath"]["path"] } }))
        .collect();
    Ok(json!({
        "workloadId": name,
        "workload": {
            "namespace": "default",
            "name": name,
            "volumes": volumes,
            "witWorld": { "components": components, "hostInterfaces": interfaces },
        },
    }))
}

/// The `config` of a layer and, over it, the values of the secrets that it names.
fn resolved(layer: &Value, secrets: &Value) -> Result<Value> {
    let mut values = layer["config"].as_object().cloned().unwrap_or_default();
    for reference in layer["secretFrom"].as_array().into_iter().flatten() {
        let name = reference["name"].as_str().context("a reference has a name")?;
        let secret: Option<&Map<String, Value>> = secrets[name].as_object();
        values.extend(secret.with_context(|| format!("there is no secret {name}"))?.clone());
    }
    ensure!(values.values().all(Value::is_string), "a value is not a text: {layer}");
    Ok(values.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_resolved_and_images_come_from_the_registry() -> Result<()> {
        let deployment = json!({
            "metadata": { "name": "app" },
            "spec": { "template": { "spec": {
                "hostInterfaces": [{ "package": "config", "secretFrom": [{ "name": "key" }] }],
                "components": [{
                    "image": "ghcr.io/contoso/app@sha256:00",
                    "localResources": { "environment": { "config": { "A": "1", "B": "2" }, "secretFrom": [{ "name": "key" }] } },
                }],
            } } },
        });
        let start = start(&deployment, &json!({ "key": { "B": "3" } }), "127.0.0.1:5000")?;
        let world = &start["workload"]["witWorld"];
        assert_eq!(world["hostInterfaces"], json!([{ "package": "config", "config": { "B": "3" } }]));
        assert_eq!(
            world["components"],
            json!([{ "image": "127.0.0.1:5000/app:test", "localResources": { "environment": { "A": "1", "B": "3" } } }])
        );
        let missing = super::start(&deployment, &json!({}), "127.0.0.1:5000").expect_err("it is not there");
        assert_eq!(missing.to_string(), "there is no secret key");
        Ok(())
    }
}
