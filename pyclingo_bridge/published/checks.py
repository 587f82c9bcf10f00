"""Whether the numbers of a report agree with each other: the rules ask and judge, this puts it into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pyclingo_bridge.base.extras import lacks
from pyclingo_bridge.base.rule_files import read_program, rules_root
from pyclingo_bridge.base.solver import Signature, evaluate
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.core.decision import FORMAT_VERSION
from pyclingo_bridge.published.answers import Check, StudyCheck
from pyclingo_bridge.published.clopper_pearson import bounds, fitting
from pyclingo_bridge.published.printed import printed
from pyclingo_bridge.published.report_facts import ReportFacts

_ASKED: tuple[Signature, ...] = (("asked", 4), ("sought", 7))
_HALVES: Signature = ("halves", 4)
_MADE: tuple[Signature, ...] = (
    ("check", 1),
    ("wrong", 1),
    ("nearest", 3),
    ("unreached", 2),
    ("recomputed", 5),
    ("asked", 4),
    ("fits", 3),
    ("add_up", 4),
    ("rounded", 5),
    ("part", 3),
    ("some_of", 3),
    ("sum_of_parts", 3),
    ("sum_of_some", 3),
    ("either", 4),
    ("count", 2),
)

_OF_INTERVAL = ("share", "low", "high")

PARTS = {
    "count": "number of patients",
    "share": "percentage",
    "low": "lower end",
    "high": "upper end",
    "median": "median",
    "range_low": "least",
    "range_high": "greatest",
    "estimate": "estimate",
    "amount": "amount",
}
"""What the parts of a quantity are called."""


def check_study(study: ReportFacts) -> StudyCheck:
    """Whether the numbers of a study's report agree with each other.

    Without the extra `evidence` no interval is recomputed; those that would be are listed.
    """
    rules = read_program(rules_root() / "studies" / "rules" / "checks.lp")
    files = [*rules, *study.files]
    asked = evaluate(files, [], (*_ASKED, _HALVES))
    able = not lacks("evidence")
    computed = [*_recomputed(asked["asked"]), *_fits(asked["sought"])] if able else []
    made = evaluate(files, computed, _MADE)
    sentences = _Sentences(study, made)
    left = set() if able else {term.args[0] for name, _ in _ASKED for term in asked[name]}
    wrong = {term.args[0] for term in made["wrong"]}
    checks = sorted((cast(Term, term.args[0]) for term in made["check"]), key=_order)
    return StudyCheck(
        version=FORMAT_VERSION,
        engine=dict(ENGINE),
        study=study.name,
        title=study.title,
        source=study.source,
        numbers=len(study.facts["figure"]),
        checked=len(study.facts["figure"]) - _unchecked_numbers(study, made["unreached"]),
        findings=tuple(Check(**sentences.of(one, holds=False)) for one in checks if one in wrong),
        confirmed=tuple(Check(**sentences.of(one, holds=True)) for one in checks if one not in wrong),
        unreached=tuple(_unreached(study, made["unreached"], left)),
        not_recomputed=tuple(sorted(f"{study.label(one)}: {sentences.interval(one)}" for one in left)),
        left_out=() if able else tuple(_left_out(study, asked)),
        remarks=study.remarks,
    )


def _order(check: Term) -> tuple[int, str]:
    """The checks of one kind, together."""
    return list(_KINDS).index(check.name), str(check)


def _left_out(study: ReportFacts, asked: Mapping[str, Sequence[Term]]) -> Iterator[str]:
    """The other checks that rest on intervals that were not computed."""
    sought = {term.args[0] for term in asked["sought"]}
    for label in sorted(study.label(quantity) for quantity in sought):
        yield f"{label}: whether some count gives the percentage and its interval"
    pairs = {term.args[:2] for term in asked["halves"] if sought.issuperset(term.args[2:])}
    for first, second in sorted(pairs, key=str):
        names = f"{study.groups[first]} and {study.groups[second]}"
        yield f"{names}: whether they can make up the whole"


def _recomputed(asked: Iterable[Term]) -> Iterator[Term]:
    for count, size, decimals in {cast(tuple[int, int, int], term.args[1:]) for term in asked}:
        yield Term("recomputed", (count, size, decimals, *bounds(count, size, decimals)))


def _fits(sought: Iterable[Term]) -> Iterator[Term]:
    for term in sought:
        share, low, high, decimals, first, last = cast(tuple[int, ...], term.args[1:])
        yield Term("tried", (term.args[0],))
        for pair in fitting(share, low, high, decimals, range(first, last + 1)):
            yield Term("fits", (term.args[0], *pair))


def _unchecked_numbers(study: ReportFacts, unreached: Iterable[Term]) -> int:
    """How many numbers of the report no check reaches."""
    parts = {term.args for term in unreached}
    return sum(term.args[:2] in parts for term in study.facts["figure"])


def _unreached(study: ReportFacts, unreached: Iterable[Term], left: set[Value]) -> Iterator[str]:
    """What no check reaches, but for the intervals of quantities that are listed apart."""
    parts: dict[Value, list[str]] = {}
    for quantity, part in (term.args for term in unreached):
        if quantity in left and str(plain(part)) in _OF_INTERVAL:
            continue
        parts.setdefault(quantity, []).append(PARTS[str(plain(part))])
    order = list(PARTS.values())
    for quantity, names in sorted(parts.items(), key=lambda entry: study.label(entry[0])):
        yield f"{study.label(quantity)}: {', '.join(sorted(set(names), key=order.index))}"


@dataclass(frozen=True)
class _Sentences:
    """What the report's numbers bear out, and what they do not, in words."""

    study: ReportFacts
    made: Mapping[str, list[Term]]

    def of(self, check: Term, *, holds: bool) -> dict[str, Any]:
        """The kind of a check, what comes of it, and the places of the numbers that it compares."""
        text = _KINDS[check.name].sentence(self, holds, *check.args)
        return {"kind": check.name, "text": text, "places": self._places(check)}

    def _places(self, check: Term) -> tuple[str, ...]:
        if check.name == "share":
            return (self.study.place(check.args[1]),)
        kind = _KINDS[check.name]
        quantities = set(kind.quantities(self, *check.args))
        parts = (str(plain(check.args[1])),) if check.name == "quoted" else kind.parts
        return self.study.places(
            place
            for (quantity, part), values in self.study.printed.items()
            if quantity in quantities and part in parts
            for places in values.values()
            for place in places
        )

    def rows(self, name: str, *start: Value) -> list[tuple[Any, ...]]:
        """The arguments behind these of the atoms of a predicate that begin with them."""
        size = len(start)
        return [term.args[size:] for term in self.made[name] if term.args[:size] == start]

    def count(self, thing: Value) -> str:
        """A count with its name."""
        numbers = sorted({str(number) for (number,) in self.rows("count", thing)})
        return f"{self.study.label(thing)} ({' or '.join(numbers) or 'not reported'})"

    def values(self, quantity: Value, part: str) -> str:
        """What the report prints of a part of a quantity."""
        return " or ".join(printed(value) for value in self.study.printed.get((quantity, part), {}))

    def named(self, quantity: Value, part: str) -> str:
        """The same with what the part is called."""
        return f"{PARTS[part]} {self.values(quantity, part)}"

    def interval(self, quantity: Value) -> str:
        """The interval as the report prints it."""
        return f"{self.values(quantity, 'low')} to {self.values(quantity, 'high')}"

    def groups(self, first: Value, second: Value) -> str:
        """Two sets of patients."""
        return f"{self.study.groups[first]} and {self.study.groups[second]}"

    def both(self, first: Value, second: Value) -> tuple[Value, Value]:
        """What counts whoever has one or the other, and whoever has both."""
        rows = self.rows("either")
        return next((whole, both) for whole, one, other, both in rows if (one, other) == (first, second))


