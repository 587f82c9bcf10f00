"""What documents state by their details: rules of the vocabulary draw conclusions from them.

A detail, such as a measurement, is what no claim is about. The rules that make statements of the
details of one document are in the vocabulary's file `conclusions.lp`, which runs by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from pyclingo_bridge.attributes import Attribute
from pyclingo_bridge.solve import Signature, evaluate
from pyclingo_bridge.sources import RulesFile, read_program
from pyclingo_bridge.terms import Term, Value, constant, plain

DECIMALS = 3
"""How many digits behind the point a detail may have; the rules count in units of the last."""

ENTRY = "conclusions.lp"
"""The file of a vocabulary that draws conclusions."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_REMEMBERED = 8_192
_MADE: tuple[Signature, ...] = (("concludes", 3), ("short_of", 3))


class Concluded(NamedTuple):
    """What follows from the details of one document.

    Attributes:
        statements: the attributes and values that it states by them.
        short: attributes of which they come to no value, each with the name of the reason.
    """

    statements: tuple[tuple[str, bool | int | str], ...] = ()
    short: tuple[tuple[str, str], ...] = ()


NOTHING = Concluded()


def drawing_conclusions(files: Iterable[RulesFile]) -> list[RulesFile]:
    """Of a policy's or a vocabulary's files, those that draw conclusions from details."""
    return read_program(*(file.path for file in files if file.path.name == ENTRY))


class Conclusions:
    """The rules of a vocabulary that draw conclusions from details.

    Attributes:
        text: the rules' text, which identifies them.
    """

    def __init__(self, files: Iterable[RulesFile]) -> None:
        """Take the files of a policy or vocabulary; those that draw conclusions are among them."""
        self._files = drawing_conclusions(files)
        self.text = "\n".join(file.text for file in self._files)
        self._words = frozenset(_WORD.findall(self.text))
        self._known = lru_cache(maxsize=_REMEMBERED)(self._ask)

    def drawn_from(self, states: Mapping[str, Any]) -> dict[str, Any]:
        """What of a document's statements its conclusions can be drawn from."""
        return {name: value for name, value in states.items() if name in self._words}

    def of(self, states: Mapping[str, Any], attributes: Mapping[str, Attribute]) -> Concluded:
        """What follows from what a document states, of values that were checked."""
        said = [
            (name, value)
            for name, states_value in self.drawn_from(states).items()
            if name in attributes
            for value in plain_values(attributes[name], states_value)
        ]
        return self._known(frozenset(said)) if said else NOTHING

    def _ask(self, said: frozenset[tuple[str, Value]]) -> Concluded:
        facts = [Term("states", (1, constant(name), value)) for name, value in said]
        found = evaluate(self._files, facts, _MADE)
        return Concluded(
            tuple(
                sorted(
                    ((str(plain(name)), _own(value)) for _, name, value in _args(found, _MADE[0])),
                    key=str,
                )
            ),
            tuple(
                sorted(
                    (str(plain(name)), str(plain(why))) for _, name, why in _args(found, _MADE[1])
                )
            ),
        )


def _args(found: Mapping[str, list[Term]], signature: Signature) -> Iterable[tuple[Value, ...]]:
    return (term.args for term in found[signature[0]])


def _own(value: Value) -> bool | int | str:
    """A value as a case file gives it."""
    word = plain(value)
    return word == "true" if word in ("true", "false") else word


def plain_values(attribute: Attribute, value: Any) -> list[Value]:
    """A value of anything but drugs as the rules take it where nothing is encoded."""
    if attribute.domain == "flag":
        return [constant("true" if value else "false")]
    if attribute.domain == "whole_number":
        return [int(value)]
    if attribute.domain == "decimal":
        return [scaled(value)]
    # A name that the vocabulary does not list stays a text: it can equal none that it does list.
    names = [value] if isinstance(value, str) else value
    return [constant(name) if name in attribute.listed else name for name in names]


def scaled(value: int | float) -> int:
    """A decimal in thousandths; what was read from a text is exactly what the text says."""
    return int(Decimal(str(value)) * 10**DECIMALS)
