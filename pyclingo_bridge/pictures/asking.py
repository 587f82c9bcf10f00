"""From cases to pictures: asks what a picture shows, and makes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, get_args

from pyclingo_bridge.base.errors import PictureError, TooLargeError, listing, quoted
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.pictures.matrix import matrix
from pyclingo_bridge.pictures.missing_grid import missing
from pyclingo_bridge.pictures.picture import Picture
from pyclingo_bridge.pictures.policy_tree import tree
from pyclingo_bridge.pictures.timeline import timeline
from pyclingo_bridge.questions.minimal_sets import take
from pyclingo_bridge.questions.missing import MissingSearch

PictureKind = Literal["matrix", "missing", "timeline", "tree"]
KINDS: tuple[PictureKind, ...] = get_args(PictureKind)


def picture_of(
    loaded: LoadedPolicy, kind: PictureKind, cases: Sequence[Assessment], first: int = 40
) -> Picture:
    """A picture of cases by one policy.

    Args:
        loaded: the policy.
        kind: what kind of picture.
        cases: the cases; one, but for a matrix.
        first: how many missing sets are shown; 0 for all.

    Errors: PictureError for another kind, or as many cases as it cannot show.
    """
    check_asked(kind, len(cases))
    decisions = [loaded.decide(case) for case in cases]
    if kind == "matrix":
        return matrix(decisions)
    if kind == "tree":
        return tree(decisions[0], loaded.structure)
    if kind == "timeline":
        return timeline(cases[0], decisions[0], loaded.vocabulary)
    sets = loaded.once(MissingSearch.of).missing(cases[0])
    shown, more = take(sets, first)
    number = None
    with suppress(TooLargeError):
        number = sets.count() if more else len(shown)
    return missing(decisions[0], shown, loaded.vocabulary, number, more)


def check_asked(kind: str, cases: int) -> None:
    """Refuse another kind of picture, and as many cases as it cannot show."""
    if kind not in KINDS:
        raise PictureError(f"{quoted(kind)} is no kind of picture: choose one of {listing(KINDS)}")
    if not cases:
        raise PictureError("there is no case to draw: give one")
    if cases > 1 and kind != "matrix":
        raise PictureError(f"a {kind} picture shows one case: name one, or draw a matrix of all")
