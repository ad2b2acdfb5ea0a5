"""What every noun is made of: a frozen value, an exact amount, a place in the text, and how far it is proved."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

Proof = Literal["proved", "grounded", "neither"]


def _plain(value: Decimal) -> str:
    return format(value, "f")


Amount = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
Span = tuple[int, int]


class Noun(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)
