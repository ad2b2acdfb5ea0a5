"""The errors that are a caller's mistake or the outside world; a problem in a document is a Finding instead."""


class CrossfootError(Exception):
    """Base of all errors that crossfoot raises on purpose; the message says what to do next."""


class SourceError(CrossfootError):
    """A file cannot be read as text."""


class SchemaError(CrossfootError):
    """A table type's YAML file does not say what it must."""


class LabelError(CrossfootError):
    """A file of labels for the evaluation is missing or does not say what it must."""


class StoreError(CrossfootError):
    """The SQLite store cannot be opened, read or written."""


class QueryError(CrossfootError):
    """A question names no document or table, or more than one; `candidates` lists what it could mean."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class ReaderError(CrossfootError):
    """A model cannot be asked, or not in this way."""


class ModelUnavailable(ReaderError):  # noqa: N818  the design names it so
    """No answer can be had: no server, no model, no key, or too many requests.

    `smaller_may_pass` says that it may have been this request: the endpoint failed at it, or took too long.
    """

    def __init__(self, message: str, *, smaller_may_pass: bool = False) -> None:
        super().__init__(message)
        self.smaller_may_pass = smaller_may_pass


class ModelRefused(ReaderError):  # noqa: N818  the design names it so
    """The endpoint does not accept a request; another one may pass."""
