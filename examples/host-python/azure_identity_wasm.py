"""The provider component as a credential of the Azure SDK for Python, for programs that run in CPython.

Clients of the SDK accept a WasmCredential like DefaultAzureCredential, without the package azure-identity. The component
sees only the environment variables and folders that it is given, and the network.
"""

from threading import Lock
from typing import Any, Mapping, Optional

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import ClientAuthenticationError
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant

INTERFACE = "azure:identity/token-credential@0.2.0"


class AuthenticationError(ClientAuthenticationError):
    """There is no token. The message names the source, the failure and the remedy; it never contains a secret."""

    def __init__(self, error: Record) -> None:
        super().__init__(error.message)
        self.kind: str = error.kind
        """``not-configured``, ``authentication-failed``, ``transient``, ``invalid-argument`` or ``other``."""
        self.claims: Optional[str] = error.claims
        """The claims challenge that the next sign-in of the user must satisfy."""
        self.response: Optional[Record] = error.response
        """What the service wrote: ``status``, ``error``, ``suberror``, ``error-codes`` and more; ``None`` if no service
        responded. Decide by ``error`` and ``suberror``; the ``AADSTS`` numbers are for people."""
        self.details: dict[str, str] = dict(error.details)
        """Further facts, by name."""
        self.attempts = [(attempt.source, attempt.kind, attempt.message) for attempt in error.attempts]
        """The attempts, in order: source, kind and message of each."""


class CredentialUnavailableError(AuthenticationError):
    """No source is configured."""


class WasmCredential:
    """Tokens of the identity that ``environment``, and the files that it names, describe.

    The component caches tokens in its memory, so keep one credential as long as the program runs. Several threads may
    use it; a lock serializes their calls, because an instance processes one call at a time.

    :param component: path of the provider.
    :param environment: the environment variables of the component.
    :param folders: the folders that it may read: path in the component, and path on this machine.
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

        :raises CredentialUnavailableError: when no source is configured.
        :raises AuthenticationError: when there is no token for another reason.
        """
        options = options or {}
        request = Record()
        request.scopes = list(scopes)
        request.claims = options.get("claims")
        setattr(request, "tenant-id", options.get("tenant_id"))
        setattr(request, "enable-cae", bool(options.get("enable_cae")))
        request.options = []
        with self._lock:
            result: Variant = self._get_token(self._store, request)
            self._get_token.post_return(self._store)
        if result.tag == "err":
            error = result.payload
            raise (CredentialUnavailableError if error.kind == "not-configured" else AuthenticationError)(error)
        token = {name.replace("-", "_"): value for name, value in vars(result.payload).items()}
        return AccessTokenInfo(
            token["token"], token["expires_on"], token_type=token["token_type"], refresh_on=token["refresh_on"]
        )

    def close(self) -> None:
        """Frees the component; the credential returns no more tokens."""
        with self._lock:
            self._store.close()

    def __enter__(self) -> "WasmCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
