"""Several policies, or several interpretations of one, put into one program.

Names that mean different things to different policies are kept apart: `by(N, X)` is X as the N-th
shape of it has it. What means the same to all keeps one name, so that equal parts are one part,
and a difference can only come from parts that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from pyclingo_bridge.base.errors import PolicyError, quoted
from pyclingo_bridge.base.terms import Term, Value, constant, grouped, plain

Facts = Mapping[str, list[Term]]
Found = TypeVar("Found")

_WORDING = ("requires", "any_of", "only_if", "unless")
_OWN = frozenset({*_WORDING, "criterion", "locator", "note", "section", "route", "use_condition"})
_OWN_TOO = frozenset({"duration", "referral", "member", "also_states", "drug_class", "label"})
_NAMING = frozenset({"policy", "source", "outcome_word", "ambiguity", "alternative", "interpretation"})
_NAMING_TOO = frozenset(
    {"default_locator", "default_interpretation", "requested_drug", "strength", "told_when"}
)
_OF_DRUGS = frozenset({"drug", "supportive", "anticancer", "treatment"})
_ABOUT: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("attribute", "domain", "listed", "minimum", "maximum", "plausible"), (0,)),
    **dict.fromkeys(("default", "optional", "non_empty", "regimen_list", "changeable"), (0,)),
    **dict.fromkeys(("qualifies", "establishes"), (1,)),
    **dict.fromkeys(("counts_as", "covers"), (0,)),
    "only_with": (0, 2),
    "increase": (0, 1, 2),
}
"""Facts of a vocabulary about attributes, and the places at which they name them."""

_OF_OWN = ("attribute", "domain", "listed", "minimum", "maximum", "plausible", "non_empty")
_OF_OWN_TOO = ("counts_as", "covers", "regimen_list", "only_with", "increase", "qualifies", "establishes")
_DECIDING_NOTHING = frozenset({"plausible", "changeable", "establishes"})
"""Facts about attributes that decide nothing: policies that differ in them alone have one attribute."""

_SORTS = {"choice": "name", "whole_number": "number"}

Meanings = Mapping[str, frozenset[Value]]
"""Names as case files give them, each with the drugs that it stands for."""


@dataclass
class _Shapes:
    """Numbers for the shapes that each name has; a name with one shape keeps its name."""

    _seen: dict[tuple[str, Value], dict[Hashable, int]] = field(default_factory=dict)

    def number(self, kind: str, name: Value, shape: Hashable) -> int:
        known = self._seen.setdefault((kind, name), {})
        return known.setdefault(shape, len(known) + 1)

    def several(self, kind: str, name: Value) -> bool:
        return len(self._seen.get((kind, name), ())) > 1


class _PolicyFacts:
    """One policy's facts, looked up by what they are about."""

    def __init__(self, facts: Facts, known: _Memory) -> None:
        self.facts = facts
        self._known = known
        self.items: dict[Value, list[tuple[str, Value]]] = {}
        for word in _WORDING:
            for term in facts[word]:
                self.items.setdefault(term.args[0], []).append((word, term.args[1]))
        self.nodes = {term.args[0] for term in facts["criterion"]}
        self.nodes |= {key for key in self.items if isinstance(key, Term) and key.name == "part"}
        self.members = known.of(grouped, facts["member"])
        self.impossible = grouped(facts["impossible"])
        self.drugs = known.of(_firsts, facts["drug"])
        self.values = known.of(_seconds, facts["listed"])
        self._supportive = known.of(_firsts, facts["supportive"])
        self._anticancer = known.of(_firsts, facts["anticancer"])
        self._treatments = known.of(_firsts, facts["treatment"])
        self.implied: dict[Value, set[tuple[Value, ...]]] = {}
        for term in facts["also_states"]:
            source, value, target, meant = term.args
            self.implied.setdefault(target, set()).add((source, value, meant))
        self.kinds = {term.args[0]: str(term.args[1]) for term in facts["attribute"]}
        self.domains = {term.args[0]: str(term.args[1]) for term in facts["domain"]}
        self.spared = {term.args[0] for term in (*facts["optional"], *facts["default"])}
        self._about = known.of(_by_attribute, *(facts[word] for word in _ABOUT))

    def drug_flags(self, drug: Value) -> Hashable:
        """What the vocabulary says of a drug, apart from its names."""
        return drug in self._supportive, drug in self._anticancer, drug in self._treatments

    def vocabulary_facts(self, attribute: Value) -> list[Term]:
        """The vocabulary's facts about an attribute."""
        return self._about.get(attribute, [])

    def qualifiers(self, attribute: Value) -> list[Term]:
        """What qualifies the attribute's lists."""
        return [term for term in self.vocabulary_facts(attribute) if term.name == "qualifies"]

    def sort(self, attribute: Value) -> tuple[str, str]:
        """Where an attribute is given, and what its values look like in a case file."""
        kind, domain = self.kinds[attribute], self.domains[attribute]
        where = kind if kind in ("request", "detail") else "document"
        return where, _SORTS.get(domain, domain)

    def needs(self, attribute: Value) -> bool:
        """Whether the request form has to give the attribute a value that this policy knows."""
        spared = self.domains[attribute] in ("list", "drugs") and not any(
            term.name == "non_empty" for term in self.vocabulary_facts(attribute)
        )
        return attribute not in self.spared and not spared

    def about(self, section: Value) -> list[Term]:
        """The section's routes, use conditions and durations."""
        return [
            term
            for word in ("route", "use_condition", "duration")
            for term in self.facts[word]
            if term.args[0] == section
        ]


