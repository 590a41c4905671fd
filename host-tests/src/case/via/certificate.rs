//! A service principal that authenticates with a certificate.

use super::options::Options;
use crate::arguments::Certificate;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

/// Arguments of `client-certificate`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientCertificate {
    tenant_id: String,
    client_id: String,
    /// The certificate, as a file of `fixtures/certificates`.
    file: Option<String>,
    /// The certificate itself, if `file` is not given.
    #[serde(default)]
    data: String,
    /// Truncates the certificate to so many bytes.
    cut_at: Option<usize>,
    /// Extends the certificate with zeros to so many bytes.
    fill_to: Option<usize>,
    password: Option<String>,
    #[serde(default)]
    send_chain: bool,
    #[serde(default)]
    options: Options,
}

impl ClientCertificate {
    /// Creates the credential; the outer error is a trap, or a missing fixture.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let certificate = self.certificate()?;
        let client = self.options.of_client(self.tenant_id, self.client_id);
        guest
            .call(move |c, store| {
                Box::pin(async move { c.call_client_certificate(store, &client, &certificate).await })
            })
            .await
    }

    fn certificate(&self) -> Result<Certificate> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/certificates");
        let mut data = match &self.file {
            Some(file) => std::fs::read(folder.join(file)).with_context(|| format!("no fixture {file}"))?,
            None => self.data.clone().into_bytes(),
        };
        data.truncate(self.cut_at.unwrap_or(usize::MAX));
        data.resize(self.fill_to.unwrap_or(data.len()), 0);
        Ok(Certificate { data, password: self.password.clone(), send_chain: self.send_chain })
    }
}
