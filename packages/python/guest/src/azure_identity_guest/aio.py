"""The credential for coroutines: an ``AsyncTokenCredential`` and ``AsyncSupportsTokenInfo`` of ``azure.core``.

In a component of WASI 0.3 a call awaits the provider, and other coroutines run meanwhile: concurrent calls for the same token
share one request. In a component of WASI 0.2 alone, whose interface is synchronous, a call blocks the instance until the token
is there.
"""

from typing import Any, Mapping, Optional

from . import _bindings
from ._errors import raise_error
from ._tokens import AccessToken, AccessTokenInfo, token_request

__all__ = ["DefaultAzureCredential"]


class DefaultAzureCredential:
    """Tokens of the identity with which this component was composed and configured.

    It has no cache, because the provider has one.

    :raises RuntimeError: by each method, outside of a component.
    """

    async def get_token(
        self,
        *scopes: str,
        claims: Optional[str] = None,
        tenant_id: Optional[str] = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """As ``azure.core.credentials_async.AsyncTokenCredential.get_token``.

        :raises CredentialUnavailableError: when no source is configured.
        :raises InvalidArgumentError: when a scope, a tenant or a variable is malformed.
        :raises ClientAuthenticationError: when there is no token for another reason.
        """
        options = {"claims": claims, "tenant_id": tenant_id, "enable_cae": enable_cae}
        token = await self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    async def get_token_info(self, *scopes: str, options: Optional[Mapping[str, Any]] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials_async.AsyncSupportsTokenInfo.get_token_info``; options are ``claims``, ``tenant_id``
        and ``enable_cae``, others are ignored.

        :raises CredentialUnavailableError: when no source is configured.
        :raises InvalidArgumentError: when a scope, a tenant or a variable is malformed.
        :raises ClientAuthenticationError: when there is no token for another reason.
        """
        interface = _bindings.ASYNCHRONOUS or _bindings.SYNCHRONOUS
        if not interface:
            raise RuntimeError(
                "only a component that imports azure:identity/token-credential gets tokens: build it with "
                "componentize-py -w azure:identity/consumer@0.3.0"
            )
        request = token_request(interface, scopes, options or {})
        try:
            if interface is _bindings.ASYNCHRONOUS:
                return AccessTokenInfo(await interface.get_token(request))
            return AccessTokenInfo(interface.get_token(request))
        except Exception as error:
            raise_error(error)

    async def close(self) -> None:
        """Does nothing: there are no resources to release."""

    async def __aenter__(self) -> "DefaultAzureCredential":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
