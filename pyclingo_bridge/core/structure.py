"""A policy's own shape, read from its ground rules: criteria, requirements, wording, order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Literal, cast

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import Term, Value, grouped, original, plain, written
from pyclingo_bridge.cases.attributes import Attribute, as_given
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import Operator, Requirement

SIGNATURES: tuple[Signature, ...] = (
    ("policy", 2),
    ("source", 2),
    ("outcome_word", 2),
    ("section", 2),
    ("criterion", 2),
    ("locator", 2),
    ("default_locator", 2),
    ("note", 2),
    ("plain_label", 2),
    ("node", 1),
    ("needs", 2),
    ("offers", 2),
    ("excuse", 2),
    ("beneath", 2),
    ("use_condition", 2),
    ("route", 2),
    ("referral", 3),
    ("same_as", 2),
    ("implies", 2),
    ("on", 2),
    ("member", 2),
    ("shows", 2),
    ("never_shown", 1),
    ("unlikely", 2),
    ("clarifying", 1),
    ("serves", 3),
    ("unsuited", 2),
    ("document_type", 2),
    ("ambiguity", 3),
    ("alternative", 3),
    ("default_interpretation", 2),
    ("strength", 2),
    ("probe", 2),
    ("stands_for", 2),
    ("drug", 1),
    ("supportive", 1),
    ("requested_drug", 1),
    ("serves_line", 1),
    ("demands", 2),
    ("forbids", 2),
    ("true_of", 2),
    ("positive", 1),
    ("negative", 1),
    ("names_treatment", 1),
    ("lowest", 2),
    ("comes_to", 3),
    ("anticancer", 1),
    ("treatment", 1),
    ("regimen_list", 1),
    ("counts_as", 3),
    ("covers", 3),
    ("also_states", 4),
    ("grows", 2),
    ("dates", 3),
    ("revised", 1),
    ("effective", 1),
    ("effective", 2),
    ("stale", 2),
    ("plausible", 2),
    ("of_tumor", 1),
    ("only_from", 2),
    ("silent_with", 4),
    ("increase", 3),
    ("told_when", 2),
    ("notice", 2),
    ("caution", 2),
)

Place = Literal["needs", "offers", "excuse"]


@lru_cache(maxsize=10_000)
def natural_key(text: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key under which item 2 comes before item 10."""
    return tuple(
        (0, int(piece)) if piece.isdigit() else (1, piece) for piece in re.split(r"(\d+)|\.", text) if piece
    )


