"""From cases to a table: of what documents state, what counts.

Where statements bear several dates, it is the evidence rules that tell which are out of date and
which lists are no longer whole. Attributes of which one speaks for another keep the order of their
statements instead: what counts of them may depend on how a policy is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.core.evidence import EvidenceRules
from pyclingo_bridge.core.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.fast.columns.layout import ID, Layout, order_column

_Entry: TypeAlias = dict[str, Any]
"""One statement: an attribute's value, and what stands in its other columns."""

_Row: TypeAlias = dict[str, list[_Entry]]
"""A case's statements, by attribute."""


@dataclass(frozen=True)
class Converter:
    """Makes tables of cases, for one policy."""

    layout: Layout
    encoder: Encoder
    evidence_rules: EvidenceRules
    topics: Topics

    def table(self, cases: Iterable[Case]) -> pa.Table:
        """The cases as rows, in their order.

        A column holds several statements a row where some case needs it.

        Errors: CaseError for a case that breaks the vocabulary, or that a row cannot hold.
        """
        form = self.layout.vocabulary.request_attributes
        columns: dict[str, list[Any]] = {ID: [], **{name: [] for name in form}}
        rows: list[_Row] = []
        for case in cases:
            rows.append(self._statements(case))
            columns[ID].append(case.id)
            for name in form:
                columns[name].append(case.request.get(name))
        several = {name for row in rows for name, entries in row.items() if len(entries) > 1}
        for name in self.layout.vocabulary.stated_attributes:
            for column in (name, *self.layout.more_columns(name)):
                cells = [[entry.get(column) for entry in row.get(name, [])] or None for row in rows]
                columns[column] = cells if name in several else [cell and cell[0] for cell in cells]
        schema = self.layout.schema(several)
        return pa.table([pa.array(columns[entry.name], entry.type) for entry in schema], schema)

    def _statements(self, case: Case) -> _Row:
        """What a case states that counts, by attribute, each statement once."""
        excerpts = self.topics.excerpts(case.statements(self.layout.vocabulary))
        row: _Row = {}
        for names in self.layout.subjects:
            if names[0] in self.layout.vocabulary.request_attributes:
                continue
            topic = self.topics.of[names[0]]
            excerpt = Excerpt({}, excerpts[topic].documents)
            dated = len({document.date for document in excerpt.documents}) > 1
            linked = len(names) > 1
            if linked:
                self._refuse_joined(case, names, excerpt)
            entries = self._counting(topic, excerpt) if dated and not linked else self._plain(excerpt)
            for name, entry in self._in_order(excerpt, entries, dated and linked):
                if entry not in row.setdefault(name, []):
                    row[name].append(entry)
        return row

    def _plain(self, excerpt: Excerpt) -> Mapping[int, dict[str, _Entry]]:
        """What each document states, by its place, which starts at 1, and by attribute."""
        stated: dict[int, dict[str, _Entry]] = {}
        qualifiers = self.layout.vocabulary.qualifiers
        for place, document in enumerate(excerpt.documents, 1):
            entries = {name: {name: value} for name, value in document.states.items() if name not in qualifiers}
            for flag, name in qualifiers.items():
                if flag in document.states:
                    entries[name][flag] = document.states[flag]
            stated[place] = entries
        return stated

    def _counting(self, topic: str, excerpt: Excerpt) -> Mapping[int, dict[str, _Entry]]:
        """The same without what is out of date; lists that later ones overtake are not whole."""
        evidence = self.evidence_rules.ask(topic, self.encoder.inputs(excerpt))
        stated = self._plain(excerpt)
        for place, name in evidence.superseded:
            assert isinstance(place, int)
            stated[place].pop(name, None)
        for (warning,) in evidence.atoms["warning"]:
            if isinstance(warning, Term) and warning.name == "overtaken_history":
                self._overtake(stated, *warning.args[:2])
        return stated

    def _overtake(self, stated: Mapping[int, dict[str, _Entry]], place: Value, attribute: Value) -> None:
        assert isinstance(place, int)
        name = str(plain(attribute))
        entry = stated[place][name]
        entry |= {flag: False for flag in self.layout.qualifiers[name] if entry.get(flag)}

    @staticmethod
    def _in_order(
        excerpt: Excerpt, entries: Mapping[int, dict[str, _Entry]], ordered: bool
    ) -> Iterable[tuple[str, _Entry]]:
        dates = sorted({document.first for document in excerpt.documents})
        for place, own in entries.items():
            rank = dates.index(excerpt.documents[place - 1].first) + 1
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
