"""The part of a policy that a question about one section is about.

Whether a section or a criterion of it can be met, or can be the only obstacle, depends on that
section's own wording and on the attributes that it names. So such questions are asked of that part
alone, and the work grows with the policy and not with its square.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyclingo_bridge.structure import Place, Structure
from pyclingo_bridge.terms import Term, Value, constant

_WORDING: tuple[tuple[Place, str], ...] = (
    ("needs", "all_of"),
    ("offers", "any_of"),
    ("excuse", "unless"),
)
_OF_NODES = frozenset({"criterion", "all_of", "any_of", "requires", "only_if", "unless"})
_OF_SECTIONS = frozenset({"section", "route", "use_condition", "duration"})
_OF_ATTRIBUTES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("attribute", "domain", "listed", "minimum", "maximum", "plausible"), (0,)),
    **dict.fromkeys(("default", "optional", "non_empty", "regimen_list", "counts_as"), (0,)),
    **dict.fromkeys(("qualifies", "establishes"), (1,)),
    "strength": (0,),
    "also_states": (0, 2),
    "only_with": (0, 2),
}
_DROPPED = frozenset({"referral", "note", "ambiguity", "alternative", "default_reading", "reading"})


class Slices:
    """A policy's facts, ready to be cut down to one section."""

    def __init__(self, structure: Structure, facts: Iterable[Term]) -> None:
        self._structure = structure
        self._common: list[Term] = []
        self._by_node: dict[Value, list[Term]] = {}
        self._by_attribute: dict[Value, list[tuple[Term, tuple[int, ...]]]] = {}
        self._members: dict[Value, list[Term]] = {}
        self._impossible: dict[Value, list[Term]] = {}
        self._tied: dict[Value, set[Value]] = {}
        for term in facts:
            self._sort(term)

    def _sort(self, term: Term) -> None:
        if term.name in _OF_SECTIONS:
            self._by_node.setdefault(term.args[0], []).append(self._told(term))
        elif term.name in _OF_NODES:
            return  # The wording is told anew, in the claims that stand for their like.
        elif term.name in _OF_ATTRIBUTES:
            places = _OF_ATTRIBUTES[term.name]
            self._by_attribute.setdefault(term.args[places[0]], []).append((term, places))
            if term.name == "only_with":
                self._tied.setdefault(term.args[0], set()).add(term.args[2])
        elif term.name == "member":
            self._members.setdefault(term.args[0], []).append(term)
        elif term.name == "impossible":
            self._impossible.setdefault(term.args[0], []).append(term)
        elif term.name not in _DROPPED:
            self._common.append(term)

    def _told(self, term: Term) -> Term:
        """The fact with each claim replaced by the one that stands for its like in the whole policy."""
        claims = self._structure.representative
        return Term(term.name, (term.args[0], *(claims.get(arg, arg) for arg in term.args[1:])))

    def _wording(self, node: Value) -> Iterator[Term]:
        yield Term("criterion", (node, ""))
        for place, word in _WORDING:
            for item in self._structure.items(place, node):
                yield Term(word, (node, item))

    def of(self, section: Value) -> list[Term]:
        """The facts that a question about the section needs."""
        nodes = self._nodes(section)
        own = [*self._by_node.get(section, []), *(t for node in nodes for t in self._wording(node))]
        claims: set[Value] = {arg for term in own for arg in term.args[1:]}
        attributes = {_attribute(claim) for claim in claims} & self._by_attribute.keys()
        lengths = {arg.args[1] for arg in claims if isinstance(arg, Term) and arg.name == "lesser"}
        attributes |= lengths
        for name in list(attributes):
            attributes |= self._tied.get(name, set())
        possible = [
            terms
            for terms in self._impossible.values()
            if all(_attribute(term.args[1]) in attributes for term in terms)
        ]
        claims |= {term.args[1] for terms in possible for term in terms}
        sets = {_set(claim) for claim in claims}
        return [
            *self._common,
            *own,
            *(term for terms in possible for term in terms),
            *(term for name in sets for term in self._members.get(name, [])),
            *self._vocabulary(attributes),
        ]

    def _nodes(self, section: Value) -> set[Value]:
        """The section, what stands in its wording, and in that of its use conditions."""
        found = set(self._structure.beneath[section])
        for term in self._structure.facts["use_condition"]:
            if term.args[0] == section:
                found |= self._structure.beneath.get(term.args[1], frozenset())
        return {node for node in found if node in self._structure.nodes}

    def _vocabulary(self, attributes: set[Value]) -> list[Term]:
        return [
            term
            for name in attributes
            for term, places in self._by_attribute.get(name, [])
            if all(term.args[place] in attributes for place in places)
        ]


def _core(claim: Value) -> Value:
    return _core(claim.args[0]) if isinstance(claim, Term) and claim.name == "complement" else claim


def _attribute(claim: Value) -> Value:
    core = _core(claim)
    return core.args[0] if isinstance(core, Term) and core.args else constant("none")


def _set(claim: Value) -> Value:
    core = _core(claim)
    named = (
        isinstance(core, Term) and core.name in ("among", "includes_any") and len(core.args) == 2
    )
    return core.args[1] if named else constant("none")  # type: ignore[union-attr]
