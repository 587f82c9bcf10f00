"""Whether the numbers of a report agree with each other: the rules ask and judge, this tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pyclingo_bridge.base.extras import lacks
from pyclingo_bridge.core.decision import FORMAT_VERSION
from pyclingo_bridge.core.rule_files import read_program, rules_root
from pyclingo_bridge.core.solver import Signature, evaluate
from pyclingo_bridge.core.terms import Term, Value, plain
from pyclingo_bridge.core.versions import ENGINE
from pyclingo_bridge.published.answers import Check, Inconsistency, StudyCheck
from pyclingo_bridge.published.clopper_pearson import bounds, fitting
from pyclingo_bridge.published.study import Study, printed

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


def check_study(study: Study) -> StudyCheck:
    """Whether the numbers of a study's report agree with each other.

    Without the extra `evidence` no interval is recomputed; those that would be are told.
    """
    rules = read_program(rules_root() / "studies" / "rules" / "checks.lp")
    files = [*rules, *study.files]
    asked = evaluate(files, [], (*_ASKED, _HALVES))
    able = not lacks("evidence")
    computed = [*_recomputed(asked["asked"]), *_fits(asked["sought"])] if able else []
    found = evaluate(files, computed, _MADE)
    teller = _Teller(study, found)
    left = set() if able else {term.args[0] for name, _ in _ASKED for term in asked[name]}
    wrong = {term.args[0] for term in found["wrong"]}
    checks = sorted((term.args[0] for term in found["check"]), key=teller.order)
    return StudyCheck(
        version=FORMAT_VERSION,
        engine=dict(ENGINE),
        study=study.name,
        title=study.title,
        source=study.source,
        numbers=len(study.facts["figure"]),
        checked=len(study.facts["figure"]) - _open_numbers(study, found["unreached"]),
        findings=tuple(
            Inconsistency(kind=_kind(one), text=teller.finding(one), places=teller.places(one))
            for one in checks
            if one in wrong
        ),
        confirmed=tuple(
            Check(kind=_kind(one), text=teller.statement(one), places=teller.places(one))
            for one in checks
            if one not in wrong
        ),
        unreached=tuple(_unreached(study, found["unreached"], left)),
        not_recomputed=tuple(sorted(f"{study.label(one)}: {_ends(teller, one)}" for one in left)),
        left_out=() if able else tuple(_left_out(study, asked)),
        remarks=study.remarks,
    )


def _left_out(study: Study, asked: Mapping[str, Sequence[Term]]) -> Iterator[str]:
    """The checks besides that rest on intervals that were not computed."""
    sought = {term.args[0] for term in asked["sought"]}
    for label in sorted(study.label(quantity) for quantity in sought):
        yield f"{label}: whether some count gives the percentage and its interval"
    pairs = {term.args[:2] for term in asked["halves"] if sought.issuperset(term.args[2:])}
    for first, second in sorted(pairs, key=str):
        names = f"{study.groups[first]} and {study.groups[second]}"
        yield f"{names}: whether they can make up the whole"


def _kind(check: Value) -> str:
    return cast(Term, check).name


def _recomputed(asked: Iterable[Term]) -> Iterator[Term]:
    for count, size, decimals in {cast(tuple[int, int, int], term.args[1:]) for term in asked}:
        yield Term("recomputed", (count, size, decimals, *bounds(count, size, decimals)))


def _fits(sought: Iterable[Term]) -> Iterator[Term]:
    for term in sought:
        share, low, high, decimals, first, last = cast(tuple[int, ...], term.args[1:])
        yield Term("tried", (term.args[0],))
        for pair in fitting(share, low, high, decimals, range(first, last + 1)):
            yield Term("fits", (term.args[0], *pair))


def _open_numbers(study: Study, unreached: Iterable[Term]) -> int:
    """How many numbers of the report no check reaches."""
    parts = {term.args for term in unreached}
    return sum(term.args[:2] in parts for term in study.facts["figure"])


def _unreached(study: Study, found: Iterable[Term], left: set[Value]) -> Iterator[str]:
    """What no check reaches, but for the intervals of quantities that are told apart."""
    parts: dict[Value, list[str]] = {}
    for quantity, part in (term.args for term in found):
        if quantity in left and str(plain(part)) in _OF_INTERVAL:
            continue
        parts.setdefault(quantity, []).append(PARTS[str(plain(part))])
    order = list(PARTS.values())
    for quantity, names in sorted(parts.items(), key=lambda entry: study.label(entry[0])):
        yield f"{study.label(quantity)}: {', '.join(sorted(set(names), key=order.index))}"


@dataclass(frozen=True)
class _Teller:
    """Tells of checks in words."""

    study: Study
    found: Mapping[str, list[Term]]

    def order(self, check: Value) -> tuple[int, str]:
        """The checks of one kind stand together."""
        return list(_STATEMENTS).index(_kind(check)), str(check)

    def statement(self, check: Value) -> str:
        """What the report's numbers bear out."""
        term = cast(Term, check)
        return _STATEMENTS[term.name](self, *term.args)

    def finding(self, check: Value) -> str:
        """What they do not."""
        term = cast(Term, check)
        return _FINDINGS[term.name](self, *term.args)

    def places(self, check: Value) -> tuple[str, ...]:
        """Where the numbers stand that are held to each other."""
        term = cast(Term, check)
        if term.name == "share":
            return (self.study.place(term.args[1]),)
        quantities = set(_OF[term.name](self, *term.args))
        parts = _READ.get(term.name, ("count",))
        if term.name == "quoted":
            parts = (str(plain(term.args[1])),)
        return self.study.places(
            place
            for (quantity, part), values in self.study.printed.items()
            if quantity in quantities and part in parts
            for places in values.values()
            for place in places
        )

    # What the rules found

    def rows(self, name: str, *start: Value) -> list[tuple[Value, ...]]:
        """The arguments behind these of the atoms of a predicate that begin with them."""
        size = len(start)
        return [term.args[size:] for term in self.found[name] if term.args[:size] == start]

    def count(self, thing: Value) -> str:
        """A count with its name."""
        numbers = sorted({str(number) for (number,) in self.rows("count", thing)})
        return f"{self.study.label(thing)} ({' or '.join(numbers) or 'not told'})"

    def values(self, quantity: Value, part: str) -> str:
        """What the report prints of a part of a quantity."""
        return " or ".join(printed(value) for value in self.study.printed.get((quantity, part), {}))


