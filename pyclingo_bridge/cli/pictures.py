"""The command that draws cases."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import PictureError
from pyclingo_bridge.cli.shared import (
    Cases,
    Folder,
    Interpretations,
    Limit,
    PlanFile,
    PolicyName,
    answer_each,
    app,
    deciding,
    examples,
)

if TYPE_CHECKING:
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.policy import Policy


class Kind(StrEnum):
    """What is drawn."""

    MATRIX = "matrix"
    MISSING = "missing"
    TIMELINE = "timeline"
    TREE = "tree"


@app.command(
    epilog=examples(
        "pyclingo-bridge plot matrix cases/ -o matrix.svg",
        "pyclingo-bridge plot missing case.json -o missing.png",
        "pyclingo-bridge plot tree case.json --alt",
    )
)
def plot(
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="KIND",
            help="matrix: criteria of any number of cases. Of one case, missing: its missing sets; "
            "timeline: its documents in time; tree: its way through the policy.",
        ),
    ],
    cases: Cases,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where the picture goes: .svg or .png."),
    ] = None,
    alt: Annotated[
        bool, typer.Option("--alt", help="Write what the picture shows in words; FILE can be left out then.")
    ] = False,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    first: Annotated[
        int, typer.Option("--first", min=0, metavar="N", help="Of missing, the sets shown; 0 for all.")
    ] = 40,
    limit: Limit = None,
) -> None:
    """Draw cases: a matrix, missing sets, a timeline or a tree. Exit code 0 unless the input is bad.

    Pictures can be read in gray. Each has what it shows in words, for screen readers, in the file.
    """
    from pyclingo_bridge.base.pictures import check_picture
    from pyclingo_bridge.pictures.asking import picture_of

    if out is None and not alt:
        raise PictureError("say where the picture goes (-o FILE.svg), or ask for it in words (--alt)")
    if out is not None:
        check_picture(out, PictureError)
    policies = deciding(policy, interpretation, plan=plan, folder=folder)
    assessed: list[tuple[Policy, Assessment]] = []

    def collect(loaded: Policy, case: Assessment) -> None:
        assessed.append((loaded, case))

    # A picture is of all cases together: bad ones are reported, and nothing is written between the others.
    code = answer_each(cases, policies, False, collect, limit, refused=lambda _: None)
    if assessed:
        loaded = _only_policy([one for one, _ in assessed])
        picture = picture_of(loaded.loaded, kind.value, [case for _, case in assessed], first)
        text = str(picture.alternative) if out is None else picture.save(out)
        if alt:
            typer.echo(text)
    raise typer.Exit(code)


def _only_policy(policies: list[Policy]) -> Policy:
    """The one policy that decides all cases."""
    names = sorted({f"{one.info.name} ({one.info.revision})" for one in policies})
    if len({one.info.rules for one in policies}) > 1:
        raise PictureError(f"these cases are decided by {', '.join(names)}: draw those of one policy at a time")
    return policies[0]
