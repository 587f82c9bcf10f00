"""The command line: reads case files, asks the library, words the answers, sets the exit code."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum, StrEnum
from io import TextIOWrapper
from itertools import count, islice
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from pyclingo_bridge import screen
from pyclingo_bridge.analysis.draft import check_policy
from pyclingo_bridge.analysis.findings import SEVERITIES, CheckReport, Comparison, Witness
from pyclingo_bridge.analysis.report import (
    Line,
    ambiguity_lines,
    as_markdown,
    check_lines,
    comparison_lines,
)
from pyclingo_bridge.case import Case
from pyclingo_bridge.decision import FORMAT_VERSION, Decision, Outcome
from pyclingo_bridge.errors import (
    BridgeError,
    CaseError,
    EngineError,
    PolicyError,
    ReadingError,
    quoted,
)
from pyclingo_bridge.explanation import explanation
from pyclingo_bridge.facts import plain_facts
from pyclingo_bridge.followup.changes import Changes, changed
from pyclingo_bridge.followup.counterfactuals import Counterfactual
from pyclingo_bridge.followup.given import changes_given, range_given
from pyclingo_bridge.followup.lines_of_changes import sweep_lines, what_if_lines
from pyclingo_bridge.followup.lines_of_reasons import (
    counterfactual_lines,
    head_lines,
    plan_lines,
    reason_lines,
    repair_lines,
    warning_lines,
)
from pyclingo_bridge.followup.repairs import Repair
from pyclingo_bridge.followup.sweep import Sweep
from pyclingo_bridge.followup.what_if import WhatIf
from pyclingo_bridge.missing import DocumentSet, MissingSet
from pyclingo_bridge.policy import ENGINE, Policy
from pyclingo_bridge.schema import ANSWERS, json_schema
from pyclingo_bridge.sources import shipped_policies
from pyclingo_bridge.vocabulary import shipped_defaults

Found = TypeVar("Found", MissingSet, DocumentSet, Repair, Counterfactual)


class ExitCode(IntEnum):
    """What the exit code says; of several cases the first of: bad input, deny, refer, approve."""

    APPROVE = 0
    FAILURE = 1
    BAD_INPUT = 2
    DENY = 3
    REFER = 4


_CODES: dict[Outcome, ExitCode] = {
    "approve": ExitCode.APPROVE,
    "deny": ExitCode.DENY,
    "refer": ExitCode.REFER,
}
_GRAVEST = (ExitCode.BAD_INPUT, ExitCode.DENY, ExitCode.REFER, ExitCode.APPROVE)


_LEAST_SURE: tuple[Outcome, ...] = ("deny", "refer", "approve")


class Format(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


DESCRIBED = ("case", *ANSWERS)
"""What `schema` describes, the default first."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Decide prior-authorization requests against medical policies: the outcome, the reasons, and every "
    "smallest set of missing documents. Exit codes of decide: 0 approve, 3 deny, 4 refer, 2 bad input.",
)

Cases = Annotated[
    list[str], typer.Argument(metavar="CASE...", help="Case files (JSON), or - for standard input.")
]
PolicyName = Annotated[
    str | None,
    typer.Option(
        "--policy", metavar="NAME", help="A shipped policy, or a folder that holds a policy.lp."
    ),
]
Readings = Annotated[
    list[str] | None,
    typer.Option(
        "--reading",
        metavar="NAME=VALUE",
        help="Read an ambiguity of the wording so. May be repeated.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Write one JSON object a line, one line a case.")
]
Full = Annotated[
    bool, typer.Option("--full", help="Everything, not only what matters for the outcome.")
]
First = Annotated[
    int,
    typer.Option("--first", min=0, metavar="N", help="List at most N of each kind; 0 lists all."),
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(", ".join(f"{name} {number}" for name, number in ENGINE.items()))
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show versions.")
    ] = False,
) -> None:
    pass