@dataclass(frozen=True)
class Structure:
    """The facts of a ground policy, by predicate, and what follows for a reader."""

    facts: Mapping[str, list[Term]]
    vocabulary: Vocabulary
    _served: dict[tuple[Value, Value], frozenset[str]] = field(default_factory=dict, repr=False)
    _ordered: dict[frozenset[Value], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> dict[Value, Value]:
        """A binary predicate as a mapping from its first argument to its second."""
        return {term.args[0]: term.args[1] for term in self.facts[name]}

    @cached_property
    def labels(self) -> dict[Value, str]:
        """Each criterion's label."""
        return {key: str(plain(text)) for key, text in self.table("criterion").items()}

    @cached_property
    def plain_labels(self) -> dict[str, str]:
        """Words for a member, by the rules' own term: of criteria, requirements and document types."""
        given = {key: str(plain(text)) for key, text in self.table("plain_label").items()}
        # What asks for the same under another name is called the same.
        kept = {self.representative[key]: text for key, text in given.items() if key in self.representative}
        return {written(key): text for key, text in {**kept, **given}.items()}

    @cached_property
    def locators(self) -> dict[Value, str]:
        """Each criterion's place in the source: as the policy says, else made from its id."""
        made = {
            key: place
            for section, item in self.table("default_locator").items()
            for key, place in _places(self.labels, str(plain(section)), str(plain(item)))
        }
        given = {key: str(plain(text)) for key, text in self.table("locator").items() if key in self.labels}
        return {**made, **given}

    @cached_property
    def sections(self) -> list[Value]:
        """The sections in the policy's order."""
        return [key for key, _ in sorted(self.table("section").items(), key=lambda entry: cast(int, entry[1]))]

    @cached_property
    def use_conditions(self) -> dict[Value, list[Value]]:
        """What each section says of the uses that it speaks of, by the terms' text."""
        found: dict[Value, list[Value]] = {}
        for term in self.facts["use_condition"]:
            found.setdefault(term.args[0], []).append(term.args[1])
        return {section: sorted(items, key=str) for section, items in found.items()}

    @cached_property
    def ambiguities(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Each ambiguity: what is open, and what each interpretation means, the default first."""
        default = self.table("default_interpretation")
        found: dict[str, tuple[str, dict[str, str]]] = {
            str(plain(name)): (str(plain(question)), {})
            for name, question, _ in (term.args for term in self.facts["ambiguity"])
        }
        alternatives = (term.args for term in self.facts["alternative"])
        for name, value, text in sorted(alternatives, key=lambda one: default.get(one[0]) != one[1]):
            found[str(plain(name))][1][str(plain(value))] = str(plain(text))
        return dict(sorted(found.items()))

    @cached_property
    def nodes(self) -> frozenset[Value]:
        """The criteria and the unnumbered parts of them."""
        return frozenset(term.args[0] for term in self.facts["node"])

    @cached_property
    def representative(self) -> dict[Value, Value]:
        """Each requirement's representative among the requirements that are true of the same values."""
        return self.table("same_as")

    @cached_property
    def _items(self) -> dict[tuple[str, Value], list[Value]]:
        found: dict[tuple[str, Value], list[Value]] = {}
        for name in ("needs", "offers", "excuse"):
            for term in self.facts[name]:
                found.setdefault((name, term.args[0]), []).append(term.args[1])
        return {key: sorted(items, key=self._item_key) for key, items in found.items()}

    def _item_key(self, item: Value) -> tuple[int, tuple[tuple[int, int | str], ...]]:
        # Requirements before criteria, as a source's own words come before its sub-items.
        return (1 if isinstance(item, str) else 0, natural_key(written(item)))

    def items(self, name: Place, node: Value) -> list[Value]:
        """What a criterion or part needs, offers as alternatives, or is excused by, in order."""
        return self._items.get((name, node), [])

    @cached_property
    def _wordings(self) -> dict[Value, tuple[list[Value], list[Value]]]:
        return {name: self._worded(name) for name in self.labels}

    def _worded(self, node: Value) -> tuple[list[Value], list[Value]]:
        parts: list[Value] = []
        requirements: list[Value] = []
        places: tuple[Place, ...] = ("needs", "offers", "excuse")
        for item in (item for place in places for item in self.items(place, node)):
            if item in self.nodes and item not in self.labels:
                more = self._worded(item)
                parts += [item, *more[0]]
                requirements += more[1]
            elif item not in self.labels:
                requirements.append(self.representative[item])
        return parts, requirements

    def wording(self, criterion: Value) -> tuple[list[Value], list[Value]]:
        """The parts in a criterion's own wording, theirs included, and the requirements, as representatives."""
        return self._wordings[criterion]

    @cached_property
    def beneath(self) -> dict[Value, frozenset[Value]]:
        """For each criterion, itself and everything in its wording."""
        return {key: frozenset(items) for key, items in grouped(self.facts["beneath"]).items()}

    @cached_property
    def _criteria(self) -> dict[Value, tuple[str, ...]]:
        return {
            section: tuple(str(plain(item)) for item in self.beneath[section] if item in self.labels)
            for section in self.sections
        }

    def criteria_of(self, sections: Iterable[Value]) -> tuple[str, ...]:
        """The ids of the sections' criteria, themselves among them, in the source's order."""
        asked = frozenset(sections)
        if asked not in self._ordered:
            names = {name for section in asked for name in self._criteria[section]}
            self._ordered[asked] = tuple(sorted(names, key=natural_key))
        return self._ordered[asked]

    @cached_property
    def _implied(self) -> dict[Value, set[Value]]:
        found = {requirement: {requirement} for requirement in self.requirements}
        for stronger, weaker in (term.args for term in self.facts["implies"]):
            if stronger in found and weaker in found:
                found[stronger].add(weaker)
        return found

    def implied(self, requirement: Value) -> set[Value]:
        """The requirements that are true whenever this one is, itself among them."""
        return self._implied[requirement]

    def served(self, requirement: Value, section: Value) -> frozenset[str]:
        """The criteria of a section whose own wording names the requirement, or one that it implies."""
        key = (requirement, section)
        if key not in self._served:
            self._served[key] = frozenset(
                str(plain(original(owner(node))))
                for node in self.beneath[section] & self.nodes
                for name in ("needs", "offers", "excuse")
                if self._implied[requirement].intersection(self._items.get((name, node), ()))
            )
        return self._served[key]

    @cached_property
    def members(self) -> dict[Value, tuple[str, ...]]:
        """The members of each named set, sorted."""
        found: dict[Value, list[str]] = {}
        for term in self.facts["member"]:
            found.setdefault(term.args[0], []).append(str(plain(original(term.args[1]))))
        return {key: tuple(sorted(set(values))) for key, values in found.items()}

    @cached_property
    def attribute_of(self) -> dict[Value, str]:
        """The attribute each requirement is about."""
        return {key: str(plain(original(value))) for key, value in self.table("on").items()}

    @cached_property
    def requirements(self) -> dict[Value, Requirement]:
        """Every representative requirement, for a reader."""
        return {term: self._requirement(term) for term in set(self.representative.values())}

    @cached_property
    def cautions(self) -> dict[Value, str]:
        """What the policy warns of, by name."""
        return {name: str(plain(text)) for name, text in self.table("caution").items()}

    @cached_property
    def notices(self) -> dict[Value, str]:
        """What the policy tells, by name."""
        return {name: str(plain(text)) for name, text in self.table("notice").items()}

    @cached_property
    def _told_when(self) -> dict[Value, set[Value]]:
        return grouped(self.facts["told_when"])

    def told_of(self, name: Value) -> set[Value]:
        """The requirements that have to be met for a caution or notice to be told."""
        return {self.representative[requirement] for requirement in self._told_when.get(name, set())}

    def told(self, name: Value, statuses: Mapping[Value, str]) -> bool:
        """Whether a caution or notice is told: where all that it is told of is met."""
        return all(statuses[requirement] == "met" for requirement in self.told_of(name))

    @cached_property
    def ordered(self) -> tuple[Value, ...]:
        """Every representative requirement, by its attribute and then its text: its bit in masks."""
        return tuple(sorted(self.requirements, key=lambda term: (self.attribute_of[term], str(term))))

    def _requirement(self, term: Value) -> Requirement:
        assert isinstance(term, Term)
        complement = term.name == "complement"
        core = term.args[0] if complement else term
        assert isinstance(core, Term)
        operator = cast(Operator, core.name)
        return Requirement(
            term=str(term),
            attribute=self.attribute_of[term],
            operator=operator,
            complement=complement,
            value=self._value(core),
            text=("not: " if complement else "") + self._text(core),
        )

    def _value(self, requirement: Term) -> str | int | bool | tuple[str, ...] | None:
        if requirement.name in ("yes", "no"):
            return requirement.name == "yes"
        if requirement.name in ("among", "includes_any", "within"):
            return self.members.get(requirement.args[1], ())
        return plain(original(requirement.args[1])) if len(requirement.args) > 1 else None

    def _text(self, requirement: Term) -> str:
        labels = self.vocabulary.labels
        if str(requirement) in labels:
            return labels[str(requirement)]
        name = str(plain(original(requirement.args[0])))
        subject = labels.get(written(requirement.args[0]), readable(name))
        attributes = self.vocabulary.attributes
        attribute = attributes.get(written(requirement.args[0])) or attributes[name]
        lists = attribute.domain in ("list", "drugs")
        if requirement.name == "no":
            return f"not {subject}"
        verb = _VERBS[requirement.name] if not (lists and requirement.name == "among") else "includes"
        return f"{subject} {verb} {self._object(requirement, attribute)}".strip()

    def _object(self, requirement: Term, attribute: Attribute) -> str:
        if len(requirement.args) < 2:
            return ""
        number = plain(requirement.args[1])
        if isinstance(number, int):
            # A day that there is not is a fault of the policy, which is told elsewhere.
            with suppress(ValueError):
                return str(as_given(attribute, number))
        named = self.vocabulary.labels.get(written(requirement.args[1]))
        if requirement.name not in ("among", "includes_any", "within"):
            return named or readable(str(plain(original(requirement.args[1]))))
        names = [
            self.vocabulary.labels.get(name) or readable(name)
            for name in self.members.get(requirement.args[1], ())
        ]
        return named or ("one of " if len(names) > 1 else "") + ", ".join(names)


def _places(criteria: Iterable[Value], section: str, item: str) -> Iterator[tuple[Value, str]]:
    """Where criteria stand by their ids: of these, the topmost above one is its section, the rest its item."""
    ids = {key: str(plain(original(key))) for key in criteria}
    known = frozenset(ids.values())
    for key, name in ids.items():
        heads = accumulate(name.split("."), lambda head, piece: f"{head}.{piece}")
        top = next(head for head in heads if head in known)
        rest = name[len(top) + 1 :]
        yield key, f"{section} {top}".strip() + (f", {f'{item} {rest}'.strip()}" if rest else "")


def owner(node: Value) -> Value:
    """The criterion that an unnumbered part belongs to; a criterion itself."""
    return owner(node.args[0]) if isinstance(node, Term) and node.name == "part" else node


_VERBS = {
    "is": "is",
    "among": "is",
    "at_least": "at least",
    "at_most": "at most",
    "includes": "include",
    "includes_any": "include",
    "excludes": "do not include",
    "within": "are none but",
    "empty": "empty",
    "yes": "",
}


def readable(name: str) -> str:
    """A name of the vocabulary as words."""
    return name.replace("_", " ")
