"""`init`: a case to begin with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from pyclingo_bridge.cli.files import Force, as_case_file, check_free, save_text
from pyclingo_bridge.cli.shared import PolicyName, app, examples, load_policy


@app.command(
    epilog=examples(
        "pyclingo-bridge init                     case.json, and a guide to it",
        "pyclingo-bridge init request.json --ask  ask what is in it",
        "pyclingo-bridge decide case.json         decide it",
    )
)
def init(
    target: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="The case file to write.", show_default=False)
    ] = Path("case.json"),
    policy: PolicyName = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for each value at the terminal, instead of a file to edit.")
    ] = False,
    force: Force = False,
) -> None:
    """Write a case to fill in: every field of the form, and a document of each type.

    A guide in text beside it tells what may be written in each field. The case can be decided as it is, and is
    denied then, as its documents say nothing yet. A file that is there already is kept.
    """
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.cli.first_case import asked_case, blank_case, guide

    beside = target.with_suffix(".guide.txt")
    for path in [target] if ask else [target, beside]:
        check_free(path, force)
    loaded = load_policy(policy, None)
    today = datetime.date.today()
    data = (asked_case if ask else blank_case)(loaded.structure, today)
    text = as_case_file(data)
    Case.from_json(text, str(target), loaded.vocabulary)
    save_text(target, text)
    typer.echo(f"Wrote {target}: a case to {'decide' if ask else 'fill in'}.")
    if not ask:
        save_text(beside, guide(loaded.structure, str(target)))
        typer.echo(f"Wrote {beside}: what may be written in it.")
    named = f" --policy {policy}" if policy else ""
    typer.echo(f"Next: pyclingo-bridge decide {target}{named}")
