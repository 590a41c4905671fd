"""Tokens, and the request for one."""

from typing import Any, Mapping, NamedTuple, Optional


class AccessToken(NamedTuple):
    """A token and its expiry, in seconds since 1970-01-01T00:00:00Z."""

    token: str
    expires_on: int

    def __repr__(self) -> str:
        return f"AccessToken(token=REDACTED, expires_on={self.expires_on})"


class AccessTokenInfo:
    """A token with its metadata. Times are seconds since 1970-01-01T00:00:00Z."""

    def __init__(self, token: Any) -> None:
        self.token: str = token.token
        self.expires_on: int = token.expires_on
        self.token_type: str = token.token_type
        """The scheme under which the token is presented, e.g. ``Bearer``."""
        self.refresh_on: Optional[int] = token.refresh_on
        """When to request another token; ``None`` if only ``expires_on`` is known."""
        self.source: str = token.source
        """The credential that returned it, e.g. ``managed-identity/imds``, for logs."""

    def __repr__(self) -> str:
        return f"AccessTokenInfo(token=REDACTED, expires_on={self.expires_on}, source={self.source!r})"


def token_request(interface: Any, scopes: tuple[str, ...], options: Mapping[str, Any]) -> Any:
    """The request as the interface takes it."""
    claims, tenant_id = options.get("claims"), options.get("tenant_id")
    return interface.TokenRequest(list(scopes), tenant_id, claims, bool(options.get("enable_cae")), [])
