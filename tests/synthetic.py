"""Policies made by rule, with any number of missing sets."""

from __future__ import annotations

import random
from pathlib import Path


def write_choices(folder: Path, groups: int, options: int) -> Path:
    """A policy of `groups` criteria with `options` alternatives each: options ** groups missing sets.

    Each alternative is a flag of its own, shown by a document type of its own, whose cost grows
    with the alternative's number: the cheapest set takes the first alternative of every group.
    """
    lines = [
        'policy(choices, "choices"). source("nowhere", "now"). vocabulary(choices).',
        "attribute(asked, request). domain(asked, flag). default(asked, true).",
        'section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").',
    ]
    for group in range(groups):
        name = f"S.{group}"
        lines.append(f'requires("S", "{name}"). criterion("{name}", "g"). locator("{name}", "g").')
        for option in range(options):
            flag = f"f_{group}_{option}"
            lines.append(f"attribute({flag}, stable). domain({flag}, flag).")
            lines.append(f"document_type(t_{group}_{option}, {option + 1}).")
            lines.append(f'establishes(t_{group}_{option}, {flag}). any_of("{name}", yes({flag})).')
    (folder / "policy.lp").write_text("\n".join(lines) + "\n")
    return folder


EMPTY_CASE = '{"id": "empty", "request": {}, "documents": []}'
"""A case of such a policy with nothing documented."""


def write_tangle(folder: Path, criteria: int, options: int, window: int, seed: int = 1) -> Path:
    """A policy of criteria that each offer some requirements out of a window, which moves by half a one.

    So neighbors share requirements: one serves several criteria, and how many missing sets there are follows
    from no formula.
    """
    rng = random.Random(seed)
    lines = [
        'policy(tangle, "tangle"). source("nowhere", "now"). vocabulary(tangle).',
        "attribute(asked, request). domain(asked, flag). default(asked, true).",
        'section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").',
        "document_type(note, 1). document_type(report, 3).",
    ]
    flags = [f"f_{number:03}" for number in range(criteria // 2 + window)]
    for number, flag in enumerate(flags):
        shown = "report" if number % 3 == 0 else "note"
        lines.append(f"attribute({flag}, stable). domain({flag}, flag). establishes({shown}, {flag}).")
    for number in range(criteria):
        name = f"S.{number}"
        lines.append(f'requires("S", "{name}"). criterion("{name}", "g"). locator("{name}", "g").')
        for flag in rng.sample(flags[number // 2 : number // 2 + window], options):
            lines.append(f'any_of("{name}", yes({flag})).')
    used = "\n".join(lines)
    (folder / "policy.lp").write_text(used + "\n")
    return folder
