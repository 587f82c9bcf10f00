"""`explain ID`: what a name in an answer means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from pyclingo_bridge.base.errors import CaseError, listing
from pyclingo_bridge.cli.shared import Deciding
from pyclingo_bridge.cli.sources import STANDARD_INPUT, CaseLine, NoCase, is_there
from pyclingo_bridge.cli.writing import write
from pyclingo_bridge.policy import Policy

_ENDS = frozenset({".json", ".jsonl", ".ndjson"})


def is_name(word: str) -> bool:
    """Whether a word where a case is expected is a name to be explained, and no file."""
    if word == STANDARD_INPUT or isinstance(word, CaseLine | NoCase) or is_there(word):
        return False
    return "/" not in word and "\\" not in word and Path(word).suffix.lower() not in _ENDS


def tell_meanings(names: Sequence[str], policies: Deciding, as_json: bool) -> None:
    """Write what each name means.

    Errors: CaseError for a name that nothing is called by.
    """
    from pyclingo_bridge.explain.meaning import meaning, meaning_report, nearest_names

    known = [entry.policy for entry in policies.catalogue.entries] if policies.catalogue else [policies.policy]
    for place, name in enumerate(names):
        found = next(filter(None, (meaning(policy.loaded, name) for policy in known)), None)
        if found is None:
            near = dict.fromkeys(near for policy in known for near in nearest_names(policy.loaded, name))
            raise CaseError(name, [_unknown(known, list(near))])
        if place and not as_json:
            typer.echo()
        write(found, meaning_report(found), as_json, names=False)


def _unknown(policies: Sequence[Policy], near: Sequence[str]) -> str:
    where = listing([policy.info.name for policy in policies])
    hint = f"; the nearest are {listing(near)}" if near else ""
    return f"there is no such file, and nothing in {where} is called so{hint}"
