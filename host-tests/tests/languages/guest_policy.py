"""The Azure SDK's own authentication policies with the credentials of azure-identity-guest, over a provider made up here.

python guest_policy.py
"""

import asyncio
import base64
import importlib
import sys
import time
from enum import Enum
from types import SimpleNamespace
from typing import Any

from azure.core.credentials import SupportsTokenInfo, TokenCredential
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError as SdkError
from azure.core.pipeline import AsyncPipeline, Pipeline
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest
import azure_identity_guest
from azure_identity_guest import CredentialUnavailableError, DefaultAzureCredential, InvalidArgumentError, _bindings, aio

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
SCOPE = "https://vault.azure.net/.default"
KINDS = Enum("ErrorKind", ["NOT_CONFIGURED", "INVALID_ARGUMENT"])
NOT_CONFIGURED = KINDS.NOT_CONFIGURED
asked: list[tuple[Any, ...]] = []


class Err(Exception):
    """As componentize_py_types.Err."""

    def __init__(self, value: Any) -> None:
        self.value = value


def give(request: tuple[Any, ...]) -> SimpleNamespace:
    asked.append(request)
    expires_on = int(time.time()) + 3600
    return SimpleNamespace(
        token=f"token-{len(asked)}", token_type="Bearer", expires_on=expires_on, refresh_on=None, source="fake", details=[]
    )


async def give_later(request: tuple[Any, ...]) -> SimpleNamespace:
    await asyncio.sleep(0)
    return give(request)


def refuse(_: tuple[Any, ...]) -> SimpleNamespace:
    attempt = SimpleNamespace(source="environment", kind=NOT_CONFIGURED, message="it is empty", response=None)
    service = SimpleNamespace(
        status=400, error="invalid_grant", suberror=None, error_codes=[7000215], correlation_id=None, trace_id=None, retry_after=9
    )
    raise Err(
        SimpleNamespace(
            kind=NOT_CONFIGURED, message="default: nothing here", claims=None, response=service, attempts=[attempt], details=[]
        )
    )


def refuse_two(_: tuple[Any, ...]) -> SimpleNamespace:
    attempts = [
        SimpleNamespace(source="", kind=KINDS.INVALID_ARGUMENT, message=text, response=None) for text in ("a: no", "b: no")
    ]
    raise Err(
        SimpleNamespace(
            kind=KINDS.INVALID_ARGUMENT, message="default: a: no | b: no", claims=None, response=None, attempts=attempts, details=[]
        )
    )


def interface(get_token: Any) -> SimpleNamespace:
    """As the generated module of the interface."""
    return SimpleNamespace(get_token=get_token, TokenRequest=lambda *fields: fields)


class Response:
    def __init__(self, status_code: int, headers: dict[str, str]) -> None:
        self.status_code, self.headers = status_code, headers


class Transport:
    """Answers the first request with a claims challenge."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def send(self, request: HttpRequest, **_: object) -> Response:
        self.shown.append(request.headers["Authorization"])
        challenge = base64.b64encode(CLAIMS.encode()).decode()
        headers = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{challenge}"'}
        return Response(401, headers) if len(self.shown) == 1 else Response(200, {})


class AsyncTransport(Transport):
    async def send(self, request: HttpRequest, **_: object) -> Response:  # type: ignore[override]
        return super().send(request)


def outside_of_a_component() -> None:
    for call in (lambda: DefaultAzureCredential().get_token(SCOPE), lambda: asyncio.run(aio.DefaultAzureCredential().get_token(SCOPE))):
        try:
            call()
        except RuntimeError as error:
            assert "componentize-py -w azure:identity/consumer@" in str(error), error
        else:
            raise AssertionError("there is a token outside of a component")


def synchronous() -> None:
    _bindings.SYNCHRONOUS = interface(give)
    credential = DefaultAzureCredential()
    assert isinstance(credential, TokenCredential) and isinstance(credential, SupportsTokenInfo)
    transport = Transport()
    pipeline = Pipeline(transport, [BearerTokenCredentialPolicy(credential, SCOPE, enable_cae=True)])  # type: ignore[arg-type]
    assert pipeline.run(HttpRequest("GET", "https://contoso.example")).http_response.status_code == 200
    assert transport.shown == ["Bearer token-1", "Bearer token-2"], transport.shown
    assert asked == [([SCOPE], None, None, True, []), ([SCOPE], None, CLAIMS, True, [])], asked
    plain = credential.get_token("a", tenant_id="contoso.com", claims="{}", unknown_option=1)
    assert asked[-1] == (["a"], "contoso.com", "{}", False, []), asked[-1]
    assert plain.token == "token-3" and "token-3" not in repr(plain) + repr(credential.get_token_info("a"))
    _bindings.SYNCHRONOUS = interface(refuse)
    try:
        credential.get_token("a")
    except SdkError as error:
        assert isinstance(error, CredentialUnavailableError) and str(error) == "default: nothing here", repr(error)
        assert error.attempts[0].source == "environment" and error.kind == "not-configured", vars(error)
        assert error.service_response.error_codes == [7000215] and error.service_response.retry_after == 9, vars(error)
    else:
        raise AssertionError("no token and no error")
    _bindings.SYNCHRONOUS = interface(refuse_two)
    try:
        credential.get_token("a")
    except ValueError as error:
        assert isinstance(error, InvalidArgumentError) and isinstance(error, SdkError), repr(error)
        assert str(error) == "default:\n\ta: no\n\tb: no", error
    else:
        raise AssertionError("no token and no error")


async def asynchronous() -> None:
    credential = aio.DefaultAzureCredential()
    assert isinstance(credential, AsyncTokenCredential) and isinstance(credential, AsyncSupportsTokenInfo)
    # A component of WASI 0.2 alone, then one of both: the asynchronous interface is preferred.
    _bindings.SYNCHRONOUS, before = interface(give), len(asked)
    assert (await credential.get_token(SCOPE)).token == f"token-{before + 1}"
    _bindings.ASYNCHRONOUS, _bindings.SYNCHRONOUS = interface(give_later), interface(refuse)
    transport = AsyncTransport()
    pipeline = AsyncPipeline(transport, [AsyncBearerTokenCredentialPolicy(credential, SCOPE)])  # type: ignore[arg-type]
    assert (await pipeline.run(HttpRequest("GET", "https://contoso.example"))).http_response.status_code == 200
    assert transport.shown == [f"Bearer token-{before + 2}", f"Bearer token-{before + 3}"], transport.shown
    assert asked[-1] == ([SCOPE], None, CLAIMS, True, []) or asked[-1] == ([SCOPE], None, CLAIMS, False, []), asked[-1]


def without_azure_core() -> None:
    sys.modules["azure.core.exceptions"] = None  # type: ignore[assignment]
    errors = importlib.reload(azure_identity_guest._errors)
    assert errors.ClientAuthenticationError.__base__ is Exception, "it does not do without azure-core"


outside_of_a_component()
synchronous()
asyncio.run(asynchronous())
without_azure_core()
