"""A command of WASI 0.2 that shows a token without its secret, or why there is none."""

import sys

from azure_identity_guest import ClientAuthenticationError, DefaultAzureCredential
from componentize_py_types import Err
from spin_sdk.wit import exports


class WasiCliRun026(exports.WasiCliRun026):
    def run(self) -> None:
        try:
            print(DefaultAzureCredential().get_token_info(sys.argv[1]))
        except ClientAuthenticationError as error:
            print(f"{type(error).__name__} {error.kind}: {error}", file=sys.stderr)
            raise Err(None) from None
