"""Commands about policies: checks, comparisons, interpretations, schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pyclingo_bridge.base.errors import (
    BridgeError,
    EngineError,
    PolicyError,
    quoted,
    shown_path,
    suggestion,
)
from pyclingo_bridge.base.whole_files import write_whole
from pyclingo_bridge.cli.fields import ANSWERS_OF
from pyclingo_bridge.cli.progress import waiting
from pyclingo_bridge.cli.schema import ANSWERS, json_schema
from pyclingo_bridge.cli.shared import (
    GRAVEST,
    AsJson,
    ExitCode,
    Form,
    Format,
    Full,
    Interpretations,
    PolicyName,
    Verbose,
    app,
    chosen_interpretations,
    examples,
    load_policy,
    show,
    write,
    write_json,
)

if TYPE_CHECKING:
    from pyclingo_bridge.analysis.findings import CheckReport, Witness
    from pyclingo_bridge.explain.view import View

DESCRIBED = ("case", *ANSWERS)
"""What `schema` describes, the default first."""


Brief = Annotated[
    bool, typer.Option("--brief", help="Leave out the cases that show it, and what found nothing.")
]


CasesTo = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="Write each shown case there, to be decided again."),
]


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 3, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


@app.command(
    epilog=examples(
        "pyclingo-bridge check",
        "pyclingo-bridge check my_policy/ --brief",
        "pyclingo-bridge check my_policy/ --cases shown/ --fail-on warning",
    )
)
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[POLICY...]", help="Shipped policies, or folders with a policy.lp."),
    ] = None,
    interpretation: Interpretations = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 3 where a finding is this grave.")
    ] = FailOn.ERROR,
    cases: CasesTo = None,
    brief: Brief = False,
    full: Full = False,
    verbose: Verbose = False,
) -> None:
    """Check policies over every case there can be.

    Exit code 3 where a finding is an error, 2 where a policy cannot be loaded at all.
    """
    from pyclingo_bridge.analysis.draft import check_policy
    from pyclingo_bridge.cases.vocabulary import shipped_defaults
    from pyclingo_bridge.cli.printing import print_error
    from pyclingo_bridge.explain.analysis import check_report
    from pyclingo_bridge.explain.view import PLAIN

    files = _CaseFiles(cases)
    codes = set()
    for index, name in enumerate(names or [shipped_defaults()["policy"]]):
        try:
            with waiting(f"checking {name}"):
                report = check_policy(name, chosen_interpretations(interpretation))
        except BridgeError as error:
            if isinstance(error, EngineError):
                raise
            print_error(error)
            codes.add(ExitCode.BAD_INPUT)
            continue
        files.write(finding.witness for finding in report.findings)
        if index and not as_json:
            typer.echo()
        view = _view(name, verbose) if report.policy else PLAIN
        write(report, check_report(report, brief, full, view), as_json)
        codes.add(_code(report, fail_on))
    raise typer.Exit(next(code for code in GRAVEST if code in codes))


def _view(name: str, verbose: bool) -> View:
    """A policy's words, and how its ambiguities are read by default."""
    from pyclingo_bridge.explain.view import View

    return View.of(load_policy(name, None).loaded, verbose)


def _code(report: CheckReport, fail_on: FailOn) -> ExitCode:
    # A policy with faults in its rules is refused by every other command too.
    if report.policy is None:
        return ExitCode.BAD_INPUT
    order: list[str] = [*FailOn]
    gravest = report.gravest()
    grave = fail_on is not FailOn.NEVER and gravest and order.index(gravest) <= order.index(fail_on)
    return ExitCode.DENY if grave else ExitCode.APPROVE