def _told(value: str, part: str) -> str:
    return f"{PARTS[part]} {value}"


def _quoted(teller: _Teller, quantity: Value, part: Value) -> str:
    name = str(plain(part))
    return f"{teller.study.label(quantity)}: {_told(teller.values(quantity, name), name)}"


def _quoted_differently(teller: _Teller, quantity: Value, part: Value) -> str:
    values = teller.study.printed[quantity, str(plain(part))]
    told = (f"{printed(value)} ({'; '.join(teller.study.places(places))})" for value, places in values.items())
    return f"{teller.study.label(quantity)}: {PARTS[str(plain(part))]} {' but '.join(told)}"


def _ratio(teller: _Teller, quantity: Value, place: Value) -> tuple[str, str]:
    key = Term("share", (quantity, place))
    share, decimals, count, size = cast(tuple[int, ...], teller.rows("rounded", key)[0])
    text = f"{share / 10**decimals:.{decimals}f}%"
    return f"{teller.study.label(quantity)}: {count} of {size}", text


def _share(teller: _Teller, quantity: Value, place: Value) -> str:
    ratio, text = _ratio(teller, quantity, place)
    return f"{ratio} is {text}"


def _share_off(teller: _Teller, quantity: Value, place: Value) -> str:
    ratio, text = _ratio(teller, quantity, place)
    nearest = teller.rows("nearest", Term("share", (quantity, place)))
    value, decimals = cast(tuple[int, int], nearest[0])
    return f"{ratio} is {value / 10**decimals:.{decimals}f}%, and is printed as {text}"


def _of_parts(name: str) -> Callable[..., set[Value]]:
    def found(teller: _Teller, key: Value) -> set[Value]:
        return {thing for pair in teller.rows(name, key) for thing in pair}

    return found