def _decimal(number: int, decimals: int) -> str:
    return f"{number / 10**decimals:.{decimals}f}"


def _share(words: _Sentences, holds: bool, quantity: Value, place: Value) -> str:
    key = Term("share", (quantity, place))
    share, decimals, count, size = words.rows("rounded", key)[0]
    ratio, text = f"{words.study.label(quantity)}: {count} of {size}", f"{_decimal(share, decimals)}%"
    if holds:
        return f"{ratio} is {text}"
    return f"{ratio} is {_decimal(*words.rows('nearest', key)[0])}%, and is printed as {text}"


def _interval(words: _Sentences, holds: bool, quantity: Value) -> str:
    count, size, decimals = words.rows("asked", quantity)[0]
    start = f"{words.study.label(quantity)}: the interval of {count} of {size} is"
    if holds:
        return f"{start} {words.interval(quantity)}"
    low, high = words.rows("recomputed", count, size, decimals)[0]
    computed = f"{_decimal(low, decimals)} to {_decimal(high, decimals)}"
    return f"{start} {computed}, and is printed as {words.interval(quantity)}"


def _fit(words: _Sentences, holds: bool, quantity: Value) -> str:
    label, share = words.study.label(quantity), words.values(quantity, "share")
    if not holds:
        return f"{label}: no count gives {share}% with {words.interval(quantity)}"
    fits = words.rows("fits", quantity)
    which = "of one count alone" if len(fits) == 1 else "of these counts"
    listed = ", ".join(f"{count} of {size}" for count, size in fits[:6])
    more = f" and {len(fits) - 6} more" if len(fits) > 6 else ""
    return f"{label}: {share}% with {words.interval(quantity)} is {which}: {listed}{more}"


def _halves(words: _Sentences, holds: bool, first: Value, second: Value) -> str:
    names = words.groups(first, second)
    if not holds:
        return f"{names}: no sizes that their percentages allow for make up the whole"
    pairs = sorted(words.rows("add_up", first, second), key=str)
    listed = ", ".join(f"{one} and {other}" for one, other in pairs[:6])
    return f"{names}: their percentages allow for sizes that make up the whole ({listed})"


