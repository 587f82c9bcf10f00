"""Commands for the questions that come after a decision."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import CaseError
from pyclingo_bridge.base.near_files import near_file
from pyclingo_bridge.cli.shared import (
    AsJson,
    Cases,
    First,
    Folder,
    Interpretations,
    Limit,
    PlanFile,
    PolicyName,
    answer_each,
    app,
    as_given,
    check_names,
    chosen_interpretations,
    deciding,
    show,
    standard_input,
    write,
)

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.core.decision import Decision
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.questions.counterfactuals import Counterfactual
    from pyclingo_bridge.questions.repairs import Repair


@app.command()
def repairs(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    first: First = 20,
    resolving: Annotated[
        bool,
        typer.Option("--resolving/--no-resolving", help="Whether contradictions may be resolved."),
    ] = True,
    limit: Limit = None,
) -> None:
    """List every smallest repair: documents, resolved contradictions, changes of the request."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import counterfactuals_report, repairs_report
    from pyclingo_bridge.questions.minimal_sets import take

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        decision = loaded.decide(case)
        found = take(loaded.repairs(case, resolving), first)
        if as_json:
            otherwise = take(loaded.counterfactuals(case), first)
            typer.echo(json.dumps(_repairs_json(decision, found, otherwise)))
            return
        report = [*repairs_report(decision, *found)]
        if not found[0] and decision.outcome != "approve":
            report += counterfactuals_report(*take(loaded.counterfactuals(case), first))
        show(framed(decision, report))

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


def _repairs_json(
    decision: Decision,
    repairs: tuple[list[Repair], bool],
    counterfactuals: tuple[list[Counterfactual], bool],
) -> dict[str, Any]:
    return {
        "version": decision.version,
        "engine": decision.engine,
        "case": decision.case,
        "policy": decision.policy.model_dump(mode="json"),
        "interpretations": decision.interpretations,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "repairs": [entry.model_dump(mode="json") for entry in repairs[0]],
        "more": repairs[1],
        "counterfactuals": [entry.model_dump(mode="json") for entry in counterfactuals[0]],
        "more_counterfactuals": counterfactuals[1],
    }


@app.command()
def reasons(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    first: First = 20,
    limit: Limit = None,
) -> None:
    """Show what a decision rests on: what is enough, what is critical, what forces it."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import reasons_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        found = loaded.reasons(case, first)
        write(found, framed(loaded.decide(case), reasons_report(found)), as_json)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


class By(StrEnum):
    """By what the first document type to ask for is chosen."""

    REQUESTS = "requests"
    SETS = "sets"
    COST = "cost"


@app.command()
def ask(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    by: Annotated[
        By,
        typer.Option(help="The fewest requests in the worst case, in the most sets, or the least cost."),
    ] = By.REQUESTS,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="TYPE",
            help="A type that cannot be had, or did not show it. May be repeated.",
        ),
    ] = None,
    limit: Limit = None,
) -> None:
    """Say which document to ask for next, and the sequence from there."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import plan_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        plan = loaded.ask_next(case, by.value, without or ())
        write(plan, framed(loaded.decide(case), plan_report(plan)), as_json)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command("what-if")
def what_if(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case file (JSON), or - for standard input.")],
    assigned: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Let an attribute have this value."),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", metavar="NAME", help="Remove every statement of an attribute."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without-document", metavar="ID", help="Withdraw a document."),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option("--add-document", metavar="FILE", help="Add the document in a file, or -."),
    ] = None,
    interpretation: Annotated[
        list[str] | None,
        typer.Option("--interpret", metavar="NAME=VALUE", help="Afterwards, interpret an ambiguity this way."),
    ] = None,
    from_interpretation: Annotated[
        list[str] | None,
        typer.Option("--from-interpret", metavar="NAME=VALUE", help="Interpret it this way from the start."),
    ] = None,
    each: Annotated[
        bool,
        typer.Option("--each", help="Make each change alone; sweeps then start from the case."),
    ] = False,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="NAME[=LOW..HIGH]",
            help="Decide for every value of an attribute, after the other changes.",
        ),
    ] = None,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    as_json: AsJson = False,
    first: First = 20,
    limit: Limit = None,
) -> None:
    """Decide a case again with some changes, and show what differs. Exit code 0 unless input is bad."""
    from pyclingo_bridge.cli.changes import changes_given, range_given
    from pyclingo_bridge.explain.changes import sweep_report, what_if_report
    from pyclingo_bridge.questions.changes import Changes

    policies = deciding(policy, from_interpretation, plan=plan, folder=folder)
    check_names([case, *(added or [])])
    chosen = chosen_interpretations(interpretation)
    if policies.catalogue is None:
        policies.policy.under(chosen)

    def answer(loaded: Policy, read: Case) -> None:
        changes = changes_given(
            loaded.vocabulary,
            assigned=assigned or [],
            unset=unset or [],
            withdrawn=without or [],
            documents=[_content(name) for name in added or []],
            interpretations=chosen,
        )
        ranges = [range_given(entry) for entry in sweep or []]
        if not changes.texts and not ranges:
            raise CaseError("what-if", [_NOTHING_ASKED])
        if each:
            answers = [*loaded.what_if_each(read, changes, first)]
        else:
            answers = [loaded.what_if(read, changes, first)] if changes.texts else []
        start = Changes() if each else changes
        sweeps = [loaded.under(start.interpretations).sweep(read, *entry, changes=start) for entry in ranges]
        reports = [*map(what_if_report, answers), *map(sweep_report, sweeps)]
        for index, (one, report) in enumerate(zip([*answers, *sweeps], reports, strict=True)):
            if index and not as_json:
                typer.echo()
            write(one, report, as_json)

    raise typer.Exit(answer_each([case], policies, as_json, answer, limit, as_given))


_NOTHING_ASKED = (
    "nothing is changed: give --set, --unset, --without-document, --add-document, --interpret or --sweep"
)


def _content(name: str) -> tuple[str, bytes]:
    """A file's name for messages, and what it holds."""
    if name == "-":
        return "standard input", standard_input()
    try:
        return name, Path(name).read_bytes()
    except (OSError, ValueError) as error:
        near = near_file(Path(name))
        text = f"{error.strerror}{near}" if isinstance(error, OSError) else "no file can have that name"
        raise CaseError(f"--add-document {name}", [f"cannot be read: {text}"]) from None
