"""An HTTP app that reads a secret from Azure Key Vault with the identity of its environment."""

import json
import os

from azure_identity_guest import ClientAuthenticationError
from azure_identity_guest.aio import DefaultAzureCredential
from componentize_py_types import Err
from spin_sdk import http
from spin_sdk.http import Request, Response

credential = DefaultAzureCredential()


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        if request.uri != "/":
            return text(404, "the path is /")
        try:
            return text(200, await secret())
        except ClientAuthenticationError as error:
            # A service that cannot be reached may be back in a moment; a wrong configuration or secret stays wrong.
            return text(503 if error.kind == "transient" else 500, f"{type(error).__name__}: {error}")
        except ValueError as error:
            return text(502, str(error))


async def secret() -> str:
    """The value of the secret ``SECRET_NAME`` (by default ``greeting``) in the vault ``KEY_VAULT_URL``."""
    vault = os.environ.get("KEY_VAULT_URL", "").rstrip("/")
    # The token grants access to the secret, so it is not sent unencrypted to another machine.
    if not vault.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("KEY_VAULT_URL is not set, or does not begin with https://")
    token = await credential.get_token("https://vault.azure.net/.default")
    url = f"{vault}/secrets/{os.environ.get('SECRET_NAME', 'greeting')}?api-version=7.6"
    try:
        response = await http.send(Request("GET", url, {"authorization": f"Bearer {token.token}"}, None))
    except Err as error:
        raise ValueError(f"the request to {vault} failed: {error.value}") from None
    body = json.loads(response.body or b"{}")
    if response.status != 200:
        raise ValueError(f"{vault} responded with {response.status}: {body.get('error', {}).get('message')}")
    return body["value"]


def text(status: int, body: str) -> Response:
    return Response(status, {"content-type": "text/plain"}, body.encode())
