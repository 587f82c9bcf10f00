"""Findings of the rules in words. The rules say what is found; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from pyclingo_bridge.base.terms import Term, Value, original, plain, written
from pyclingo_bridge.cases.conclusions import DECIMALS
from pyclingo_bridge.core.structure import Structure, owner, readable

_ENDS = {"refer": "referred elsewhere", "deny": "denied"}

QUESTIONS: dict[str, str] = {
    "section_never_met": "can every section be met?",
    "section_never_fails": "does every section deny some request?",
    "never_met": "can every item be met?",
    "never_fails": "can every needed item fail, once all is documented?",
    "redundant": "is every needed item the only obstacle in some case?",
    "subsumed": "is every alternative the only route in some case?",
    "section_subsumed": "is every section the only way to an approval in some case?",
    "overlap": "can one request meet two sections?",
    "overlap_of_durations": "do sections that overlap approve for the same time?",
    "no_duration": "does every approval have a duration?",
    "two_durations": "does every approval have one duration?",
    "gap": "does a value fall between those that sections take?",
    "end": "at which values do the sections end, and where do such requests go?",
    "unrouted": "does every request go to some section?",
    "no_target": "does every referral name a target?",
    "outcomes_other_than_one": "does every case have exactly one outcome?",
    "worse_with_more": "does more documentation ever make anything worse?",
    "idle_ambiguity": "does every ambiguity change some case's outcome?",
    "live_ambiguity": "which ambiguities change a case's outcome?",
    "unused": "is everything that the policy says used?",
    "pooled": "does a pool ask for all of what may be alternatives?",
    "unsaid": "does every criterion have a label and a place in the source?",
    "note": "what do the policy's authors note about its source?",
}
"""What each kind of finding answers."""

KIND_OF: dict[str, str] = {
    "idle_alternatives": "redundant",
    "unused_criterion": "unused",
    "unused_set": "unused",
    "unused_locator": "unused",
    "unused_note": "unused",
    "unused_strength": "unused",
    "one_interpretation": "unused",
    "undeclared_ambiguity": "unused",
    "pooled_alternatives": "pooled",
    "pooled_requirements": "pooled",
    "no_label": "unsaid",
    "no_place": "unsaid",
}
"""Kinds of finding that answer another's question."""


