"""Microsoft Entra tokens for Python programs, by the provider component in wasmtime.

Clients of the Azure SDK accept these credentials as ``credential``, without the package ``azure-identity``: they are a
``TokenCredential`` and a ``SupportsTokenInfo`` of ``azure.core``. :mod:`azure_identity_host.aio` has them for coroutines.

>>> from azure_identity_host import DefaultAzureCredential
>>> credential = DefaultAzureCredential()
>>> credential.get_token("https://vault.azure.net/.default")  # doctest: +SKIP
AccessToken(token='…', expires_on=1764411600)
"""

from ._credential import DefaultAzureCredential, WasmCredential
from ._errors import Attempt, ClientAuthenticationError, CredentialUnavailableError, InvalidArgumentError, ServiceResponse

__all__ = [
    "Attempt",
    "ClientAuthenticationError",
    "CredentialUnavailableError",
    "DefaultAzureCredential",
    "InvalidArgumentError",
    "ServiceResponse",
    "WasmCredential",
]

__version__ = "0.2.0"
