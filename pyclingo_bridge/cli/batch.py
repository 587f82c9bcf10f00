"""Commands about many cases at once: decide a file of them, and what another version changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import BatchError, shown_path
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.pictures import check_picture
from pyclingo_bridge.cli.progress import row_progress
from pyclingo_bridge.cli.shared import (
    AsJson,
    ExitCode,
    Form,
    Format,
    Interpretations,
    Limit,
    PlanFile,
    PolicyName,
    app,
    chosen_limits,
    examples,
    load_policy,
    write,
    write_json,
)

if TYPE_CHECKING:
    from pyclingo_bridge.explain.report import Report
    from pyclingo_bridge.io.summary import BatchSummary

FileIn = Annotated[
    Path,
    typer.Argument(
        metavar="IN",
        help="Cases: .parquet or .csv with one row a case, .jsonl or .ndjson with one case file a line.",
    ),
]


ChunkRows = Annotated[
    int | None,
    typer.Option("--chunk", min=1, metavar="N", help="Rows that are decided at once."),
]


@app.command(
    epilog=examples(
        "pyclingo-bridge batch cases.parquet decisions.parquet",
        "pyclingo-bridge batch cases.csv decisions.csv --missing --statuses",
    )
)
def batch(
    source: FileIn,
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Answers: .parquet, .csv, .jsonl or .ndjson.")],
    policy: PolicyName = None,
    interpretation: Interpretations = None,
    plan: PlanFile = None,
    statuses: Annotated[
        bool, typer.Option("--statuses", help="Add each criterion's status, one column each.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Add the cheapest set of missing documentation.")
    ] = False,
    warnings: Annotated[
        bool,
        typer.Option("--warnings/--no-warnings", help="Add each row's warnings, or leave them out."),
    ] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row.")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="FILE", help="Where bad rows go: OUT.rejects.jsonl."),
    ] = None,
    chunk: ChunkRows = None,
    limit: Limit = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard what an interrupted run has left.")
    ] = False,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
) -> None:
    """Decide a file of cases. Exit code 0; 2 where rows are bad. An interrupted run is resumed."""
    need("batch")
    from pyclingo_bridge.io.run import BatchOptions, run_batch

    loaded = load_policy(policy, interpretation, plan=plan)
    limits = chosen_limits(loaded, limit)
    options = BatchOptions(statuses, missing, strict, rejects, chunk, overwrite, restart, warnings, limits)
    with row_progress("deciding") as report:
        summary = run_batch(loaded, source, target, options, report)
    if as_json:
        write_json(summary)
    elif form is Format.MARKDOWN:
        write(summary, _summary_report(summary), names=False)
    else:
        _show_summary(summary)
    raise typer.Exit(ExitCode.BAD_INPUT if summary.rejected else ExitCode.APPROVE)


@app.command(
    epilog=examples(
        "pyclingo-bridge impact cases.parquet --from old/ --to new/",
        "pyclingo-bridge impact cases.csv --from old/ --to new/ --out changed.csv",
    )
)
def impact(
    source: FileIn,
    first: Annotated[str, typer.Option("--from", metavar="NAME", help="The policy that decides now.")],
    second: Annotated[str, typer.Option("--to", metavar="NAME", help="The policy that would.")],
    from_interpretation: Annotated[
        list[str] | None,
        typer.Option("--from-interpret", metavar="NAME=VALUE", help="How to interpret the first."),
    ] = None,
    to_interpretation: Annotated[
        list[str] | None,
        typer.Option("--to-interpret", metavar="NAME=VALUE", help="How to interpret the second."),
    ] = None,
    plan: PlanFile = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the changed rows there, with the cause."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw it, as .svg or .png."),
    ] = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    examples: Annotated[
        int, typer.Option("--examples", min=0, metavar="N", help="Ids given for each cause.")
    ] = 5,
    chunk: ChunkRows = None,
    limit: Limit = None,
) -> None:
    """Decide cases under two policies: whose outcome changes, and why. Exit code 0; 2 with bad rows."""
    need("batch")
    from pyclingo_bridge.impact import picture
    from pyclingo_bridge.impact.counting import impact_of
    from pyclingo_bridge.impact.text import impact_report

    if plot is not None:
        check_picture(plot, BatchError)
    policies = (
        load_policy(first, from_interpretation, plan=plan),
        load_policy(second, to_interpretation, plan=plan),
    )
    limits = chosen_limits(policies[0], limit), chosen_limits(policies[1], limit)
    with row_progress("deciding twice") as report:
        found = impact_of(
            *policies,
            source,
            rows=chunk,
            examples=examples,
            changed=out,
            report=report,
            limits=limits,
        )
    if plot is not None:
        picture.draw(found, plot)
    write(found, impact_report(found), as_json, names=False)
    raise typer.Exit(ExitCode.BAD_INPUT if found.rejected else ExitCode.APPROVE)


def _show_summary(summary: BatchSummary) -> None:
    typer.echo("\n".join(_summary_lines(summary)))


def _summary_lines(summary: BatchSummary) -> Iterator[str]:
    rows = "row" if summary.rows == 1 else "rows"
    yield f"{summary.rows:,} {rows} under {summary.policy.name}: {shown_path(summary.output)}"
    if summary.resumed:
        yield f"  {summary.resumed:,} of them done by an earlier run"
    for outcome, number in summary.outcomes.items():
        yield f"  {outcome}: {number:,}"
        if outcome == "deny":
            for kind, denials in summary.denial_kinds.items():
                yield f"    {kind.replace('_', ' ')}: {denials:,}"
    if summary.warned:
        yield f"  with warnings: {summary.warned:,}"
    if summary.repeated_ids:
        yield f"  with an id that an earlier row has: {summary.repeated_ids:,}"
    if summary.rejects:
        yield f"  bad: {summary.rejected:,}, listed in {shown_path(summary.rejects)}"
        yield f"    the first: {summary.first_bad}"
    yield f"  {summary.seconds:.1f} s, {summary.rows_per_second:,} rows a second"


def _summary_report(summary: BatchSummary) -> Report:
    """The lines of a summary as a list, with those further in under the line before them."""
    from pyclingo_bridge.explain.report import Item, Title

    title, *lines = _summary_lines(summary)
    items: list[Item] = []
    for line in lines:
        if line.startswith("    ") and items:
            items[-1] = Item(items[-1].text, (*items[-1].under, Item(line.strip())))
        else:
            items.append(Item(line.strip()))
    return [Title(title), *items]
