//! The request for a token.

/// The token that an app needs: its scopes, and what is seldom needed besides.
///
/// Scopes alone convert into one, so most apps pass an array of scopes to [`get_token`](crate::get_token).
///
/// # Examples
/// ```
/// use azure_identity_guest::TokenRequest;
///
/// let request = TokenRequest::new(["https://vault.azure.net/.default"])
///     .tenant_id("contoso.com")
///     .include_details();
/// assert_eq!(TokenRequest::from(["a"]), TokenRequest::new(["a"]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    pub(crate) scopes: Vec<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) claims: Option<String>,
    pub(crate) enable_cae: bool,
    pub(crate) options: Vec<(String, String)>,
}

impl TokenRequest {
    /// A request for these scopes, at least one, e.g. `https://vault.azure.net/.default`.
    ///
    /// A managed identity issues tokens for one resource, and refuses more than one scope.
    pub fn new<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The tenant that issues the token instead of the credential's own: an id or a domain name. The provider refuses one
    /// that its configuration does not allow; a source without tenants ignores it.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::TokenRequest;
    /// let request = TokenRequest::new(["https://graph.microsoft.com/.default"]).tenant_id("contoso.com");
    /// ```
    #[must_use]
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant_id.into());
        self
    }

    /// The claims challenge (JSON) of a resource that refused an earlier token, or of
    /// [`CredentialError::claims`](crate::CredentialError::claims). Such a request never returns a cached token.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::TokenRequest;
    /// let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;
    /// let request = TokenRequest::new(["https://graph.microsoft.com/.default"]).claims(claims);
    /// ```
    #[must_use]
    pub fn claims(mut self, claims: impl Into<String>) -> Self {
        self.claims = Some(claims.into());
        self
    }

    /// Asks for a token with continuous access evaluation: it lives longer, and Microsoft Entra can revoke it at once. Only
    /// for an app that repeats a refused request with the [`claims`](Self::claims) of the refusal.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::TokenRequest;
    /// let request = TokenRequest::new(["https://graph.microsoft.com/.default"]).enable_cae();
    /// ```
    #[must_use]
    pub fn enable_cae(mut self) -> Self {
        self.enable_cae = true;
        self
    }

    /// Asks for [`AccessToken::details`](crate::AccessToken::details): the tenant, the client and the user of the token, and
    /// whether it was cached, where the source knows them.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::TokenRequest;
    /// let request = TokenRequest::new(["https://vault.azure.net/.default"]).include_details();
    /// ```
    #[must_use]
    pub fn include_details(self) -> Self {
        self.option("include-details", "true")
    }

    /// An option of a provider that is newer than this crate. A provider refuses one that it does not know.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::TokenRequest;
    /// let request = TokenRequest::new(["https://vault.azure.net/.default"]).option("include-details", "true");
    /// ```
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((key.into(), value.into()));
        self
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for TokenRequest {
    fn from(scopes: [S; N]) -> Self {
        Self::new(scopes)
    }
}

impl<S: Into<String>> From<Vec<S>> for TokenRequest {
    fn from(scopes: Vec<S>) -> Self {
        Self::new(scopes)
    }
}

impl<S: AsRef<str>> From<&[S]> for TokenRequest {
    fn from(scopes: &[S]) -> Self {
        Self::new(scopes.iter().map(AsRef::as_ref))
    }
}
