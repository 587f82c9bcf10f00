"""Commands that decide cases and tell why, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import CaseError, InterpretationError, TooLargeError
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
    Verbose,
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
    from pyclingo_bridge.explain.next_steps import Remedies
    from pyclingo_bridge.explain.report import Block
    from pyclingo_bridge.explain.triage import Triaged
    from pyclingo_bridge.explain.view import View
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.questions.missing import MissingSets

_MOST_BITS = 13_000
_FEW = 20
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
    verbose: Verbose = False,
) -> None:
    """Decide cases: outcome, every criterion's status, and what documents are missing."""
    if all_interpretations and interpretation:
        raise InterpretationError(
            "every interpretation is tried: leave out --interpret, or --all-interpretations"
        )
    from pyclingo_bridge.explain.analysis import ambiguity_report
    from pyclingo_bridge.explain.decision import decision_report
    from pyclingo_bridge.explain.next_steps import next_steps
    from pyclingo_bridge.explain.report import Gap
    from pyclingo_bridge.explain.triage import triaged, unreadable

    policies = deciding(policy, interpretation, judged_by, plan, folder)
    rows: list[Triaged] = []
    held: list[list[Block]] = []

    def robust(loaded: Policy, case: Assessment) -> Outcome:
        report = loaded.ambiguities(case, first)
        write(report, ambiguity_report(report, view_of(loaded, verbose)), as_json)
        outcomes = {result.outcome for result in report.results}
        return next(outcome for outcome in _LEAST_SURE if outcome in outcomes)

    def answer(loaded: Policy, case: Assessment) -> Outcome:
        if all_interpretations:
            return robust(loaded, case)
        decision = loaded.decide(case)
        if as_json:
            write(decision, (), True)
            return decision.outcome
        view, found = view_of(loaded, verbose), remedies_of(loaded, case, decision, first)
        rows.append(triaged(decision, found, view))
        if full or len(rows) == 1:
            report = [*decision_report(decision, full, view, next_steps(decision, found, view))]
            report += _all_ways(decision, found, view) if full else []
            report += settings_report(loaded, case, decision) if verbose else []
            if full:
                show([Gap(), *report] if len(rows) > 1 else report)
            else:
                held.append(report)
        return decision.outcome

    def refused(error: CaseError) -> None:
        rows.append(unreadable(error.source))

    at_once = as_json or all_interpretations
    code = answer_each(cases, policies, as_json, answer, limit, refused=None if at_once else refused)
    _show_together(rows, held, full)
    raise typer.Exit(code)


def _show_together(rows: list[Triaged], held: list[list[Block]], full: bool) -> None:
    """One case at length, several in a table; at length, the table's first line."""
    from pyclingo_bridge.explain.report import Gap, Paragraph
    from pyclingo_bridge.explain.triage import summary_text, triage_report

    if full:
        if len(rows) > 1:
            show([Gap(), Paragraph(summary_text(rows))])
    elif len(rows) > 1:
        show(triage_report(rows))
    elif held:
        show(held[0])


def _all_ways(decision: Decision, found: Remedies, view: View) -> Iterator[Block]:
    """Everything that would make an approval, for who asks for all of it."""
    from pyclingo_bridge.explain.missing import missing_report
    from pyclingo_bridge.explain.reasons import counterfactuals_report

    if found.missing is not None:
        yield from missing_report(decision, found.missing, view)
    elif decision.denial_kind == "criteria_not_met":
        yield from counterfactuals_report(found.counterfactuals, found.more_counterfactuals, view)


def view_of(policy: Policy, verbose: bool) -> View:
    """How a reader is told of a policy's cases."""
    from pyclingo_bridge.explain.view import View

    return View.of(policy.loaded, verbose)


def remedies_of(policy: Policy, case: Assessment, decision: Decision, first: int) -> Remedies:
    """What could make an approval, as far as the kind of the decision allows of it."""
    from pyclingo_bridge.explain.next_steps import Remedies
    from pyclingo_bridge.questions.minimal_sets import take

    if decision.outcome == "approve":
        return Remedies()
    if decision.denial_kind == "insufficient_documentation":
        return Remedies(missing=_first(policy.missing(case), first))
    repairs, more = take(policy.repairs(case), first)
    if decision.outcome == "refer":
        return Remedies(repairs=repairs, more_repairs=more)
    return Remedies(None, repairs, more, *take(policy.counterfactuals(case), first))


def settings_report(policy: Policy, case: Assessment, decision: Decision) -> Iterator[Block]:
    """Which settings decide a case: those of which another one, alone, changes the outcome."""
    from pyclingo_bridge.explain.report import Heading, Item, Paragraph

    if not policy.alternatives:
        return
    yield Heading("Settings that decide this case")
    deciding = [
        f"{name}={value} instead of {decision.interpretations[name]}: {other.outcome}"
        for name, values in policy.alternatives.items()
        for value in values
        if value != decision.interpretations[name]
        for other in [policy.under({name: value}).decide(case.case)]
        if (other.outcome, other.denial_kind) != (decision.outcome, decision.denial_kind)
    ]
    yield from map(Item, deciding)
    if not deciding:
        yield Paragraph("None: no other setting, taken alone, changes the outcome.")
    yield Paragraph("--all-interpretations looks at every combination of them.")


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
    verbose: Verbose = False,
) -> None:
    """Explain decisions: the tree of reasons. Exit code 0 unless the input is bad."""
    from pyclingo_bridge.explain.decision import explanation, reasons_report_of
    from pyclingo_bridge.explain.next_steps import next_steps

    policies = deciding(policy, interpretation, judged_by, plan, folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        decision, view = loaded.decide(case), view_of(loaded, verbose)
        reasons = explanation(decision, full, view)
        if as_json:
            write(reasons, (), True)
        elif form is Format.TEXT:
            steps = next_steps(decision, remedies_of(loaded, case, decision, _FEW), view)
            show(reasons_report_of(decision, full, view, steps))
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
    verbose: Verbose = False,
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
            view = view_of(loaded, verbose)
            show(framed(decision, missing_report(decision, found, view), view))

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
