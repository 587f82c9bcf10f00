"""`diff`: what differs between two decisions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import ArgumentError, CaseError, quoted
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
    app,
    case_text,
    check_names,
    deciding,
    examples,
    write,
)
from pyclingo_bridge.cli.sources import expanded

if TYPE_CHECKING:
    from pyclingo_bridge.core.decision import Decision


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

    answer = decision_difference(_decision(old, policies), _decision(new, policies))
    write(answer, difference_report(answer), as_json)
    if exit_code and not answer.same:
        raise typer.Exit(ExitCode.DENY)


def _decision(name: str, policies: Callable[[], Deciding]) -> Decision:
    """The decision in a file, or on the case in it.

    Errors: CaseError.
    """
    from pyclingo_bridge.cases.limits import Limits

    cases = expanded([name])
    if len(cases) != 1:
        raise CaseError(
            name, [f"holds {len(cases):,} cases; name one of them, such as {quoted(str(cases[0]))}"]
        )
    source, text = case_text(cases[0], Limits())
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and "outcome" in data and "request" not in data:
        return _read_decision(source, data)
    deciders = policies()
    loaded, case = deciders.of_text(source, text, deciders.policy.vocabulary.limits)
    return loaded.decide(case)


def _read_decision(source: str, data: dict[str, Any]) -> Decision:
    from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision

    version = data.get("version")
    if version != FORMAT_VERSION:
        text = f"is a decision of version {quoted(version)} of the format, which is now {FORMAT_VERSION}"
        raise CaseError(source, [f"{text}; decide the case anew"])
    try:
        return Decision.model_validate_json(json.dumps(data))
    except ArgumentError as error:
        text = f"is {error}"
        raise CaseError(source, [f"{text}; write it with decide --json, all of its fields"]) from None
