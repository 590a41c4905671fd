//! Requests that work on more than their own path with their own method: batches carry other requests in the body, and
//! copies name another path in a header.

use super::overrides::{header, parameters};
use super::services;
use super::subject::Subject;
use crate::prelude::*;
use percent_encoding::percent_decode_str;

/// Whether a request carries others in its body. A body that asks for more in another way, as FHIR bundles and GraphQL do,
/// is not recognised.
///
/// | request | service | source |
/// |---|---|---|
/// | `$batch` in the path | Table Storage, Microsoft Graph, Azure DevOps, Log Analytics, Dataverse, SharePoint | OData 4.01 Part 1, section 11.7; "Performing entity group transactions" |
/// | `comp=batch` | Blob Storage | "Blob Batch" |
/// | `/batch` | Resource Manager | `az` and the portal: `POST /batch?api-version=2020-06-01` |
/// | `x-ms-cosmos-is-batch-request` | Cosmos DB | the SDKs' `IsBatchRequest` |
pub fn is_batch(request: &Subject<'_>) -> bool {
    let target = request.target;
    let path = percent_decode_str(target.path()).decode_utf8_lossy().to_ascii_lowercase();
    let is_resource_manager =
        || services::row_of(&target.server).is_some_and(|row| row.service == "resource-manager");
    let of_query = |(name, value): (String, String)| {
        name.eq_ignore_ascii_case("comp") && value.eq_ignore_ascii_case("batch")
    };
    // Without a rule that has a path, the path may have any form, so its segments are not compared.
    path.contains("$batch")
        || (is_at_batch(&path) && is_resource_manager())
        || parameters(target.query()).any(of_query)
        || header(request, &["x-ms-cosmos-is-batch-request"]).is_some()
}

/// Whether the last segment of a path is `batch` for some server: servers remove dot segments (RFC 3986, section 5.2.4), and
/// behind one any segment can be the last. `path` is decoded, and in lower case.
fn is_at_batch(path: &str) -> bool {
    let segments =
        || path.split(['/', '\\']).map(|segment| segment.split([';', '?', '#']).next().unwrap_or_default());
    let is_batch = |name: &str| name.trim_matches(['.', ' ']) == "batch";
    let is_dot = |name: &str| name.trim_matches(['.', ' ']).is_empty();
    let climbs = segments().any(|name| name.contains("..") && is_dot(name));
    let last = segments().rfind(|name| !is_dot(name));
    last.is_some_and(is_batch) || (climbs && segments().any(is_batch))
}

/// The header that names another path, which is read, moved or written with the same token; `None`: none does.
pub fn source_of_copy(request: &Subject<'_>) -> Option<&'static str> {
    header(request, SOURCES)
}

/// "Copy Blob" and "Path - Create" of Data Lake Storage; a source in the same account needs no other authorization. "Rename
/// File" of Azure Files. `destination` is that of WebDAV's `COPY` and `MOVE` (RFC 4918, section 10.3).
const SOURCES: &[&str] =
    &["x-ms-copy-source", "x-ms-rename-source", "x-ms-file-rename-source", "destination"];
