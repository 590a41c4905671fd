"""The credentials for coroutines: an ``AsyncTokenCredential`` and ``AsyncSupportsTokenInfo`` of ``azure.core``.

wasmtime for Python calls components synchronously, so each call runs in a thread of the event loop's executor. Calls of one
credential wait for each other.
"""

import asyncio
from typing import Any, Mapping, Optional

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

from . import _credential

__all__ = ["DefaultAzureCredential", "WasmCredential"]


class WasmCredential:
    """As :class:`azure_identity_host.WasmCredential`, with the same parameters."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folders: Optional[Mapping[str, str]] = None,
        *,
        component: Optional[str] = None,
    ) -> None:
        self._credential = _credential.WasmCredential(environment, folders, component=component)

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """As ``azure.core.credentials_async.AsyncTokenCredential.get_token``."""
        return await asyncio.to_thread(self._credential.get_token, *scopes, **options)

    async def get_token_info(self, *scopes: str, options: Optional[TokenRequestOptions] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials_async.AsyncSupportsTokenInfo.get_token_info``."""
        return await asyncio.to_thread(self._credential.get_token_info, *scopes, options=options)

    async def close(self) -> None:
        """Frees the component, after the call that runs; the credential returns no more tokens."""
        await asyncio.to_thread(self._credential.close)

    async def __aenter__(self) -> "WasmCredential":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class DefaultAzureCredential(WasmCredential):
    """As :class:`azure_identity_host.DefaultAzureCredential`, with the same parameter."""

    def __init__(self, *, component: Optional[str] = None) -> None:
        self._credential = _credential.DefaultAzureCredential(component=component)
