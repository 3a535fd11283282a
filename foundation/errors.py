"""What services say when they refuse, and how a refusal reads to a person.

A service raises one of these with a sentence for people; views show it beside its field, the API turns it into a
problem document. Each module derives the errors it raises and keeps them beside the code that raises them.
"""


class DomainError(Exception):
    """A refusal by a rule of the domain (HTTP 422): what happened and what to do next, in the reader's language."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class DomainConflict(DomainError):
    """The thing changed meanwhile, or exists already (HTTP 409)."""

    status = 409


class NotFound(DomainError):
    """No such thing within the reader's sight (HTTP 404): foreign and missing look the same."""

    status = 404


class Forbidden(DomainError):
    """The actor may see the thing but not do this to it (HTTP 403)."""

    status = 403


class TooMany(DomainError):
    """Too many tries in too short a time (HTTP 429)."""

    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
