"""A model file from Hugging Face, by plain HTTPS: no account, no library, resumed where it stopped."""

import http.client
import os
import re
import urllib.error
import urllib.request
from typing import Literal
from urllib.parse import quote, urlsplit

from crossfoot.figures import Noun
from crossfoot.reading.llm.partial import CHUNK, Partial, SourceFailedError

#: Seconds until a host that does not answer is given up; also the longest pause between two pieces.
TIMEOUT = 5


class Hub(Noun):
    """A file of a repository on Hugging Face, or on the mirror of it that `HF_ENDPOINT` names."""

    kind: Literal["hub"] = "hub"
    repository: str
    file: str

    def url(self) -> str:
        """Returns the address of the file."""
        base = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
        return f"{base.rstrip('/')}/{self.repository}/resolve/main/{quote(self.file)}"

    def label(self) -> str:
        """Returns what a person calls this source: the host's name."""
        return urlsplit(self.url()).hostname or self.url()

    def fetch(self, partial: Partial) -> None:
        """Fills the partial file; a connection that breaks is taken up again as long as each one brings more."""
        partial.begin(partial.found if partial.found <= partial.size else 0)
        farthest = -1
        while partial.done < partial.size:
            if partial.done <= farthest:
                raise SourceFailedError(f"the connection breaks after {partial.done} of {partial.size} bytes")
            farthest = max(farthest, partial.done)
            try:
                self._continue(partial)
            except urllib.error.HTTPError as error:
                error.close()
                raise SourceFailedError(f"HTTP {error.code}") from None
            except (OSError, ValueError, http.client.HTTPException) as error:
                if partial.done <= farthest:
                    raise SourceFailedError(f"no answer ({_reason(error)})") from None

    def _continue(self, partial: Partial) -> None:
        address = self.url()
        if urlsplit(address).scheme not in {"http", "https"}:
            raise SourceFailedError("HF_ENDPOINT is not an http or https address")
        request = urllib.request.Request(address)  # noqa: S310 - the scheme was looked at above
        if partial.done:
            request.add_header("Range", f"bytes={partial.done}-")
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
            kept = partial.done if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0
            # A login page of a hotel's network answers 200 too; it must not cost what was already fetched.
            if answer.length is not None and kept + answer.length != partial.size:
                raise SourceFailedError(f"it offers {kept + answer.length} bytes, not the {partial.size} of the file")
            if not kept:
                partial.begin(0)
            elif not re.match(rf"bytes {partial.done}-", answer.headers.get("Content-Range", "")):
                raise SourceFailedError("it answers with another range than the one asked for")
            while chunk := answer.read1(CHUNK):
                partial.write(chunk)


def _reason(error: Exception) -> str:
    """Returns an error of the network in a few words on one line."""
    inner = getattr(error, "reason", error)
    return " ".join(str(getattr(inner, "strerror", None) or inner or type(inner).__name__).lower().split())
