"""`diff`: what differs between two decisions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import ArgumentError, CaseError, listing, quoted
from pyclingo_bridge.cli.fields import ANSWERS_OF
from pyclingo_bridge.cli.schema import model_of
from pyclingo_bridge.cli.shared import (
    AsJson,
    Deciding,
    ExitCode,
    Folder,
    Form,
    Format,
    Interpretations,
    PlanFile,
    PolicyName,
    Verbose,
    app,
    case_text,
    check_names,
    deciding,
    examples,
    load_policy,
    one_case,
    write,
)

if TYPE_CHECKING:
    from pyclingo_bridge.core.decision import Decision
    from pyclingo_bridge.explain.view import View
    from pyclingo_bridge.policy import Policy


@app.command(
    epilog=examples(
        "pyclingo-bridge decide case.json --json > before.json",
        "pyclingo-bridge diff before.json case.json    before, and as decided now",
        "pyclingo-bridge diff monday.json friday.json  two cases, or two decisions",
    )
)
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A decision, from decide --json, or a case file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What to compare it with, likewise.")],
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 where the two differ in anything told.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Tell what differs between two decisions: outcome, criteria, evidence, warnings.

    It also tells where the case or the policy is not the same. A case file is decided first, by the policy that
    the options name; decisions are taken as they are. Exit code 0 unless the input is bad.
    """
    from pyclingo_bridge.explain.differences import difference_report
    from pyclingo_bridge.questions.differences import decision_difference

    check_names([old, new])

    @cache
    def policies() -> Deciding:
        return deciding(policy, interpretation, plan=plan, folder=folder)

    (before, by), (after, by_last) = _decision(old, policies), _decision(new, policies)
    answer = decision_difference(before, after)
    view = _view(by_last or by, answer.after.policy.name, verbose)
    write(answer, difference_report(answer, view), as_json)
    if exit_code and not answer.same:
        raise typer.Exit(ExitCode.DENY)


def _decision(name: str, policies: Callable[[], Deciding]) -> tuple[Decision, Policy | None]:
    """The decision in a file, or on the case in it and the policy that made it.

    Errors: CaseError.
    """
    from pyclingo_bridge.cases.limits import Limits

    source, text = case_text(one_case(name), Limits())
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and _is_answer(data):
        return _read_decision(source, data), None
    deciders = policies()
    loaded, case = deciders.of_text(source, text, deciders.policy.vocabulary.limits)
    return loaded.decide(case), loaded


def _is_answer(data: dict[str, Any]) -> bool:
    """Whether an object is an answer, or some of its fields, and no case."""
    from pyclingo_bridge.cli.answers import DecidedCase

    if "request" in data or "id" in data:
        return False
    heads = {name.split(".")[0] for name in data}
    return bool(
        {"version", "outcome"} & heads or (heads - {"documents"} and heads <= {*DecidedCase.model_fields})
    )


def _read_decision(source: str, data: dict[str, Any]) -> Decision:
    from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision

    if "version" not in data:
        text = f"holds some fields of a decision only ({listing(data)})"
        raise CaseError(source, [f"{text}; write it with `decide --json`, without names of fields"])
    version = data["version"]
    if version != FORMAT_VERSION:
        text = f"is a decision of version {quoted(version)} of the format, which is now {FORMAT_VERSION}"
        raise CaseError(source, [f"{text}; decide the case anew"])
    try:
        return Decision.model_validate_json(json.dumps(data))
    except ArgumentError as error:
        written = _written_by(data)
        text = f"is what `{written} --json` writes, and no decision" if written else f"is {error}"
        raise CaseError(source, [f"{text}; give what `decide --json` writes, with all of its fields"]) from None


def _written_by(data: dict[str, Any]) -> str | None:
    """The command that has written an answer, if it has just the fields of one."""
    for command, names in ANSWERS_OF.items():
        if any(data.keys() == model_of(name).model_fields.keys() for name in names):
            return command
    return None


def _view(by: Policy | None, name: str, verbose: bool) -> View:
    """How to tell of decisions: in the words of the policy that decided, or of the one shipped by its name."""
    from pyclingo_bridge.base.rule_files import shipped_policies
    from pyclingo_bridge.cli.cases import view_of
    from pyclingo_bridge.explain.view import PLAIN

    if by is None and name in shipped_policies():
        by = load_policy(name, None)
    return PLAIN if by is None else view_of(by, verbose)
