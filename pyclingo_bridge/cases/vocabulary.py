"""What a case can state: the attributes, their values and the document types of a vocabulary.

Everything here is read from the facts of a `vocabulary.lp`; this module knows no attribute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.base.rule_files import RulesFile, names_program, read_program, rules_root
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.spelling import folded
from pyclingo_bridge.base.terms import LARGEST, Term, Value, pairs, plain, written
from pyclingo_bridge.cases.attributes import (
    DATE,
    DETAIL,
    Attribute,
    no_drug_key,
    own_value,
)
from pyclingo_bridge.cases.conclusions import Conclusions, ExactNumbers
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.names import NameReader

SIGNATURES: tuple[Signature, ...] = (
    ("vocabulary", 1),
    ("attribute", 2),
    ("domain", 2),
    ("listed", 2),
    ("counts_as", 3),
    ("covers", 3),
    ("only_from", 2),
    ("code", 3),
    ("minimum", 2),
    ("maximum", 2),
    ("default", 2),
    ("optional", 1),
    ("only_with", 4),
    ("qualifies", 2),
    ("non_empty", 1),
    ("names_studies", 1),
    ("changeable", 2),
    ("resolving", 1),
    ("drug", 1),
    ("supportive", 1),
    ("treatment", 1),
    ("stands_for", 2),
    ("no_drug", 1),
    ("limit", 2),
    ("document_type", 2),
    ("establishes", 2),
    ("silent_with", 4),
    ("of_tumor", 1),
    ("dates", 3),
    ("label", 2),
)

ABOUT_REQUEST = frozenset({"date", "drug", "tumor"})
"""What a request form tells of itself besides its attributes."""

PLAN_RECORD = "plan_record"
"""The type of the document that a plan's own facts are."""

LINE = "line_of_business"
"""The attribute of the form that tells for which of a plan's lines of business a request is."""

