//! The defects of a file that gives no certificate.

/// Why a file gives no certificate; to stand behind the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Another encryption, MAC or key derivation than those that are supported.
    #[error(
        "is encrypted in a way that is not supported; make a new one with: openssl pkcs12 -export or openssl pkcs8 -topk8"
    )]
    Algorithm,
    /// It begins right and goes wrong.
    #[error("is damaged: it ends early, or its content does not follow its format")]
    Damaged,
    /// The key's numbers are not those of one RSA key.
    #[error("holds a private key whose numbers do not belong together; make a new one")]
    InconsistentKey,
    /// The key is too small to be safe, or too large to be meant.
    #[error("holds an RSA key of fewer than 2048 or more than 8192 bits")]
    KeySize,
    /// The key is not that of a certificate in the file.
    #[error("holds a private key that belongs to none of its certificates")]
    Mismatch,
    /// No certificate.
    #[error("holds no certificate; add the certificate to its private key")]
    NoCertificate,
    /// Encrypted, and no password was given.
    #[error("is encrypted, and no password is given")]
    NoPassword,
    /// No private key.
    #[error("holds no private key; add the private key to its certificate")]
    NoPrivateKey,
    /// Neither of the formats.
    #[error("is neither PEM nor PKCS#12, or not a whole one")]
    NotAnything,
    /// Another key than RSA.
    #[error(
        "holds a key that is not RSA, and Microsoft Entra takes RSA keys alone; make a certificate with an RSA key"
    )]
    NotRsa,
    /// PEM encrypted by OpenSSL's old way.
    #[error(
        "has a key that is encrypted in OpenSSL's old way (DEK-Info); convert it with: openssl pkcs8 -topk8"
    )]
    OldPem,
    /// Several private keys.
    #[error("holds several private keys; leave the certificate's own")]
    SeveralKeys,
    /// More certificates than a chain has.
    #[error("holds more certificates than a chain has; leave the client's own and its issuers'")]
    TooManyCertificates,
    /// More iterations of key derivation than any tool writes.
    #[error(
        "asks for more than two million iterations of key derivation, which would take minutes; make a new one with fewer"
    )]
    TooManyIterations,
    /// The password does not fit.
    #[error("cannot be opened with the password that is given")]
    WrongPassword,
}

impl From<der::Error> for CertificateError {
    fn from(_: der::Error) -> Self {
        Self::Damaged
    }
}
