"""What every noun is made of: a frozen value, an exact amount, a place in the text, and how far it is proved."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer

Proof = Literal["proved", "grounded", "neither"]


def _plain(value: Decimal) -> str:
    return format(value, "f")


Amount = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
Span = tuple[int, int]


_set = object.__setattr__


class Noun(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Returns the value with other fields; the rest is shared, which nothing can change.

        It is what the documents are mostly made by, and pydantic's own way takes three times as long.
        """
        if deep:
            return super().model_copy(update=update, deep=True)
        new = self.__class__.__new__(self.__class__)
        _set(new, "__dict__", {**self.__dict__, **update} if update else self.__dict__.copy())
        _set(new, "__pydantic_fields_set__", {*self.__pydantic_fields_set__, *(update or ())})
        _set(new, "__pydantic_extra__", None)
        _set(new, "__pydantic_private__", None)
        return new
