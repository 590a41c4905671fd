"""Microsoft Entra tokens for a Python component, in the shape that the Azure SDK for Python expects.

``DefaultAzureCredential`` has the methods of the class of that name in ``azure.identity``, so clients that take
a credential of ``azure-core`` take this one. It holds no Azure code: it calls the imported interface
``azure:identity/token-credential``, and whoever composes and runs the component decides whose tokens come out.

``azure-core`` is not needed. Where it is there, the errors are subclasses of its ``ClientAuthenticationError``.
"""

from typing import Any, Mapping, NamedTuple, NoReturn, Optional

from componentize_py_types import Err
from wit_world.imports import token_credential
from wit_world.imports.types import Attempt, CredentialError, ErrorKind, TokenRequest
from wit_world.imports.types import AccessToken as Answer

try:
    from azure.core.exceptions import ClientAuthenticationError as AuthenticationError
except ImportError:
    AuthenticationError = Exception  # type: ignore[assignment,misc]


class AccessToken(NamedTuple):
    """A token and when it ends, in seconds since 1970-01-01T00:00:00Z."""

    token: str
    expires_on: int

    def __repr__(self) -> str:
        return f"AccessToken(token=REDACTED, expires_on={self.expires_on})"


class AccessTokenInfo:
    """A token and all that is known of it. Times are seconds since 1970-01-01T00:00:00Z."""

    def __init__(self, answer: Answer) -> None:
        self.token = answer.token
        self.expires_on = answer.expires_on
        self.token_type = answer.token_type
        self.refresh_on = answer.refresh_on
        """When to ask for another one; ``None`` if nothing is known but ``expires_on``."""
        self.source = answer.source
        """Which credential it came from, e.g. ``managed-identity/imds``."""

    def __repr__(self) -> str:
        return f"AccessTokenInfo(token=REDACTED, expires_on={self.expires_on}, source={self.source!r})"


class ClientAuthenticationError(AuthenticationError):
    """There is no token. The message says who failed, what was tried and what to do; it is never secret."""

    def __init__(self, error: CredentialError) -> None:
        super().__init__(error.message)
        self.kind: ErrorKind = error.kind
        self.error_codes: list[int] = error.error_codes
        """The ``AADSTS`` numbers of Microsoft Entra."""
        self.claims: Optional[str] = error.claims
        """The challenge to be satisfied by whoever signs the user in."""
        self.attempts: list[Attempt] = error.attempts
        """What was tried, in order."""


class CredentialUnavailableError(ClientAuthenticationError):
    """Nothing here is configured to give a token."""


class DefaultAzureCredential:
    """Tokens of the identity that this component was composed and configured with.

    Keeps nothing: the provider behind the import has the cache.
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
        answer = ask(scopes, claims, tenant_id, enable_cae)
        return AccessToken(answer.token, answer.expires_on)

    def get_token_info(self, *scopes: str, options: Optional[Mapping[str, Any]] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials.SupportsTokenInfo.get_token_info``; options are ``claims``, ``tenant_id``
        and ``enable_cae``, others are ignored."""
        options = options or {}
        answer = ask(scopes, options.get("claims"), options.get("tenant_id"), bool(options.get("enable_cae")))
        return AccessTokenInfo(answer)

    def close(self) -> None:
        """Does nothing; there is nothing to close."""

    def __enter__(self) -> "DefaultAzureCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def ask(scopes: tuple[str, ...], claims: Optional[str], tenant_id: Optional[str], enable_cae: bool) -> Answer:
    try:
        return token_credential.get_token(TokenRequest(list(scopes), tenant_id, claims, enable_cae))
    except Err as error:
        refuse(error.value)


def refuse(error: CredentialError) -> NoReturn:
    unavailable = error.kind == ErrorKind.UNAVAILABLE
    # The binding's own exception holds no more than this one tells.
    raise (CredentialUnavailableError if unavailable else ClientAuthenticationError)(error) from None
