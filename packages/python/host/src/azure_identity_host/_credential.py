"""The credentials: an instance of the provider, and what it may see."""

from pathlib import Path
from threading import Lock
from typing import Any, Mapping, Optional

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from wasmtime import Store, WasiConfig
from wasmtime.component import Func, Linker, Record, Variant

from . import _machine
from ._component import compiled
from ._errors import raise_error

_INTERFACE = "azure:identity/token-credential@0.2.0"


class WasmCredential:
    """Tokens of the identity that ``environment``, and the files that it names, describe.

    The component caches tokens in its memory, so keep one credential as long as the program runs. Several threads may use
    it; a lock serializes their calls, because an instance processes one call at a time.

    :param environment: the environment variables of the component.
    :param folders: the folders that it may read: path in the component, and path on this machine.
    :param component: the file of another provider than the one in this package.
    :raises FileNotFoundError: when there is no such file or folder.
    :raises ValueError: when the file does not export the interface.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        folders: Optional[Mapping[str, str]] = None,
        *,
        component: Optional[str] = None,
    ) -> None:
        engine, provider = compiled(component)
        wasi = WasiConfig()
        wasi.env = list(environment.items())
        for guest, host in (folders or {}).items():
            if not Path(host).is_dir():
                raise FileNotFoundError(f"the folder {host} does not exist; make it, or leave {guest} out of folders")
            wasi.preopen_dir(host, guest, fs_mutable=False)
        linker = Linker(engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        self._store = Store(engine)
        self._store.set_wasi(wasi)
        self._store.set_wasi_http()
        self._lock = Lock()
        self._is_closed = False
        instance = linker.instantiate(self._store, provider)
        exports = instance.get_export_index(self._store, _INTERFACE)
        get_token = exports and instance.get_export_index(self._store, "get-token", exports)
        function = get_token and instance.get_func(self._store, get_token)
        if not function:
            raise ValueError(f"{component} does not export {_INTERFACE}")
        self._get_token: Func = function

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
        :raises InvalidArgumentError: when a scope, a tenant or a variable is malformed.
        :raises ClientAuthenticationError: when there is no token for another reason.
        """
        options = options or {}
        request = Record()
        request.scopes = list(scopes)
        request.claims = options.get("claims")
        setattr(request, "tenant-id", options.get("tenant_id"))
        setattr(request, "enable-cae", bool(options.get("enable_cae")))
        request.options = []
        with self._lock:
            if self._is_closed:
                raise ValueError("the credential is closed")
            result: Variant = self._get_token(self._store, request)
            self._get_token.post_return(self._store)
        if result.tag == "err":
            raise_error(result.payload)
        token = {name.replace("-", "_"): value for name, value in vars(result.payload).items()}
        return AccessTokenInfo(
            token["token"], token["expires_on"], token_type=token["token_type"], refresh_on=token["refresh_on"]
        )

    def close(self) -> None:
        """Frees the component; the credential returns no more tokens."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._store.close()

    def __enter__(self) -> "WasmCredential":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class DefaultAzureCredential(WasmCredential):
    """Tokens of the identity of this process: its environment variables, and the files of the machine that they name.

    The provider gets only the variables that it reads. Of folders it gets, read-only, those of the files that the variables
    name, and those of the logins of the Azure CLI and the Azure Developer CLI.

    :param component: the file of another provider than the one in this package.
    """

    def __init__(self, *, component: Optional[str] = None) -> None:
        environment = _machine.environment()
        super().__init__(environment, _machine.folders(environment), component=component)
