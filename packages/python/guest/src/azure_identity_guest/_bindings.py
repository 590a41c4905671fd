"""The interface ``azure:identity/token-credential`` in the generations that the component was built with.

componentize-py replaces the stubs in ``azure_identity_guest.wit`` by code that calls the imports of the component, for
the worlds that its option ``-w`` names.
"""

import sys
from types import ModuleType
from typing import Any, Optional

SYNCHRONOUS: Any = None
"""The interface of WASI 0.2, whose function waits; ``None`` if the component does not import it."""

ASYNCHRONOUS: Any = None
"""The interface of WASI 0.3, whose function is a coroutine; ``None`` if the component does not import it."""


def _imported(module: ModuleType) -> Optional[ModuleType]:
    """The module, unless it is the stub for editors, which calls nothing."""
    return module if hasattr(module, "componentize_py_runtime") else None


try:
    from .wit.imports import azure_identity_token_credential_0_2_0, azure_identity_types_0_2_0

    if _imported(azure_identity_token_credential_0_2_0):
        SYNCHRONOUS = azure_identity_token_credential_0_2_0
        SYNCHRONOUS.TokenRequest = azure_identity_types_0_2_0.TokenRequest
except ImportError:
    pass

try:
    from .wit.imports import azure_identity_token_credential_0_3_0, azure_identity_types_0_3_0

    if _imported(azure_identity_token_credential_0_3_0):
        ASYNCHRONOUS = azure_identity_token_credential_0_3_0
        ASYNCHRONOUS.TokenRequest = azure_identity_types_0_3_0.TokenRequest
except ImportError:
    pass

# componentize-py imports the app while it builds it: a component without the interface is not built.
if sys.platform == "wasi" and not SYNCHRONOUS and not ASYNCHRONOUS:
    raise ImportError(
        "the component does not import azure:identity/token-credential: "
        "add -w azure:identity/consumer@0.3.0 (or @0.2.0 for WASI 0.2) to the command componentize-py"
    )
