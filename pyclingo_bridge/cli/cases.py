"""Commands that decide cases and tell why, and what is missing."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import InterpretationError, TooLargeError
from pyclingo_bridge.cli.shared import (
    AsJson,
    Cases,
    First,
    Folder,
    Form,
    Format,
    Full,
    Interpretations,
    JudgedByOption,
    Judges,
    Limit,
    PlanFile,
    PolicyName,
    answer_each,
    app,
    as_given,
    deciding,
    show,
    write,
)

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.core.decision import Decision, Outcome
    from pyclingo_bridge.explain.missing import Listed
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.questions.missing import MissingSets

_MOST_BITS = 13_000
_LEAST_SURE: tuple[Outcome, ...] = ("deny", "refer", "approve")


@app.command()
def decide(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    full: Full = False,
    first: First = 20,
    all_interpretations: Annotated[
        bool,
        typer.Option(
            "--all-interpretations",
            help="Decide under every interpretation of the wording: approved under all, some or none of them.",
        ),
    ] = False,
    judged_by: JudgedByOption = Judges.COMPILED,
    limit: Limit = None,
) -> None:
    """Decide cases: outcome, every criterion's status, and what documents are missing."""
    if all_interpretations and interpretation:
        raise InterpretationError(
            "every interpretation is tried: leave out --interpret, or --all-interpretations"
        )
    from pyclingo_bridge.explain.analysis import ambiguity_report
    from pyclingo_bridge.explain.decision import decision_report
    from pyclingo_bridge.explain.missing import missing_report
    from pyclingo_bridge.explain.reasons import counterfactuals_report
    from pyclingo_bridge.questions.minimal_sets import take

    policies = deciding(policy, interpretation, judged_by, plan, folder)

    def robust(loaded: Policy, case: Assessment) -> Outcome:
        report = loaded.ambiguities(case, first)
        write(report, ambiguity_report(report), as_json)
        outcomes = {result.outcome for result in report.results}
        return next(outcome for outcome in _LEAST_SURE if outcome in outcomes)

    def answer(loaded: Policy, case: Assessment) -> Outcome:
        if all_interpretations:
            return robust(loaded, case)
        decision = loaded.decide(case)
        write(decision, decision_report(decision, full), as_json)
        if not as_json and decision.denial_kind == "insufficient_documentation":
            show(missing_report(decision, _first(loaded.missing(case), first)))
        elif not as_json and decision.denial_kind == "criteria_not_met":
            show(counterfactuals_report(*take(loaded.counterfactuals(case), first)))
        return decision.outcome

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command()
def explain(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    full: Full = False,
    form: Form = Format.TEXT,
    judged_by: JudgedByOption = Judges.COMPILED,
    limit: Limit = None,
) -> None:
    """Explain decisions: the tree of reasons. Exit code 0 unless the input is bad."""
    from pyclingo_bridge.explain.decision import explanation, explanation_report

    policies = deciding(policy, interpretation, judged_by, plan, folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        reasons = explanation(loaded.decide(case), full=full)
        if as_json or form is Format.TEXT:
            write(reasons, explanation_report(reasons), as_json)
        else:
            typer.echo(reasons.render("json" if form is Format.JSON else "markdown"))

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command()
def missing(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    as_json: AsJson = False,
    first: First = 100,
    count: Annotated[bool, typer.Option("--count", help="Count them only, and list none.")] = False,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, metavar="N", help="List N drawn at random, not the cheapest."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="Draw the same with the same number.")
    ] = None,
    limit: Limit = None,
) -> None:
    """List every smallest set of missing documentation. Exit code 0 unless the input is bad."""
    if count and sample is not None:
        raise typer.BadParameter("--count lists none: leave out --sample, or --count")
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.missing import count_text, missing_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        decision = loaded.decide(case)
        sets = loaded.missing(case)
        found = _first(sets, first) if sample is None else _drawn(sets, sample, seed)
        if as_json:
            typer.echo(json.dumps(_missing_json(decision, found, count)))
        elif count:
            typer.echo(count_text(decision, found))
        else:
            show([*framed(decision, ()), *missing_report(decision, found)])

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


def _first(missing: MissingSets, first: int) -> Listed:
    """The first so many missing sets, and sets of document types; 0 for all."""
    from pyclingo_bridge.explain.missing import Listed
    from pyclingo_bridge.questions.minimal_sets import take

    sets, more = take(missing, first)
    documents, more_documents = take(missing.documents, first)
    return Listed(sets, more, documents, more_documents, **_of_all(missing))


def _of_all(missing: MissingSets) -> dict[str, Any]:
    """What is said of all sets, listed or not, as far as they are not too tangled for it."""
    known: dict[str, Any] = {}
    with suppress(TooLargeError):
        known["number"] = missing.count()
        known["in_every"] = frozenset(requirement.term for requirement in missing.in_every)
        known["documents_number"] = missing.documents.count()
    return known


def _drawn(missing: MissingSets, size: int, seed: int | None) -> Listed:
    """So many missing sets, and sets of document types, drawn at random."""
    from pyclingo_bridge.explain.missing import Listed

    sets, documents = missing.sample(size, seed), missing.documents.sample(size, seed)
    more, more_documents = missing.count() > size, missing.documents.count() > size
    return Listed(sets, more, documents, more_documents, drawn=True, **_of_all(missing))


def _exact(count: int | None) -> int | None:
    """A count as JSON can hold it: of more than four thousand digits Python writes none."""
    return None if count is None or count.bit_length() > _MOST_BITS else count


def _missing_json(decision: Decision, found: Listed, count: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "version": decision.version,
        "case": decision.case,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "count": _exact(found.number),
        "documents_count": _exact(found.documents_number),
    }
    if count:
        return fields
    return {
        **fields,
        "missing": [entry.model_dump(mode="json") for entry in found.sets],
        "more": found.more,
        "documents": [entry.model_dump(mode="json") for entry in found.documents],
        "more_documents": found.more_documents,
    }


@app.command()
def facts(cases: Cases, policy: PolicyName = None, limit: Limit = None) -> None:
    """Write a case as facts, for the rules under plain clingo."""
    from pyclingo_bridge.core.facts import plain_facts

    policies = deciding(policy, None)

    def answer(loaded: Policy, case: Case) -> None:
        typer.echo(f"% case: {case.id}")
        for term in plain_facts(case, loaded.vocabulary):
            typer.echo(f"{term}.")

    raise typer.Exit(answer_each(cases, policies, False, answer, limit, as_given))
