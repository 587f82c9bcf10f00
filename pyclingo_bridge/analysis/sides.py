"""Several policies, or several readings of one, put into one program.

Names that mean different things to different sides are told apart: `by(N, X)` is X as the N-th
shape of it has it. What means the same to all keeps one name, so that equal parts are one part,
and a difference can only come from parts that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from pyclingo_bridge.errors import PolicyError, quoted
from pyclingo_bridge.terms import Term, Value, constant, plain

Facts = Mapping[str, list[Term]]

_WORDING = ("all_of", "any_of", "requires", "only_if", "unless")
_OWN = frozenset({*_WORDING, "criterion", "locator", "note", "section", "route", "use_condition"})
_OWN_TOO = frozenset({"duration", "referral", "member", "also_states", "drug_class", "label"})
_NAMING = frozenset({"policy", "source", "outcome_word", "ambiguity", "alternative", "reading"})
_NAMING_TOO = frozenset({"default_reading", "requested_drug", "strength"})


@dataclass
class _Shapes:
    """Numbers for the shapes that each name has; a name with one shape keeps its name."""

    _seen: dict[tuple[str, Value], dict[Hashable, int]] = field(default_factory=dict)

    def number(self, kind: str, name: Value, shape: Hashable) -> int:
        known = self._seen.setdefault((kind, name), {})
        return known.setdefault(shape, len(known) + 1)

    def several(self, kind: str, name: Value) -> bool:
        return len(self._seen.get((kind, name), ())) > 1


class _Side:
    """One side's facts, looked up by what they are about."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.items: dict[Value, list[tuple[str, Value]]] = {}
        for word in _WORDING:
            for term in facts[word]:
                self.items.setdefault(term.args[0], []).append((word, term.args[1]))
        self.nodes = {term.args[0] for term in facts["criterion"]}
        self.nodes |= {key for key in self.items if isinstance(key, Term) and key.name == "part"}
        self.members: dict[Value, set[Value]] = {}
        for term in facts["member"]:
            self.members.setdefault(term.args[0], set()).add(term.args[1])
        self.implied: dict[Value, set[tuple[Value, ...]]] = {}
        for term in facts["also_states"]:
            source, value, target, meant = term.args
            self.implied.setdefault(target, set()).add((source, value, meant))

    def about(self, section: Value) -> list[Term]:
        """The section's routes, use conditions and durations."""
        return [
            term
            for word in ("route", "use_condition", "duration")
            for term in self.facts[word]
            if term.args[0] == section
        ]


