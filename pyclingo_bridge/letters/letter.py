"""A determination letter: what it tells, and the letter itself in each format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyclingo_bridge.base.errors import LetterError, TooLargeError, quoted, suggestion
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Decision
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.letters.content import LetterContent, Ways
from pyclingo_bridge.letters.making import letter_content
from pyclingo_bridge.letters.slots import RECIPIENTS, Recipient, filled_slots
from pyclingo_bridge.letters.ways import WaysInWords
from pyclingo_bridge.letters.wording import Words
from pyclingo_bridge.questions.minimal_sets import check_count, take
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.repairs import Repair, RepairSearch

FEW = 5
"""How many ways to an approval a letter lists, unless it is told otherwise."""

_LOOKED_AT = 50
"""How many repairs are looked at for those that leave the request as it is, or change it alone."""


@dataclass(frozen=True)
class Letter:
    """A letter on one decision. It is written when a format is asked for.

    Attributes:
        content: what it tells.
        templates: a folder of templates that take the place of those that are shipped.
    """

    content: LetterContent
    templates: Path | None = None

    @property
    def empty_slots(self) -> tuple[str, ...]:
        """The names of the slots that it needs and that are empty."""
        return self.content.empty_slots

    def markdown(self) -> str:
        """The letter as Markdown.

        Errors: LetterError where a template is wrong; ExtraError without the extra `letters`.
        """
        return self._rendered("md")

    def html(self) -> str:
        """The letter as one page of HTML that needs no other file.

        Errors: as `markdown`.
        """
        return self._html

    def pdf(self) -> bytes:
        """The letter as a PDF with tags for screen readers (PDF/UA-1).

        Errors: as `markdown`; ExtraError also where WeasyPrint, or its library Pango, is not there.
        """
        html = self._html
        from pyclingo_bridge.letters.pdf import as_pdf

        return as_pdf(html)

    @cached_property
    def reading_grade(self) -> float | None:
        """The Flesch-Kincaid grade of the letter's sentences, slots and labels included: an estimate.

        It is the years of school in the United States that a reader needs. None of a letter without words.

        Errors: as `markdown`.
        """
        from pyclingo_bridge.letters.reading import reading_grade

        return reading_grade(self._html)

    @cached_property
    def _html(self) -> str:
        return self._rendered("html")

    def _rendered(self, kind: Any) -> str:
        need("letters")
        from pyclingo_bridge.letters.rendering import check_folder, rendered

        if self.templates is not None:
            check_folder(self.templates)
        return rendered(self.content, kind, self.templates)


def letter(
    policy: LoadedPolicy,
    assessment: Assessment,
    to: Recipient,
    slots: Mapping[str, Any],
    templates: Path | None,
    first: int,
) -> Letter:
    """The letter on a case's decision; `Policy.letter` says what goes in."""
    if to not in RECIPIENTS:
        raise LetterError(f"no letter goes to {quoted(to)}{suggestion(to, RECIPIENTS)}: provider or member")
    check_count(first)
    filled = filled_slots(slots)
    decision = policy.decision(assessment)
    ways = _ways(policy, assessment, decision, first)
    content = letter_content(decision, assessment.case, policy.structure, to, filled, ways)
    return Letter(content, templates)


def _ways(policy: LoadedPolicy, assessment: Assessment, decision: Decision, first: int) -> Ways:
    """What would turn a denial: documents where these are enough, else also corrections and changes."""
    if decision.outcome != "deny":
        return Ways()
    told = WaysInWords(Words(policy.structure), assessment.said.documents)
    documents = decision.denial_kind == "insufficient_documentation"
    looked_at = _LOOKED_AT if documents else first and max(first, _LOOKED_AT)
    repairs, more = take(policy.once(RepairSearch).repairs(assessment, True), looked_at)
    alone = [repair for repair in repairs if _changes_alone(repair)]
    if documents:
        ways = _by_documents(policy, assessment, told, first)
    else:
        others = [repair for repair in repairs if not _changes_alone(repair)]
        ways = told.of_repairs(*_first_repairs(others, more, first))
    return told.and_by_request(ways, alone[: first or None], len(alone) > (first or len(alone)))


def _changes_alone(repair: Repair) -> bool:
    """Whether it is enough to change the request."""
    return not (repair.requirements or repair.resolutions or repair.clarifications)


def _by_documents(policy: LoadedPolicy, assessment: Assessment, told: WaysInWords, first: int) -> Ways:
    missing = policy.once(MissingSearch.of).missing(assessment)
    sets, more = take(missing, first)
    count, in_every = None, _shared(sets) if not more else frozenset[str]()
    with suppress(TooLargeError):
        count = missing.count()
        in_every = frozenset(requirement.term for requirement in missing.in_every)
    return told.of_missing(sets, in_every, count, more)


def _first_repairs(found: Sequence[Repair], more: bool, first: int) -> tuple[list[Repair], bool]:
    """The first few, and whether there are more: those that leave the request as it is, if there are any.

    Beside papers, a letter proposes another treatment only where that is needed too.
    """
    unchanged = [repair for repair in found if not repair.changes]
    chosen = unchanged or list(found)
    return chosen[: first or None], more or len(chosen) > (first or len(chosen))


def _shared(sets: list[Any]) -> frozenset[str]:
    """The terms of the requirements that all of these sets have."""
    terms = [frozenset(requirement.term for requirement in found.requirements) for found in sets]
    return frozenset.intersection(*terms) if terms else frozenset()
