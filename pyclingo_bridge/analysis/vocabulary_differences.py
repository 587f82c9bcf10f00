"""In what the vocabularies of two policies differ, and what a comparison makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyclingo_bridge.analysis.findings import VocabularyDifference, VocabularyKind
from pyclingo_bridge.base.errors import listing
from pyclingo_bridge.base.lexing import code_of
from pyclingo_bridge.base.terms import Value, constant, grouped, plain, written
from pyclingo_bridge.cases.attributes import DETAIL, Attribute
from pyclingo_bridge.core.structure import Structure

Found = Iterator[VocabularyDifference]

_SORT = {
    "flag": "a flag",
    "whole_number": "a whole number",
    "decimal": "a decimal",
    "date": "a day",
    "choice": "a name out of a list",
    "name": "a name, listed or not",
    "list": "a list of names",
    "drugs": "a list of drugs",
}
_CONSTANTS = {
    "flag": 0,
    "whole_number": 1,
    "choice": 2,
    "name": 2,
    "list": 3,
    "drugs": 4,
    "decimal": 5,
    "date": 6,
}
"""Types of values; those of one number look alike in a case file."""

_SAID: Mapping[str, tuple[VocabularyKind, int, str]] = {
    "qualifies": ("qualifier", 1, "`{0}` says of `{1}` that it is whole"),
    "counts_as": ("meaning", 0, "`{1}` of `{0}` counts as `{2}`"),
    "also_states": ("meaning", 2, "`{1}` of `{0}` also states `{3}` of `{2}`"),
    "only_with": ("meaning", 0, "`{0}` is `{1}` only where `{2}` is `{3}`"),
    "regimen_list": ("meaning", 0, "`{0}` lists what is given with the product"),
    "covers": ("meaning", 0, "`{1}` of `{0}` may mean `{2}`"),
    "code": ("meaning", 0, "the code `{1}` of `{0}` is read as `{2}`"),
    "increase": ("meaning", 0, "`{0}` follows from how `{1}` compares with `{2}`"),
    "grows": ("meaning", 0, "`{0}` grows by {1}"),
    "dates": ("meaning", 0, "the day `{0}` stands for `{1}` by {2}"),
    "of_tumor": ("meaning", 0, "`{0}` is of one tumor"),
    "only_from": ("meaning", 0, "`{0}` counts in documents of type `{1}`, and of few or no others,"),
    "silent_with": ("meaning", 0, "`{1}` of `{0}` says nothing beside `{3}` of `{2}`"),
}
"""Facts of a vocabulary that change what is stated, each with the place of the attribute."""


def drug_meanings(structure: Structure) -> dict[str, frozenset[Value]]:
    """Every known name of a drug, as case files give it, with the drugs that it stands for."""
    meant = grouped(structure.facts["stands_for"])
    return {name: frozenset(meant.get(term, {term})) for name, term in structure.vocabulary.drugs.items()}


_UNSEEN = {
    "code": "values that are given by codes",
    "grows": "statements that are older than the request, of numbers that grow with time",
    "dates": "days that stand for a number or a flag",
    "of_tumor": "statements of another tumor than the request's",
    "only_from": "statements in documents in which they count for one of the two alone",
    "silent_with": "statements that say nothing beside others, for one of the two alone",
}
"""Facts of a vocabulary on which no case of a comparison turns, and what is not looked at where they differ."""

_STATED_BY = (
    *("attribute", "domain", "listed", "minimum", "maximum", "default", "optional", "non_empty"),
    *("counts_as", "only_with", "regimen_list", "qualifies", "also_states", "impossible"),
    *("drug", "supportive", "anticancer", "treatment", "stands_for", "document_type"),
    *("covers", "increase", *_UNSEEN),
)
"""Words of a vocabulary on which what a case says, or whether it is one, depends."""


def apart(structures: tuple[Structure, Structure]) -> bool:
    """Whether a case can say something else to the one policy than to the other."""
    first, second = structures
    return any(set(first.facts[word]) != set(second.facts[word]) for word in _STATED_BY)


_NO_REQUEST = "such requests cannot be made to it, and are not compared"
_NOT_ONE = "the request is not one"


def vocabulary_differences(
    structures: tuple[Structure, Structure], names: tuple[str, str]
) -> tuple[tuple[VocabularyDifference, ...], tuple[str, ...]]:
    """In what two policies' vocabularies differ, and what of that no comparison looks at.

    Args:
        structures: the policies.
        names: what to call them.
    """
    differences = _Differences(structures, names)
    return tuple(differences.all()), tuple(differences.unseen())


class _Differences:
    """The differences of two vocabularies, in words."""

    def __init__(self, structures: tuple[Structure, Structure], names: tuple[str, str]) -> None:
        self._structures = structures
        self._names = names
        self._all = [structure.vocabulary.all for structure in structures]

    def all(self) -> Found:
        """Every difference: attribute by attribute, then drugs, sets and types of documents."""
        for name in sorted(self._all[0].keys() | self._all[1].keys()):
            known = [attributes.get(name) for attributes in self._all]
            first, second = known
            if first is None or second is None:
                yield self._unknown(name, 0 if first is None else 1)
            else:
                yield from self._attribute(first, second)
        yield from self._facts()
        yield from self._drugs()
        yield from self._types()

    def _unknown(self, name: str, place: int) -> VocabularyDifference:
        known = self._all[1 - place][name]
        listed = self._structures[place].vocabulary.qualifiers.get(name)
        if listed:
            return VocabularyDifference(
                kind="attribute",
                subjects=(name, listed),
                text=f"`{name}` is an attribute for {self._names[1 - place]} alone: for "
                f"{self._names[place]} it says of `{listed}` that it is whole, and no more",
            )
        end = {
            "request": "what the form says of it is passed over there",
            DETAIL: "passed over there",
        }
        return VocabularyDifference(
            kind="attribute",
            subjects=(name,),
            text=f"`{name}` is unknown to {self._names[place]}: " + end.get(known.kind, "left open there"),
        )

    def _attribute(self, first: Attribute, second: Attribute) -> Found:
        name = first.name
        if first.kind != second.kind:
            yield self._kind(first, second)
        if first.domain != second.domain:
            yield self._domain(first, second)
        if _CONSTANTS.get(first.domain) != _CONSTANTS.get(second.domain):
            return
        for place, (own, other) in enumerate(((first, second), (second, first))):
            yield from self._values(own, other, place)
            yield from self._bounds(own, other, place)
        if self._given(first) != self._given(second) and {first.kind, second.kind} == {"request"}:
            text = "; ".join(
                f"for {policy} {self._given(one)}"
                for policy, one in zip(self._names, (first, second), strict=True)
            )
            yield VocabularyDifference(
                kind="default", subjects=(name,), text=f"where the form leaves out `{name}`: {text}"
            )

    def _kind(self, first: Attribute, second: Attribute) -> VocabularyDifference:
        apart = "request" in (first.kind, second.kind) or DETAIL in (first.kind, second.kind)
        return VocabularyDifference(
            kind="kind",
            subjects=(first.name,),
            text=f"`{first.name}` is of kind {first.kind} for {self._names[0]}, of kind "
            f"{second.kind} for {self._names[1]}"
            + (": what is given of it for the one says nothing to the other" if apart else ""),
        )

    def _domain(self, first: Attribute, second: Attribute) -> VocabularyDifference:
        apart = _CONSTANTS.get(first.domain) != _CONSTANTS.get(second.domain)
        sorts = [_SORT.get(one.domain, one.domain) for one in (first, second)]
        return VocabularyDifference(
            kind="domain",
            subjects=(first.name,),
            text=f"`{first.name}` is {sorts[0]} for {self._names[0]}, {sorts[1]} for {self._names[1]}"
            + (": what is given of it for the one is left open for the other" if apart else ""),
        )

    def _values(self, own: Attribute, other: Attribute, place: int) -> Found:
        """Values that the other policy alone lists."""
        if own.domain == "drugs":
            return
        for value in sorted(set(other.listed) - set(own.listed)):
            if own.domain == "name":
                end = "a name that it does not list"
            elif own.domain == "list":
                end = "left out of lists there"
            else:
                end = self._left(own)
            yield VocabularyDifference(
                kind="value",
                subjects=(own.name, value),
                text=f"value `{value}` of `{own.name}` is unknown to {self._names[place]}: {end}",
            )

    def _bounds(self, own: Attribute, other: Attribute, place: int) -> Found:
        """Values beyond one policy's bounds that are within the other's."""
        beyond = []
        if own.domain in ("whole_number", "decimal", "date"):
            beyond += [f"below {own.minimum}"] * (other.minimum < own.minimum)
            beyond += [f"above {own.maximum}"] * (other.maximum > own.maximum)
        if own.non_empty and not other.non_empty:
            beyond.append("as an empty list")
        for words in beyond:
            yield VocabularyDifference(
                kind="bounds",
                subjects=(own.name,),
                text=f"`{own.name}` {words} is unknown to {self._names[place]}: {self._left(own)}",
            )

    def _left(self, own: Attribute) -> str:
        """What becomes of a value that a policy does not know."""
        if own.kind != "request":
            return "left open there"
        if own.default is not None:
            return f"at its default there, `{_shown(own.default)}`"
        if own.required:
            return _NO_REQUEST
        return "passed over there"

    def _given(self, attribute: Attribute) -> str:
        """What holds where the form does not say."""
        if attribute.default is not None:
            return f"it is `{_shown(attribute.default)}`"
        return _NOT_ONE if attribute.required else "it stays unsaid"

    # What facts say of attributes, whatever their values

    def _facts(self) -> Found:
        for word, (kind, place, template) in _SAID.items():
            yield from self._alone(word, kind, template, place)

    def _alone(self, word: str, kind: VocabularyKind, template: str, about: int | None = None) -> Found:
        """Facts that one policy alone states, but for those about what the other does not know."""
        facts = [set(structure.facts[word]) for structure in self._structures]
        for place in (0, 1):
            for term in sorted(facts[place] - facts[1 - place], key=str):
                args = [str(plain(arg)) for arg in term.args]
                if about is None or args[about] in self._all[1 - place]:
                    text = f"{template.format(*args)} for {self._names[place]} alone"
                    yield VocabularyDifference(kind=kind, subjects=tuple(args), text=text)

    # Drugs and documents

    def _drugs(self) -> Found:
        meant = [drug_meanings(structure) for structure in self._structures]
        for name in sorted(meant[0].keys() | meant[1].keys()):
            one, other = (each.get(name) for each in meant)
            if one is None or other is None:
                policy = self._names[0 if one is None else 1]
                text = f"drug `{name}` is unknown to {policy}: a name like any unknown one there"
                yield VocabularyDifference(kind="drug", subjects=(name,), text=text)
            elif one != other:
                meanings = " and ".join(
                    f"for {listing(sorted(map(written, each)))} to {policy}"
                    for each, policy in zip((one, other), self._names, strict=True)
                )
                yield VocabularyDifference(kind="drug", subjects=(name,), text=f"`{name}` stands {meanings}")
        yield from self._alone("supportive", "drug", "`{0}` is a supportive medicine")
        yield from self._alone("treatment", "drug", "`{0}` is a treatment that is no drug")
        yield from self._classes()

    def _classes(self) -> Found:
        """Drug classes of the vocabularies' own; other sets are the policies'."""
        names = [{term.args[0] for term in structure.facts["drug_class"]} for structure in self._structures]
        for name in sorted(names[0] & names[1], key=written):
            members = [set(structure.members.get(name, ())) for structure in self._structures]
            for place in (0, 1):
                extra = sorted(members[place] - members[1 - place])
                if extra:
                    text = f"drug class `{plain(name)}` holds {listing(extra)} for {self._names[place]} alone"
                    yield VocabularyDifference(kind="set", subjects=(str(plain(name)), *extra), text=text)

    def _types(self) -> Found:
        types = [set(structure.vocabulary.document_types) for structure in self._structures]
        for place in (0, 1):
            for name in sorted(types[1 - place] - types[place]):
                text = (
                    f"document type `{name}` is unknown to {self._names[place]}: such a document is "
                    "read there as one of another type, which decides nothing"
                )
                yield VocabularyDifference(kind="document_type", subjects=(name,), text=text)

    # What is not looked at

    def unseen(self) -> Iterator[str]:
        """What no case of a comparison shows."""
        yield from self._requests()
        yield from self._uses()
        first, second = (_code(structure.vocabulary.conclusions.text) for structure in self._structures)
        if first != second:
            yield (
                "what documents' details come to: the two draw conclusions from them by rules of "
                "their own (`conclusions.lp`), and cases are looked at once these are drawn"
            )
        held = [_impossible(structure) for structure in self._structures]
        for place in (0, 1):
            for name in sorted(held[place].keys() - held[1 - place].keys(), key=str):
                requirements = listing(held[place][name])
                yield f"cases that {self._names[place]} alone holds impossible: {requirements} together"

    def _uses(self) -> Iterator[str]:
        """Statements that the two take otherwise, though each takes what the cases state as it is stated."""
        facts = [structure.facts for structure in self._structures]
        known = self._all[0].keys() & self._all[1].keys()
        for word, what in _UNSEEN.items():
            said = [{t for t in each.get(word, ()) if str(plain(t.args[0])) in known} for each in facts]
            if said[0] != said[1]:
                yield what
        if (
            any(t.args[2] not in _LENGTHS for t in facts[0]["dates"])
            and facts[0]["revised"] != facts[1]["revised"]
        ):
            yield "days of a change that only one of the two reflects, by the day of its revision"

    def _requests(self) -> Iterator[str]:
        """Requests that only one of the two can be made."""
        for name in sorted(self._all[0].keys() & self._all[1].keys()):
            known = [attributes[name] for attributes in self._all]
            if {one.kind for one in known} != {"request"}:
                continue
            for place, own in enumerate(known):
                other, policy = known[1 - place], self._names[place]
                if self._left(own) == _NO_REQUEST and own.domain != "drugs":
                    yield from (
                        f"requests that {policy} does not take: {found.text.partition(' is unknown')[0]}"
                        for found in (
                            *self._values(own, other, place),
                            *self._bounds(own, other, place),
                        )
                        if found.text.endswith(_NO_REQUEST)
                    )
                if self._given(own) == _NOT_ONE != self._given(other):
                    yield f"requests that {policy} does not take: `{name}` is left out"


_LENGTHS = (constant("years"), constant("days"))
"""What a day can stand for besides a flag: the time since it."""


def _code(rules: str) -> str:
    """Rules without what says nothing: comments, and how they stand on lines."""
    return " ".join(code_of(rules).split())


def _impossible(structure: Structure) -> Mapping[frozenset[str], list[str]]:
    found: dict[Value, set[str]] = {}
    for term in structure.facts["impossible"]:
        found.setdefault(term.args[0], set()).add(written(term.args[1]))
    return {frozenset(requirements): sorted(requirements) for requirements in found.values()}


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