def _chosen(readings: list[str] | None) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for entry in readings or []:
        key, equals, value = entry.partition("=")
        if not (key and equals and value):
            raise ReadingError(f"{quoted(entry)} is no reading: write NAME=VALUE")
        if chosen.setdefault(key, value) != value:
            raise ReadingError(f"{quoted(key)} is given two readings; keep one of them")
    return chosen


def _load(name: str | None, readings: list[str] | None) -> Policy:
    chosen = _chosen(readings)
    return Policy.load(shipped_defaults()["policy"] if name is None else name, readings=chosen)


def _check_names(cases: list[str]) -> None:
    if cases.count("-") > 1:
        raise CaseError("standard input", ["can be read once; name it once"])


def _read(name: str, policy: Policy) -> Case:
    if name == "-":
        return Case.from_json(_standard_input(), "standard input", policy.vocabulary)
    return Case.load(Path(name), policy.vocabulary)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise CaseError("standard input", ["is closed"])
    return sys.stdin.buffer.read()


def _each(
    cases: list[str], policy: Policy, as_json: bool, answer: Callable[[Case], Outcome | None]
) -> ExitCode:
    """Answer for every case; a bad one is told of and does not keep the others from an answer."""
    _check_names(cases)
    codes: set[ExitCode] = set()
    apart = False
    for name in cases:
        try:
            case = _read(name, policy)
            if apart and not as_json:
                typer.echo()
            apart = True
            outcome = answer(case)
            codes.add(_CODES[outcome] if outcome else ExitCode.APPROVE)
        except CaseError as error:
            codes.add(ExitCode.BAD_INPUT)
            typer.echo(str(error), err=True)
            if as_json:
                typer.echo(_error_json(error))
    return next(code for code in _GRAVEST if code in codes)


def _error_json(error: CaseError) -> str:
    told = {"version": FORMAT_VERSION, "source": error.source, "errors": list(error.problems)}
    return json.dumps(told, separators=(",", ":"))


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
) -> None:
    """Decide cases: outcome, every criterion's status, and what documents are missing."""
    if all_readings and reading:
        raise ReadingError("every reading is looked at: leave out --reading, or --all-readings")
    loaded = _load(policy, reading)

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

    raise typer.Exit(_each(cases, loaded, as_json, answer))


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
) -> None:
    """Explain decisions: the tree of reasons. Exit code 0 unless the input is bad."""
    loaded = _load(policy, reading)

    def answer(case: Case) -> None:
        reasons = explanation(loaded.decide(case), full=full)
        if as_json:
            typer.echo(reasons.model_dump_json())
        elif form is Format.TEXT:
            screen.show_explanation(reasons)
        else:
            typer.echo(reasons.render("json" if form is Format.JSON else "markdown"))

    raise typer.Exit(_each(cases, loaded, as_json, answer))


@app.command()
def missing(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    first: First = 100,
) -> None:
    """List every smallest set of missing documentation. Exit code 0 unless the input is bad."""
    loaded = _load(policy, reading)

    def answer(case: Case) -> None:
        decision = loaded.decide(case)
        if as_json:
            typer.echo(json.dumps(_missing_json(loaded, case, decision, first)))
        else:
            screen.show_outcome(decision)
            screen.show_warnings(decision)
            _show_missing(loaded, case, decision, first)

    raise typer.Exit(_each(cases, loaded, as_json, answer))


def _take(found: Iterator[Found], first: int) -> tuple[list[Found], bool]:
    """The first sets, and whether there are more."""
    sets = list(islice(found, first or None))
    return sets, next(found, None) is not None


def _show_missing(policy: Policy, case: Case, decision: Decision, first: int) -> None:
    sets = _take(policy.missing(case), first)
    screen.show_missing(decision, sets, _take(policy.missing_documents(case), first))


def _show_counterfactuals(policy: Policy, case: Case, first: int) -> None:
    screen.show_lines(counterfactual_lines(*_take(policy.counterfactuals(case), first)))


