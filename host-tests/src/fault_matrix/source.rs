//! A row of the matrix: a source, and the points of its call at which faults are injected.

use super::fault_point::FaultPoint;
use crate::case::own_secrets::own_secrets;
use crate::case::via::Via;
use crate::case::{Call, Case};
use anyhow::{Result, ensure};
use std::path::Path;

/// A source.
pub struct Source {
    /// The name of its case, e.g. `managed-identity/arc-success`.
    pub name: String,
    /// The case.
    pub case: Case,
    /// The component's files, by absolute path.
    pub files: Vec<(String, Vec<u8>)>,
    /// The secrets of the case, by name.
    pub secrets: Vec<(String, String)>,
    /// The parts of its call, recorded by [`baseline::record`](super::baseline::record).
    pub points: Vec<FaultPoint>,
    /// The source that the token reports when no fault is injected.
    pub label: String,
}

impl Source {
    /// Reads the case; [`points`](Self::points) and [`label`](Self::label) are still empty.
    ///
    /// # Errors
    /// When the case cannot be read, or injects faults itself.
    pub fn read(name: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
        let case = Case::read(&folder)?;
        ensure!(
            case.azure.faults.is_empty() && !case.no_files && case.links.is_empty(),
            "{name} injects faults itself"
        );
        let mut files = Vec::new();
        for (path, file) in &case.files {
            files.extend(file.read(path)?);
        }
        let secrets = own_secrets(&case, &files)?;
        let (name, points, label) = (name.to_owned(), Vec::new(), String::new());
        Ok(Self { name, case, files, secrets, points, label })
    }

    /// The call: the first of its case.
    pub fn call(&self) -> &Call {
        &self.case.calls[0]
    }

    /// Whether the grant that the user brings can be redeemed once only, so that the user must sign in again
    /// after a failure.
    pub fn is_single_use(&self) -> bool {
        matches!(
            self.call().via,
            Via::AuthorizationCode(_) | Via::BeginAuthorizationCode(_) | Via::BeginDeviceCode(_)
        )
    }
}
