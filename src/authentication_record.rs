//! The account of a sign-in, without any secret, as an app keeps it between two sign-ins: the JSON of
//! `AuthenticationRecord` in the Azure SDKs (azure-identity for Python, `_auth_record.py`).

use crate::error::Error;
use crate::identifiers::{ClientId, TenantId};
use crate::json::{self, Json};
use crate::prelude::*;
use crate::token_details::TokenDetails;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationRecord {
    /// The host of the authority, e.g. `login.microsoftonline.com`.
    pub authority: String,
    /// The client that the user signed in to.
    pub client_id: ClientId,
    /// MSAL's id of the account, `uid.utid`.
    pub home_account_id: String,
    /// The tenant of the sign-in.
    pub tenant_id: TenantId,
    /// The user's sign-in name.
    pub username: String,
}

impl AuthenticationRecord {
    /// The account of a token; `None`: the token is not of a user, or the service did not say whose it is.
    pub fn of_token(details: &TokenDetails) -> Option<Self> {
        let authority = details.authority.as_deref()?;
        let (_, host) = authority.split_once("://").unwrap_or(("", authority));
        Some(Self {
            authority: host.to_owned(),
            client_id: ClientId::parse(details.client_id.clone()?).ok()?,
            home_account_id: details.home_account_id.clone()?,
            tenant_id: TenantId::parse(details.tenant_id.clone()?).ok()?,
            username: details.username.clone()?,
        })
    }

    /// Parses a record.
    ///
    /// # Errors
    /// `invalid-argument` when it is not a record, or one of another version.
    pub fn parse(source: &str, text: &str) -> Result<Self, Error> {
        Self::of_text(text).ok_or_else(|| {
            let what =
                "the authentication record is malformed; pass the text that authentication-record returned";
            Error::invalid_argument(source, what)
        })
    }

    fn of_text(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes()).filter(|_| text.len() <= MAX_RECORD)?;
        let field = |name: &str| json.non_empty_text(name).map(ToOwned::to_owned);
        let allowed = |c: char| !c.is_control() && !c.is_whitespace();
        let printable = |name: &str| field(name).filter(|text| text.chars().all(allowed));
        field("version").filter(|version| version == VERSION)?;
        let home_account_id = field("homeAccountId")?;
        // It is compared with an id in a file, and has the characters of a tenant id.
        TenantId::parse(home_account_id.as_str()).ok()?;
        Some(Self {
            authority: printable("authority")?,
            client_id: ClientId::parse(field("clientId")?).ok()?,
            home_account_id,
            tenant_id: TenantId::parse(field("tenantId")?).ok()?,
            username: printable("username")?,
        })
    }

    /// The record as JSON.
    pub fn to_text(&self) -> String {
        let fields = [
            ("authority", self.authority.as_str()),
            ("clientId", self.client_id.as_str()),
            ("homeAccountId", &self.home_account_id),
            ("tenantId", self.tenant_id.as_str()),
            ("username", &self.username),
            ("version", VERSION),
        ];
        json::object_of_texts(&fields)
    }
}

const VERSION: &str = "1.0";
/// In bytes.
const MAX_RECORD: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    /// As azure-identity for Python 1.25 serialises it.
    const RECORD: &str = r#"{"authority": "login.microsoftonline.com", "clientId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "homeAccountId": "u-1.t-1", "tenantId": "t-1", "username": "user@contoso.com", "version": "1.0"}"#;

    #[test]
    fn a_record_of_the_azure_sdks_is_parsed_and_written_back() {
        let record = AuthenticationRecord::parse("test", RECORD).expect("a record");
        assert_eq!(record.home_account_id, "u-1.t-1");
        assert_eq!(AuthenticationRecord::parse("test", &record.to_text()), Ok(record));
    }

    #[test]
    fn a_user_name_cannot_change_the_record() {
        let quoted = r#"a\\b\",\"tenantId\":\"t-2"#;
        let record = AuthenticationRecord::parse("test", &RECORD.replace("user@contoso.com", quoted));
        let record = record.expect("a record");
        assert_eq!((record.username.as_str(), record.tenant_id.as_str()), (r#"a\b","tenantId":"t-2"#, "t-1"));
        assert_eq!(AuthenticationRecord::parse("test", &record.to_text()), Ok(record));
    }

    #[test]
    fn a_malformed_record_is_refused() {
        for (from, to) in [
            ("1.0", "2.0"),
            ("u-1.t-1", "u 1"),
            ("\"t-1\"", "7"),
            ("user@contoso.com", ""),
            ("user@contoso.com", "a\\u001b"),
            ("\"tenantId\"", "\"tenant\""),
        ] {
            let text = RECORD.replace(from, to);
            assert!(AuthenticationRecord::parse("test", &text).is_err(), "{text}");
        }
        assert!(AuthenticationRecord::parse("test", &" ".repeat(5000)).is_err());
    }
}