def _missing_json(policy: Policy, case: Case, decision: Decision, first: int) -> dict[str, Any]:
    sets, more = _take(policy.missing(case), first)
    documents, more_documents = _take(policy.missing_documents(case), first)
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
def repairs(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    first: First = 20,
    settling: Annotated[
        bool,
        typer.Option("--settling/--no-settling", help="Whether contradictions may be settled."),
    ] = True,
) -> None:
    """List every smallest repair: documents, settled contradictions, changes of the request."""
    loaded = _load(policy, reading)

    def answer(case: Case) -> None:
        decision = loaded.decide(case)
        found = _take(loaded.repairs(case, settling), first)
        otherwise = _take(loaded.counterfactuals(case), first)
        if as_json:
            typer.echo(json.dumps(_repairs_json(decision, found, otherwise)))
            return
        lines = [*head_lines(decision), *repair_lines(decision, *found)]
        if not found[0] and decision.outcome != "approve":
            lines += counterfactual_lines(*otherwise)
        screen.show_lines([*lines, *warning_lines(decision)])

    raise typer.Exit(_each(cases, loaded, as_json, answer))


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
        "readings": decision.readings,
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
    reading: Readings = None,
    as_json: AsJson = False,
    first: First = 20,
) -> None:
    """Tell what a decision rests on: what is enough, what is critical, what forces it."""
    loaded = _load(policy, reading)

    def answer(case: Case) -> None:
        found = loaded.reasons(case, first)
        if as_json:
            typer.echo(found.model_dump_json())
        else:
            decision = loaded.decide(case)
            lines = [*head_lines(decision), *reason_lines(found), *warning_lines(decision)]
            screen.show_lines(lines)

    raise typer.Exit(_each(cases, loaded, as_json, answer))


class By(StrEnum):
    """By what the first document type to ask for is chosen."""

    REQUESTS = "requests"
    SETS = "sets"
    COST = "cost"


@app.command()
def ask(
    cases: Cases,
    policy: PolicyName = None,
    reading: Readings = None,
    as_json: AsJson = False,
    by: Annotated[
        By,
        typer.Option(
            help="The fewest requests in the worst case, in the most sets, or the least cost."
        ),
    ] = By.REQUESTS,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="TYPE",
            help="A type that cannot be had, or did not show it. May be repeated.",
        ),
    ] = None,
) -> None:
    """Tell which document to ask for next, and the sequence from there."""
    loaded = _load(policy, reading)

    def answer(case: Case) -> None:
        plan = loaded.ask_next(case, by.value, without or ())
        if as_json:
            typer.echo(plan.model_dump_json())
        else:
            decision = loaded.decide(case)
            screen.show_lines([*head_lines(decision), *plan_lines(plan), *warning_lines(decision)])

    raise typer.Exit(_each(cases, loaded, as_json, answer))


@app.command()
def facts(cases: Cases, policy: PolicyName = None) -> None:
    """Write a case as facts, for the rules under plain clingo."""
    loaded = _load(policy, None)

    def answer(case: Case) -> None:
        typer.echo(f"% case: {case.id}")
        for term in plain_facts(case, loaded.vocabulary):
            typer.echo(f"{term}.")

    raise typer.Exit(_each(cases, loaded, False, answer))


Form = Annotated[Format, typer.Option("--format", help="Plain text, Markdown or JSON.")]
Brief = Annotated[
    bool, typer.Option("--brief", help="Leave out the cases that show it, and what found nothing.")
]
CasesTo = Annotated[
    Path | None,
    typer.Option(
        "--cases", metavar="DIR", help="Write each shown case there, to be decided again."
    ),
]


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 3."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


