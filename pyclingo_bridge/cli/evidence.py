"""Commands about published evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import EvidenceError
from pyclingo_bridge.base.extras import lacks
from pyclingo_bridge.cli.shared import (
    AsJson,
    Cases,
    ExitCode,
    Folder,
    Form,
    Format,
    Full,
    Interpretations,
    Limit,
    PlanFile,
    PolicyName,
    answer_each,
    app,
    deciding,
    examples,
    write,
)

if TYPE_CHECKING:
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.policy import Policy


@app.command(
    epilog=examples(
        "pyclingo-bridge evidence case.json",
        "pyclingo-bridge evidence case.json --plot results.svg",
    )
)
def evidence(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    full: Annotated[
        bool, typer.Option("--full", help="Every criterion of the study, and every result.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the results of one case: .svg or .png."),
    ] = None,
    limit: Limit = None,
) -> None:
    """Show what is published on patients like this one, and the evidence behind the criteria."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.evidence import evidence_report
    from pyclingo_bridge.explain.view import View
    from pyclingo_bridge.published.forest_plot import check_forest, draw_forest

    if plot is not None:
        if len(cases) > 1:
            raise EvidenceError("--plot takes one case; name one")
        check_forest(plot)
    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        report = loaded.evidence(case)
        if plot is not None:
            draw_forest(report, plot)
        view = View.of(loaded.loaded)
        write(report, framed(loaded.decide(case), evidence_report(report, full, view), view), as_json)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command(
    "check-evidence",
    epilog=examples(
        "pyclingo-bridge check-evidence",
        "pyclingo-bridge check-evidence --exit-code --json findings",
    ),
)
def check_evidence(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STUDY...]", help="Shipped studies, or folders with a study.lp."),
    ] = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    full: Full = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 where something does not agree.")
    ] = False,
) -> None:
    """Check whether the published numbers of a study agree with each other.

    Exit code 2 where intervals were not recomputed, as SciPy is not installed.
    """
    from pyclingo_bridge.explain.evidence import study_check_report
    from pyclingo_bridge.published.study import Study, shipped_studies

    found = partly = False
    for place, name in enumerate(names or shipped_studies()):
        check = Study.load(name).check()
        found = found or bool(check.findings)
        partly = partly or bool(check.not_recomputed)
        if place and not as_json:
            typer.echo()
        write(check, study_check_report(check, full), as_json)
    if partly:
        from pyclingo_bridge.cli.printing import print_error

        what = "intervals were not recomputed, nor what rests on them"
        print_error(EvidenceError(f"{what}: {lacks('evidence')}"))
    if found and exit_code:
        raise typer.Exit(ExitCode.DENY)
    raise typer.Exit(ExitCode.BAD_INPUT if partly else ExitCode.APPROVE)
