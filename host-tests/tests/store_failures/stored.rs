//! The records on a server, as one with access to the server reads and writes them.

use crate::server::Server;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use std::collections::BTreeMap;

/// The values of all records, by their keys on the server.
pub fn records(server: &Server) -> Result<BTreeMap<String, Vec<u8>>> {
    match server {
        Server::Redis(redis) => {
            let entries = redis.entries()?.into_iter();
            let entries = entries.map(|(key, value)| (String::from_utf8_lossy(&key).into_owned(), value));
            Ok(entries.filter(|(key, _)| key.starts_with("azure-token-cache:token:")).collect())
        }
        Server::Nats(nats) => {
            let info = nats.request(&format!("STREAM.INFO.{STREAM}"), &json!({ "subjects_filter": ">" }))?;
            let subjects = info["state"]["subjects"].as_object().cloned().unwrap_or_default();
            let value = |subject: String| {
                let message =
                    nats.request(&format!("STREAM.MSG.GET.{STREAM}"), &json!({ "last_by_subj": subject }))?;
                let data = message["message"]["data"].as_str().context("a message has data")?;
                Ok((subject, BASE64_STANDARD.decode(data)?))
            };
            subjects.into_iter().map(|(subject, _)| value(subject)).collect()
        }
    }
}

/// Overwrites a record.
pub fn write(server: &Server, key: &str, value: &[u8]) -> Result<()> {
    match server {
        Server::Redis(redis) => redis.set(key.as_bytes(), value),
        Server::Nats(nats) => {
            nats.put("azure-token-cache", key.rsplit('.').next().unwrap_or_default(), value)
        }
    }
}

/// Lets the server refuse all writes, as one without memory or space does.
pub fn fill(server: &Server) -> Result<()> {
    match server {
        Server::Redis(redis) => redis.command(&["CONFIG", "SET", "maxmemory", "1"]).map(drop),
        Server::Nats(nats) => nats.streams()?.iter().try_for_each(|stream| {
            let info = nats.request(&format!("STREAM.INFO.{stream}"), &json!({}))?;
            let mut config = info["config"].clone();
            // Less would remove what is there; but leases expire, and make room.
            let used = if stream.ends_with("-leases") { Some(0) } else { info["state"]["bytes"].as_u64() };
            config["max_bytes"] = json!(used.unwrap_or_default() + 1);
            nats.request(&format!("STREAM.UPDATE.{stream}"), &config).map(drop)
        }),
    }
}

const STREAM: &str = "KV_azure-token-cache";
