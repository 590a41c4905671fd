"""Reports the identity that the environment describes, and the claims of its token, without the token.

python main.py [scope]
"""

import base64
import json
import sys

from azure_identity_host import ClientAuthenticationError, DefaultAzureCredential


def main(scope: str = "https://vault.azure.net/.default") -> None:
    with DefaultAzureCredential() as credential:
        try:
            token = credential.get_token_info(scope)
        except ClientAuthenticationError as error:
            sys.exit(f"{type(error).__name__}: {error}")
    print(f"{token.token_type} token, until {token.expires_on}")
    print(json.dumps(claims_of(token.token)))


def claims_of(token: str) -> dict[str, str]:
    """The token's claims about the identity. They are not verified, which is the task of the resource."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {name: claims[name] for name in ("aud", "tid", "appid", "oid") if name in claims}


if __name__ == "__main__":
    main(*sys.argv[1:])
