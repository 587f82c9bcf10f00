"""From cases to a table: of what documents state, what counts.

Where statements bear several dates, it is the evidence rules that tell which are out of date and
which lists are no longer whole. Attributes of which one speaks for another keep the order of their
statements instead: what counts of them may depend on how a policy is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyarrow as pa

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.core.case import Case
from pyclingo_bridge.core.evidence import Weigher
from pyclingo_bridge.core.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.core.terms import Term, Value, plain
from pyclingo_bridge.fast.columns.layout import ID, Layout, order_column

_Entry: TypeAlias = dict[str, Any]
"""One statement: an attribute's value, and what stands in the columns beside it."""


@dataclass
class _Gathered:
    """Statements of some cases, row by row."""

    rows: list[dict[str, list[_Entry]]] = field(default_factory=list)
    several: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Converter:
    """Makes tables of cases, for one policy."""

    layout: Layout
    encoder: Encoder
    weigher: Weigher
    topics: Topics

    def table(self, cases: Iterable[Case]) -> pa.Table:
        """The cases as rows, in their order.

        A column holds several statements a row where some case needs it.

        Errors: CaseError for a case that breaks the vocabulary, or that a row cannot hold.
        """
        gathered = _Gathered()
        columns: dict[str, list[Any]] = {ID: []}
        form = self.layout.vocabulary.request_attributes
        columns |= {name: [] for name in form}
        for case in cases:
            self.check(case)
            columns[ID].append(case.id)
            for name in form:
                columns[name].append(case.request.get(name))
            row = self._statements(case)
            gathered.rows.append(row)
            gathered.several |= {name for name, entries in row.items() if len(entries) > 1}
        for name in self.layout.vocabulary.stated_attributes:
            columns |= self._columns(name, gathered)
        schema = self.layout.schema(gathered.several)
        return pa.table([pa.array(columns[entry.name], entry.type) for entry in schema], schema)

    def check(self, case: Case) -> None:
        """See that a row can hold a case.

        Errors: CaseError, as for `table`.
        """
        excerpts = self.topics.excerpts(case.sealed_by(self.layout.vocabulary))
        for names in self.layout.subjects:
            if len(names) > 1:
                self._refuse_joined(case, names, excerpts[self.topics.of[names[0]]])

    def _columns(self, name: str, gathered: _Gathered) -> dict[str, list[Any]]:
        beside = (name, *self.layout.more_columns(name))
        found: dict[str, list[Any]] = {column: [] for column in beside}
        for row in gathered.rows:
            entries = row.get(name, [])
            for column, cells in found.items():
                own = [entry.get(column) for entry in entries]
                if name not in gathered.several:
                    cells.append(own[0] if own else None)
                else:
                    cells.append(own or None)
        return found

    def _statements(self, case: Case) -> dict[str, list[_Entry]]:
        """What a case states that counts, by attribute, each statement once."""
        excerpts = self.topics.excerpts(case.sealed_by(self.layout.vocabulary))
        found: dict[str, list[_Entry]] = {}
        for names in self.layout.subjects:
            if names[0] in self.layout.vocabulary.request_attributes:
                continue
            topic = self.topics.of[names[0]]
            excerpt = Excerpt({}, excerpts[topic].documents)
            dated = len({document.date for document in excerpt.documents}) > 1
            linked = len(names) > 1
            entries = self._weighed(topic, excerpt) if dated and not linked else self._plain(excerpt)
            for name, entry in self._in_order(excerpt, entries, dated and linked):
                if entry not in found.setdefault(name, []):
                    found[name].append(entry)
        return found

    def _plain(self, excerpt: Excerpt) -> Mapping[int, dict[str, _Entry]]:
        """What each document states, by its place, which starts at 1, and by attribute."""
        found: dict[int, dict[str, _Entry]] = {}
        qualifiers = self.layout.vocabulary.qualifiers
        for place, document in enumerate(excerpt.documents, 1):
            entries = {name: {name: value} for name, value in document.states.items() if name not in qualifiers}
            for flag, name in qualifiers.items():
                if flag in document.states:
                    entries[name][flag] = document.states[flag]
            found[place] = entries
        return found

    def _weighed(self, topic: str, excerpt: Excerpt) -> Mapping[int, dict[str, _Entry]]:
        """The same without what is out of date; lists that later ones overtake are not whole."""
        weighed = self.weigher.weigh(topic, self.encoder.inputs(excerpt))
        found = {place: dict(entries) for place, entries in self._plain(excerpt).items()}
        for place, name in weighed.superseded:
            assert isinstance(place, int)
            found[place].pop(name, None)
        for (warning,) in weighed.atoms["warning"]:
            if isinstance(warning, Term) and warning.name == "overtaken_history":
                self._overtake(found, *warning.args[:2])
        return found

    def _overtake(self, found: Mapping[int, dict[str, _Entry]], place: Value, attribute: Value) -> None:
        assert isinstance(place, int)
        name = str(plain(attribute))
        entry = found[place][name]
        entry |= {flag: False for flag in self.layout.qualifiers[name] if entry.get(flag)}

    @staticmethod
    def _in_order(
        excerpt: Excerpt, entries: Mapping[int, dict[str, _Entry]], ordered: bool
    ) -> Iterable[tuple[str, _Entry]]:
        dates = sorted({document.date for document in excerpt.documents})
        for place, own in entries.items():
            rank = dates.index(excerpt.documents[place - 1].date) + 1
            for name, entry in own.items():
                yield name, {**entry, **({order_column(name): rank} if ordered else {})}

    def _refuse_joined(self, case: Case, names: Sequence[str], excerpt: Excerpt) -> None:
        """A document that states a list, and what speaks for that list too, cannot be parted."""
        attributes = self.layout.vocabulary.attributes
        lists = [name for name in names if attributes[name].domain in ("list", "drugs")]
        for document in excerpt.documents if lists else ():
            stated = [name for name in names if name in document.states]
            for name in lists:
                if name in stated and len(stated) > 1:
                    other = next(one for one in stated if one != name)
                    raise CaseError(
                        f"case {quoted(case.id)}",
                        [
                            f"{quoted(document.id)} states both `{name}` and `{other}`, of which one "
                            "speaks for the other: a row cannot hold that; decide the case by itself"
                        ],
                    )
