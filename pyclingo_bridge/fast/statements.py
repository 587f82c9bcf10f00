"""What the documents of a case say, each statement with what it comes to by masks."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from pyclingo_bridge.fast.masks import ListMasks, Saying


class ValueStatement(NamedTuple):
    """What a document, at its place, says of an attribute that is no list.

    Attributes:
        place: the document's place.
        first: the first day that it may be of.
        last: the last one.
        impact: what it says.
    """

    place: int
    first: datetime.date
    last: datetime.date
    impact: Saying


class ListStatement(NamedTuple):
    """What a document, at its place, lists of an attribute.

    Attributes:
        place: the document's place.
        first: the first day that it may be of.
        last: the last one.
        held: what the list holds.
        whole: whether the document calls it whole.
    """

    place: int
    first: datetime.date
    last: datetime.date
    held: ListMasks
    whole: bool


class Statements(NamedTuple):
    """What the documents of a case say that counts, or would if no later one took its place.

    Attributes:
        values: of attributes that have one value, by attribute.
        lists: of lists, by attribute.
    """

    values: dict[str, list[ValueStatement]]
    lists: dict[str, list[ListStatement]]

    def add_list(self, attribute: str, one: ListStatement) -> None:
        """Add what a document lists; what it lists by several statements is one list."""
        lists = self.lists.setdefault(attribute, [])
        if lists and lists[-1].place == one.place:
            before = lists.pop()
            one = one._replace(held=before.held | one.held, whole=before.whole or one.whole)
        lists.append(one)
