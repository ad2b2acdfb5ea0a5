"""The labels of findings and facts: what a careful reader finds wrong in a document, and what its sentences state.

They are files of `eval/cases/findings` and `eval/cases/facts`, one for each document; the README there says how they
were made. Line numbers are those of the undamaged text.
"""

from pathlib import Path
from typing import Literal, Self, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from crossfoot.errors import LabelError
from crossfoot.findingcodes import FindingCode
from crossfoot.noun import Noun
from crossfoot.statements import Direction, FactRole, Measure

#: What it takes to find it: the figures of tables and forms alone, words or names against tables or other words,
#: the document's own list of tables and the layout, or judgement.
Scope = Literal["arithmetic", "statement", "structure", "meaning"]
SCOPES: tuple[Scope, ...] = ("arithmetic", "statement", "structure", "meaning")

Labels = TypeVar("Labels", bound=Noun)


class Place(Noun):
    """Something on lines of the document, and one sentence about it."""

    id: str = Field(min_length=1)
    lines: tuple[int, ...] = Field(min_length=1)
    why: str = Field(min_length=1)

    @model_validator(mode="after")
    def _each_line_once(self) -> Self:
        if len(set(self.lines)) < len(self.lines) or min(self.lines) < 1:
            raise ValueError(f"{self.id}: lines are counted from 1 and named once")
        return self


class LabelledFinding(Place):
    """Something really wrong, which must be reported; a finding that cites one of `lines` with one of `codes` does.

    The first line is the one on which a person would report it; `printed` is what stands on each. `against` are those
    of the lines that hold the other side of a contradiction: without any of them there is nothing left to see. A
    finding labelled a `note` may be reported as one.
    """

    printed: tuple[str, ...]
    against: tuple[int, ...] = ()
    codes: tuple[FindingCode, ...] = Field(min_length=1)
    severity: Literal["note", "warning", "error"]
    scope: Scope

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        if not set(self.against) < set(self.lines) or self.lines[0] in self.against:
            raise ValueError(f"{self.id}: `against` names some of the other lines of `lines`")
        if len(self.printed) != len(self.lines) or not all(self.printed):
            raise ValueError(f"{self.id}: `printed` says for each line what stands there")
        return self


class SilentPlace(Place):
    """Something that looks odd and is legitimate: nothing above a note may be reported on it."""


class OpenPlace(Place):
    """Something that the text does not decide: a report on it is neither asked for nor false."""


class FindingLabels(Noun):
    """What is wrong in a document, what only looks so, and what cannot be decided."""

    document: str
    wrong: tuple[LabelledFinding, ...] = ()
    silent: tuple[SilentPlace, ...] = ()
    open: tuple[OpenPlace, ...] = ()

    @model_validator(mode="after")
    def _each_id_once(self) -> Self:
        ids = [place.id for place in (*self.wrong, *self.silent, *self.open)]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"used twice: {', '.join(twice)}")
        return self


class LabelledFact(Noun):
    """A number that a sentence states: what it measures, as which role, and as it is printed, without blanks."""

    line: int = Field(ge=1)
    measure: Measure
    role: FactRole
    item: str = ""
    direction: Direction = ""
    printed: str = Field(min_length=1)
    unit: str = ""


class FactLabels(Noun):
    """The facts of a document, in the order of its text; one that a line states twice is there twice."""

    document: str
    facts: tuple[LabelledFact, ...]


def load_findings(folder: Path, document: str) -> FindingLabels:
    """Returns the labelled findings of a document (`003`) from `<folder>/003.yaml`."""
    return _load(folder / f"{document}.yaml", FindingLabels)


def load_facts(folder: Path, document: str) -> FactLabels:
    """Returns the labelled facts of a document (`003`) from `<folder>/003.yaml`."""
    return _load(folder / f"{document}.yaml", FactLabels)


def _load(path: Path, kind: type[Labels]) -> Labels:
    try:
        labels = kind.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise LabelError(f"{path}: {error}") from error
    if getattr(labels, "document", None) != path.stem:
        raise LabelError(f"{path}: `document` is not the name of the file")
    return labels
