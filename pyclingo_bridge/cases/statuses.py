"""Which documents of a case count: not one entered in error, nor one that another takes the place of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

FINAL = "final"
IN_ERROR: Final = "entered_in_error"
STATUSES = (FINAL, "preliminary", "amended", IN_ERROR)
"""What a document's status can be, the default first."""

OTHER_SPELLINGS = {"entered-in-error": IN_ERROR}
"""Other spellings that are taken, as FHIR has them."""

Why = Literal["entered_in_error", "replaced"]


def own_status(status: Any) -> Any:
    """A status in the spelling that is used here."""
    return OTHER_SPELLINGS.get(status, status) if isinstance(status, str) else status


class SetAside(NamedTuple):
    """A document that counts for nothing.

    Attributes:
        id: the document's id.
        why: `entered_in_error`, or `replaced`.
        by: the document that takes its place, if any.
    """

    id: str
    why: Why
    by: str | None = None


class Replacing(Protocol):
    """What is asked of a document here."""

    @property
    def id(self) -> str:
        """The document's id."""

    @property
    def status(self) -> str:
        """Its status, in the spelling that is used here."""

    @property
    def replaces(self) -> str | None:
        """The id of the document that it takes the place of, if any."""


def set_aside(documents: Iterable[Replacing]) -> tuple[SetAside, ...]:
    """The documents that count for nothing, in the order given.

    A document is replaced by one that is not in error, or that is replaced itself: of a chain the last
    counts. There are no circles among documents that were checked.
    """
    documents = list(documents)
    replaced = _replaced(documents)
    found: list[SetAside] = []
    for one in documents:
        if one.status == IN_ERROR:
            found.append(SetAside(one.id, IN_ERROR, replaced.get(one.id)))
        elif one.id in replaced:
            found.append(SetAside(one.id, "replaced", replaced[one.id]))
    return tuple(found)


def _replaced(documents: Sequence[Replacing]) -> dict[str, str]:
    """The documents that are replaced, each with the first one that replaces it."""
    by: dict[str, list[Replacing]] = {}
    for one in documents:
        if one.replaces is not None:
            by.setdefault(one.replaces, []).append(one)
    replaced: dict[str, str] = {}
    # From the ends of the chains: those that nothing replaces come first.
    waiting = [one for one in documents if one.replaces is not None and one.id not in by]
    left = {name: len(others) for name, others in by.items()}
    ids = {one.id: one for one in documents}
    for one in waiting:
        name = one.replaces
        if name is None:
            continue
        left[name] -= 1
        if left[name] == 0:
            counting = [other.id for other in by[name] if other.status != IN_ERROR or other.id in replaced]
            if counting:
                replaced[name] = counting[0]
            waiting += [ids[name]] if name in ids else []
    return replaced


def circles(replaces: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Documents that replace one another in a circle, by id, each circle once, from its first document on.

    Args:
        replaces: for each document that replaces one, the id of that, in the order given.
    """
    seen: set[str] = set()
    for start in replaces:
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in seen:
            seen.add(name)
            path.append(name)
            name = replaces.get(name)
        if name in path:
            yield tuple(path[path.index(name) :])
