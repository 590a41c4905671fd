"""The error of a credential, in the shape of ``azure.core``."""

from typing import Any, NamedTuple, NoReturn, Optional

try:
    from azure.core.exceptions import ClientAuthenticationError as AuthenticationError
except ImportError:
    AuthenticationError = Exception  # type: ignore[assignment,misc]


class ServiceResponse(NamedTuple):
    """What a service wrote when it refused or failed. ``None``: it did not say."""

    status: int
    """The HTTP status; 0 for an error that the user's browser brought back from a sign-in."""
    error: Optional[str]
    """The OAuth error code, e.g. ``invalid_grant``."""
    suberror: Optional[str]
    """Microsoft Entra's refinement of ``error``, e.g. ``consent_required``."""
    error_codes: list[int]
    """The numbers of the ``AADSTS`` codes. They are for people: decide by ``error`` and ``suberror``."""
    correlation_id: Optional[str]
    """The id by which Microsoft's support finds the request."""
    trace_id: Optional[str]
    """The id of the response in Microsoft Entra's logs."""
    retry_after: Optional[int]
    """The time after which the service accepts a further request, in seconds."""


class Attempt(NamedTuple):
    """A source that was tried and failed."""

    source: str
    kind: str
    message: str
    response: Optional[ServiceResponse]


class ClientAuthenticationError(AuthenticationError):
    """There is no token. The message names the source, the failure and the remedy; it never contains a secret. That of a chain
    has a line for each of its members.

    With ``azure-core`` installed this is a subclass of its class of the same name.
    """

    def __init__(self, error: Any) -> None:
        super().__init__(_in_lines(error))
        self.kind: str = _kind(error.kind)
        """``not-configured``, ``authentication-failed``, ``transient``, ``invalid-argument`` or ``other``."""
        self.claims: Optional[str] = error.claims
        """The claims challenge that the next sign-in of the user must satisfy."""
        # The class of azure.core has an attribute `response` of another type: the response of an HTTP client.
        self.service_response: Optional[ServiceResponse] = _response(error.response)
        """What the service wrote; ``None`` if no service responded."""
        self.details: dict[str, str] = dict(error.details)
        """Further facts, by name."""
        self.attempts: list[Attempt] = [
            Attempt(it.source, _kind(it.kind), it.message, _response(it.response)) for it in error.attempts
        ]
        """The sources that were tried, in order."""


class CredentialUnavailableError(ClientAuthenticationError):
    """No source is configured."""


class InvalidArgumentError(ClientAuthenticationError, ValueError):
    """A scope, a tenant or a variable is malformed, or two of them contradict each other. Nothing was sent.

    It is a ``ValueError``, as in ``azure-identity``.
    """


def raise_error(failure: BaseException) -> NoReturn:
    """Raises what ``Err`` of componentize-py holds; another exception is raised as it is."""
    error = getattr(failure, "value", None)
    if type(failure).__name__ != "Err" or error is None:
        raise failure
    # The exception of the binding contains no further information.
    raise _CLASSES.get(_kind(error.kind), ClientAuthenticationError)(error) from None


_CLASSES = {"not-configured": CredentialUnavailableError, "invalid-argument": InvalidArgumentError}


def _kind(kind: Any) -> str:
    return kind.name.lower().replace("_", "-")


def _in_lines(error: Any) -> str:
    """The message, with a line for each member of a chain that it names, as ``azure-identity`` writes them."""
    message: str = error.message
    for tried in [it.message for it in error.attempts] if len(error.attempts) > 1 else []:
        message = message.replace(f": {tried}", f":\n\t{tried}", 1).replace(f" | {tried}", f"\n\t{tried}", 1)
    return message


def _response(response: Any) -> Optional[ServiceResponse]:
    return response and ServiceResponse(**{name: getattr(response, name) for name in ServiceResponse._fields})
