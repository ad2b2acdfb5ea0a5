"""The nouns of the evaluation: a condition, a setting, what was scored, and a measurement, one line of a run's file.

A *case* is one labelled table. A *condition* is a degradation at a level with a seed. A *setting* is a reader with its
prompt version and model. A *subject* is a whole document, or one table cut out of it.
"""

from typing import Literal

from crossfoot.evaluation.findings import FactScore, FindingScore
from crossfoot.noun import Noun

#: What became of a labelled cell, or of one that was read without a label: `misplaced` is right text in a wrong place,
#: `invented` an amount that no label has, `unseen` one that differs only by damage that left no trace in the text.
MissKind = Literal["wrong", "missing", "misplaced", "invented", "unseen"]


class Condition(Noun):
    """A degradation at a level (0 for the text as it is) with a seed."""

    degradation: str = "none"
    level: int = 0
    seed: int = 0


class Setting(Noun):
    """By what a subject was read: reader, prompt version and model; the last two are empty without a model."""

    reader: Literal["grid", "auto", "llm"] = "grid"
    prompt: str = ""
    model: str = ""


class Stamp(Noun):
    """What a measurement depends on, and when and where it was made; nothing without a model has no prompt.

    `code` is the hash of crossfoot's code, `cases_sha256` that of labels and texts. `commit` is the code's; it ends in
    `+` where the checkout had changes, and is empty outside of one.
    """

    commit: str
    code: str
    cases_sha256: str
    schema_sha256: str
    prompt_sha256: str = ""
    model_settings: str = ""
    machine: str
    measured_at: str

    @property
    def deciding(self) -> tuple[str, ...]:
        """Returns what makes two measurements of the same thing equal: all but commit, place and time."""
        return self.code, self.cases_sha256, self.schema_sha256, self.prompt_sha256, self.model_settings


class Miss(Noun):
    """A cell that was not read as labelled, and why; `line` is its line before the degradation, `now` after it."""

    kind: MissKind
    line: int
    now: int
    row: str
    panel: str
    column: str
    is_amount: bool
    expected: str
    found: str
    reason: str
    is_silent: bool = False


class TableScore(Noun):
    """One labelled table against what was read of it; cells are those that are not blank.

    `amounts` are numbers (amounts, scores, counts, ratios), `texts` everything else. `gone` cells stand no longer in
    the degraded text and are in no other count. `…_read` counts the cells that were given out for the table, right or
    not. `silent_amounts` are wrong, missing or invented in a table given out as accepted or repaired; `unseen` are
    left out of them. `proved` counts the right amounts that are proved. The verdict `not_found` is a table that nobody
    made; `crashed` that the whole document failed: all its cells are counted as read, and none as right.
    """

    case: str
    held_out: bool
    first_line: int
    found: bool
    typed: bool
    verdict: Literal["accepted", "repaired", "flagged", "not_found", "crashed"]
    reasons: tuple[str, ...] = ()
    amounts: int
    amounts_right: int
    amounts_read: int
    texts: int
    texts_right: int
    texts_read: int
    silent_amounts: int = 0
    unseen: int = 0
    gone: int = 0
    proved: int = 0
    proved_wrong: int = 0
    repaired_right: int = 0
    repaired_wrong: int = 0
    derived_right: int = 0
    derived_wrong: int = 0
    checks_declared: int = 0
    checks_executed: int = 0
    misses: tuple[Miss, ...] = ()

    @property
    def is_wholly_right(self) -> bool:
        """Says whether every cell was read as labelled and none besides."""
        amounts = self.amounts == self.amounts_right == self.amounts_read
        return self.found and self.typed and amounts and self.texts == self.texts_right == self.texts_read

    @property
    def is_given_out(self) -> bool:
        """Says whether the table was given out as good: accepted or repaired."""
        return self.verdict in {"accepted", "repaired"}


class Spent(Noun):
    """The tokens of a cause (reading, columns, again, sentences, …), as the model's server counted them."""

    cause: str
    calls: int
    tokens_in: int
    tokens_out: int


class Measurement(Noun):
    """One subject in one condition by one setting: a line of a run's file.

    `error` is the crash, or why the model could not be asked; "" without one.

    `subject` is a document (`003`) or a case cut out of it (`003_fa_revenue`). `cost` is None without a price.
    `damages` counts what the degradation did. Findings and facts are scored of whole documents only.
    """

    subject: str
    condition: Condition
    setting: Setting
    stamp: Stamp
    tables: tuple[TableScore, ...]
    findings: FindingScore | None = None
    facts: FactScore | None = None
    spent: tuple[Spent, ...] = ()
    cost: str | None = None
    seconds: float = 0.0
    damages: int = 0
    error: str = ""
