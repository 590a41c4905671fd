"""The provider component as a credential of the Azure SDK for Python, for programs that run in CPython.

What DefaultAzureCredential of azure-identity is, without its packages: give a WasmCredential to any client of the
SDK. The component sees the variables and folders that it is given, and nothing else of this machine but the network.
"""

from threading import Lock
from typing import Any, Mapping, Optional

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import ClientAuthenticationError
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant

INTERFACE = "azure:identity/token-credential@0.2.0"


class AuthenticationError(ClientAuthenticationError):
    """There is no token. The message says who failed, what was tried and what to do; it is never secret."""

    def __init__(self, error: Record) -> None:
        super().__init__(error.message)
        self.kind: str = error.kind
        """``unavailable``, ``rejected``, ``unreachable``, ``invalid-request`` or ``other``."""
        self.error_codes: list[int] = getattr(error, "error-codes")
        """The ``AADSTS`` numbers of Microsoft Entra."""
        self.claims: Optional[str] = error.claims
        """The challenge to be satisfied by whoever signs the user in."""
        self.attempts = [(attempt.source, attempt.kind, attempt.message) for attempt in error.attempts]
        """What was tried, in order: source, kind and message of each."""


class CredentialUnavailableError(AuthenticationError):
    """Nothing here is configured to give a token."""


class WasmCredential:
    """Tokens of the identity that ``environment``, and what it points to, describe.

    The component caches tokens in its memory, so keep one credential as long as the program runs. It may be used
    from several threads, which take turns: an instance does one thing at a time.

    :param component: path of the provider.
    :param environment: the variables that it sees.
    :param folders: the folders that it may read: where it sees them, and where they are.
    """

    def __init__(
        self, component: str, environment: Mapping[str, str], folders: Optional[Mapping[str, str]] = None
    ) -> None:
        engine = Engine()
        linker = Linker(engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        wasi = WasiConfig()
        wasi.env = list(environment.items())
        for guest, host in (folders or {}).items():
            wasi.preopen_dir(host, guest, fs_mutable=False)
        self._store = Store(engine)
        self._store.set_wasi(wasi)
        self._store.set_wasi_http()
        self._lock = Lock()
        instance = linker.instantiate(self._store, Component.from_file(engine, component))
        exports = instance.get_export_index(self._store, INTERFACE)
        get_token = exports and instance.get_export_index(self._store, "get-token", exports)
        if get_token is None:
            raise ValueError(f"{component} does not export {INTERFACE}")
        self._get_token = instance.get_func(self._store, get_token)

    def get_token(
        self,
        *scopes: str,
        claims: Optional[str] = None,
        tenant_id: Optional[str] = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """As ``azure.core.credentials.TokenCredential.get_token``."""
        options = TokenRequestOptions(enable_cae=enable_cae)
        if claims is not None:
            options["claims"] = claims
        if tenant_id is not None:
            options["tenant_id"] = tenant_id
        token = self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    def get_token_info(self, *scopes: str, options: Optional[TokenRequestOptions] = None) -> AccessTokenInfo:
        """As ``azure.core.credentials.SupportsTokenInfo.get_token_info``.

        :raises CredentialUnavailableError: when nothing here is configured.
        :raises AuthenticationError: when there is no token for another reason.
        """
        asked = options or {}
        request = Record()
        request.scopes = list(scopes)
        request.claims = asked.get("claims")
        setattr(request, "tenant-id", asked.get("tenant_id"))
        setattr(request, "enable-cae", bool(asked.get("enable_cae")))
        with self._lock:
            answer: Variant = self._get_token(self._store, request)
            self._get_token.post_return(self._store)
        if answer.tag == "err":
            refused = answer.payload
            raise (CredentialUnavailableError if refused.kind == "unavailable" else AuthenticationError)(refused)
        token = {name.replace("-", "_"): value for name, value in vars(answer.payload).items()}
        return AccessTokenInfo(
            token["token"], token["expires_on"], token_type=token["token_type"], refresh_on=token["refresh_on"]
        )

    def close(self) -> None:
        """Frees the component; the credential gives no more tokens."""
        with self._lock:
            self._store.close()

    def __enter__(self) -> "WasmCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
