"""From planes of what follows to a table: one row a case, in the order of the rows given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast, get_args

import pyarrow as pa

from pyclingo_bridge.batch.layout import ID
from pyclingo_bridge.batch.words import Plane, Words
from pyclingo_bridge.decision import DenialKind, Outcome, Status
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, Value, constant, plain

_WORD = pa.dictionary(pa.int8(), pa.string())
_MANY_WORDS = pa.dictionary(pa.int32(), pa.string())
_WORDS = pa.list_(pa.string())
_MOST = 128
"""How many words an index of eight bits can tell apart."""


@dataclass(frozen=True)
class Results:
    """What follows for some rows: the decision rules' own atoms, each with the rows it holds of.

    Attributes:
        words: how planes of these rows are held.
        planes: by atom; one that is not there holds of no row. See `RESULTS` for the predicates.
    """

    words: Words
    planes: Mapping[Term, Plane]

    def held(self, name: str, *args: Value) -> Plane:
        """The rows of which an atom holds."""
        return self.planes.get(Term(name, args), self.words.zeros)


RESULTS = (
    ("outcome", 1),
    ("denial_kind", 1),
    ("approved_section", 1),
    ("months", 2),
    ("referred", 2),
    ("routed", 1),
    ("standing", 2),
)
"""The predicates that tables are made of. `denial_kind` is read of denials, `months` of the section
that approves, `referred` of referrals, `standing` of criteria beneath a routed section."""


def status_column(criterion: str) -> str:
    """The column of a criterion's status."""
    return f"status {criterion}"


@dataclass(frozen=True)
class Tabulator:
    """Makes tables of results, for one policy."""

    structure: Structure

    @cached_property
    def criteria(self) -> dict[str, tuple[Value, ...]]:
        """Every criterion beneath some section, and the sections that it is beneath."""
        found: dict[str, tuple[Value, ...]] = dict.fromkeys(
            self.structure.criteria_of(self.structure.sections), ()
        )
        for section in self.structure.sections:
            for name in self.structure.criteria_of([section]):
                found[name] = (*found[name], section)
        return found

    @cached_property
    def _targets(self) -> list[str]:
        return sorted({str(plain(term.args[2])) for term in self.structure.facts["referral"]})

    def schema(self, statuses: bool, missing: bool) -> pa.Schema:
        """The columns of a table of results."""
        columns: list[tuple[str, pa.DataType]] = [
            (ID, pa.string()),
            ("outcome", _WORD),
            ("denial_kind", _WORD),
            ("section", self._type(len(self.structure.sections))),
            ("approval_months", pa.int16()),
            ("refer_to", self._type(len(self._targets))),
        ]
        if statuses:
            columns += [(status_column(name), _WORD) for name in self.criteria]
        if missing:
            columns += [("missing_cost", pa.int64())]
            columns += [(name, _WORDS) for name in ("missing_claims", "missing_documents")]
        return pa.schema([*columns, ("error", pa.string())])

    @staticmethod
    def _type(words: int) -> pa.DataType:
        return _WORD if words <= _MOST else _MANY_WORDS

    def columns(self, results: Results, fine: Plane, statuses: bool) -> dict[str, pa.Array]:
        """The columns of what follows, null but for the rows that are fine."""
        words, held = results.words, results.held
        outcomes = {word: fine & held("outcome", constant(word)) for word in get_args(Outcome)}
        kinds = {word: held("denial_kind", constant(word)) for word in get_args(DenialKind)}
        sections = {
            section: outcomes["approve"] & held("approved_section", section)
            for section in self.structure.sections
        }
        months: dict[int, Plane] = {}
        targets = dict.fromkeys(self._targets, words.zeros)
        for atom, plane in results.planes.items():
            if atom.name == "months":
                section, number = atom.args
                own = sections[section] & plane
                months[cast(int, number)] = months.get(cast(int, number), words.zeros) | own
            elif atom.name == "referred":
                target = str(plain(atom.args[1]))
                targets[target] = targets[target] | (outcomes["refer"] & plane)
        columns = {
            "outcome": _chosen(words, outcomes),
            "denial_kind": _chosen(words, {k: outcomes["deny"] & p for k, p in kinds.items()}),
            "section": _chosen(words, {str(plain(s)): p for s, p in sections.items()}),
            "approval_months": _numbers(words, months),
            "refer_to": _chosen(words, targets),
        }
        if statuses:
            columns |= {status_column(n): self._status(results, fine, n) for n in self.criteria}
        return columns

    def _status(self, results: Results, fine: Plane, name: str) -> pa.Array:
        """How a criterion stands, in the rows that go to a section it is beneath."""
        routed = results.words.zeros
        for section in self.criteria[name]:
            routed = routed | results.held("routed", section)
        routed = routed & fine
        return _chosen(
            results.words,
            {s: routed & results.held("standing", name, constant(s)) for s in get_args(Status)},
        )


def _chosen(words: Words, planes: Mapping[str, Plane]) -> pa.DictionaryArray:
    """For each row the word whose plane holds it; null for none."""
    return pa.DictionaryArray.from_arrays(
        words.indices(list(planes.values())), pa.array(list(planes), pa.string())
    )


def _numbers(words: Words, planes: Mapping[int, Plane]) -> pa.Array:
    """For each row the number whose plane holds it; null for none."""
    places = words.indices(list(planes.values()))
    return pa.array(list(planes), pa.int16()).take(places)