@app.command(
    epilog=examples(
        "pyclingo-bridge compare old/ new/",
        "pyclingo-bridge compare old/ new/ --brief --format markdown --exit-code",
    )
)
def compare(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A policy, or an earlier version.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The policy to compare it with.")],
    interpretation: Annotated[
        list[str] | None,
        typer.Option("--interpret", metavar="NAME=VALUE", help="How to interpret the first."),
    ] = None,
    other_interpretation: Annotated[
        list[str] | None,
        typer.Option("--other-interpret", metavar="NAME=VALUE", help="How to interpret the second."),
    ] = None,
    form: Form = Format.TEXT,
    as_json: AsJson = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="Exit with 3 where the two differ, or not all cases could be compared.",
        ),
    ] = False,
    cases: CasesTo = None,
    brief: Brief = False,
    verbose: Verbose = False,
) -> None:
    """Compare two policies: whose decision changes, and which clause causes it. Exit code 0."""
    from pyclingo_bridge.explain.analysis import comparison_report
    from pyclingo_bridge.explain.view import View

    files = _CaseFiles(cases)
    with waiting(f"comparing {first} with {second}"):
        one, other = load_policy(first, interpretation), load_policy(second, other_interpretation)
        report = one.compare(other)
    files.write(difference.witness for difference in report.differences)
    views = [View.of(policy.loaded, verbose) for policy in (one, other)]
    write(report, comparison_report(report, brief, views), as_json)
    if exit_code and (report.differences or report.not_compared):
        raise typer.Exit(ExitCode.DENY)


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
        """Write each case; twice where the vocabularies of the two policies do not read it alike."""
        for witness in witnesses:
            if self._folder is not None and witness is not None:
                name = self._name(str(witness.case["id"]))
                if not witness.read:
                    self._put(self._folder / f"{name}.json", witness.case)
                for which, case in zip(("first", "second"), witness.read, strict=False):
                    self._put(self._folder / f"{name}.{which}.json", case)

    def _put(self, path: Path, case: dict[str, Any]) -> None:
        text = json.dumps(case, indent=2, ensure_ascii=False)
        try:
            write_whole(path, f"{text}\n".encode())
        except OSError as error:
            raise PolicyError(f"{shown_path(path)}: cannot be written: {error.strerror}") from None

    def _name(self, case: str) -> str:
        plain = _NO_FILE_NAME.sub("_", case)
        names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
        name = next(name for name in names if name not in self._names)
        self._names.add(name)
        return name


@app.command(
    epilog=examples(
        "pyclingo-bridge policies",
        "pyclingo-bridge policies --json policy.name,policy.revision",
    )
)
def policies(form: Form = Format.TEXT, as_json: AsJson = False, full: Full = False) -> None:
    """List the shipped policies, with the ambiguities of their wording and how each can be read."""
    from pyclingo_bridge.base.rule_files import shipped_policies
    from pyclingo_bridge.cli.answers import PolicyAnswer
    from pyclingo_bridge.explain.analysis import Listing, policies_report
    from pyclingo_bridge.policy import Policy

    found = [Policy.load(name) for name in shipped_policies()]
    if as_json:
        for policy in found:
            ambiguities = {key: tuple(values) for key, values in policy.alternatives.items()}
            write_json(PolicyAnswer(engine=policy.engine, policy=policy.info, ambiguities=ambiguities))
    else:
        listings = [Listing(policy.info, policy.structure.ambiguities) for policy in found]
        show(policies_report(listings, full))


@app.command(
    epilog=examples(
        "pyclingo-bridge schema > case.schema.json",
        "pyclingo-bridge schema decision",
    )
)
def schema(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help=f"What to describe: {', '.join(DESCRIBED)}; or a command, for what it answers.",
            show_default=False,
        ),
    ] = DESCRIBED[0],
    policy: PolicyName = None,
) -> None:
    """Write the JSON schema of a case file, or of an answer."""
    if name not in DESCRIBED and name not in ANSWERS_OF:
        near = suggestion(name, [*DESCRIBED, *ANSWERS_OF])
        # Where none is near, there is no telling which one is looked for: all of them.
        all_names = f" (there are: {', '.join(DESCRIBED)}, and the names of commands)"
        raise typer.BadParameter(f"nothing is called {quoted(name)}{near or all_names}", param_hint="NAME")
    vocabulary = None if policy is None else load_policy(policy, None).vocabulary
    described = name if name in DESCRIBED else ANSWERS_OF[name][0]
    typer.echo(json.dumps(json_schema(described, vocabulary), indent=2))
