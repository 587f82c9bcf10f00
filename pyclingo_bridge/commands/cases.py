"""Commands that decide cases and tell why, and what is missing."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from pyclingo_bridge import screen
from pyclingo_bridge.analysis.report import ambiguity_lines
from pyclingo_bridge.case import Case
from pyclingo_bridge.commands.shared import (
    AsJson,
    Cases,
    First,
    Format,
    Full,
    JudgedByOption,
    Judges,
    PolicyName,
    Readings,
    answer_each,
    app,
    load_policy,
)
from pyclingo_bridge.decision import Decision, Outcome
from pyclingo_bridge.errors import ReadingError
from pyclingo_bridge.explanation import explanation
from pyclingo_bridge.facts import plain_facts
from pyclingo_bridge.followup.lines_of_reasons import counterfactual_lines
from pyclingo_bridge.minimal import take
from pyclingo_bridge.policy import Policy

_LEAST_SURE: tuple[Outcome, ...] = ("deny", "refer", "approve")


@app.command()
def decide(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    full: Full = False,
    first: First = 20,
    all_readings: Annotated[
        bool,
        typer.Option(
            "--all-readings",
            help="Decide under every reading of the wording: approved under all, some or none of them.",
        ),
    ] = False,
    judged_by: JudgedByOption = Judges.COMPILED,
) -> None:
    """Decide cases: outcome, every criterion's status, and what documents are missing."""
    if all_readings and reading:
        raise ReadingError("every reading is looked at: leave out --reading, or --all-readings")
    loaded = load_policy(policy, reading, judged_by)

    def robust(case: Case) -> Outcome:
        report = loaded.ambiguities(case, first)
        if as_json:
            typer.echo(report.model_dump_json())
        else:
            screen.show_lines(ambiguity_lines(report))
        outcomes = {result.outcome for result in report.results}
        return next(outcome for outcome in _LEAST_SURE if outcome in outcomes)

    def answer(case: Case) -> Outcome:
        if all_readings:
            return robust(case)
        decision = loaded.decide(case)
        if as_json:
            typer.echo(decision.model_dump_json())
        else:
            screen.show_decision(decision, full)
            if decision.denial_kind == "insufficient_documentation":
                _show_missing(loaded, case, decision, first)
            elif decision.denial_kind == "criteria_not_met":
                _show_counterfactuals(loaded, case, first)
        return decision.outcome

    raise typer.Exit(answer_each(cases, loaded, as_json, answer))


@app.command()
def explain(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    full: Full = False,
    form: Annotated[
        Format, typer.Option("--format", help="Plain text, Markdown or JSON.")
    ] = Format.TEXT,
    judged_by: JudgedByOption = Judges.COMPILED,
) -> None:
    """Explain decisions: the tree of reasons. Exit code 0 unless the input is bad."""
    loaded = load_policy(policy, reading, judged_by)

    def answer(case: Case) -> None:
        reasons = explanation(loaded.decide(case), full=full)
        if as_json:
            typer.echo(reasons.model_dump_json())
        elif form is Format.TEXT:
            screen.show_explanation(reasons)
        else:
            typer.echo(reasons.render("json" if form is Format.JSON else "markdown"))

    raise typer.Exit(answer_each(cases, loaded, as_json, answer))


@app.command()
def missing(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    first: First = 100,
) -> None:
    """List every smallest set of missing documentation. Exit code 0 unless the input is bad."""
    loaded = load_policy(policy, reading)

    def answer(case: Case) -> None:
        decision = loaded.decide(case)
        if as_json:
            typer.echo(json.dumps(_missing_json(loaded, case, decision, first)))
        else:
            screen.show_outcome(decision)
            screen.show_warnings(decision)
            _show_missing(loaded, case, decision, first)

    raise typer.Exit(answer_each(cases, loaded, as_json, answer))


def _show_missing(policy: Policy, case: Case, decision: Decision, first: int) -> None:
    sets = take(policy.missing(case), first)
    screen.show_missing(decision, sets, take(policy.missing_documents(case), first))


def _show_counterfactuals(policy: Policy, case: Case, first: int) -> None:
    screen.show_lines(counterfactual_lines(*take(policy.counterfactuals(case), first)))


def _missing_json(policy: Policy, case: Case, decision: Decision, first: int) -> dict[str, Any]:
    sets, more = take(policy.missing(case), first)
    documents, more_documents = take(policy.missing_documents(case), first)
    return {
        "version": decision.version,
        "case": decision.case,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "missing": [entry.model_dump(mode="json") for entry in sets],
        "more": more,
        "documents": [entry.model_dump(mode="json") for entry in documents],
        "more_documents": more_documents,
    }


@app.command()
def facts(cases: Cases, policy: PolicyName = None) -> None:
    """Write a case as facts, for the rules under plain clingo."""
    loaded = load_policy(policy, None)

    def answer(case: Case) -> None:
        typer.echo(f"% case: {case.id}")
        for term in plain_facts(case, loaded.vocabulary):
            typer.echo(f"{term}.")

    raise typer.Exit(answer_each(cases, loaded, False, answer))
