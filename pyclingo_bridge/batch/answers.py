"""What is told of many cases at once: how a batch went."""

from __future__ import annotations

from pydantic import computed_field

from pyclingo_bridge.decision import FORMAT_VERSION, Answer, PolicyInfo


class BatchSummary(Answer):
    """How a batch went.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        policy: which policy decided.
        readings: each ambiguity of the wording, and how it was read.
        rows: how many rows the input has.
        rejected: how many of them are bad, and stand in the reject file.
        outcomes: how many of the others have each outcome.
        denial_kinds: how many denials there are of each kind.
        resumed: how many rows an earlier run had done already.
        seconds: how long this run took.
        output: the file of answers.
        rejects: the file of bad rows, if there are any.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    policy: PolicyInfo
    readings: dict[str, str]
    rows: int
    rejected: int
    outcomes: dict[str, int]
    denial_kinds: dict[str, int]
    resumed: int
    seconds: float
    output: str
    rejects: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rows_per_second(self) -> int:
        """The rows that this run has done, in a second."""
        return round((self.rows - self.resumed) / self.seconds) if self.seconds else 0
