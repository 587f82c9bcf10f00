"""The summary of a file of cases that was decided."""

from __future__ import annotations

from pyclingo_bridge.core.decision import FORMAT_VERSION, Answer, PolicyInfo


class BatchSummary(Answer):
    """How a batch went.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        rows: how many rows the input has.
        rejected: how many of them are bad, and are in the reject file.
        first_bad: the first of these, in words, if there are any.
        repeated_ids: how many rows have an id that an earlier row has.
        warned: how many of the rows that are decided have warnings.
        outcomes: how many of the others have each outcome.
        denial_kinds: how many denials there are of each kind.
        resumed: how many rows an earlier run had done already.
        seconds: how long this run took.
        rows_per_second: how many rows it has done in a second.
        output: the file of answers.
        rejects: the file of bad rows, if there are any.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    policy: PolicyInfo
    interpretations: dict[str, str]
    rows: int
    rejected: int
    first_bad: str | None = None
    repeated_ids: int = 0
    warned: int = 0
    outcomes: dict[str, int]
    denial_kinds: dict[str, int]
    resumed: int
    seconds: float
    rows_per_second: int
    output: str
    rejects: str | None
