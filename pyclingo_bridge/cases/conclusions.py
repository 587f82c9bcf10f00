"""What documents state by their details: rules of the vocabulary draw conclusions from them.

A detail, such as a measurement, is what no requirement is about. The rules that make statements of the
details of one document are in the vocabulary's file `conclusions.lp`, which runs by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeAlias

from pyclingo_bridge.base.errors import EngineError, quoted
from pyclingo_bridge.base.rule_files import RulesFile, included, shipped
from pyclingo_bridge.base.solver import Signature, evaluate
from pyclingo_bridge.base.terms import Term, Value, constant, plain, written
from pyclingo_bridge.cases.attributes import DATE, DETAIL, Attribute, drug_key, own_value
from pyclingo_bridge.cases.days import PartialDay, day_number, read_day
from pyclingo_bridge.cases.limits import Limits

DECIMALS = 3
"""How many digits behind the point a detail may have; the rules count in units of the last."""

ENTRY = "conclusions.lp"
"""The file of a vocabulary that draws conclusions."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_CODE_WORD = re.compile(r'"(?:\\.|[^"\\])*"|%\*.*?\*%|%[^\n]*|(\b[a-z][a-z0-9_]*)', re.DOTALL)
_REMEMBERED = 16_384
AT_ONCE = 1_000
"""Documents of which conclusions are drawn in one go, at most."""

_Stated: TypeAlias = frozenset[tuple[str, Value]]
_NONE: _Stated = frozenset()
_MADE: tuple[Signature, ...] = (("concludes", 3), ("short_of", 3))


class Concluded(NamedTuple):
    """What follows from the details of one document.

    Attributes:
        statements: the attributes and values that it states by them.
        short: attributes of which they come to no value, each with the name of the reason.
        faults: why nothing can be concluded from them, each with the rule's file and line.
    """

    statements: tuple[tuple[str, bool | int | str], ...] = ()
    short: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()


NOTHING = Concluded()


class ExactNumbers(Protocol):
    """Watches over the numbers of rules that draw conclusions: the solver counts in 32 bits, and wraps."""

    @property
    def safe_up_to(self) -> int:
        """With no larger numbers stated than this, whatever their signs, the solver counts well."""

    @property
    def probes(self) -> tuple[RulesFile, ...]:
        """Rules to ground with the others: they give the numbers that each calculation starts from."""

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The predicates of the probes."""

    def faults(self, atoms: Mapping[str, Sequence[Term]], undefined: bool) -> list[str]:
        """Where the numbers that the probes gave lead too far; if `undefined`, to no value, too."""

    def documents_at_once(self, attributes: Mapping[str, Attribute]) -> int:
        """How many documents the rules may be run on together."""


_KNOWN: dict[str, dict[_Stated, Concluded]] = {}
"""The conclusions drawn so far, by the text of the rules."""


def conclusion_files(files: Iterable[RulesFile]) -> list[RulesFile]:
    """Of a policy's or a vocabulary's files, those that draw conclusions from details."""
    files = list(files)
    return included([file.path for file in files if file.path.name == ENTRY], files)


class Conclusions:
    """The rules of a vocabulary that draw conclusions from details.

    Attributes:
        text: the rules' text, which identifies them.
        place: the file that they are read from.
    """

    def __init__(self, files: Iterable[RulesFile], exact: ExactNumbers | None = None) -> None:
        """Take the files of a policy or vocabulary; those that draw conclusions are among them.

        Args:
            files: the files.
            exact: watches over their numbers. Rules that come with this package can do without: tests
                hold that no number a document may state leads them too far.

        Errors: EngineError where other rules have nothing that watches over their numbers.
        """
        self._files = conclusion_files(files)
        self._exact = exact
        if exact is None and not all(shipped(file.path) for file in self._files):
            raise EngineError(f"{self._files[0].path}: nothing watches over the numbers of these rules")
        self.text = "\n".join(file.text for file in self._files)
        # In the order in which the rules speak of them: in that order they come, too.
        self._words = {word: place for place, word in enumerate(dict.fromkeys(_WORD.findall(self.text)))}
        # Words of comments are none that the rules read.
        self._read = frozenset(filter(None, _CODE_WORD.findall(self.text)))
        self.place = str(self._files[0].path) if self._files else ""
        # A policy's vocabulary and the default one draw the same conclusions by the same rules.
        self._known = _KNOWN.setdefault(self.text, {})

    def reads(self, name: str) -> bool:
        """Whether the rules name an attribute or a detail."""
        return name in self._read

    def drawn_from(self, states: Mapping[str, Any]) -> dict[str, Any]:
        """What of a document's statements its conclusions can be drawn from, in one order."""
        own = sorted(states.keys() & self._words.keys(), key=self._words.__getitem__)
        return {name: states[name] for name in own}

    def of(self, states: Mapping[str, Any], attributes: Mapping[str, Attribute]) -> Concluded:
        """What follows from what a document states, of values that were checked."""
        stated = self._stated(states, attributes)
        if not stated:
            return NOTHING
        return self._known.get(stated) or self._learn([stated])[stated]

    def learn(self, many: Iterable[Mapping[str, Any]], attributes: Mapping[str, Attribute]) -> None:
        """Draw the conclusions of many documents at once, which takes little longer than of one."""
        unknown = {self._stated(states, attributes) for states in many} - self._known.keys() - {_NONE}
        at_once = AT_ONCE
        if self._exact and len(unknown) > 1:
            at_once = min(AT_ONCE, self._exact.documents_at_once(attributes))
        for start in range(0, len(documents := list(unknown)), at_once):
            self._learn(documents[start : start + at_once])

    def _stated(self, states: Mapping[str, Any], attributes: Mapping[str, Attribute]) -> _Stated:
        return frozenset(
            (name, value)
            for name, states_value in self.drawn_from(states).items()
            if name in attributes
            for value in plain_values(attributes[name], states_value)
        )

    def _learn(self, block: Sequence[_Stated]) -> dict[_Stated, Concluded]:
        learned = self._draw(block)
        if len(self._known) + len(learned) > _REMEMBERED:
            self._known.clear()
        self._known.update(learned)
        return learned

    def _draw(self, block: Sequence[_Stated]) -> dict[_Stated, Concluded]:
        facts = [
            Term("states", (place, constant(name), value))
            for place, stated in enumerate(block)
            for name, value in stated
        ]
        largest = max((abs(n) for stated in block for _, n in stated if isinstance(n, int)), default=0)
        found, faults = self._evaluated(facts, largest)
        if faults and len(block) > 1:
            # It lies with some document: each is asked by itself.
            return {stated: self._draw([stated])[stated] for stated in block}
        if faults:
            return {block[0]: Concluded(faults=tuple(faults))}
        statements = _by_document(found["concludes"])
        short = _by_document(found["short_of"])
        return {stated: self._concluded(statements[place], short[place]) for place, stated in enumerate(block)}

    def _evaluated(self, facts: Sequence[Term], largest: int) -> tuple[dict[str, list[Term]], list[str]]:
        """What follows, and why it cannot be relied on."""
        if self._exact is None:
            return evaluate(self._files, facts, _MADE), []
        undefined: list[str] = []
        if largest <= self._exact.safe_up_to:
            found = evaluate(self._files, facts, _MADE, undefined=undefined)
            if not undefined:
                return found, []
        # Where the rule has another condition that is not met, what has no value does not matter.
        rules = [*self._files, *self._exact.probes]
        found = evaluate(rules, facts, (*_MADE, *self._exact.signatures), undefined=undefined)
        return found, self._exact.faults(found, bool(undefined))

    def _concluded(
        self, statements: Iterable[tuple[str, Value]], short: Iterable[tuple[str, Value]]
    ) -> Concluded:
        found = sorted(statements, key=str)
        # A text equals no name of the vocabulary, however it is spelled.
        odd = [
            f"{self.place}: the rules conclude {written(value)} for `{name}`: write a number, or a name in "
            "small letters without quotes"
            for name, value in found
            if isinstance(value, str) or (isinstance(value, Term) and value.args)
        ]
        return Concluded(
            tuple((name, own_value(value)) for name, value in found),
            tuple(sorted((name, str(plain(why))) for name, why in short)),
            tuple(odd),
        )


def most_values(attributes: Mapping[str, Attribute]) -> dict[str, int]:
    """How many values a document can state of each attribute that documents state, by a case's limits."""
    members = Limits().members
    return {
        name: {"list": min(len(one.listed), members), "drugs": members}.get(one.domain, 1)
        for name, one in attributes.items()
        if one.kind != "request"
    }


def _by_document(found: Iterable[Term]) -> Mapping[Value, list[tuple[str, Value]]]:
    of_document: defaultdict[Value, list[tuple[str, Value]]] = defaultdict(list)
    for place, name, value in (term.args for term in found):
        of_document[place].append((str(plain(name)), value))
    return of_document


def unfit(attribute: Attribute | None, value: bool | int | str) -> str:
    """Why no document could state what is concluded of an attribute; empty where one could."""
    if attribute is None:
        return "which is no attribute"
    if attribute.kind in ("request", DETAIL):
        return "which is nothing to be concluded"
    if attribute.domain == "flag":
        return "" if isinstance(value, bool) else f"a flag, as {quoted(value)}"
    if attribute.domain == "whole_number":
        # Whether it is true is asked apart: the words of flags are no numbers.
        fits = value.__class__ is int and attribute.minimum <= value <= attribute.maximum
        bounds = f"{attribute.minimum} to {attribute.maximum}"
        return "" if fits else f"a whole number from {bounds}, as {quoted(value)}"
    known = attribute.domain == "name" or value in attribute.listed
    return "" if known else f"of which the vocabulary lists no {quoted(value)}"


def plain_values(attribute: Attribute, value: Any) -> list[Value]:
    """A value as the rules take it where nothing is encoded; a drug by its name in the vocabulary.

    A range, and a day of which less is known, are no one value: rules that conclude do without it.
    """
    if isinstance(value, dict):
        return []
    if attribute.domain == "flag":
        return [constant("true" if value else "false")]
    if attribute.domain == "whole_number":
        return [int(value)]
    if attribute.domain == "decimal":
        return [scaled(value)]
    if attribute.domain == DATE:
        day = read_day(value)
        return [] if isinstance(day, PartialDay) else [day_number(day)]
    # A name that the vocabulary does not list stays a text: it can equal none that it does list.
    names = [value] if isinstance(value, str) else value
    if attribute.domain == "drugs":
        return [term for name in names for term in _drugs(attribute, name)]
    return [constant(name) if name in attribute.listed else name for name in names]


def _drugs(attribute: Attribute, name: str) -> list[Value]:
    if attribute.names is None:
        key = drug_key(name)
        return [constant(key) if key in attribute.listed else name]
    read = attribute.names.read_drugs(name)
    # A name that begins with a digit is a text in the rules.
    return [*(constant(key) if key[:1].isalpha() else key for key in read.known), *read.unknown]


def scaled(value: int | float) -> int:
    """A decimal in thousandths; what was read from a text is exactly what the text says."""
    return int(Decimal(str(value)) * 10**DECIMALS)
