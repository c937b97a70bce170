"""How the market says no: a status and the body that goes with it.

    MarketError            {"errors": {"detail": CODE}}, with "message" if there is one
    ├── InvalidFieldsError {"errors": {"detail": {FIELD: [MESSAGE, ...]}}}, always 422
    └── OAuthError         {"error": CODE, "error_description": TEXT}  (RFC 6749, section 5.2)

The documented envelope is the first ("Errors and rate limits" in the vendor's documentation); the
platform answers field errors with the second, and OAuth and bearer failures with the third.
"""

from http import HTTPStatus


class MarketError(Exception):
    """A request that the market refuses.

    Args:
        status: HTTP status of the answer.
        detail: machine code or short text for `errors.detail`.
        message: text for a human, for `errors.message`.
    """

    def __init__(self, status: HTTPStatus, detail: str, message: str | None = None) -> None:
        super().__init__(message or detail)
        self.status = status
        self.detail = detail
        self.message = message

    def body(self) -> dict[str, object]:
        """Return the JSON object of the answer."""
        errors: dict[str, object] = {"detail": self.detail}
        if self.message is not None:
            errors["message"] = self.message
        return {"errors": errors}


class InvalidFieldsError(MarketError):
    """A well-formed request with a value that cannot be.

    Args:
        field: name of the field.
        problem: what is wrong with it.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, field, f"{field}: {problem}")
        self.field = field
        self.problem = problem

    def body(self) -> dict[str, object]:
        """Return the JSON object of the answer."""
        return {"errors": {"detail": {self.field: [self.problem]}}}


class OAuthError(MarketError):
    """An OAuth endpoint or a bearer check that refuses.

    Args:
        code: error code of RFC 6749, RFC 6750 or RFC 8628.
        description: text for a human.
        status: HTTP status of the answer.
    """

    def __init__(
        self, code: str, description: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(status, code, description)

    def body(self) -> dict[str, object]:
        """Return the JSON object of the answer."""
        return {"error": self.detail, "error_description": self.message}


def not_found(what: str) -> MarketError:
    """Return the answer for an id that does not exist, or belongs to somebody else."""
    return MarketError(HTTPStatus.NOT_FOUND, "not_found", f"{what}: there is none with this id")


def wrong_parameter(name: str, allowed: str) -> MarketError:
    """Return the answer for a parameter, or a member of a body, that is not of its type."""
    return MarketError(HTTPStatus.BAD_REQUEST, "invalid_parameter", f"{name}: must be {allowed}")


def impossible_parameter(name: str, problem: str) -> MarketError:
    """Return the answer for a query parameter of the right type with a value that cannot be."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return MarketError(status, "invalid_parameter", f"{name}: {problem}")


def impossible_member(name: str, problem: str) -> MarketError:
    """Return the answer for a member of a body that is missing, or has a value that cannot be.

    The Trading API says it in one line with a code, other than the platform (`InvalidFieldsError`).
    """
    return MarketError(HTTPStatus.UNPROCESSABLE_ENTITY, f"invalid_{name}", f"{name}: {problem}")
