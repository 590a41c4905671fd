"""Microsoft Entra tokens for a Python component, in the form that the Azure SDK for Python expects.

``DefaultAzureCredential`` has the methods of the class of that name in ``azure.identity``, so clients that accept a
credential of ``azure-core`` accept this one. It contains no Azure code: it calls the imported interface
``azure:identity/token-credential``. The composition and the configuration of the component determine the identity.

``azure-core`` is not required. If it is installed, the errors are subclasses of its ``ClientAuthenticationError``.
"""

from typing import Any, Mapping, NamedTuple, NoReturn, Optional

from componentize_py_types import Err
from wit_world.imports import token_credential
from wit_world.imports.types import Attempt, CredentialError, ErrorKind, ServiceResponse, TokenRequest
from wit_world.imports.types import AccessToken as WitAccessToken

try:
    from azure.core.exceptions import ClientAuthenticationError as AuthenticationError
except ImportError:
    AuthenticationError = Exception  # type: ignore[assignment,misc]


class AccessToken(NamedTuple):
    """A token and its expiry, in seconds since 1970-01-01T00:00:00Z."""

    token: str
    expires_on: int

    def __repr__(self) -> str:
        return f"AccessToken(token=REDACTED, expires_on={self.expires_on})"


class AccessTokenInfo:
    """A token with its metadata. Times are seconds since 1970-01-01T00:00:00Z."""

    def __init__(self, token: WitAccessToken) -> None:
        self.token = token.token
        self.expires_on = token.expires_on
        self.token_type = token.token_type
        self.refresh_on = token.refresh_on
        """When to request another token; ``None`` if only ``expires_on`` is known."""
        self.source = token.source
        """The credential that returned it, e.g. ``managed-identity/imds``."""

    def __repr__(self) -> str:
        return f"AccessTokenInfo(token=REDACTED, expires_on={self.expires_on}, source={self.source!r})"


class ClientAuthenticationError(AuthenticationError):
    """There is no token. The message names the source, the failure and the remedy; it never contains a secret."""

    def __init__(self, error: CredentialError) -> None:
        super().__init__(error.message)
        self.kind: ErrorKind = error.kind
        self.claims: Optional[str] = error.claims
        """The claims challenge that the next sign-in of the user must satisfy."""
        self.response: Optional[ServiceResponse] = error.response
        """What the service wrote; ``None`` if no service responded. Decide by ``error`` and ``suberror``; the ``AADSTS``
        numbers are for people."""
        self.details: dict[str, str] = dict(error.details)
        """Further facts, by name."""
        self.attempts: list[Attempt] = error.attempts
        """The attempts, in order."""


class CredentialUnavailableError(ClientAuthenticationError):
    """No source is configured."""


class DefaultAzureCredential:
    """Tokens of the identity with which this component was composed and configured.

    It has no cache, because the provider caches tokens.
    """

    def get_token(
        self,
        *scopes: str,
        claims: Optional[str] = None,
        tenant_id: Optional[str] = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """As ``azure.core.credentials.TokenCredential.get_token``."""
        token = request_token(scopes, claims, tenant_id, enable_cae)
        return AccessToken(token.token, token.expires_on)

    def get_token_info(self, *scopes: str, options: Optional[Mapping[str, Any]] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials.SupportsTokenInfo.get_token_info``; options are ``claims``, ``tenant_id``
        and ``enable_cae``, others are ignored."""
        options = options or {}
        tenant_id, enable_cae = options.get("tenant_id"), bool(options.get("enable_cae"))
        return AccessTokenInfo(request_token(scopes, options.get("claims"), tenant_id, enable_cae))

    def close(self) -> None:
        """Does nothing: there are no resources to release."""

    def __enter__(self) -> "DefaultAzureCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def request_token(
    scopes: tuple[str, ...], claims: Optional[str], tenant_id: Optional[str], enable_cae: bool
) -> WitAccessToken:
    try:
        return token_credential.get_token(TokenRequest(list(scopes), tenant_id, claims, enable_cae, []))
    except Err as error:
        raise_error(error.value)


def raise_error(error: CredentialError) -> NoReturn:
    not_configured = error.kind == ErrorKind.NOT_CONFIGURED
    # The exception of the binding contains no further information.
    raise (CredentialUnavailableError if not_configured else ClientAuthenticationError)(error) from None
