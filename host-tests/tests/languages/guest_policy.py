"""The Azure SDK's own authentication policy with the credential of python-app, over a provider made up here.

python guest_policy.py BINDINGS
"""

import base64
import importlib
import sys
import time

sys.path.append(sys.argv[1])

from azure.core.credentials import SupportsTokenInfo, TokenCredential  # noqa: E402
from azure.core.exceptions import ClientAuthenticationError as SdkError  # noqa: E402
from azure.core.pipeline import Pipeline  # noqa: E402
from azure.core.pipeline.policies import BearerTokenCredentialPolicy  # noqa: E402
from azure.core.rest import HttpRequest  # noqa: E402
import azure_identity_wasi  # noqa: E402
from azure_identity_wasi import CredentialUnavailableError, DefaultAzureCredential  # noqa: E402
from componentize_py_types import Err  # noqa: E402
from wit_world.imports import token_credential  # noqa: E402
from wit_world.imports.types import AccessToken, Attempt, CredentialError, ErrorKind, TokenRequest  # noqa: E402

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
asked: list[TokenRequest] = []


def give(request: TokenRequest) -> AccessToken:
    asked.append(request)
    return AccessToken(f"token-{len(asked)}", "Bearer", int(time.time()) + 3600, None, "fake", [])


def refuse(_: TokenRequest) -> AccessToken:
    attempt = Attempt("environment", ErrorKind.NOT_CONFIGURED, "it is empty", None)
    raise Err(CredentialError(ErrorKind.NOT_CONFIGURED, "default: nothing here", None, None, [attempt], []))


class Response:
    def __init__(self, status_code: int, headers: dict[str, str]) -> None:
        self.status_code, self.headers = status_code, headers


class Transport:
    """Answers the first request with a claims challenge."""

    shown: list[str] = []

    def send(self, request: HttpRequest, **_: object) -> Response:
        self.shown.append(request.headers["Authorization"])
        challenge = base64.b64encode(CLAIMS.encode()).decode()
        headers = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{challenge}"'}
        return Response(401, headers) if len(self.shown) == 1 else Response(200, {})


credential = DefaultAzureCredential()
assert isinstance(credential, TokenCredential) and isinstance(credential, SupportsTokenInfo)

token_credential.get_token = give
policy = BearerTokenCredentialPolicy(credential, "https://vault.azure.net/.default", enable_cae=True)
pipeline = Pipeline(Transport(), [policy])  # type: ignore[arg-type]
assert pipeline.run(HttpRequest("GET", "https://contoso.example")).http_response.status_code == 200
assert Transport.shown == ["Bearer token-1", "Bearer token-2"], Transport.shown
assert [it.claims for it in asked] == [None, CLAIMS], asked
assert all(it.scopes == ["https://vault.azure.net/.default"] and it.enable_cae for it in asked), asked

plain = credential.get_token("a", tenant_id="contoso.com", claims="{}", unknown_option=1)
assert asked[-1] == TokenRequest(["a"], "contoso.com", "{}", False, []), asked[-1]
assert plain.token == "token-3" and "token-3" not in repr(plain) + repr(credential.get_token_info("a"))

token_credential.get_token = refuse
try:
    credential.get_token("a")
except SdkError as error:
    assert isinstance(error, CredentialUnavailableError) and str(error) == "default: nothing here", repr(error)
    assert error.attempts[0].source == "environment", vars(error)
else:
    raise AssertionError("no token and no error")

sys.modules["azure.core.exceptions"] = None  # type: ignore[assignment]
alone = importlib.reload(azure_identity_wasi)
assert alone.ClientAuthenticationError.__base__ is Exception, "it does not do without azure-core"
assert alone.DefaultAzureCredential is not DefaultAzureCredential
