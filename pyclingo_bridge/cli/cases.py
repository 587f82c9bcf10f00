"""Commands that decide cases and tell why, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import CaseError, InterpretationError
from pyclingo_bridge.cli.shared import (
    AsJson,
    Cases,
    CasesOrIds,
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
    examples,
    show,
    wants,
    write,
    write_json,
)

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.core.decision import Decision, Outcome
    from pyclingo_bridge.explain.next_steps import Remedies
    from pyclingo_bridge.explain.report import Block
    from pyclingo_bridge.explain.triage import Triaged
    from pyclingo_bridge.explain.view import View
    from pyclingo_bridge.policy import Policy

_FEW = 20
_LEAST_SURE: tuple[Outcome, ...] = ("deny", "refer", "approve")


@app.command(
    epilog=examples(
        "pyclingo-bridge decide case.json",
        "pyclingo-bridge decide cases/ --json outcome,denial_kind",
        "pyclingo-bridge decide case.json --interpret NAME=VALUE",
        'pyclingo-bridge decide "cases/*.json" --policies policies/',
    )
)
def decide(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
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
    from pyclingo_bridge.cli.answers import MISSING_FIELDS, decided_case
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
        questions = {name: open_ for name, (open_, _) in loaded.structure.ambiguities.items()}
        write(report, ambiguity_report(report, view_of(loaded, verbose), questions), as_json)
        outcomes = {result.outcome for result in report.results}
        return next(outcome for outcome in _LEAST_SURE if outcome in outcomes)

    def answer(loaded: Policy, case: Assessment) -> Outcome:
        if all_interpretations:
            return robust(loaded, case)
        decision = loaded.decide(case)
        if as_json:
            missing_too = wants(MISSING_FIELDS)
            write_json(decided_case(loaded, case, decision, first) if missing_too else decision)
            return decision.outcome
        view = view_of(loaded, verbose)
        # In a table there is no room for what the request could be changed to.
        found = remedies_of(loaded, case, decision, first, changes=full or len(cases) == 1)
        rows.append(triaged(decision, found, view))
        if full or len(rows) == 1:
            report = [*decision_report(decision, full, view, next_steps(decision, found, view))]
            report += _all_ways(decision, found, view) if full else []
            report += settings_report(loaded, case, decision) if verbose else settings_hint(loaded)
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
    """The words and settings with which a policy's cases are shown."""
    from pyclingo_bridge.explain.view import View

    return View.of(policy.loaded, verbose)


def remedies_of(
    policy: Policy, case: Assessment, decision: Decision, first: int, changes: bool = True
) -> Remedies:
    """What could make an approval, as far as the kind of the decision allows of it.

    Args:
        policy: what decided.
        case: the case.
        decision: the decision.
        first: how many of each kind; 0 for all.
        changes: whether changes to the request are looked for even where documents can help.
    """
    from pyclingo_bridge.cli.answers import first_missing
    from pyclingo_bridge.explain.next_steps import Remedies
    from pyclingo_bridge.questions.minimal_sets import take
    from pyclingo_bridge.questions.unknown_names import likely_slips

    if decision.outcome == "approve":
        return Remedies()
    slips = likely_slips(policy.vocabulary, case.said)
    if decision.denial_kind == "insufficient_documentation":
        missing = first_missing(policy.missing(case), first)
        repairs, more = take(policy.repairs(case), first) if changes else ([], False)
        return Remedies(missing, repairs, more, slips=slips)
    repairs, more = take(policy.repairs(case), first)
    if decision.outcome == "refer":
        return Remedies(None, repairs, more, slips=slips)
    return Remedies(None, repairs, more, *take(policy.counterfactuals(case), first), slips=slips)


def settings_report(policy: Policy, case: Assessment, decision: Decision) -> Iterator[Block]:
    """Which settings decide a case: those of which another one, alone, changes the outcome."""
    from pyclingo_bridge.cli.settings import settings_used
    from pyclingo_bridge.explain.report import Heading, Item, Paragraph

    file = settings_used()
    if file is not None:
        yield Paragraph(str(file))
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


def settings_hint(policy: Policy) -> Iterator[Block]:
    """Where to find which settings decide a case; it takes longer than the decision, so who asks is told."""
    from pyclingo_bridge.explain.report import Gap, Paragraph

    if policy.alternatives:
        yield Gap()
        yield Paragraph("--verbose says which interpretations of the wording decide this case.")


@app.command(
    epilog=examples(
        "pyclingo-bridge explain case.json --full",
        "pyclingo-bridge explain case.json --format markdown",
        "pyclingo-bridge explain ID                what a criterion asks for",
        "pyclingo-bridge explain redundant         what a finding of check means",
    )
)
def explain(
    cases: CasesOrIds,
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
    """Explain decisions, or what a name in an answer means.

    CASE may also be the id of a criterion, an interpretation, a status, an attribute, or a kind of finding of
    `check`. Exit code 0 unless the input is bad.
    """
    from pyclingo_bridge.cli.meanings import is_name, tell_meanings
    from pyclingo_bridge.explain.decision import explanation, reasons_report_of
    from pyclingo_bridge.explain.next_steps import next_steps

    policies = deciding(policy, interpretation, judged_by, plan, folder)
    names = [name for name in cases if is_name(name)]
    tell_meanings(names, policies, as_json)
    cases = [name for name in cases if name not in names]
    if not cases:
        return
    if names and not as_json:
        typer.echo()

    def answer(loaded: Policy, case: Assessment) -> None:
        decision, view = loaded.decide(case), view_of(loaded, verbose)
        steps = next_steps(decision, remedies_of(loaded, case, decision, _FEW), view)
        reasons = explanation(decision, full, view)
        write(reasons, reasons_report_of(decision, full, view, steps), as_json, names=False)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command(
    epilog=examples(
        "pyclingo-bridge missing case.json",
        "pyclingo-bridge missing case.json --count",
        "pyclingo-bridge missing case.json --json missing,more",
    )
)
def missing(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
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
    from pyclingo_bridge.cli.answers import drawn_missing, first_missing, missing_answer
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.missing import count_text, missing_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        decision = loaded.decide(case)
        sets = loaded.missing(case)
        found = first_missing(sets, first) if sample is None else drawn_missing(sets, sample, seed)
        if as_json:
            write_json(missing_answer(decision, found, count))
        elif count:
            typer.echo(count_text(decision, found))
        else:
            view = view_of(loaded, verbose)
            show(framed(decision, missing_report(decision, found, view), view))

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command(
    epilog=examples(
        "pyclingo-bridge facts case.json > facts.lp",
        "clingo asp/decide.lp my_policy/policy.lp facts.lp",
    )
)
def facts(
    cases: Cases,
    policy: PolicyName = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """Write a case as facts, for the rules under plain clingo."""
    from pyclingo_bridge.cli.answers import FactsAnswer
    from pyclingo_bridge.core.facts import plain_facts

    policies = deciding(policy, None)

    def answer(loaded: Policy, case: Case) -> None:
        found = tuple(map(str, plain_facts(case, loaded.vocabulary)))
        if as_json:
            head = {"case": case.id, "case_digest": case.digest, "policy": loaded.info}
            write_json(FactsAnswer(engine=loaded.engine, **head, facts=found))
            return
        lines = [f"% case: {case.id}", *(f"{term}." for term in found)]
        fence = ["```"] if form is Format.MARKDOWN else []
        typer.echo("\n".join([*fence, *lines, *fence]))

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit, as_given))