def _parts(name: str, verb: str) -> Callable[..., str]:
    def told(teller: _Teller, key: Value) -> str:
        rows = teller.rows(name, key)
        whole = rows[0][0]
        parts = ", ".join(teller.count(part) for _, part in rows)
        return f"{parts} {verb} {teller.count(whole)}"

    return told


def _sum(name: str, sums: str, verb: str) -> Callable[..., str]:
    def told(teller: _Teller, key: Value) -> str:
        rows = teller.rows(name, key)
        whole = rows[0][0]
        total = teller.rows(sums, key, whole)[0][0]
        parts = ", ".join(teller.count(part) for _, part in rows)
        return f"{parts} come to {total}, {verb} {teller.count(whole)}"

    return told


def _among(teller: _Teller, part: Value, whole: Value) -> str:
    return f"{teller.count(part)} among {teller.count(whole)}"


def _not_among(teller: _Teller, part: Value, whole: Value) -> str:
    return f"{teller.count(part)} cannot be among {teller.count(whole)}"


def _either_of(teller: _Teller, first: Value, second: Value) -> tuple[Value, Value]:
    for whole, one, other, both in teller.rows("either"):
        if (one, other) == (first, second):
            return whole, both
    raise KeyError(first)


def _either(teller: _Teller, first: Value, second: Value) -> str:
    whole, both = _either_of(teller, first, second)
    return (
        f"{teller.count(first)} and {teller.count(second)}, with {teller.count(both)} counted once, "
        f"are {teller.count(whole)}"
    )


def _not_either(teller: _Teller, first: Value, second: Value) -> str:
    return _either(teller, first, second).replace(", are ", ", are not ")


_ENDS = ("low", "high", "range_low", "range_high")
_MIDDLE = ("share", "estimate", "median")


def _inside(teller: _Teller, quantity: Value, verb: str = "lies in") -> str:
    middle = next(
        _told(teller.values(quantity, part), part) for part in _MIDDLE if teller.values(quantity, part)
    )
    ends = [teller.values(quantity, part) for part in _ENDS if teller.values(quantity, part)]
    return f"{teller.study.label(quantity)}: {middle} {verb} {' to '.join(ends[:2])}"


def _outside(teller: _Teller, quantity: Value) -> str:
    return _inside(teller, quantity, "does not lie in")


def _later(teller: _Teller, sooner: Value, later_on: Value) -> str:
    told = (f"{teller.study.label(q)} {teller.values(q, 'estimate')}%" for q in (sooner, later_on))
    return ", then ".join(told)


def _rises(teller: _Teller, sooner: Value, later_on: Value) -> str:
    return f"{_later(teller, sooner, later_on)}, which is more"


def _above(teller: _Teller, quantity: Value, mark: Value, verb: str = "is above") -> str:
    low, benchmark = teller.values(quantity, "low"), teller.values(mark, "amount")
    name = teller.study.label(mark)
    return f"{teller.study.label(quantity)}: lower end {low}% {verb} {benchmark}%, {name}"


def _not_above(teller: _Teller, quantity: Value, mark: Value) -> str:
    return _above(teller, quantity, mark, "is not above")


def _median(teller: _Teller, quantity: Value) -> str:
    told = _told(teller.values(quantity, "median"), "median")
    return f"{teller.study.label(quantity)}: {told}, as the numbers of patients have it"


def _no_median(teller: _Teller, quantity: Value) -> str:
    told = _told(teller.values(quantity, "median"), "median")
    return f"{teller.study.label(quantity)}: {told}, which the numbers of patients do not give"


def _ends(teller: _Teller, quantity: Value) -> str:
    return f"{teller.values(quantity, 'low')} to {teller.values(quantity, 'high')}"


def _interval(teller: _Teller, quantity: Value) -> str:
    count, size, _ = teller.rows("asked", quantity)[0]
    label = teller.study.label(quantity)
    return f"{label}: the interval of {count} of {size} is {_ends(teller, quantity)}"


