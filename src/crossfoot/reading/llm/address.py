"""Where a model is asked, and how that may be shown: what stands in messages and in the store holds nothing secret."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit


class Address(NamedTuple):
    """Where a model is asked: base URL (ending in /v1 as a rule), the model's name there, and a key if it wants one."""

    base_url: str
    model: str
    key: str = ""

    @property
    def is_url(self) -> bool:
        """Says whether the base URL is one: http or https and a host."""
        try:
            parts = urlsplit(self.base_url)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and bool(parts.hostname)

    @property
    def shown(self) -> str:
        """Returns the URL as messages may show it, without a name, password or query; also of a text that is no URL."""
        scheme, sign, rest = self.base_url.rpartition("://") if "://" in self.base_url else ("", "", self.base_url)
        before, *after = re.split(r"[?#]", rest, maxsplit=1)
        # A password may hold these signs itself; then it cannot be told where it ends.
        place = "…" if any("@" in part for part in after) else before.rpartition("@")[2]
        return f"{scheme}{sign}{place}"

    def without_key(self, text: str) -> str:
        """Returns a text from outside without the key, which some servers repeat in what they say."""
        return text.replace(self.key, "…") if self.key else text
