"""The errors that are a caller's mistake or the outside world; a problem in a document is a Finding instead."""


class CrossfootError(Exception):
    """Base of all errors that crossfoot raises on purpose; the message says what to do next."""


class SourceError(CrossfootError):
    """A file cannot be read as text."""


class SchemaError(CrossfootError):
    """A table type's YAML file does not say what it must."""


class StoreError(CrossfootError):
    """The SQLite store cannot be opened, read or written."""


class QueryError(CrossfootError):
    """A question names no document or table, or more than one; `candidates` lists what it could mean."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class ReaderError(CrossfootError):
    """A model that was to read a section did not."""


class ModelUnavailable(ReaderError):  # noqa: N818 - says what is the matter, as a caller would catch it
    """There is no model to ask: not fetched, not installed, or not answering."""