def _interval_off(teller: _Teller, quantity: Value) -> str:
    count, size, decimals = cast(tuple[int, int, int], teller.rows("asked", quantity)[0])
    low, high = cast(tuple[int, int], teller.rows("recomputed", count, size, decimals)[0])
    told = " to ".join(f"{end / 10**decimals:.{decimals}f}" for end in (low, high))
    label = teller.study.label(quantity)
    ends = _ends(teller, quantity)
    return f"{label}: the interval of {count} of {size} is {told}, and is printed as {ends}"


def _fit(teller: _Teller, quantity: Value) -> str:
    fits = teller.rows("fits", quantity)
    told = ", ".join(f"{count} of {size}" for count, size in fits[:6])
    more = f" and {len(fits) - 6} more" if len(fits) > 6 else ""
    which = "of one count alone" if len(fits) == 1 else "of these counts"
    share = teller.values(quantity, "share")
    label = teller.study.label(quantity)
    return f"{label}: {share}% with {_ends(teller, quantity)} is {which}: {told}{more}"


def _no_fit(teller: _Teller, quantity: Value) -> str:
    share = teller.values(quantity, "share")
    label = teller.study.label(quantity)
    return f"{label}: no count gives {share}% with {_ends(teller, quantity)}"


def _halves(teller: _Teller, first: Value, second: Value) -> str:
    pairs = sorted(teller.rows("add_up", first, second), key=str)
    told = ", ".join(f"{one} and {other}" for one, other in pairs[:6])
    names = f"{teller.study.groups[first]} and {teller.study.groups[second]}"
    return f"{names}: their percentages allow for sizes that make up the whole ({told})"


def _no_halves(teller: _Teller, first: Value, second: Value) -> str:
    names = f"{teller.study.groups[first]} and {teller.study.groups[second]}"
    return f"{names}: no sizes that their percentages allow for make up the whole"


def _halved(teller: _Teller, first: Value, second: Value) -> set[Value]:
    return {quantity for quantity, (group, _) in teller.study.quantities.items() if group in (first, second)}


_STATEMENTS: dict[str, Callable[..., str]] = {
    "share": _share,
    "interval": _interval,
    "fit": _fit,
    "halves": _halves,
    "parts": _parts("part", "add up to"),
    "some": _parts("some_of", "are no more than"),
    "either": _either,
    "counted_among": _among,
    "quoted": _quoted,
    "inside": _inside,
    "later": _later,
    "above": _above,
    "median": _median,
}
"""What is told of each check that is borne out; the order in which they are told."""

_FINDINGS: dict[str, Callable[..., str]] = {
    "share": _share_off,
    "interval": _interval_off,
    "fit": _no_fit,
    "halves": _no_halves,
    "parts": _sum("part", "sum_of_parts", "which is not"),
    "some": _sum("some_of", "sum_of_some", "which is more than"),
    "either": _not_either,
    "counted_among": _not_among,
    "quoted": _quoted_differently,
    "inside": _outside,
    "later": _rises,
    "above": _not_above,
    "median": _no_median,
}

_OF: dict[str, Callable[..., Any]] = {
    "interval": lambda teller, quantity: {quantity},
    "fit": lambda teller, quantity: {quantity},
    "halves": _halved,
    "parts": _of_parts("part"),
    "some": _of_parts("some_of"),
    "either": lambda teller, one, other: {one, other, *_either_of(teller, one, other)},
    "counted_among": lambda teller, part, whole: {part, whole},
    "quoted": lambda teller, quantity, part: {quantity},
    "inside": lambda teller, quantity: {quantity},
    "later": lambda teller, sooner, later_on: {sooner, later_on},
    "above": lambda teller, quantity, mark: {quantity, mark},
    "median": lambda teller, quantity: {quantity},
}
"""The quantities that a check is about."""

_READ: dict[str, tuple[str, ...]] = {
    "interval": ("low", "high"),
    "fit": ("low", "high"),
    "halves": ("low", "high"),
    "inside": (*_MIDDLE, *_ENDS),
    "later": ("estimate",),
    "above": ("low", "amount"),
    "median": ("median",),
}
"""Which parts of them it reads, where these are no counts."""
