"""The Azure SDK's own authentication policy, over a real socket, with the credentials of azure-identity-host.

python host_policy.py IMDS
"""

import asyncio
import base64
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from azure.core.credentials import SupportsTokenInfo, TokenCredential
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError as SdkError
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure_identity_host import CredentialUnavailableError, DefaultAzureCredential, InvalidArgumentError, WasmCredential, aio

SCOPE = "https://vault.azure.net/.default"
CHALLENGE = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1"}}}').decode()


class Resource(BaseHTTPRequestHandler):
    """Wants more of the first token it is shown, as a resource with continuous access evaluation does."""

    shown: list[str] = []

    def do_GET(self) -> None:
        self.shown.append(self.headers["authorization"])
        self.send_response(401 if len(self.shown) == 1 else 200)
        if len(self.shown) == 1:
            self.send_header("www-authenticate", f'Bearer error="insufficient_claims", claims="{CHALLENGE}"')
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main(imds: str) -> None:
    server = HTTPServer(("127.0.0.1", 0), Resource)
    Thread(target=server.serve_forever, daemon=True).start()
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = imds
    with DefaultAzureCredential() as credential:
        assert isinstance(credential, TokenCredential) and isinstance(credential, SupportsTokenInfo)
        policy = BearerTokenCredentialPolicy(credential, SCOPE)
        with Pipeline(RequestsTransport(), [policy]) as pipeline:
            for _ in range(2):
                request = HttpRequest("GET", f"http://127.0.0.1:{server.server_port}/")
                response = pipeline.run(request, enforce_https=False).http_response
                assert response.status_code == 200, response
        plain, more = credential.get_token(SCOPE), credential.get_token_info(SCOPE)
        assert plain.token == more.token and plain.expires_on == more.expires_on and more.token_type == "Bearer"
    first, second, third = Resource.shown
    assert all(it.startswith("Bearer ey") for it in Resource.shown), "the policy sends something else than a token"
    assert first != second, "the challenge was answered with the token that had been refused"
    assert second == third == f"Bearer {plain.token}", "the answer to the challenge was not kept"
    asyncio.run(concurrent(imds))
    refused()
    try:
        credential.get_token(SCOPE)
    except ValueError as error:
        assert str(error) == "the credential is closed", error
    else:
        raise AssertionError("a closed credential returns a token")


async def concurrent(imds: str) -> None:
    """Coroutines share one instance, and so one token."""
    async with aio.WasmCredential({"AZURE_POD_IDENTITY_AUTHORITY_HOST": imds}) as credential:
        assert isinstance(credential, AsyncTokenCredential) and isinstance(credential, AsyncSupportsTokenInfo)
        tokens = await asyncio.gather(*(credential.get_token(SCOPE, enable_cae=False) for _ in range(3)))
        info = await credential.get_token_info(SCOPE)
    assert {it.token for it in tokens} == {info.token}, "each call got a token of its own"


def refused() -> None:
    """Without configuration, the error is one that programs written for the SDK catch."""
    with WasmCredential({"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}) as credential:
        try:
            credential.get_token(SCOPE)
        except SdkError as error:
            assert isinstance(error, CredentialUnavailableError) and error.kind == "not-configured", vars(error)
            assert error.attempts[0].source == "environment" and error.service_response is None, vars(error)
        else:
            raise AssertionError("there is a token without any configuration")
        try:
            credential.get_token("a scope")
        except ValueError as error:
            assert isinstance(error, InvalidArgumentError) and isinstance(error, SdkError), repr(error)
            assert str(error).startswith('get-token: a scope has a character that no scope has: "a scope"; '), error
        else:
            raise AssertionError("there is a token for a malformed scope")
    with WasmCredential({"AZURE_TOKEN_CREDENTIALS": "dev", "HOME": "/home/user"}) as credential:
        try:
            credential.get_token(SCOPE)
        except CredentialUnavailableError as error:
            first, *tried = str(error).split("\n\t")
            assert first == "default: no credential is available here; tried:", error
            assert tried == [it.message for it in error.attempts], error
            assert "azure-cli: the component sees no /home/user/.azure; run az login if it does not exist" in str(error), error
        else:
            raise AssertionError("there is a token without a login")
    try:
        WasmCredential({}, {"/home/user/.azure": "/nowhere/.azure"})
    except FileNotFoundError as error:
        assert str(error).startswith("the folder /nowhere/.azure does not exist; make it, or leave "), error
    else:
        raise AssertionError("a folder that does not exist was opened")
    try:
        WasmCredential({}, component="gone.wasm")
    except Exception as error:
        assert "gone.wasm" in str(error), repr(error)
    else:
        raise AssertionError("a file that does not exist was loaded")


main(*sys.argv[1:])
