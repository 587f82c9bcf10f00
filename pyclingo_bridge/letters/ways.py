"""What would lead to an approval, in the words of a letter: from missing sets, and from repairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.letters.content import ToClarify, ToResolve, ToShow, Way, Ways
from pyclingo_bridge.letters.wording import REQUEST_FORM, Words
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement
from pyclingo_bridge.questions.repairs import Repair, Resolution
from pyclingo_bridge.questions.requirements import asks_for_more
from pyclingo_bridge.questions.unknown_names import Clarification


class WaysInWords:
    """Puts ways to an approval into words."""

    def __init__(self, words: Words, documents: Iterable[Stated]) -> None:
        """Take the policy's words, and the documents that count."""
        self._words = words
        self._sources = {one.id: words.source_of(one) for one in documents}

    def of_missing(
        self, sets: Sequence[MissingSet], in_every: frozenset[str], count: int | None, more: bool
    ) -> Ways:
        """Missing sets: what all share first, then what else each of them has to show.

        Args:
            sets: those that are listed, in order.
            in_every: the terms of the requirements that all have, listed or not.
            count: how many there are.
            more: whether there are more than these.
        """
        shared = in_every if len(sets) > 1 or more else frozenset()
        common = [one for one in _merged(sets) if one.term in shared]
        return Ways(
            shared=tuple(map(self._to_show, _ordered(common))),
            ways=tuple(self._way(found, shared) for found in sets),
            count=count,
            more=more,
        )

    def of_repairs(self, repairs: Sequence[Repair], more: bool) -> Ways:
        """Repairs: documents, resolved contradictions and changes of the request."""
        return Ways(
            ways=tuple(self._way(found, frozenset()) for found in repairs),
            count=None if more else len(repairs),
            more=more,
        )

    def and_by_request(self, ways: Ways, repairs: Sequence[Repair], more: bool) -> Ways:
        """These ways, and beside them repairs that only change the request."""
        by_request = tuple(self._way(found, frozenset()) for found in repairs)
        return ways.model_copy(update={"by_request": by_request, "more_by_request": more})

    def _way(self, found: MissingSet | Repair, shared: frozenset[str]) -> Way:
        own = [one for one in found.requirements if one.term not in shared]
        told = {name for one in found.requirements for name in one.clarifications}
        return Way(
            sections=tuple(map(self._words.criterion, found.sections)),
            documents=tuple(map(self._words.document_type, found.documents)),
            shows=tuple(map(self._to_show, _ordered(own))),
            clarifications=tuple(self._to_clarify(one) for one in found.clarifications if one not in told),
            resolutions=tuple(map(self._to_resolve, found.resolutions)) if isinstance(found, Repair) else (),
            changes=tuple(one.text for one in found.changes) if isinstance(found, Repair) else (),
        )

    def _to_show(self, one: MissingRequirement) -> ToShow:
        return ToShow(
            name=self._words.requirement(one),
            criteria=tuple(map(self._words.criterion, one.criteria)),
            documents=tuple(map(self._words.document_type, one.document_types)),
            by_stating=None if one.by_stating is None else self._words.attribute(one.by_stating),
            clarifications=tuple(map(self._to_clarify, one.clarifications)),
            means=one.means if one.clarifications else "documents",
            any_name=asks_for_more(one),
        )

    def _to_clarify(self, one: Clarification) -> ToClarify:
        source = REQUEST_FORM if one.document is None else self._sources[one.document]
        return ToClarify(name=one.name, source=source, nearest=one.nearest)

    def _to_resolve(self, one: Resolution) -> ToResolve:
        return ToResolve(
            name=self._words.requirement(one.requirement),
            criteria=tuple(map(self._words.criterion, one.criteria)),
            newer=one.newer,
            supporting=tuple(map(self._words.said, one.supporting)),
            opposing=tuple(map(self._words.said, one.opposing)),
        )


def _merged(sets: Sequence[MissingSet]) -> Iterator[MissingRequirement]:
    """The requirements of these sets, each with all the criteria that it serves in any of them."""
    by_term: dict[str, list[MissingRequirement]] = {}
    for one in (one for found in sets for one in found.requirements):
        by_term.setdefault(one.term, []).append(one)
    for same in by_term.values():
        names = {name for one in same for name in one.criteria}
        yield same[0].model_copy(update={"criteria": tuple(sorted(names, key=natural_key))})


def _ordered(requirements: Iterable[MissingRequirement]) -> list[MissingRequirement]:
    """In the order of the criteria that they serve, as a reader with the policy goes through them."""
    return sorted(requirements, key=lambda one: ([natural_key(name) for name in one.criteria], one.term))
