//! The defects of a file that gives no certificate.

use der::asn1::ObjectIdentifier;

/// Why a file gives no certificate; to stand behind the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Another encryption, MAC or key derivation than those that are supported.
    #[error(
        "is encrypted in a way that is not supported; make a new one with: openssl pkcs12 -export or openssl pkcs8 -topk8"
    )]
    Algorithm,
    /// An encryption or a MAC that was broken long ago: who has the file has the key.
    #[error(
        "is protected by RC4, DES, MD5 or MD2, which are broken; make a new one with: openssl pkcs12 -export or openssl pkcs8 -topk8"
    )]
    Broken,
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
    /// A key of three primes or more (RFC 8017, section 3.2), which FIPS 186-5 does not allow.
    #[error("holds an RSA key of more than two primes; make a certificate with a key of two")]
    MultiPrime,
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
    #[error("is neither PEM nor PKCS#12 nor PKCS#12 in base64, or not a whole one")]
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
    /// A key in the format of OpenSSH.
    #[error("has a private key in the format of OpenSSH; convert it with: ssh-keygen -p -m PKCS8")]
    OpenSsh,
    /// A key for RSASSA-PSS with other parameters than those of PS256 (RFC 4055, section 3.3).
    #[error(
        "holds an RSASSA-PSS key that may not sign with SHA-256 and a salt of 32 bytes, which Microsoft Entra demands; make a certificate with an RSA key"
    )]
    OtherPss,
    /// PKCS#12 between the lines of PEM, which hold one certificate.
    #[error("holds PKCS#12 between the lines BEGIN and END; remove both lines")]
    Pkcs12InPem,
    /// Certificates in PKCS#7, as certification authorities send them.
    #[error("holds its certificates as PKCS#7; convert them with: openssl pkcs7 -print_certs")]
    Pkcs7,
    /// scrypt (RFC 7914): OpenSSL's parameters take 16 MiB, and WebAssembly returns no memory.
    #[error(
        "is encrypted with scrypt, which takes too much memory; make a new one with: openssl pkcs8 -topk8"
    )]
    Scrypt,
    /// Several private keys: which identity is meant, the file does not say.
    #[error("holds several private keys; leave the certificate's own")]
    SeveralKeys,
    /// More certificates than a chain has.
    #[error("holds more certificates than a chain has; leave the client's own and its issuers'")]
    TooManyCertificates,
    /// More iterations of key derivation than any tool writes.
    #[error(
        "asks for far more than 600,000 iterations of key derivation, which would take too long; make a new one with fewer"
    )]
    TooManyIterations,
    /// Text in UTF-16.
    #[error("is text in UTF-16, as Windows PowerShell writes it; save it as ASCII or UTF-8")]
    Utf16,
    /// The password does not fit.
    #[error("cannot be opened with the password that is given")]
    WrongPassword,
}

impl CertificateError {
    /// The error of an encryption, a MAC or a key derivation that is not supported.
    pub fn of_algorithm(oid: ObjectIdentifier) -> Self {
        if oid == SCRYPT {
            return Self::Scrypt;
        }
        if BROKEN.contains(&oid) { Self::Broken } else { Self::Algorithm }
    }
}

impl From<der::Error> for CertificateError {
    fn from(_: der::Error) -> Self {
        Self::Damaged
    }
}

const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
const BROKEN: [ObjectIdentifier; 10] = [
    // RC4 with 128 and with 40 bits (RFC 7292, appendix C).
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.1"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.2"),
    // PBES1: MD2 or MD5 with DES or RC2, and SHA-1 with the same (RFC 8018, appendix A.3).
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.1"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.3"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.6"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.10"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.11"),
    // DES in PBES2 (RFC 8018, appendix B.2.1), and the digest MD5.
    ObjectIdentifier::new_unwrap("1.3.14.3.2.7"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.2.5"),
];
