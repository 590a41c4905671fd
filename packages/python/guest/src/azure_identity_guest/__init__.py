"""Microsoft Entra tokens for a Python component, in the shape that the Azure SDK for Python expects.

``DefaultAzureCredential`` has the methods of the class of that name in ``azure.identity``: it is a ``TokenCredential`` and a
``SupportsTokenInfo`` of ``azure.core``. It contains no Azure code: it calls the imported interface
``azure:identity/token-credential``. The composition of the component and the configuration of its host decide whose tokens
these are.

A component of WASI 0.3 uses :mod:`azure_identity_guest.aio`, whose class awaits; the one here is for WASI 0.2.

>>> from azure_identity_guest import DefaultAzureCredential  # doctest: +SKIP
>>> DefaultAzureCredential().get_token("https://vault.azure.net/.default")  # doctest: +SKIP
AccessToken(token=REDACTED, expires_on=1764411600)

``azure-core`` is not required. If it is installed, the errors are subclasses of its ``ClientAuthenticationError``.
"""

from typing import Any, Mapping, Optional

from . import _bindings
from ._errors import Attempt, ClientAuthenticationError, CredentialUnavailableError, InvalidArgumentError, ServiceResponse, raise_error
from ._tokens import AccessToken, AccessTokenInfo, token_request

__all__ = [
    "AccessToken",
    "AccessTokenInfo",
    "Attempt",
    "ClientAuthenticationError",
    "CredentialUnavailableError",
    "DefaultAzureCredential",
    "InvalidArgumentError",
    "ServiceResponse",
]

__version__ = "0.2.0"


class DefaultAzureCredential:
    """Tokens of the identity with which this component was composed and configured.

    It has no cache, because the provider has one. A call returns when the token is there, and nothing else runs in the
    instance meanwhile.

    :raises RuntimeError: by each method, where the component does not import the interface of WASI 0.2.
    """

    def get_token(
        self,
        *scopes: str,
        claims: Optional[str] = None,
        tenant_id: Optional[str] = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """As ``azure.core.credentials.TokenCredential.get_token``.

        :raises CredentialUnavailableError: when no source is configured.
        :raises InvalidArgumentError: when a scope, a tenant or a variable is malformed.
        :raises ClientAuthenticationError: when there is no token for another reason.
        """
        options = {"claims": claims, "tenant_id": tenant_id, "enable_cae": enable_cae}
        token = self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    def get_token_info(self, *scopes: str, options: Optional[Mapping[str, Any]] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials.SupportsTokenInfo.get_token_info``; options are ``claims``, ``tenant_id`` and
        ``enable_cae``, others are ignored.

        :raises CredentialUnavailableError: when no source is configured.
        :raises InvalidArgumentError: when a scope, a tenant or a variable is malformed.
        :raises ClientAuthenticationError: when there is no token for another reason.
        """
        interface = _bindings.SYNCHRONOUS
        if not interface:
            raise RuntimeError(
                "only a component that imports azure:identity/token-credential@0.2.0 gets tokens here: build it with "
                "componentize-py -w azure:identity/consumer@0.2.0, or use azure_identity_guest.aio with @0.3.0"
            )
        try:
            return AccessTokenInfo(interface.get_token(token_request(interface, scopes, options or {})))
        except Exception as error:
            raise_error(error)

    def close(self) -> None:
        """Does nothing: there are no resources to release."""

    def __enter__(self) -> "DefaultAzureCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
