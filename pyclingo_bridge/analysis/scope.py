"""The part of a policy that a question about one section is about.

Whether a section or a criterion of it can be met, or can be the only obstacle, depends on that
section's own wording and on the attributes that it names. So such questions are asked of that part
alone, and the work grows with the policy and not with its square. Of values and drugs that nothing
in that part tells apart one stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from pyclingo_bridge.analysis.cases import UNASKED
from pyclingo_bridge.base.terms import Term, Value, constant, subterms
from pyclingo_bridge.core.structure import Place, Structure

_WORDING: tuple[tuple[Place, str], ...] = (
    ("needs", "requires"),
    ("offers", "any_of"),
    ("excuse", "unless"),
)
_OF_NODES = frozenset({"criterion", "requires", "any_of", "only_if", "unless"})
_OF_SECTIONS = frozenset({"section", "route", "use_condition", "duration"})
OF_ATTRIBUTES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("attribute", "domain", "listed", "minimum", "maximum", "plausible"), (0,)),
    **dict.fromkeys(("default", "optional", "non_empty", "regimen_list", "counts_as"), (0,)),
    **dict.fromkeys(("qualifies", "establishes"), (1,)),
    **dict.fromkeys(("strength", "probe", "covers"), (0,)),
    "increase": (0, 1, 2),
    "also_states": (0, 2),
    "only_with": (0, 2),
}
"""The facts that are about attributes, and the places at which they name them."""

_DROPPED = frozenset(
    {
        *("referral", "note", "ambiguity", "alternative", "default_interpretation", "interpretation"),
        *("told_when", *UNASKED),
    }
)
_OF_DRUGS = frozenset({"drug", "kind", "anticancer", "treatment"})
_SINGLE = frozenset({constant("choice"), constant("name")})
_LISTS = frozenset({constant("list"), constant("drugs")})


@dataclass(frozen=True)
class Scope:
    """What a question about a section needs.

    Attributes:
        facts: the facts.
        alike: by attribute the values that stand for others, which are left out: nothing here
            tells them apart.
    """

    facts: list[Term]
    alike: Mapping[Value, Mapping[Value, Sequence[Value]]]


class Scopes:
    """A policy's facts, ready to be cut down to one section."""

    def __init__(self, structure: Structure, facts: Iterable[Term]) -> None:
        self._structure = structure
        self._common: list[Term] = []
        self._drugs: dict[Value, list[Term]] = {}
        self._by_node: dict[Value, list[Term]] = {}
        self._by_attribute: dict[Value, list[tuple[Term, tuple[int, ...]]]] = {}
        self._listed: dict[Value, dict[Value, Term]] = {}
        self._members: dict[Value, list[Term]] = {}
        self._impossible: dict[Value, list[Term]] = {}
        self._tied: dict[Value, set[Value]] = {}
        # A number that only another section's requirements tell apart is asked of every section: some
        # section may take it, and then it is no gap.
        numbers = (term for term in structure.facts["probe"] if isinstance(term.args[1], int))
        for term in (*facts, *numbers):
            self._sort(term)
        self._named: frozenset[Value] = frozenset().union(*map(subterms, self._common))
        self._listed = {
            name: {value: values[value] for value in sorted(values, key=str)}
            for name, values in self._listed.items()
        }
        self._single = {
            name
            for name, about in self._by_attribute.items()
            if any(term.name == "domain" and term.args[1] in _SINGLE for term, _ in about)
        }
        self._kinds = [name for name, facts in self._drugs.items() if Term("kind", (name,)) in facts]
        self._kinds.sort(key=str)

    def _sort(self, term: Term) -> None:
        if term.name in _OF_SECTIONS:
            self._by_node.setdefault(term.args[0], []).append(self._with_representatives(term))
        elif term.name in _OF_NODES:
            return  # The wording is written anew, in the requirements that represent their like.
        elif term.name == "listed":
            self._listed.setdefault(term.args[0], {})[term.args[1]] = term
        elif term.name in OF_ATTRIBUTES:
            places = OF_ATTRIBUTES[term.name]
            self._by_attribute.setdefault(term.args[places[0]], []).append((term, places))
            if term.name == "only_with":
                self._tied.setdefault(term.args[0], set()).add(term.args[2])
            elif term.name == "increase":
                self._tied.setdefault(term.args[0], set()).update(term.args[1:])
        elif term.name == "member":
            self._members.setdefault(term.args[0], []).append(term)
        elif term.name == "impossible":
            self._impossible.setdefault(term.args[0], []).append(term)
        elif term.name in _OF_DRUGS:
            self._drugs.setdefault(term.args[0], []).append(term)
        elif term.name not in _DROPPED:
            self._common.append(term)

    def _with_representatives(self, term: Term) -> Term:
        """The fact with each requirement replaced by the one that represents its like in the whole policy."""
        requirements = self._structure.representative
        return Term(term.name, (term.args[0], *(requirements.get(arg, arg) for arg in term.args[1:])))

    def _wording(self, node: Value) -> Iterator[Term]:
        yield Term("criterion", (node, ""))
        for place, word in _WORDING:
            for item in self._structure.items(place, node):
                yield Term(word, (node, item))

    def of(self, *sections: Value) -> Scope:
        """The facts that a question about the section, or about these sections together, needs."""
        nodes = set().union(*map(self._nodes, sections))
        own = [
            *(term for section in sections for term in self._by_node.get(section, [])),
            *(term for node in nodes for term in self._wording(node)),
        ]
        requirements: set[Value] = {arg for term in own for arg in term.args[1:]}
        attributes = self._attributes(requirements)
        possible = self._possible(attributes)
        sets = {_set(requirement) for requirement in requirements} | {_set(term.args[1]) for term in possible}
        members = [term for name in sets for term in self._members.get(name, [])]
        about = self._vocabulary(attributes)
        others = [*own, *possible, *members, *about]
        named = self._named.union(*map(subterms, others))
        values: list[Term] = []
        alike: dict[Value, Mapping[Value, Sequence[Value]]] = {}
        for attribute in attributes & self._listed.keys():
            listed = self._listed[attribute]
            unnamed = [value for value in listed if value not in named]
            if attribute in self._single and unnamed:
                alike[attribute] = {unnamed[0]: unnamed[1:]}
                values += [listed[value] for value in (*(listed.keys() & named), unnamed[0])]
            else:
                values += listed.values()
        return Scope([*self._common, *others, *values, *self._drug_facts(named)], alike)

    @cached_property
    def separable(self) -> bool:
        """Whether what is said of attributes outside a scope never bears on what can be said inside.

        The form's values bear on one another where some go with others alone, or are impossible
        beside others; a document's, where they imply others that are. What implies a list is
        not looked into.
        """
        implied = {term.args[2] for term in self._about("also_states")}
        lists = {term.args[0] for term in self._about("domain") if term.args[1] in _LISTS}
        ruled_out = {_attribute(t.args[1]) for terms in self._impossible.values() for t in terms}
        bearing = ruled_out & (implied | self._of_form) or implied & lists
        return not self._tied and not bearing

    def _about(self, name: str) -> Iterator[Term]:
        """The facts of a name about attributes."""
        every = chain.from_iterable(self._by_attribute.values())
        return (term for term, _ in every if term.name == name)

    @cached_property
    def _of_form(self) -> set[Value]:
        return {t.args[0] for t in self._about("attribute") if t.args[1] == constant("request")}

    def silent_elsewhere(self, facts: Iterable[Term], requirements: Iterable[Value]) -> list[Term]:
        """The facts without those by which documents could speak of what no requirement here is about."""
        spoken = {_attribute(requirement) for requirement in requirements} | self._of_form
        sources = [(term.args[0], term.args[2]) for term in self._about("also_states")]
        while more := {one for one, other in sources if other in spoken} - spoken:
            spoken |= more
        return [
            term
            for term in facts
            if term.name not in OF_ATTRIBUTES
            or all(term.args[place] in spoken for place in OF_ATTRIBUTES[term.name])
        ]

    def _nodes(self, section: Value) -> set[Value]:
        """The section, everything in its wording, and in that of its use conditions."""
        found = set(self._structure.beneath[section])
        for condition in self._structure.use_conditions.get(section, []):
            found |= self._structure.beneath.get(condition, frozenset())
        return {node for node in found if node in self._structure.nodes}

    def _attributes(self, requirements: Iterable[Value]) -> set[Value]:
        """The attributes that requirements and durations are about, and those that go with them."""
        found: set[Value] = set()
        for requirement in requirements:
            found.add(_attribute(requirement))
            if isinstance(requirement, Term) and requirement.name == "lesser":
                found.add(requirement.args[1])
        found &= self._by_attribute.keys()
        return found.union(*(self._tied.get(name, ()) for name in found))

    def _possible(self, attributes: set[Value]) -> list[Term]:
        """The impossibilities of which every requirement is about one of the attributes."""
        return [
            term
            for terms in self._impossible.values()
            if all(_attribute(term.args[1]) in attributes for term in terms)
            for term in terms
        ]

    def _vocabulary(self, attributes: set[Value]) -> list[Term]:
        return [
            term
            for name in attributes
            for term, places in self._by_attribute.get(name, [])
            if all(term.args[place] in attributes for place in places)
        ]

    def _drug_facts(self, named: frozenset[Value]) -> Iterator[Term]:
        """The drugs that are named, and of those that nothing distinguishes the first."""
        for drug in self._drugs.keys() & named:
            yield from self._drugs[drug]
        others = (self._drugs[drug] for drug in self._kinds if drug not in named)
        yield from next(others, [])


def _core(requirement: Value) -> Value:
    return (
        _core(requirement.args[0])
        if isinstance(requirement, Term) and requirement.name == "complement"
        else requirement
    )


def _attribute(requirement: Value) -> Value:
    core = _core(requirement)
    return core.args[0] if isinstance(core, Term) and core.args else constant("none")


def _set(requirement: Value) -> Value:
    core = _core(requirement)
    named = isinstance(core, Term) and core.name in ("among", "includes_any", "within") and len(core.args) == 2
    return core.args[1] if named else constant("none")  # type: ignore[union-attr]