def _parts(name: str, sums: str, verb: str, unlike: str) -> Callable[..., str]:
    def sentence(words: _Sentences, holds: bool, key: Value) -> str:
        rows = words.rows(name, key)
        whole = rows[0][0]
        parts = ", ".join(words.count(part) for _, part in rows)
        if holds:
            return f"{parts} {verb} {words.count(whole)}"
        return f"{parts} come to {words.rows(sums, key, whole)[0][0]}, {unlike} {words.count(whole)}"

    return sentence


def _either(words: _Sentences, holds: bool, first: Value, second: Value) -> str:
    whole, both = words.both(first, second)
    start = f"{words.count(first)} and {words.count(second)}, with {words.count(both)} counted once"
    return f"{start}, are {'' if holds else 'not '}{words.count(whole)}"


def _among(words: _Sentences, holds: bool, part: Value, whole: Value) -> str:
    return f"{words.count(part)} {'' if holds else 'cannot be '}among {words.count(whole)}"


def _quoted(words: _Sentences, holds: bool, quantity: Value, part: Value) -> str:
    name, label = str(plain(part)), words.study.label(quantity)
    if holds:
        return f"{label}: {words.named(quantity, name)}"
    values = words.study.printed[quantity, name]
    each = (f"{printed(value)} ({'; '.join(words.study.places(places))})" for value, places in values.items())
    return f"{label}: {PARTS[name]} {' but '.join(each)}"


def _inside(words: _Sentences, holds: bool, quantity: Value) -> str:
    middle = next(words.named(quantity, part) for part in _MIDDLE if words.values(quantity, part))
    ends = [words.values(quantity, part) for part in _ENDS if words.values(quantity, part)]
    verb = "lies in" if holds else "does not lie in"
    return f"{words.study.label(quantity)}: {middle} {verb} {' to '.join(ends[:2])}"


def _later(words: _Sentences, holds: bool, sooner: Value, later: Value) -> str:
    each = (f"{words.study.label(one)} {words.values(one, 'estimate')}%" for one in (sooner, later))
    return ", then ".join(each) + ("" if holds else ", which is more")


def _above(words: _Sentences, holds: bool, quantity: Value, mark: Value) -> str:
    low, benchmark = words.values(quantity, "low"), words.values(mark, "amount")
    verb = "is above" if holds else "is not above"
    return f"{words.study.label(quantity)}: lower end {low}% {verb} {benchmark}%, {words.study.label(mark)}"


def _median(words: _Sentences, holds: bool, quantity: Value) -> str:
    end = "as the numbers of patients have it" if holds else "which the numbers of patients do not give"
    return f"{words.study.label(quantity)}: {words.named(quantity, 'median')}, {end}"


def _themselves(words: _Sentences, *quantities: Value) -> Iterable[Value]:
    return quantities


def _the_first(words: _Sentences, quantity: Value, part: Value) -> Iterable[Value]:
    return (quantity,)


def _of_groups(words: _Sentences, *groups: Value) -> Iterable[Value]:
    return (quantity for quantity, (group, _) in words.study.quantities.items() if group in groups)


def _added(name: str) -> Callable[..., Iterable[Value]]:
    return lambda words, key: (thing for pair in words.rows(name, key) for thing in pair)


def _either_and_both(words: _Sentences, one: Value, other: Value) -> Iterable[Value]:
    return (one, other, *words.both(one, other))


_ENDS = ("low", "high", "range_low", "range_high")
_MIDDLE = ("share", "estimate", "median")


@dataclass(frozen=True)
class _Kind:
    """A kind of check: what comes of it, the quantities that it is about, and which of their parts it reads."""

    sentence: Callable[..., str]
    quantities: Callable[..., Iterable[Value]] = _themselves
    parts: tuple[str, ...] = ("count",)


_KINDS = {
    "share": _Kind(_share),
    "interval": _Kind(_interval, parts=("low", "high")),
    "fit": _Kind(_fit, parts=("low", "high")),
    "halves": _Kind(_halves, _of_groups, ("low", "high")),
    "parts": _Kind(_parts("part", "sum_of_parts", "add up to", "which is not"), _added("part")),
    "some": _Kind(
        _parts("some_of", "sum_of_some", "are no more than", "which is more than"), _added("some_of")
    ),
    "either": _Kind(_either, _either_and_both),
    "counted_among": _Kind(_among),
    "quoted": _Kind(_quoted, _the_first),
    "inside": _Kind(_inside, parts=(*_MIDDLE, *_ENDS)),
    "later": _Kind(_later, parts=("estimate",)),
    "above": _Kind(_above, parts=("low", "amount")),
    "median": _Kind(_median, parts=("median",)),
}
"""The kinds of checks, in the order in which they are listed."""
