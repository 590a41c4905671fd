//! The kind that is made of a certificate.

use super::options::Options;
use crate::bindings::CredentialError;
use crate::bindings::credentials::Certificate;
use crate::guest::Guest;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;
use wasmtime::component::ResourceAny;

/// Arguments of `client-certificate`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientCertificate {
    tenant_id: String,
    client_id: String,
    /// The certificate: a file of `fixtures/certificates`.
    file: Option<String>,
    /// Or what stands here.
    #[serde(default)]
    data: String,
    /// How many bytes are left of it; by default all.
    cut_at: Option<usize>,
    /// What it is made as long as, with zeros.
    fill_to: Option<usize>,
    password: Option<String>,
    #[serde(default)]
    send_chain: bool,
    #[serde(default)]
    options: Options,
}

impl ClientCertificate {
    /// Makes the credential.
    pub async fn make(self, guest: &mut Guest) -> Result<Result<ResourceAny, CredentialError>> {
        let certificate = self.certificate()?;
        let options = self.options.into_wit();
        guest
            .call(move |c, store| {
                Box::pin(async move {
                    c.call_client_certificate(store, &self.tenant_id, &self.client_id, &certificate, &options)
                        .await
                })
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
