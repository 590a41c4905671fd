"""A command that reports its identity and the claims of its token, without the token."""

import base64
import json
import sys

from azure_identity_wasi import ClientAuthenticationError, DefaultAzureCredential
from componentize_py_types import Err
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        scope = sys.argv[1] if len(sys.argv) > 1 else "https://vault.azure.net/.default"
        try:
            token = DefaultAzureCredential().get_token_info(scope)
        except ClientAuthenticationError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            raise Err(None) from None
        print(f"{token.token_type} token of {token.source}, until {token.expires_on}")
        print(json.dumps(claims_of(token.token)))


def claims_of(token: str) -> dict[str, str]:
    """The token's claims about the identity. They are not verified, which is the task of the resource."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {name: claims[name] for name in ("aud", "tid", "appid", "oid") if name in claims}