@app.command()
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY...]", help="Shipped policies, or folders with a policy.lp."
        ),
    ] = None,
    reading: Readings = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 3 where a finding is this grave.")
    ] = FailOn.ERROR,
    cases: CasesTo = None,
    brief: Brief = False,
) -> None:
    """Check policies over every case there can be. Exit code 3 where a finding is an error."""
    files = _CaseFiles(cases)
    codes = set()
    for index, name in enumerate(names or [shipped_defaults()["policy"]]):
        try:
            report = check_policy(name, _chosen(reading))
        except BridgeError as error:
            if isinstance(error, EngineError):
                raise
            typer.echo(f"error: {error}", err=True)
            codes.add(ExitCode.BAD_INPUT)
            continue
        files.write(finding.witness for finding in report.findings)
        lines = check_lines(report, brief)
        _show_report(report, lines, Format.JSON if as_json else form, index > 0)
        codes.add(ExitCode.DENY if _as_grave(report, fail_on) else ExitCode.APPROVE)
    raise typer.Exit(next(code for code in _GRAVEST if code in codes))


def _as_grave(report: CheckReport, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER:
        return False
    gravest = report.gravest()
    order: list[str] = list(SEVERITIES)
    return gravest is not None and order.index(gravest) <= order.index(fail_on.value)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A policy, or an earlier version.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="What to hold it against.")],
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", metavar="NAME=VALUE", help="How to read the first."),
    ] = None,
    other_reading: Annotated[
        list[str] | None,
        typer.Option("--other-reading", metavar="NAME=VALUE", help="How to read the second."),
    ] = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 where the two differ.")
    ] = False,
    cases: CasesTo = None,
    brief: Brief = False,
) -> None:
    """Compare two policies: who is treated otherwise, because of which clause. Exit code 0."""
    files = _CaseFiles(cases)
    report = _load(first, reading).compare(_load(second, other_reading))
    files.write(difference.witness for difference in report.differences)
    _show_report(report, comparison_lines(report, brief), Format.JSON if as_json else form, False)
    if exit_code and report.differences:
        raise typer.Exit(ExitCode.DENY)


def _show_report(
    report: CheckReport | Comparison, lines: Iterable[Line], form: Format, apart: bool
) -> None:
    if form is Format.JSON:
        typer.echo(report.model_dump_json())
        return
    if apart:
        typer.echo()
    if form is Format.MARKDOWN:
        typer.echo(as_markdown(lines))
    else:
        screen.show_lines(lines)


_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class _CaseFiles:
    """Each shown case as a file of its own, which `decide` takes; no two have the same name."""

    def __init__(self, folder: Path | None) -> None:
        # Before anything is computed: nothing is lost where the folder cannot be written.
        self._folder = folder
        self._names: set[str] = set()
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise PolicyError(f"--cases {folder}: cannot be made: {error.strerror}") from None

    def write(self, witnesses: Iterable[Witness | None]) -> None:
        for witness in witnesses:
            if self._folder is not None and witness is not None:
                path = self._folder / f"{self._name(str(witness.case['id']))}.json"
                text = json.dumps(witness.case, indent=2, ensure_ascii=False)
                try:
                    path.write_text(text + "\n", encoding="utf-8")
                except OSError as error:
                    raise PolicyError(f"{path}: cannot be written: {error.strerror}") from None

    def _name(self, case: str) -> str:
        plain = _NO_FILE_NAME.sub("_", case)
        names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
        name = next(name for name in names if name not in self._names)
        self._names.add(name)
        return name