_NO_MEANING = frozenset({"label", "limit"})


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The attributes, qualifiers, drug names and document types that a case may use.

    Attributes:
        name: the vocabulary's name.
        attributes: every attribute by name that a requirement can be about; those of kind `request` belong
            to the request form.
        details: what documents may state besides, and conclusions are drawn from.
        conclusions: the rules that draw them.
        qualifiers: flags that say of a document's list that it is whole, each with its list.
        only_with: (attribute, value, other attribute, the value it needs) of the request form.
        drugs: known drug names, brands and regimens, each with the term the rules use.
        no_drugs: names that say in a list of drugs that there is none, as `no_drug_key` spells them.
        names: reads written names of drugs, and words and codes of values.
        only_from: the types of document in which alone statements count, by attribute.
        covers: the words that stand for any of several values, by attribute.
        document_types: the cost of obtaining one document of each type.
        shown_by: the document types that usually show each attribute, cheapest first.
        changeable: what whoever makes the request can change of it, each with what that costs.
        silencing: what a document states besides, and makes statements of others in it say nothing.
        silences: (attribute, value, other attribute, its value): in a document that states the other one,
            the first says nothing.
        of_tumor: the attributes that are of a tumor.
        dated: the days that stand for statements of another attribute, each with that.
        naming_studies: the details that list the names of published studies.
        resolving: what having a document corrected costs, for each attribute.
        labels: a reader's words for attributes, requirements and document types, by the rules' own term.
        limits: how much one case may hold.
        digest: a fingerprint of all that but the labels and the limits.
    """

    name: str
    attributes: Mapping[str, Attribute]
    details: Mapping[str, Attribute]
    conclusions: Conclusions = field(repr=False)
    qualifiers: Mapping[str, str]
    only_with: tuple[tuple[str, Value, str, Value], ...]
    drugs: Mapping[str, Value]
    no_drugs: frozenset[str] = field(repr=False)
    names: NameReader = field(repr=False)
    only_from: Mapping[str, frozenset[str]] = field(repr=False)
    covers: Mapping[str, frozenset[str]] = field(repr=False)
    document_types: Mapping[str, int]
    shown_by: Mapping[str, tuple[str, ...]] = field(repr=False)
    changeable: Mapping[str, int]
    silencing: frozenset[str]
    silences: tuple[tuple[str, Value, str, Value], ...] = field(repr=False)
    of_tumor: frozenset[str] = field(repr=False)
    dated: Mapping[str, str] = field(repr=False)
    naming_studies: tuple[str, ...]
    resolving: int
    labels: Mapping[str, str] = field(repr=False)
    limits: Limits
    digest: str

    @cached_property
    def request_attributes(self) -> dict[str, Attribute]:
        """The attributes of the request form."""
        return {name: entry for name, entry in self.attributes.items() if entry.kind == "request"}

    @cached_property
    def stated_attributes(self) -> dict[str, Attribute]:
        """The attributes that documents state."""
        return {name: entry for name, entry in self.attributes.items() if entry.kind != "request"}

    @cached_property
    def statable(self) -> dict[str, Attribute]:
        """The attributes that documents state, and the details."""
        return {**self.stated_attributes, **self.details}

    @cached_property
    def all(self) -> dict[str, Attribute]:
        """All that the request form or a document gives values of."""
        return {**self.attributes, **self.details}

    @cached_property
    def measured(self) -> frozenset[str]:
        """The details that give way to what is concluded from them; days, and what silences others, stay."""
        return frozenset(
            name for name, one in self.details.items() if one.domain != DATE and name not in self.silencing
        )

    @cached_property
    def drawing(self) -> frozenset[str]:
        """The details from which conclusions may be drawn."""
        return self.measured | frozenset(filter(self.conclusions.reads, self.details))

    @classmethod
    def from_facts(
        cls,
        facts: Mapping[str, list[Term]],
        files: Iterable[RulesFile] = (),
        exact: ExactNumbers | None = None,
    ) -> Vocabulary:
        """The vocabulary of these facts, as `SIGNATURES` lists them.

        Args:
            facts: the facts, by predicate.
            files: the files that they are from; those that draw conclusions are among them.
            exact: watches over the numbers of these, see `Conclusions`.

        Errors: PolicyError where there is no vocabulary, or an attribute lacks its domain.
        """
        names = [str(plain(term.args[0])) for term in facts.get("vocabulary", [])]
        if len(names) != 1:
            raise PolicyError(
                "a policy includes exactly one vocabulary, and that names itself with `vocabulary(NAME).`"
            )
        _refuse_taken(facts)
        drugs = {str(plain(term.args[0])): term.args[0] for term in facts["stands_for"] + facts["drug"]}
        no_drugs = frozenset(no_drug_key(str(plain(term.args[0]))) for term in facts["no_drug"])
        no_drugs -= drugs.keys()
        # Labels are words for a reader; a policy may add its own.
        meant = dict.fromkeys(name for name, _ in SIGNATURES if name not in _NO_MEANING)
        terms = (term for name in meant for term in facts.get(name, ()))
        conclusions = Conclusions(files, exact)
        text = "\n".join([*sorted(map(str, terms)), conclusions.text])
        names_read = NameReader.from_facts(facts, drugs, no_drugs)
        attributes = _attributes(facts, drugs, no_drugs, names_read)
        costs = {str(plain(t)): cost for t, cost in pairs(facts["document_type"]) if isinstance(cost, int)}
        return cls(
            name=names[0],
            attributes={name: one for name, one in attributes.items() if one.kind != DETAIL},
            details={name: one for name, one in attributes.items() if one.kind == DETAIL},
            conclusions=conclusions,
            qualifiers={str(plain(a)): str(plain(b)) for a, b in pairs(facts["qualifies"])},
            only_with=tuple(
                (str(plain(term.args[0])), term.args[1], str(plain(term.args[2])), term.args[3])
                for term in facts["only_with"]
            ),
            drugs=drugs,
            no_drugs=no_drugs,
            names=names_read,
            only_from=_grouped_names(facts["only_from"]),
            covers=_grouped_names(facts["covers"]),
            changeable={
                str(plain(name)): cost for name, cost in pairs(facts["changeable"]) if isinstance(cost, int)
            },
            silencing=frozenset(str(plain(term.args[2])) for term in facts.get("silent_with", ())),
            silences=tuple(
                (str(plain(term.args[0])), term.args[1], str(plain(term.args[2])), term.args[3])
                for term in facts.get("silent_with", ())
            ),
            of_tumor=frozenset(str(plain(term.args[0])) for term in facts.get("of_tumor", ())),
            dated={str(plain(term.args[0])): str(plain(term.args[1])) for term in facts.get("dates", ())},
            naming_studies=tuple(sorted(str(plain(term.args[0])) for term in facts["names_studies"])),
            document_types=costs,
            shown_by=_shown_by(facts, costs),
            resolving=sum(term.args[0] for term in facts["resolving"] if isinstance(term.args[0], int)),
            labels={written(x): str(plain(text)) for x, text in pairs(facts["label"])},
            limits=Limits.from_facts((str(plain(x)), n) for x, n in pairs(facts["limit"])),
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )


def _refuse_taken(facts: Mapping[str, list[Term]]) -> None:
    for term, kind in pairs(facts["attribute"]):
        if kind == Term("request") and (name := str(plain(term))) in ABOUT_REQUEST:
            raise PolicyError(
                f"attribute `{name}` of the request form: every form has a `{name}` of its own; rename it"
            )


def _grouped_names(facts: Iterable[Term]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for attribute, word in pairs(facts):
        found.setdefault(str(plain(attribute)), set()).add(str(plain(word)))
    return {attribute: frozenset(words) for attribute, words in found.items()}


def _shown_by(facts: Mapping[str, list[Term]], costs: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for kind, attribute in pairs(facts["establishes"]):
        if str(plain(kind)) in costs:
            found.setdefault(str(plain(attribute)), set()).add(str(plain(kind)))
    return {
        attribute: tuple(sorted(kinds, key=lambda kind: (costs[kind], kind)))
        for attribute, kinds in found.items()
    }


def _attributes(
    facts: Mapping[str, list[Term]],
    drugs: Mapping[str, Value],
    no_drugs: frozenset[str],
    names: NameReader,
) -> dict[str, Attribute]:
    domains = {str(plain(a)): str(plain(d)) for a, d in pairs(facts["domain"])}
    minima = {str(plain(a)): n for a, n in pairs(facts["minimum"]) if isinstance(n, int)}
    maxima = {str(plain(a)): n for a, n in pairs(facts["maximum"]) if isinstance(n, int)}
    defaults = {str(plain(a)): own_value(value) for a, value in pairs(facts["default"])}
    spared = {str(plain(term.args[0])) for term in facts["optional"] + facts["default"]}
    non_empty = {str(plain(term.args[0])) for term in facts["non_empty"]}
    listed: dict[str, list[str]] = {}
    for attribute, value in pairs(facts["listed"]):
        listed.setdefault(str(plain(attribute)), []).append(str(plain(value)))
    counting: dict[str, set[str]] = {}
    for attribute, value in pairs(facts["counts_as"]):
        counting.setdefault(str(plain(attribute)), set()).add(str(plain(value)))
    words = {written(x): folded(str(plain(text))) for x, text in pairs(facts["label"])}

    def called(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return tuple((words[value], value) for value in sorted(values) if value in words)

    found: dict[str, Attribute] = {}
    for term, kind in pairs(facts["attribute"]):
        name = str(plain(term))
        if name not in domains:
            raise PolicyError(f"attribute `{name}` has no domain: add `domain({name}, ...).`")
        values = drugs if domains[name] == "drugs" else listed.get(name, [])
        found[name] = Attribute(
            name=name,
            kind=str(plain(kind)),
            domain=domains[name],
            listed=tuple(sorted(values)),
            main=tuple(sorted(set(values) - counting.get(name, set()))),
            minimum=minima.get(name, 0),
            maximum=maxima.get(name, LARGEST),
            required=kind == Term("request") and name not in spared,
            default=defaults.get(name),
            non_empty=name in non_empty,
            called=called(values) if domains[name] == "name" else (),
            no_drugs=no_drugs if domains[name] == "drugs" else frozenset(),
            names=names,
        )
    return found


@cache
def load_vocabulary(entry: Path) -> Vocabulary:
    """The vocabulary of an entry file."""
    files = read_program(entry)
    program = Program([*names_program(), *files], complain=PolicyError)
    return Vocabulary.from_facts(program.facts(*SIGNATURES), files)


@cache
def shipped_defaults() -> dict[str, str]:
    """What is taken where a user names nothing: `policy` and `vocabulary`, by name."""
    entry = rules_root() / "policies" / "default.lp"
    program = Program(read_program(entry), complain=PolicyError)
    facts = program.facts(("default_policy", 1), ("default_vocabulary", 1))
    return {key.removeprefix("default_"): str(plain(terms[0].args[0])) for key, terms in facts.items()}


@cache
def default_vocabulary() -> Vocabulary:
    """The vocabulary that cases are checked against unless another is given."""
    return load_vocabulary(rules_root() / "vocabularies" / shipped_defaults()["vocabulary"] / "vocabulary.lp")