class _Memory:
    """What follows from lists of facts, found once for each: variants of one policy share most of them."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], tuple[object, Any]] = {}

    def of(self, make: Callable[..., Found], *lists: list[Term]) -> Found:
        """What a function makes of lists that nobody changes."""
        key = (make, *map(id, lists))
        if key not in self._found:
            # The lists are kept, so that no other one is ever known by the same id.
            self._found[key] = (lists, make(*lists))
        found: Found = self._found[key][1]
        return found


def _firsts(terms: list[Term]) -> set[Value]:
    return {term.args[0] for term in terms}


def _seconds(terms: list[Term]) -> set[Value]:
    return {term.args[1] for term in terms}


def _by_attribute(*lists: list[Term]) -> dict[Value, list[Term]]:
    found: dict[Value, list[Term]] = {}
    for places, terms in zip(_ABOUT.values(), lists, strict=True):
        for term in terms:
            found.setdefault(term.args[places[0]], []).append(term)
    return found


class Union:
    """The facts of several policies, or of one under several interpretations, in one program.

    Attributes:
        facts: the facts, as an engine's program takes them.
        tags: for each policy its name in the program; those that are the same have the same one.
    """

    def __init__(
        self,
        policies: Sequence[Facts],
        names: Iterable[str] = (),
        meanings: Sequence[Meanings] = (),
    ) -> None:
        """Put them together.

        Args:
            policies: the facts of each.
            names: what to call them in the program; else they are numbered.
            meanings: where their vocabularies are not to be taken for one, what names of drugs
                mean to each of them.

        Errors: PolicyError where they have no cases in common.
        """
        check_common(policies)
        known = _Memory()
        self._policies = [_PolicyFacts(facts, known) for facts in policies]
        self._told: set[tuple[int, ...]] = set()
        self._set_shapes: dict[tuple[int, Value], frozenset[Value]] = {}
        self._shapes = _Shapes()
        self._node_shapes: list[dict[Value, Hashable]] = [{} for _ in policies]
        self._meanings = meanings
        if meanings:
            self._learn_drugs()
        for index in range(len(policies)):
            self._learn(index)
        for index, policy in enumerate(self._policies):
            for node in policy.nodes:
                self._node_shape(index, node)
            for term in policy.facts["section"]:
                self._section_shape(index, term.args[0])
        self._found: dict[Term, None] = {}
        self._emit_common()
        self.tags = self._tags(list(names))
        for index in range(len(policies)):
            self._emit(index)
        self.facts = list(self._found)

    def _add(self, terms: Iterable[Term]) -> None:
        self._found.update(dict.fromkeys(terms))

    def _emit_common(self) -> None:
        """The facts that no policy has in a way of its own."""
        first = self._policies[0]
        for word in first.facts:
            if word not in _OWN | _OWN_TOO | _NAMING | _NAMING_TOO:
                for policy in self._policies:
                    if self._meanings or self._untold(policy.facts[word]):
                        self._add(self._common(policy, word))
        drugs = (term.args[0] for term in first.facts["requested_drug"])
        self._add(Term("requested_drug", (self._drug(first, drug),)) for drug in drugs)

    def _untold(self, *lists: list[Term]) -> bool:
        """Whether nothing was told of these lists of facts yet."""
        key = tuple(map(id, lists))
        if key in self._told:
            return False
        self._told.add(key)
        return True

    def _common(self, policy: _PolicyFacts, word: str) -> list[Term]:
        """A policy's facts of a word, without those about attributes that are kept apart."""
        if not self._meanings:
            return policy.facts[word]
        if word == "impossible":
            return list(self._impossible(policy))
        if word in _OF_DRUGS:
            return [Term(word, (self._drug(policy, term.args[0]),)) for term in policy.facts[word]]
        places = _ABOUT.get(word, ())
        if not places:
            return policy.facts[word]
        return [
            self._about(policy, term)
            for term in policy.facts[word]
            if not self._shapes.several("attribute", term.args[places[0]])
        ]

    def _about(self, policy: _PolicyFacts, term: Term) -> Term:
        """A vocabulary's fact about attributes, in the names that these have in the program."""
        places = _ABOUT[term.name]
        args = (self._attribute(policy, arg) if place in places else arg for place, arg in enumerate(term.args))
        return Term(term.name, tuple(args))

    def _impossible(self, policy: _PolicyFacts) -> Iterator[Term]:
        """What a policy holds impossible, under a name of its own where the other means another."""
        for name, requirements in policy.impossible.items():
            renamed = frozenset(self._requirement(policy, requirement) for requirement in requirements)
            number = self._shapes.number("impossible", name, renamed)
            for requirement in renamed:
                yield Term("impossible", (_by(number, name), requirement))

    def _learn_drugs(self) -> None:
        for policy in self._policies:
            for term in policy.facts["drug"]:
                self._shapes.number("drug", term.args[0], policy.drug_flags(term.args[0]))
        for policy, meanings in zip(self._policies, self._meanings, strict=True):
            meant = {
                (name, frozenset(self._drug(policy, drug) for drug in drugs))
                for name, drugs in meanings.items()
            }
            self._shapes.number("names", "drugs", frozenset(meant))

    def _learn(self, index: int) -> None:
        policy = self._policies[index]
        for name in policy.members:
            self._shapes.number("set", name, self._set_shape(policy, name))
        for name in (term.args[0] for term in policy.facts["attribute"]):
            self._shapes.number("attribute", name, self._attribute_shape(index, name))

    def _attribute_shape(self, index: int, name: Value) -> Hashable:
        policy = self._policies[index]
        implied = frozenset(policy.implied.get(name, ()))
        if not self._meanings:
            return implied
        if policy.kinds[name] == "detail":
            return "detail"
        facts = frozenset(term for term in policy.vocabulary_facts(name) if term.name not in _DECIDING_NOTHING)
        unlike = policy.domains[name] == "drugs" and self._shapes.several("names", "drugs")
        return implied, facts, index if unlike else None

    def _foreign(self, name: Value) -> bool:
        """Whether what is given of the attribute for one policy can say nothing to another."""
        return len({policy.sort(name) for policy in self._policies if name in policy.kinds}) > 1

    # Names

    def _set_shape(self, policy: _PolicyFacts, name: Value) -> frozenset[Value]:
        key = (id(policy.members), name)
        if self._meanings or key not in self._set_shapes:
            self._set_shapes[key] = frozenset(self._drug(policy, member) for member in policy.members[name])
        return self._set_shapes[key]

    def _drug(self, policy: _PolicyFacts, drug: Value) -> Value:
        """A drug, kept apart where it is a supportive medicine for one policy alone."""
        if not self._shapes.several("drug", drug) or drug not in policy.drugs:
            return drug
        return _by(self._shapes.number("drug", drug, policy.drug_flags(drug)), drug)

    def _set(self, policy: _PolicyFacts, name: Value) -> Value:
        if name not in policy.members or not self._shapes.several("set", name):
            return name
        shape = self._set_shape(policy, name)
        return _by(self._shapes.number("set", name, shape), name)

    def _attribute(self, policy: _PolicyFacts, name: Value) -> Value:
        if not self._shapes.several("attribute", name) or name not in policy.kinds:
            return name
        shape = self._attribute_shape(self._policies.index(policy), name)
        return _by(self._shapes.number("attribute", name, shape), name)

    def _source(self, policy: _PolicyFacts, name: Value) -> Value:
        """An attribute by what is stated of it, which policies take each in its own way."""
        return self._attribute(policy, name) if self._meanings and self._foreign(name) else name

    def _requirement(self, policy: _PolicyFacts, requirement: Value) -> Value:
        if not isinstance(requirement, Term) or not requirement.args:
            return requirement
        if requirement.name == "complement":
            return Term("complement", (self._requirement(policy, requirement.args[0]),))
        if requirement.name == "lesser":
            return Term("lesser", (requirement.args[0], self._attribute(policy, requirement.args[1])))
        attribute = self._attribute(policy, requirement.args[0])
        if requirement.name in ("among", "includes_any", "within"):
            return Term(requirement.name, (attribute, self._set(policy, requirement.args[1])))
        if requirement.name in ("includes", "excludes") and policy.domains.get(requirement.args[0]) == "drugs":
            return Term(requirement.name, (attribute, self._drug(policy, requirement.args[1])))
        return Term(requirement.name, (attribute, *requirement.args[1:]))

    def _item_shape(self, index: int, item: Value) -> Hashable:
        policy = self._policies[index]
        if item in policy.nodes:
            # With its name: two parts of one section are told apart by that alone where each has one shape.
            return ("node", item, self._node_shape(index, item))
        return ("requirement", self._requirement(policy, item))

    def _node_shape(self, index: int, node: Value) -> int:
        known = self._node_shapes[index]
        if node not in known:
            items = self._policies[index].items.get(node, [])
            shape = frozenset((word, self._item_shape(index, item)) for word, item in items)
            known[node] = self._shapes.number("node", node, shape)
        return known[node]  # type: ignore[return-value]

    def _section_shape(self, index: int, section: Value) -> int:
        """A section's wording, routes, conditions and durations are one shape with its node's."""
        policy = self._policies[index]
        about = frozenset(
            (term.name, tuple(self._item_shape(index, arg) for arg in term.args[1:]))
            for term in policy.about(section)
        )
        return self._shapes.number("section", section, (self._node_shape(index, section), about))

    def _node(self, index: int, node: Value) -> Value:
        """The name of a criterion or part; a section is named by more than its wording."""
        if isinstance(node, Term) and node.name == "part":
            return Term("part", (_by(self._node_shape(index, node), node.args[0]), *node.args[1:]))
        policy = self._policies[index]
        if any(term.args[0] == node for term in policy.facts["section"]):
            return _by(self._section_shape(index, node), node)
        return _by(self._node_shape(index, node), node)

    def _item(self, index: int, item: Value) -> Value:
        policy = self._policies[index]
        return self._node(index, item) if item in policy.nodes else self._requirement(policy, item)

    def drug_names(self, kinds: Mapping[Value, Value]) -> Iterator[Term]:
        """What each policy takes names of drugs for, where they do not mean the same to all.

        Of names that nothing tells apart one stands for all.

        Args:
            kinds: for each drug the one that stands for all that no requirement tells from it.
        """
        lists = [
            [name for name in policy.kinds if self._takes_names(policy, name)] for policy in self._policies
        ]
        if not any(lists):
            return
        for word, policies in self._distinguishing_names(kinds).items():
            for policy, names, meant in zip(self._policies, lists, policies, strict=True):
                for name in names:
                    renamed = self._attribute(policy, name)
                    raw = word or Term("other", (name,))
                    for drug in meant or [Term("other", (renamed,))]:
                        yield Term("reads_as", (renamed, raw, drug))

    def _takes_names(self, policy: _PolicyFacts, name: Value) -> bool:
        apart = self._shapes.several("attribute", name) and not self._foreign(name)
        return policy.domains[name] == "drugs" and apart

    def _distinguishing_names(self, kinds: Mapping[Value, Value]) -> dict[str, tuple[tuple[Value, ...], ...]]:
        """Names that between them show all that a name can mean to the policies; `""`: nothing to any."""
        found: dict[tuple[tuple[Value, ...], ...], str] = {}
        known = sorted(set().union(*self._meanings))
        for word in sorted(known, key=lambda word: (not self._is_drug(word), word)):
            meant = tuple(
                tuple(sorted({kinds[self._drug(policy, d)] for d in meanings.get(word, ())}, key=str))
                for policy, meanings in zip(self._policies, self._meanings, strict=True)
            )
            if max(map(len, meant)) == 1 or len(set(meant)) > 1:
                found.setdefault(meant, word)
        name_of = {word: meant for meant, word in found.items()}
        return {**name_of, "": tuple(() for _ in self._policies)}

    def _is_drug(self, word: str) -> bool:
        return any(constant(word) in policy.drugs for policy in self._policies)

    # Facts

    def _tags(self, names: list[str]) -> list[Value]:
        shapes = [
            frozenset(
                (term.name, *(self._item(index, arg) for arg in term.args))
                for word in ("section", "referral")
                for term in policy.facts[word]
            )
            for index, policy in enumerate(self._policies)
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
        policy, tag = self._policies[index], self.tags[index]
        self._add([Term("side", (tag,))])
        for node in policy.nodes:
            name = self._node(index, node)
            if not (isinstance(node, Term) and node.name == "part"):
                self._add([Term("criterion", (name, str(plain(node))))])
            for word, item in policy.items.get(node, []):
                self._add([Term(word, (name, self._item(index, item)))])
        for term in policy.facts["section"]:
            name = self._node(index, term.args[0])
            self._add([Term("section", (name, term.args[1])), Term("ordered", (tag, name, term.args[1]))])
            for about in policy.about(term.args[0]):
                self._add([Term(about.name, (name, *(self._item(index, x) for x in about.args[1:])))])
        for term in policy.facts["referral"]:
            node, *rest = term.args
            name = self._item(index, node)
            self._add([Term("refers", (tag, name, *rest)), Term("referral", (name, *rest))])
        self._emit_sets(policy)
        self._emit_attributes(policy)

    def _emit_sets(self, policy: _PolicyFacts) -> None:
        labels = {term.args[0]: term.args[1] for term in policy.facts["label"]}
        facts = policy.facts
        if not self._meanings and not self._untold(facts["member"], facts["label"], facts["drug_class"]):
            return
        for name, members in policy.members.items():
            renamed = self._set(policy, name)
            self._add(Term("member", (renamed, value)) for value in members if value not in policy.drugs)
            # A name may be a drug's and some other attribute's value: it is a member as both.
            self._add(
                Term("member", (renamed, value))
                for drug in members & policy.drugs
                for value in {self._drug(policy, drug), *({drug} & policy.values)}
            )
            if name in labels:
                self._add([Term("label", (renamed, labels[name]))])
        classes = (term.args[0] for term in policy.facts["drug_class"])
        self._add(Term("drug_class", (self._set(policy, name),)) for name in classes)
        self._add(policy.facts["label"])

    def _emit_attributes(self, policy: _PolicyFacts) -> None:
        for target, implied in policy.implied.items():
            renamed = self._attribute(policy, target)
            self._add(
                Term("also_states", (self._source(policy, source), value, renamed, meant))
                for source, value, meant in implied
            )
        for name in (term.args[0] for term in policy.facts["attribute"]):
            renamed = self._attribute(policy, name)
            if renamed == name:
                continue
            if self._meanings:
                self._emit_own(policy, name, renamed)
            else:
                self._emit_variant(policy, name, renamed)

    def _emit_own(self, policy: _PolicyFacts, name: Value, renamed: Value) -> None:
        """An attribute as one policy's vocabulary has it, where another's has it too."""
        for term in policy.vocabulary_facts(name):
            if term.name in _OF_OWN or term.name in _OF_OWN_TOO:
                self._add([self._about(policy, term)])
        self._emit_labels(policy, name, renamed)
        if self._foreign(name):
            self._add(t for t in _renamed(policy.vocabulary_facts(name), ("default", "optional"), renamed))
            return
        self._add([Term("variant", (renamed,)), Term("own", (renamed, name))])
        self._add(Term("qualifies", (t.args[0], name)) for t in policy.qualifiers(name))
        self._add(
            Term("falls_to", t.args) for t in _renamed(policy.vocabulary_facts(name), ("default",), renamed)
        )
        form = policy.kinds[name] == "request"
        if form and policy.needs(name):
            self._add([Term("must_give", (renamed,))])
        self._add(self._of_all(name, form))

    def _of_all(self, name: Value, form: bool) -> Iterator[Term]:
        """What holds of an attribute that policies take each in its own way, as a case gives it."""
        policies = [policy for policy in self._policies if name in policy.kinds]
        domains = {policy.domains[name] for policy in policies}
        lists = domains & {"list", "drugs"}
        domain = "list" if lists else min(domains) if len(domains) == 1 else "name"
        yield Term("attribute", (name, constant("request" if form else "stable")))
        yield Term("domain", (name, constant(domain)))
        if form and all(name in policy.spared for policy in policies):
            yield Term("optional", (name,))
        if all(Term("non_empty", (name,)) in policy.vocabulary_facts(name) for policy in policies):
            yield Term("non_empty", (name,))

    def _emit_labels(self, policy: _PolicyFacts, name: Value, renamed: Value) -> None:
        for term in policy.facts["label"]:
            about, text = term.args
            if about == name:
                self._add([Term("label", (renamed, text))])
            elif isinstance(about, Term) and about.args[:1] == (name,):
                self._add([Term("label", (Term(about.name, (renamed, *about.args[1:])), text))])

    def _emit_variant(self, policy: _PolicyFacts, name: Value, renamed: Value) -> None:
        """An attribute as one policy understands it: whatever is stated of it is stated of this too."""
        self._add([Term("variant", (renamed,)), Term("of_variant", (renamed, name))])
        about: Callable[[Term, int], bool] = lambda term, place: term.args[place] == name  # noqa: E731
        for word in ("attribute", "domain", "listed", "minimum", "maximum", "plausible"):
            self._add(Term(word, (renamed, term.args[1])) for term in policy.facts[word] if about(term, 0))
        self._add(
            Term("establishes", (term.args[0], renamed))
            for term in policy.facts["establishes"]
            if about(term, 1)
        )
        domains = {term.args[0]: term.args[1] for term in policy.facts["domain"]}
        values: dict[str, list[Value]] = {
            "flag": [constant("true"), constant("false")],
            "choice": [term.args[1] for term in policy.facts["listed"] if about(term, 0)],
        }
        domain = str(plain(domains[name]))
        if domain not in values:
            raise PolicyError(
                f"what implies `{plain(name)}` differs; only flags and choices can be looked at together"
            )
        self._add(Term("also_states", (name, value, renamed, value)) for value in values[domain])
        self._emit_labels(policy, name, renamed)


def _renamed(terms: Iterable[Term], words: Iterable[str], renamed: Value) -> list[Term]:
    """The facts of these words, about an attribute of another name."""
    return [Term(term.name, (renamed, *term.args[1:])) for term in terms if term.name in words]


def _by(number: int, name: Value) -> Term:
    return Term("by", (number, name))


def check_common(policies: Iterable[Mapping[str, Iterable[Term]]]) -> None:
    """Refuse policies that no case can be for, by their ground facts.

    Errors: PolicyError.
    """
    policies = list(policies)
    for word, what in (("vocabulary", "vocabularies"), ("requested_drug", "drugs")):
        names_of_each = {tuple(str(plain(term.args[0])) for term in facts[word]) for facts in policies}
        if len(names_of_each) > 1:
            named = " and ".join(quoted(", ".join(names) or "none") for names in sorted(names_of_each))
            raise PolicyError(
                f"policies with different {what} have no cases in common: {named}"
                + ("; versions of one vocabulary bear one name" if word == "vocabulary" else "")
            )