class Union:
    """The facts of all sides, in one vocabulary.

    Attributes:
        facts: the facts, as an engine's program takes them.
        tags: for each side its name in the program; sides that are the same have the same one.
    """

    def __init__(self, sides: Sequence[Facts], names: Iterable[str] = ()) -> None:
        """Put the sides together.

        Errors: PolicyError where they have no cases in common.
        """
        _check_common(sides)
        self._sides = [_Side(facts) for facts in sides]
        self._shapes = _Shapes()
        self._node_shapes: list[dict[Value, Hashable]] = [{} for _ in sides]
        for side in self._sides:
            self._learn(side)
        for index, side in enumerate(self._sides):
            for node in side.nodes:
                self._node_shape(index, node)
            for term in side.facts["section"]:
                self._section_shape(index, term.args[0])
        self._found: dict[Term, None] = {}
        for word in sides[0]:
            if word not in _OWN | _OWN_TOO | _NAMING | _NAMING_TOO:
                for facts in sides:
                    self._add(facts[word])
        self._add(sides[0]["requested_drug"])
        self.tags = self._tags(list(names))
        for index in range(len(sides)):
            self._emit(index)
        self.facts = list(self._found)

    def _add(self, terms: Iterable[Term]) -> None:
        self._found.update(dict.fromkeys(terms))

    def _learn(self, side: _Side) -> None:
        for name, members in side.members.items():
            self._shapes.number("set", name, frozenset(members))
        for name in (term.args[0] for term in side.facts["attribute"]):
            self._shapes.number("attribute", name, frozenset(side.implied.get(name, ())))

    # Names

    def _set(self, side: _Side, name: Value) -> Value:
        if name not in side.members or not self._shapes.several("set", name):
            return name
        return _by(self._shapes.number("set", name, frozenset(side.members[name])), name)

    def _attribute(self, side: _Side, name: Value) -> Value:
        if not self._shapes.several("attribute", name):
            return name
        shape = frozenset(side.implied.get(name, ()))
        return _by(self._shapes.number("attribute", name, shape), name)

    def _claim(self, side: _Side, claim: Value) -> Value:
        if not isinstance(claim, Term) or not claim.args:
            return claim
        if claim.name == "complement":
            return Term("complement", (self._claim(side, claim.args[0]),))
        attribute = self._attribute(side, claim.args[0])
        if claim.name in ("among", "includes_any"):
            return Term(claim.name, (attribute, self._set(side, claim.args[1])))
        return Term(claim.name, (attribute, *claim.args[1:]))

    def _item_shape(self, index: int, item: Value) -> Hashable:
        side = self._sides[index]
        if item in side.nodes:
            return ("node", self._node_shape(index, item))
        return ("claim", self._claim(side, item))

    def _node_shape(self, index: int, node: Value) -> int:
        known = self._node_shapes[index]
        if node not in known:
            items = self._sides[index].items.get(node, [])
            shape = frozenset((word, item, self._item_shape(index, item)) for word, item in items)
            known[node] = self._shapes.number("node", node, shape)
        return known[node]  # type: ignore[return-value]

    def _section_shape(self, index: int, section: Value) -> int:
        """A section's wording, routes, conditions and durations are one shape with its node's."""
        side = self._sides[index]
        about = frozenset(
            (term.name, tuple(self._item_shape(index, arg) for arg in term.args[1:]))
            for term in side.about(section)
        )
        return self._shapes.number("section", section, (self._node_shape(index, section), about))

    def _node(self, index: int, node: Value) -> Value:
        """The name of a criterion or part; a section is named by more than its wording."""
        if isinstance(node, Term) and node.name == "part":
            return Term("part", (_by(self._node_shape(index, node), node.args[0]), *node.args[1:]))
        side = self._sides[index]
        if any(term.args[0] == node for term in side.facts["section"]):
            return _by(self._section_shape(index, node), node)
        return _by(self._node_shape(index, node), node)

    def _item(self, index: int, item: Value) -> Value:
        side = self._sides[index]
        return self._node(index, item) if item in side.nodes else self._claim(side, item)

    # Facts

    def _tags(self, names: list[str]) -> list[Value]:
        shapes = [
            frozenset(
                (term.name, *(self._item(index, arg) for arg in term.args))
                for word in ("section", "referral")
                for term in side.facts[word]
            )
            for index, side in enumerate(self._sides)
        ]
        if names:
            return [constant(name) for name in names]
        numbers = count(1)
        seen: dict[Hashable, int] = {}
        for shape in shapes:
            if shape not in seen:
                seen[shape] = next(numbers)
        return [seen[shape] for shape in shapes]

    def _emit(self, index: int) -> None:
        side, tag = self._sides[index], self.tags[index]
        self._add([Term("side", (tag,))])
        for node in side.nodes:
            name = self._node(index, node)
            if not (isinstance(node, Term) and node.name == "part"):
                self._add([Term("criterion", (name, str(plain(node))))])
            for word, item in side.items.get(node, []):
                self._add([Term(word, (name, self._item(index, item)))])
        for term in side.facts["section"]:
            name = self._node(index, term.args[0])
            self._add(
                [Term("section", (name, term.args[1])), Term("ordered", (tag, name, term.args[1]))]
            )
            for about in side.about(term.args[0]):
                self._add(
                    [Term(about.name, (name, *(self._item(index, x) for x in about.args[1:])))]
                )
        for term in side.facts["referral"]:
            node, *rest = term.args
            name = self._item(index, node)
            self._add([Term("refers", (tag, name, *rest)), Term("referral", (name, *rest))])
        self._emit_sets(side)
        self._emit_attributes(side)

    def _emit_sets(self, side: _Side) -> None:
        labels = {term.args[0]: term.args[1] for term in side.facts["label"]}
        for name, members in side.members.items():
            told = self._set(side, name)
            self._add(Term("member", (told, value)) for value in members)
            if name in labels:
                self._add([Term("label", (told, labels[name]))])
        classes = (term.args[0] for term in side.facts["drug_class"])
        self._add(Term("drug_class", (self._set(side, name),)) for name in classes)
        self._add(side.facts["label"])

    def _emit_attributes(self, side: _Side) -> None:
        for target, implied in side.implied.items():
            told = self._attribute(side, target)
            self._add(
                Term("also_states", (source, value, told, meant))
                for source, value, meant in implied
            )
        for name in (term.args[0] for term in side.facts["attribute"]):
            told = self._attribute(side, name)
            if told != name:
                self._emit_variant(side, name, told)

    def _emit_variant(self, side: _Side, name: Value, told: Value) -> None:
        """An attribute as one side understands it: whatever is stated of it is stated of this too."""
        self._add([Term("variant", (told,)), Term("of_variant", (told, name))])
        about: Callable[[Term, int], bool] = lambda term, place: term.args[place] == name  # noqa: E731
        for word in ("attribute", "domain", "listed", "minimum", "maximum", "plausible"):
            self._add(
                Term(word, (told, term.args[1])) for term in side.facts[word] if about(term, 0)
            )
        self._add(
            Term("establishes", (term.args[0], told))
            for term in side.facts["establishes"]
            if about(term, 1)
        )
        domains = {term.args[0]: term.args[1] for term in side.facts["domain"]}
        values: dict[str, list[Value]] = {
            "flag": [constant("true"), constant("false")],
            "choice": [term.args[1] for term in side.facts["listed"] if about(term, 0)],
        }
        domain = str(plain(domains[name]))
        if domain not in values:
            raise PolicyError(
                f"the sides differ in what implies `{plain(name)}`; only flags and choices can be "
                "looked at together"
            )
        self._add(Term("also_states", (name, value, told, value)) for value in values[domain])
        for term in side.facts["label"]:
            if isinstance(term.args[0], Term) and term.args[0].args[:1] == (name,):
                label = Term(term.args[0].name, (told, *term.args[0].args[1:]))
                self._add([Term("label", (label, term.args[1]))])


def _by(number: int, name: Value) -> Term:
    return Term("by", (number, name))


def _check_common(sides: Sequence[Facts]) -> None:
    for word, what in (("vocabulary", "vocabularies"), ("requested_drug", "drugs")):
        told = {tuple(str(plain(term.args[0])) for term in facts[word]) for facts in sides}
        if len(told) > 1:
            named = " and ".join(quoted(", ".join(names) or "none") for names in sorted(told))
            raise PolicyError(f"policies with different {what} have no cases in common: {named}")