@app.command("what-if")
def what_if(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="A case file (JSON), or - for standard input.")
    ],
    assigned: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Let an attribute have this value."),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", metavar="NAME", help="Let nobody state an attribute."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without-document", metavar="ID", help="Withdraw a document."),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option("--add-document", metavar="FILE", help="Add the document in a file, or -."),
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", metavar="NAME=VALUE", help="Then read an ambiguity so."),
    ] = None,
    from_reading: Annotated[
        list[str] | None,
        typer.Option("--from-reading", metavar="NAME=VALUE", help="Read it so from the start."),
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
    as_json: AsJson = False,
    first: First = 20,
) -> None:
    """Decide a case anew with some changes, and tell what differs. Exit code 0 unless input is bad."""
    loaded = _load(policy, from_reading)
    _check_names([case, *(added or [])])
    chosen = _chosen(reading)
    loaded.read(chosen)

    def answer(read: Case) -> None:
        changes = changes_given(
            loaded.vocabulary,
            assigned=assigned or [],
            unset=unset or [],
            withdrawn=without or [],
            documents=[_content(name) for name in added or []],
            readings=chosen,
        )
        ranges = [range_given(entry) for entry in sweep or []]
        if not changes.texts and not ranges:
            raise CaseError("what-if", [_NOTHING_ASKED])
        answers = _what_ifs(loaded, read, changes, each, first)
        start = Changes() if each else changes
        swept = changed(read, start, loaded.vocabulary)
        answers += [loaded.read(start.readings).sweep(swept, *entry) for entry in ranges]
        _show_all(answers, as_json)

    raise typer.Exit(_each([case], loaded, as_json, answer))


_NOTHING_ASKED = (
    "nothing is changed: give --set, --unset, --without-document, --add-document, --reading "
    "or --sweep"
)


def _content(name: str) -> tuple[str, bytes]:
    """A file's name for messages, and what it holds."""
    if name == "-":
        return "standard input", _standard_input()
    try:
        return name, Path(name).read_bytes()
    except (OSError, ValueError) as error:
        text = error.strerror if isinstance(error, OSError) else "no file can have that name"
        raise CaseError(f"--add-document {name}", [f"cannot be read: {text}"]) from None


def _what_ifs(
    policy: Policy, case: Case, changes: Changes, each: bool, first: int
) -> list[WhatIf | Sweep]:
    if each:
        return [*policy.what_if_each(case, changes, first)]
    return [policy.what_if(case, changes, first)] if changes.texts else []


def _show_all(answers: Iterable[WhatIf | Sweep], as_json: bool) -> None:
    for index, answer in enumerate(answers):
        if as_json:
            typer.echo(answer.model_dump_json())
            continue
        if index:
            typer.echo()
        lines = what_if_lines(answer) if isinstance(answer, WhatIf) else sweep_lines(answer)
        screen.show_lines(lines)


@app.command()
def policies(as_json: AsJson = False) -> None:
    """List the shipped policies, with the ambiguities of their wording and how each can be read."""
    for name in shipped_policies():
        policy = Policy.load(name)
        if as_json:
            typer.echo(json.dumps({**policy.info.model_dump(), "ambiguities": policy.alternatives}))
        else:
            screen.show_policy(policy)


@app.command()
def schema(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help=f"What to describe: {', '.join(DESCRIBED)}.",
            show_default=False,
        ),
    ] = DESCRIBED[0],
    policy: PolicyName = None,
) -> None:
    """Write the JSON schema of a case file, or of an answer."""
    if name not in DESCRIBED:
        known = ", ".join(DESCRIBED)
        raise typer.BadParameter(f"{quoted(name)} is none of {known}", param_hint="NAME")
    vocabulary = None if policy is None else Policy.load(policy).vocabulary
    typer.echo(json.dumps(json_schema(name, vocabulary), indent=2))


def main() -> None:
    """Run the command line; what a user got wrong is told in a line, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal cannot show is no reason to lose the answer.
            stream.reconfigure(errors="replace")
    try:
        app()
    except EngineError as error:
        typer.echo(f"defect: {error}", err=True)
        raise SystemExit(ExitCode.FAILURE) from None
    except BridgeError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(ExitCode.BAD_INPUT) from None
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"error: cannot write: {error.strerror}", file=sys.stderr)
        # Whoever read the output has closed it; there is nobody left to tell.
        sys.stdout = None
        raise SystemExit(ExitCode.FAILURE) from None
