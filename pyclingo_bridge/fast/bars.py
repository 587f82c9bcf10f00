"""What of a document's statements does not count: by its type, its tumor, or what else it states."""

from __future__ import annotations

from collections.abc import Iterator

from pyclingo_bridge.base.terms import Value, plain
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.structure import Structure


class Bars:
    """Of what a document states, what does not count: by its type, its tumor, or what else it states."""

    def __init__(self, structure: Structure) -> None:
        facts = structure.facts
        types: dict[str, set[str]] = {}
        for term in facts["only_from"]:
            types.setdefault(str(plain(term.args[0])), set()).add(str(plain(term.args[1])))
        self._only_from = types
        self._of_tumor = frozenset(str(plain(term.args[0])) for term in facts["of_tumor"])
        self._silences = [tuple(map(_own, term.args)) for term in facts["silent_with"]]
        self._silencers = frozenset(str(silence[2]) for silence in self._silences)
        self._known: dict[tuple[str, bool], frozenset[str]] = {}

    def of(self, document: Stated, tumor: str | None) -> frozenset[str]:
        """The attributes of which a document's statements do not count."""
        other = tumor is not None and document.tumor is not None and document.tumor != tumor
        found = self._known.get((document.type, other))
        if found is None:
            found = self._known[document.type, other] = frozenset(self._by_type(document.type, other))
        if self._silencers and not self._silencers.isdisjoint(document.states):
            return found.union(name for name, _ in self.silent(document))
        return found

    def _by_type(self, kind: str, other_tumor: bool) -> Iterator[str]:
        yield from (name for name, types in self._only_from.items() if kind not in types)
        yield from self._of_tumor if other_tumor else ()

    def silent(self, document: Stated) -> Iterator[tuple[str, str]]:
        """What a document states that says nothing beside something else: what, and beside which one."""
        for name, value, other, needed in self._silences:
            if document.states.get(str(name)) == value and document.states.get(str(other)) == needed:
                yield str(name), str(other)

    def reasons(self, document: Stated, tumor: str | None) -> Iterator[tuple[str, str]]:
        """What does not count, each with the rules' word for why."""
        other = tumor is not None and document.tumor is not None and document.tumor != tumor
        for name in document.states:
            if name in self._only_from and document.type not in self._only_from[name]:
                yield name, "of_another_type"
            if other and name in self._of_tumor:
                yield name, "of_another_tumor"
        yield from ((name, "silent") for name, _ in self.silent(document))


def _own(value: Value) -> bool | int | str:
    word = plain(value)
    return word == "true" if word in ("true", "false") else word
