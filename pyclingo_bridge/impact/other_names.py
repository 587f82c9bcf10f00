"""Case files for two policies: names that only the one knows are left out where the other decides them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from pyclingo_bridge.base.json_text import Doubled, read_json
from pyclingo_bridge.cases.vocabulary import Vocabulary


class OtherNames(NamedTuple):
    """The names that one vocabulary does not know, and another does.

    Attributes:
        form: names of the request form.
        stated: names that documents state.
    """

    form: frozenset[str]
    stated: frozenset[str]

    @classmethod
    def of(cls, own: Vocabulary, other: Vocabulary) -> OtherNames:
        """The names that only the other vocabulary knows."""
        return cls(
            frozenset(other.request_attributes.keys() - own.request_attributes.keys()),
            frozenset({*other.statable, *other.qualifiers} - {*own.statable, *own.qualifiers}),
        )

    def without(self, lines: Iterable[str | bytes]) -> list[str | bytes]:
        """The case files without them. What neither knows stays, and so does what is no case."""
        if not self.form and not self.stated:
            return list(lines)
        return [self._without(line) for line in lines]

    def _without(self, line: str | bytes) -> str | bytes:
        try:
            data = read_json(line)
        except ValueError:
            return line
        entries = [*_inside(data, "request", self.form)]
        documents = data.get("documents") if isinstance(data, dict) else None
        for entry in documents if isinstance(documents, list) else ():
            entries += _inside(entry, "states", self.stated)
        # A key that stands twice is an error, whoever knows it: the text has to stay as it is.
        if not entries or _doubled(data):
            return line
        for holder, name in entries:
            del holder[name]
        return json.dumps(data)


def _inside(data: Any, key: str, names: frozenset[str]) -> list[tuple[dict[str, Any], str]]:
    holder = data.get(key) if isinstance(data, dict) else None
    if not isinstance(holder, dict):
        return []
    return [(holder, name) for name in holder if name in names]


def _doubled(data: Any) -> bool:
    if isinstance(data, dict):
        return isinstance(data, Doubled) or any(map(_doubled, data.values()))
    return isinstance(data, list) and any(map(_doubled, data))