class Wording:
    """Words for one policy's criteria, requirements and findings."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure

    def item(self, value: Value) -> str:
        """A criterion by its id and label, a requirement by its text, a part by what it belongs to."""
        if value in self._structure.labels:
            return f"`{plain(value)}` ({self._structure.labels[value]})"
        if isinstance(value, Term) and value.name == "part":
            return f"part `{plain(value.args[1])}` of `{plain(value.args[0])}`"
        requirement = self._structure.representative.get(value)
        if requirement in self._structure.requirements:
            return f'"{self._structure.requirements[requirement].text}"'
        return f"`{plain(value)}`"

    def items(self, values: Iterable[Value]) -> str:
        """Several of them."""
        return ", ".join(self.item(value) for value in values)

    def clause(self, holder: Value, about: Value) -> str:
        """What a criterion asks by itself: of one attribute, or its choice of alternatives."""
        needs = [
            item for item in self._structure.items("needs", holder) if item in self._structure.requirements
        ]
        attributes = {self._structure.attribute_of[requirement] for requirement in needs}
        whole = self.item(holder)
        if len(attributes) + bool(self._structure.items("offers", holder)) == 1:
            return whole
        if str(about) == "alternatives":
            return f"{whole}, one of its alternatives"
        texts = [
            f'"{self._structure.requirements[requirement].text}"'
            for requirement in needs
            if self._structure.attribute_of[requirement] == str(plain(about))
        ]
        return f"{whole}, {' and '.join(texts)}"

    def subject(self, value: Value) -> str:
        """The id of what a finding is about."""
        return str(plain(value))

    def locators(self, values: Iterable[Value]) -> tuple[str, ...]:
        """The places of criteria, or of those that parts belong to."""
        found: dict[str, None] = {}
        for value in values:
            place = self._structure.locators.get(owner(value))
            if place:
                found[place] = None
        return tuple(found)

    def attribute(self, name: Value) -> str:
        """An attribute, or a value of one, for a reader."""
        return self._structure.vocabulary.labels.get(written(name), readable(str(plain(name))))

    def route(self, section: Value) -> str:
        """Which requests go to a section."""
        requirements = {
            self._structure.representative[requirement]
            for holder, requirement in (term.args for term in self._structure.facts["route"])
            if holder == section
        }
        return " or ".join(
            sorted(self._structure.requirements[requirement].text for requirement in requirements)
        )

    def values(self, attribute: Value, values: Iterable[Value]) -> str:
        """Values of an attribute: numbers as ranges, and what no list names by what is left of it."""
        chosen = list(values)
        numbers = sorted(value for value in chosen if isinstance(value, int))
        if numbers:
            own = self._structure.vocabulary.attributes.get(str(plain(original(attribute))))
            unit = 10**DECIMALS if own and own.domain == "decimal" else 1
            return ", ".join(_range(run, unit) for run in self._runs(attribute, numbers))
        if Term("other", (attribute,)) in chosen:
            return f"other than {self._names(set(self._probes(attribute)) - set(chosen))}"
        return self._names(set(chosen))

    def _runs(self, attribute: Value, numbers: list[int]) -> Iterator[list[int]]:
        """Numbers between which the rules know no other."""
        run: list[int] = []
        for value in sorted(value for value in self._probes(attribute) if isinstance(value, int)):
            if value in numbers:
                run.append(value)
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _probes(self, attribute: Value) -> list[Value]:
        return [term.args[1] for term in self._structure.facts["probe"] if term.args[0] == attribute]

    def _names(self, values: set[Value]) -> str:
        names = sorted(map(self.attribute, values))
        return ", ".join(names[:-1]) + (" or " if names[:-1] else "") + "".join(names[-1:])

    def finding(self, found: Term, where: list[Value]) -> str:
        """The finding as a sentence."""
        return _WRITERS[found.name](self, found.args, where)


def _end(wording: Wording, args: tuple[Value, ...], where: list[Value]) -> str:
    section, attribute, outcome = args
    what = wording.attribute(attribute)
    values = wording.values(attribute, where) if where else "other than a section takes"
    return f"where {wording.route(section)}: {what} {values} is {_ENDS[str(outcome)]}"


def _narrowed(wording: Wording, where: list[Value]) -> str:
    by: dict[str, list[Value]] = {}
    for pair in where:
        assert isinstance(pair, Term)
        by.setdefault(wording.attribute(pair.args[0]), []).append(pair.args[1])
    return "; ".join(
        f"{name}: {', '.join(sorted(map(wording.attribute, values)))}" for name, values in sorted(by.items())
    )


def _of(wording: Wording, where: list[Value]) -> str:
    narrowed = _narrowed(wording, where)
    return f" ({narrowed})" if narrowed else ""


def _pool(wording: Wording, args: tuple[Value, ...], requirements: list[Value]) -> str:
    criterion, word, place = args
    asked = " and ".join(f"`{written(requirement)}`" for requirement in requirements)
    return f"{plain(place)}: the pool in `{plain(word)}` of {wording.item(criterion)} asks for {asked}"


_REMEDIES = {
    "requires": "where one is enough, write `any_of`",
    "only_if": "where one is enough, name a set of them with `among`",
    "use_condition": "where one is enough, ask for a part with `any_of`",
}
"""What to write where not all of a pool is meant, by the word that it stands in."""


def _range(run: list[int], unit: int) -> str:
    """A run of numbers, which are counted in parts of a unit."""
    ends = [str(Decimal(number) / unit) for number in (run[0], run[-1])]
    return ends[0] if len(run) == 1 else " to ".join(ends)


_Writer = Callable[[Wording, tuple[Value, ...], list[Value]], str]

_WRITERS: dict[str, _Writer] = {
    "section_never_met": lambda w, a, _: f"no case meets section {w.item(a[0])}",
    "section_never_fails": lambda w, a, _: (
        f"section {w.item(a[0])} denies nothing: every documented request meets it"
    ),
    "never_met": lambda w, a, _: f"{w.item(a[1])}, an alternative of {w.item(a[0])}, is never met",
    "never_fails": lambda w, a, _: (
        f"{w.item(a[1])}, which {w.item(a[0])} needs, never fails once all is documented"
    ),
    "redundant": lambda w, a, _: (
        f"{w.item(a[1])}, which {w.item(a[0])} needs, is never the only obstacle: without it the "
        "same requests would be approved"
    ),
    "idle_alternatives": lambda w, a, _: (
        f"the alternatives of {w.item(a[0])} are never the only obstacle: one of them always holds"
    ),
    "subsumed": lambda w, a, _: (
        f"{w.item(a[1])}, an alternative of {w.item(a[0])}, is never the only route: without it "
        "the same requests would be approved"
    ),
    "section_subsumed": lambda w, a, _: (
        f"every request that meets section {w.item(a[0])} meets another section too: none is approved "
        "by it alone"
    ),
    "overlap": lambda w, a, _: f"one request can meet both {w.item(a[0])} and {w.item(a[1])}",
    "overlap_of_durations": lambda w, a, _: (
        f"one request can meet both {w.item(a[0])} and {w.item(a[1])}, which approve for different "
        "durations; the first in the policy's order decides"
    ),
    "no_duration": lambda w, a, _: f"section {w.item(a[0])} can approve without a duration",
    "two_durations": lambda w, a, _: f"section {w.item(a[0])} can approve for two durations at once",
    "gap": lambda w, a, where: f"the sections leave a gap {_end(w, a, where)}",
    "end": lambda w, a, where: f"the sections end {_end(w, a, where)}",
    "unrouted": lambda w, a, where: f"some requests go to no section{_of(w, where)}",
    "no_target": lambda w, a, where: f"some referrals name no target{_of(w, where)}",
    "outcomes_other_than_one": lambda w, a, _: "some case has no outcome, or more than one",
    "worse_with_more": lambda w, a, _: "more documentation can make a criterion's status worse",
    "unused_criterion": lambda w, a, _: f"no section and no referral asks for {w.item(a[0])}",
    "unused_set": lambda w, a, _: f"no requirement names the set `{plain(a[0])}`",
    "unused_locator": lambda w, a, _: f"there is a locator for `{plain(a[0])}`, which is not a criterion",
    "unused_note": lambda w, a, _: f"there is a note on `{plain(a[0])}`, which is not a criterion",
    "unused_strength": lambda w, a, _: (
        f"the product comes in units of `{plain(a[0])}`, which the request form does not have"
    ),
    "one_interpretation": lambda w, a, _: f"ambiguity `{plain(a[0])}` has one interpretation only",
    "undeclared_ambiguity": lambda w, a, _: (
        f"there are interpretations of `{plain(a[0])}`, which is not a declared ambiguity"
    ),
    "no_label": lambda w, a, _: f"criterion `{plain(a[0])}` has an empty label",
    "no_place": lambda w, a, _: f"criterion `{plain(a[0])}` has an empty locator",
    "pooled_alternatives": lambda w, a, where: (
        f"{_pool(w, a, where)}, which are alternatives of one attribute; {_REMEDIES[str(a[1])]}"
    ),
    "pooled_requirements": lambda w, a, where: f"{_pool(w, a, where)}; {_REMEDIES[str(a[1])]}",
    "note": lambda w, a, _: f"`{plain(a[0])}`: {plain(a[1])}",
}
