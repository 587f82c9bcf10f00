"""Commands for the questions that come after a decision."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.near_files import near_file
from pyclingo_bridge.cli.cases import view_of
from pyclingo_bridge.cli.completion import assignments, attribute_names, interpretation_choices
from pyclingo_bridge.cli.files import Force, as_case_file, check_free, save_text
from pyclingo_bridge.cli.shared import (
    POLICY,
    AsJson,
    Cases,
    First,
    Folder,
    Form,
    Format,
    Interpretations,
    Limit,
    PlanFile,
    PolicyName,
    Verbose,
    answer_each,
    app,
    as_given,
    check_names,
    chosen_interpretations,
    deciding,
    examples,
    one_case,
    show,
    standard_input,
    write,
    write_json,
)

CHANGES = "Changes"
"""The group of what-if's own options in its help."""

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.questions.changes import Changes
    from pyclingo_bridge.questions.what_if import WhatIf


@app.command(
    epilog=examples(
        "pyclingo-bridge repairs case.json",
        "pyclingo-bridge repairs case.json --no-resolving --first 5",
    )
)
def repairs(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    first: First = 20,
    resolving: Annotated[
        bool,
        typer.Option("--resolving/--no-resolving", help="Whether contradictions may be resolved."),
    ] = True,
    limit: Limit = None,
    verbose: Verbose = False,
) -> None:
    """List every smallest repair: documents, resolved contradictions, changes of the request."""
    from pyclingo_bridge.cli.answers import repairs_answer
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import counterfactuals_report, repairs_report
    from pyclingo_bridge.questions.minimal_sets import take

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        decision = loaded.decide(case)
        if as_json:
            write_json(repairs_answer(loaded, case, resolving, first))
            return
        found, view = take(loaded.repairs(case, resolving), first), view_of(loaded, verbose)
        report = [*repairs_report(decision, *found, view)]
        if not found[0] and decision.outcome != "approve":
            report += counterfactuals_report(*take(loaded.counterfactuals(case), first), view)
        show(framed(decision, report, view))

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command(
    epilog=examples(
        "pyclingo-bridge reasons case.json",
    )
)
def reasons(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    first: First = 20,
    limit: Limit = None,
    verbose: Verbose = False,
) -> None:
    """Show what a decision rests on: what is enough, what is critical, what forces it."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import reasons_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        found = loaded.reasons(case, first)
        view = view_of(loaded, verbose)
        write(found, framed(loaded.decide(case), reasons_report(found, view), view), as_json)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


class By(StrEnum):
    """By what the first document type to ask for is chosen."""

    REQUESTS = "requests"
    SETS = "sets"
    COST = "cost"


@app.command(
    epilog=examples(
        "pyclingo-bridge ask case.json",
        "pyclingo-bridge ask case.json --by cost --without TYPE",
    )
)
def ask(
    cases: Cases,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
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
    verbose: Verbose = False,
) -> None:
    """Say which document to ask for next, and the sequence from there."""
    from pyclingo_bridge.explain.decision import framed
    from pyclingo_bridge.explain.reasons import plan_report

    policies = deciding(policy, interpretation, plan=plan, folder=folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        plan = loaded.ask_next(case, by.value, without or ())
        view = view_of(loaded, verbose)
        write(plan, framed(loaded.decide(case), plan_report(plan, view), view), as_json)

    raise typer.Exit(answer_each(cases, policies, as_json, answer, limit))


@app.command(
    "what-if",
    epilog=examples(
        "pyclingo-bridge what-if case.json --set age=17",
        "pyclingo-bridge what-if case.json --sweep age=0..30",
        "pyclingo-bridge what-if case.json --set age=17 --save changed.json",
    ),
)
def what_if(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case file (JSON), or - for standard input.")],
    assigned: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Let an attribute have this value.",
            rich_help_panel=CHANGES,
            autocompletion=assignments,
        ),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(
            "--unset",
            metavar="NAME",
            help="Remove every statement of an attribute.",
            rich_help_panel=CHANGES,
            autocompletion=attribute_names,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without-document", metavar="ID", help="Withdraw a document.", rich_help_panel=CHANGES),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option(
            "--add-document",
            metavar="FILE",
            help="Add the document in a file, or -.",
            rich_help_panel=CHANGES,
        ),
    ] = None,
    interpretation: Annotated[
        list[str] | None,
        typer.Option(
            "--interpret",
            metavar="NAME=VALUE",
            help="Afterwards, interpret an ambiguity this way.",
            rich_help_panel=CHANGES,
            autocompletion=interpretation_choices,
        ),
    ] = None,
    from_interpretation: Annotated[
        list[str] | None,
        typer.Option(
            "--from-interpret",
            metavar="NAME=VALUE",
            help="Interpret it this way from the start.",
            rich_help_panel=POLICY,
            autocompletion=interpretation_choices,
        ),
    ] = None,
    each: Annotated[
        bool,
        typer.Option(
            "--each", help="Make each change alone; sweeps then start from the case.", rich_help_panel=CHANGES
        ),
    ] = False,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="NAME[=LOW..HIGH]",
            help="Decide for every value of an attribute, after the other changes.",
            rich_help_panel=CHANGES,
            autocompletion=attribute_names,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the changed case there, to be decided by itself, under an id that says so.",
        ),
    ] = None,
    own_id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="With --save, the id of the changed case. [CASE's-what-if]"),
    ] = None,
    force: Force = False,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    first: First = 20,
    limit: Limit = None,
    verbose: Verbose = False,
) -> None:
    """Decide a case again with some changes, and show what differs. Exit code 0 unless input is bad."""
    _check_save(save, force, each, own_id)
    from pyclingo_bridge.cli.answers import what_if_answer
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
        if save is not None and not changes.texts:
            raise CaseError("what-if", [_NOTHING_TO_SAVE])
        if each:
            answers = [*loaded.what_if_each(read, changes, first)]
        else:
            answers = [loaded.what_if(read, changes, first)] if changes.texts else []
        if save is not None:
            _save(save, loaded, read, changes, answers, own_id or f"{read.id}-what-if")
        start = Changes() if each else changes
        sweeps = [loaded.under(start.interpretations).sweep(read, *entry, changes=start) for entry in ranges]
        view = view_of(loaded, verbose)
        reports = [
            *(what_if_report(one, view) for one in answers),
            *(sweep_report(one, view) for one in sweeps),
        ]
        written = [*map(what_if_answer, answers), *sweeps] if as_json else [*answers, *sweeps]
        for index, (one, report) in enumerate(zip(written, reports, strict=True)):
            if index and not as_json:
                typer.echo()
            write(one, report, as_json)

    raise typer.Exit(answer_each([one_case(case)], policies, as_json, answer, limit, as_given))


def _check_save(path: Path | None, force: bool, each: bool, own_id: str | None) -> None:
    """Refuse what cannot be saved, before anything is computed."""
    if path is None:
        if own_id is not None:
            raise typer.BadParameter("--id names the case that --save writes: give --save, or leave out --id")
        return
    if each:
        raise typer.BadParameter("--save writes one case: leave out --each, or --save")
    if str(path) == "-":
        raise typer.BadParameter("--save cannot write to standard output, where the answer goes: name a file")
    check_free(path, force)


def _save(
    path: Path, policy: Policy, case: Case, changes: Changes, answers: Sequence[WhatIf], own_id: str
) -> None:
    """Write a case with its changes, and say with what else it is decided to the same."""
    from pyclingo_bridge.questions.changes import assessed_with

    after = policy.under(changes.interpretations)
    made = assessed_with(after.loaded, case, changes).case.model_copy(update={"id": own_id})
    decided = after.decide(made)
    save_text(path, as_case_file(made.model_dump(mode="json")))
    chosen = "".join(f" --interpret {name}={value}" for name, value in changes.interpretations.items())
    typer.echo(f"Wrote {path}: decide it with pyclingo-bridge decide {path}{chosen}", err=True)
    what = f"note: its id is {quoted(own_id)}, as it says what is supposed here, and not what was submitted"
    typer.echo(what, err=True)
    if any(decided.statuses != answer.after.statuses for answer in answers):
        # What a plan knows gives way to what is supposed, but not to what a case says.
        typer.echo(
            "note: by the file itself it is decided otherwise, as the plan's own facts count too", err=True
        )


_NOTHING_TO_SAVE = (
    "nothing is changed, and --save writes the changed case: give --set or another change, or leave out --save"
)

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
