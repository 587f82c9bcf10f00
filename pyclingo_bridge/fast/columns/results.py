"""The columns of a table of results: one row a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import pyarrow as pa

from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.core.assessment import RulesVerdict
from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.columns.compiled_answers import status_column
from pyclingo_bridge.fast.columns.layout import ID

_WORD = pa.dictionary(pa.int8(), pa.string())
_MANY_WORDS = pa.dictionary(pa.int32(), pa.string())
_MOST = 128
"""How many words an index of eight bits can tell apart."""

_DECIDED = ("outcome", "denial_kind", "section", "approval_months", "refer_to")
WARNINGS = "warnings"
"""The column of a case's warnings."""

MISSING = ("missing_cost", "missing_requirements", "missing_documents", "missing_clarifications")
"""The columns of the cheapest missing set."""

_OTHERS: dict[str, pa.DataType] = {
    ID: pa.string(),
    "approval_months": pa.int16(),
    "missing_cost": pa.int64(),
    "missing_requirements": pa.list_(pa.string()),
    "missing_documents": pa.list_(pa.string()),
    "missing_clarifications": pa.list_(pa.string()),
    WARNINGS: pa.list_(pa.string()),
    "error": pa.string(),
}
"""The types of the columns that do not hold one of a few words."""


@dataclass(frozen=True)
class ResultColumns:
    """Makes tables of results, for one policy."""

    structure: Structure

    @cached_property
    def _statuses(self) -> tuple[str, ...]:
        names = self.structure.criteria_of(self.structure.sections)
        return tuple(status_column(name) for name in names)

    @cached_property
    def _listed(self) -> dict[str, tuple[str, ...]]:
        """The words that each column can hold, but for `_OTHERS`."""
        targets = {str(plain(term.args[2])) for term in self.structure.facts["referral"]}
        return {
            "outcome": get_args(Outcome),
            "denial_kind": get_args(DenialKind),
            "section": tuple(str(plain(section)) for section in self.structure.sections),
            "refer_to": tuple(sorted(targets)),
            **dict.fromkeys(self._statuses, get_args(Status)),
        }

    def judged(self, statuses: bool) -> tuple[str, ...]:
        """The names of the columns that follow from the rules, in order."""
        return (*_DECIDED, *(self._statuses if statuses else ()))

    def schema(self, judged: Collection[str], missing: bool, warnings: bool = False) -> pa.Schema:
        """The columns of a table of results, those among them that follow from the rules."""
        more = (*(MISSING if missing else ()), *((WARNINGS,) if warnings else ()))
        names = (ID, *judged, *more, "error")
        return pa.schema([(name, self._type(name)) for name in names])

    def _type(self, name: str) -> pa.DataType:
        if name in _OTHERS:
            return _OTHERS[name]
        return _WORD if len(self._listed[name]) <= _MOST else _MANY_WORDS

    def row(self, verdict: RulesVerdict, statuses: bool) -> dict[str, Any]:
        """What a verdict says, by column."""
        row: dict[str, Any] = {
            "outcome": verdict.outcome,
            "denial_kind": verdict.denial_kind,
            "section": verdict.section_id,
            "approval_months": verdict.approval_months,
            "refer_to": verdict.refer_to,
        }
        if statuses:
            found = verdict.statuses(self.structure)
            row |= {status_column(name): status for name, status in found.items()}
        return row

    def column(self, name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Array:
        """A column of some rows, null where a row has nothing for it."""
        values = [row.get(name) for row in rows]
        kind = self._type(name)
        if name in _OTHERS:
            return pa.array(values, kind)
        # All words, whichever occur: the pieces of a table can then be written to one file.
        listed = self._listed[name]
        places = {word: place for place, word in enumerate(listed)}
        indices = [None if value is None else places[value] for value in values]
        return pa.DictionaryArray.from_arrays(pa.array(indices, kind.index_type), pa.array(listed, pa.string()))


def cheapest(missing: Any) -> dict[str, Any]:
    """The columns of a cheapest missing set, or of None."""
    if missing is None:
        return {}
    return {
        # Nobody knows what those requirements cost that no document type is known to show.
        "missing_cost": None if missing.unshown else missing.cost,
        "missing_requirements": [requirement.term for requirement in missing.requirements],
        "missing_documents": list(missing.documents),
        "missing_clarifications": [f"{one.attribute}: {one.name}" for one in missing.clarifications],
    }
