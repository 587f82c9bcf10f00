"""What all commands share: the application, its options, how cases are read, exit codes.

The modules of commands import nothing that takes time: each command does, so that `--help` is there at once.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from importlib.metadata import PackageNotFoundError, version
from io import RawIOBase, TextIOBase, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from pyclingo_bridge.base.errors import CaseError, InterpretationError, PolicyError, quoted
from pyclingo_bridge.cli.command import App, Commands, Stopped, examples
from pyclingo_bridge.cli.completion import criterion_ids, interpretation_choices, policy_names
from pyclingo_bridge.cli.progress import each_with_progress
from pyclingo_bridge.cli.settings import NO_CONFIG
from pyclingo_bridge.cli.sources import (
    STANDARD_INPUT,
    CaseLine,
    NoCase,
    expanded,
    has_several_lines,
    line_named,
)
from pyclingo_bridge.cli.writing import Format, show, wants, write, write_json

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.cases.limits import Limits
    from pyclingo_bridge.catalogue import Catalogue
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.core.decision import Outcome
    from pyclingo_bridge.policy import Policy

__all__ = ["Format", "Stopped", "examples", "show", "wants", "write", "write_json"]
"""What commands take from here though it stands elsewhere."""


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

GRAVEST = (ExitCode.BAD_INPUT, ExitCode.DENY, ExitCode.REFER, ExitCode.APPROVE)


class Judges(StrEnum):
    """What judges a case."""

    COMPILED = "compiled"
    CLINGO = "clingo"


app = App(
    cls=Commands,
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Decide prior-authorization requests against medical policies: the outcome, the reasons, and every "
    "smallest set of missing documents. Exit codes of decide: 0 approve, 3 deny, 4 refer, 2 bad input.",
    epilog=examples(
        "pyclingo-bridge init                    write a case to fill in",
        "pyclingo-bridge decide case.json        decide it",
        "pyclingo-bridge COMMAND --help          what a command does, with examples",
    ),
)

# Groups of options in a command's help
POLICY = "Policy"
OUTPUT = "Output"
LIMITS = "Limits"


CASES_HELP = (
    "Case files (.json), files with one case a line (.jsonl, .ndjson), folders with case files, or - "
    "for standard input."
)


def expanded_cases(ctx: typer.Context, names: list[str]) -> list[str]:
    """The cases that the names on a command line stand for."""
    return names if ctx.resilient_parsing or not names else expanded(names)


Cases = Annotated[
    list[str],
    typer.Argument(
        metavar="CASE...",
        help=CASES_HELP,
        callback=expanded_cases,
    ),
]

CasesOrIds = Annotated[
    list[str],
    typer.Argument(
        metavar="CASE...",
        help=CASES_HELP,
        callback=expanded_cases,
        autocompletion=criterion_ids,
    ),
]

PolicyName = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="A shipped policy, or a folder that holds a policy.lp.",
        rich_help_panel=POLICY,
        autocompletion=policy_names,
    ),
]

Folder = Annotated[
    str | None,
    typer.Option(
        "--policies",
        metavar="FOLDER",
        help="Folders of policies: each case is decided by the one for its drug, line of business and day.",
        rich_help_panel=POLICY,
    ),
]

PlanFile = Annotated[
    str | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="What the plan knows for all its cases (JSON). Each case then has to tell the request's date.",
        rich_help_panel=POLICY,
    ),
]

Interpretations = Annotated[
    list[str] | None,
    typer.Option(
        "--interpret",
        metavar="NAME=VALUE",
        help="Choose an interpretation of an ambiguity of the wording. May be repeated.",
        rich_help_panel=POLICY,
        autocompletion=interpretation_choices,
    ),
]

JudgedByOption = Annotated[
    Judges,
    typer.Option(
        "--judged-by",
        help="Judge by the compiled rules, or have clingo itself judge every case; the answers are the same.",
        rich_help_panel=POLICY,
    ),
]

AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="The same as --format json: one JSON object a line, one line a case. With FIELD,FIELD only these "
        "fields of it; --json=FIELD,FIELD too.",
        rich_help_panel=OUTPUT,
    ),
]

Form = Annotated[Format, typer.Option("--format", help="Plain text, Markdown or JSON.", rich_help_panel=OUTPUT)]

Limit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=N",
        help="Let a case hold as much: megabytes, documents, names or members; problems: how many of its "
        "problems are listed. May be repeated.",
        rich_help_panel=LIMITS,
    ),
]

Full = Annotated[
    bool,
    typer.Option("--full", help="Everything, not only what matters for the outcome.", rich_help_panel=OUTPUT),
]

Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        help="All settings too: interpretations, costs, and the file that settings are from.",
        rich_help_panel=OUTPUT,
    ),
]

First = Annotated[
    int,
    typer.Option(
        "--first", min=0, metavar="N", help="List at most N of each kind; 0 lists all.", rich_help_panel=OUTPUT
    ),
]


def _version(asked: bool) -> None:
    if asked:
        packages = ("pyclingo-bridge", "clingo")
        typer.echo(", ".join(f"{name} {_installed(name)}" for name in packages))
        raise typer.Exit


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show versions.")
    ] = False,
    no_config: Annotated[
        bool,
        typer.Option(
            NO_CONFIG,
            help="Take no settings from a pyclingo-bridge.toml or pyproject.toml; also behind a command.",
        ),
    ] = False,
    load_seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Computing time that loading a policy which is not shipped may take; 0 for any. [30]",
        ),
    ] = None,
    load_megabytes: Annotated[
        float | None,
        typer.Option(min=0, metavar="N", help="Memory that it may take; 0 for any. [2000]"),
    ] = None,
) -> None:
    if load_seconds is None and load_megabytes is None:
        return
    from pyclingo_bridge.loading.limits import MEGABYTES_VARIABLE, SECONDS_VARIABLE

    for variable, value in ((SECONDS_VARIABLE, load_seconds), (MEGABYTES_VARIABLE, load_megabytes)):
        if value is not None:
            # For whatever loads policies, in this process and in those that it starts.
            os.environ[variable] = str(value)


def chosen_interpretations(interpretations: list[str] | None) -> dict[str, str]:
    """The interpretations that were asked for as NAME=VALUE."""
    chosen: dict[str, str] = {}
    for entry in interpretations or []:
        key, equals, value = entry.partition("=")
        if not (key and equals and value):
            raise InterpretationError(f"{quoted(entry)} is no interpretation: write NAME=VALUE")
        if chosen.setdefault(key, value) != value:
            raise InterpretationError(f"{quoted(key)} is given two interpretations; keep one of them")
    return chosen


class _Closed(TextIOBase):
    """Stands for a standard output that is closed: Python has none then, and writes to it in silence."""

    def write(self, text: str) -> int:
        """Say that nobody would read it."""
        # Where the error stream is closed too, what is said of this would come here.
        sys.stdout = None
        raise OSError(errno.EBADF, "standard output is closed")


def buffer_output() -> None:
    """Buffer standard output where it is not: without a buffer Python takes a write in part for a whole one."""
    stream = sys.stdout
    if stream is None:
        sys.stdout = _Closed()
    if isinstance(stream, TextIOWrapper) and isinstance(stream.buffer, RawIOBase):
        sys.stdout = open(  # noqa: SIM115
            stream.fileno(), "w", encoding=stream.encoding, errors=stream.errors, closefd=False
        )


def load_policy(
    name: str | None,
    interpretations: list[str] | None,
    judged_by: Judges = Judges.COMPILED,
    plan: str | None = None,
) -> Policy:
    """The policy that was asked for, or the default one."""
    from pyclingo_bridge.cases.vocabulary import shipped_defaults
    from pyclingo_bridge.policy import Policy

    chosen = chosen_interpretations(interpretations)
    known = shipped_defaults()["policy"] if name is None else name
    return Policy.load(known, interpretations=chosen, judged_by=judged_by.value, plan=plan)


_SEVERAL_LINES = (
    "holds several cases, one a line; save them in a file whose name ends with `.jsonl`, and name that"
)


class Deciding(NamedTuple):
    """What decides cases: one policy, or of a folder the one for each case.

    Attributes:
        policy: the policy; of a folder one whose limits stand for all.
        catalogue: the folder's policies, if a folder was named.
        interpretations: the interpretations that were asked for.
    """

    policy: Policy
    catalogue: Catalogue | None
    interpretations: Mapping[str, str]

    def read(self, name: str, limits: Limits) -> tuple[Policy, Case]:
        """The case in a file, or in standard input, and the policy that decides it."""
        return self.of_text(*case_text(name, limits), limits)

    def of_text(self, source: str, text: bytes, limits: Limits) -> tuple[Policy, Case]:
        """The case that a text holds, and the policy that decides it.

        Args:
            source: what errors name.
            text: the text.
            limits: how much a case may hold.

        Errors: CaseError.
        """
        try:
            return self._of_text(source, text, limits)
        except CaseError:
            if has_several_lines(text):
                raise CaseError(source, [_SEVERAL_LINES]) from None
            raise

    def _of_text(self, source: str, text: bytes, limits: Limits) -> tuple[Policy, Case]:
        from pyclingo_bridge.cases.case import Case

        if self.catalogue is None:
            return self.policy, Case.from_json(text, source, self.policy.vocabulary, limits)
        case = self.catalogue.read(text, source, limits)
        try:
            policy = self.catalogue.policy_for(case)
        except PolicyError as error:
            # Another case may have one.
            raise CaseError(source, [str(error)]) from None
        return policy.under(self.interpretations), case


def deciding(
    name: str | None,
    interpretations: list[str] | None,
    judged_by: Judges = Judges.COMPILED,
    plan: str | None = None,
    folder: str | None = None,
) -> Deciding:
    """What decides, as it was asked for."""
    if folder is None:
        return Deciding(load_policy(name, interpretations, judged_by, plan), None, {})
    if name is not None:
        raise PolicyError("either one policy decides, or each case's own: leave out --policy, or --policies")
    from pyclingo_bridge.catalogue import Catalogue

    chosen = chosen_interpretations(interpretations)
    catalogue = Catalogue.load(folder, judged_by=judged_by.value, plan=plan)
    return Deciding(catalogue.entries[0].policy, catalogue, chosen)


def check_names(cases: list[str]) -> None:
    """Refuse to read standard input twice."""
    if cases.count("-") > 1:
        raise CaseError("standard input", ["can be read once; name it once"])


def one_case(name: str) -> str:
    """The one case that a name stands for.

    Errors: CaseError where it stands for several, or for none.
    """
    found = expanded([name])
    if len(found) != 1:
        text = f"holds {len(found):,} cases; name one of them, such as {quoted(str(found[0]), 200)}"
        raise CaseError(name, [text])
    return found[0]


def case_text(name: str, limits: Limits) -> tuple[str, bytes]:
    """What errors call a file, or standard input, and what it holds."""
    from pyclingo_bridge.cases.limits import read_bytes

    if name == STANDARD_INPUT:
        return "standard input", standard_input(limits.bytes + 1)
    if isinstance(name, NoCase):
        raise CaseError(name, [name.problem])
    line = name if isinstance(name, CaseLine) else line_named(name)
    if isinstance(line, CaseLine):
        try:
            return name, line.text(limits.bytes + 1)
        except OSError as error:
            raise CaseError(name, [f"cannot be read: {error.strerror}"]) from None
    return name, read_bytes(Path(name), limits)


def assessed(policy: Policy, case: Case) -> Assessment:
    """A case, assessed once: each question takes that in place of the case."""
    return policy.assess(case)


def as_given(policy: Policy, case: Case) -> Case:
    """A case as it is."""
    return case


def chosen_limits(policy: Policy, given: list[str] | None) -> Limits:
    """A policy's limits of a case, with those in their places that were asked for as NAME=N."""
    entries = [entry.partition("=") for entry in given or []]
    chosen = {name.strip(): number.strip() for name, _, number in entries}
    return policy.vocabulary.limits.changed(chosen)


def standard_input(most: int = -1) -> bytes:
    """What standard input holds, or the first bytes of it, at most so many."""
    if sys.stdin is None:
        raise CaseError("standard input", ["is closed"])
    return sys.stdin.buffer.read(most)


def answer_each(
    cases: list[str],
    policies: Deciding,
    as_json: bool,
    answer: Callable[[Policy, Any], Outcome | None],
    limit: list[str] | None = None,
    prepared: Callable[[Policy, Case], Assessment | Case] = assessed,
    refused: Callable[[CaseError], None] | None = None,
) -> ExitCode:
    """Answer for every case; a bad one is reported and does not keep the others from an answer.

    Args:
        cases: the names of files.
        policies: what decides.
        as_json: whether answers are written as JSON.
        answer: answers for one case by its policy, and returns the outcome where the exit code depends on it.
        limit: limits of a case, as NAME=N.
        prepared: assesses a case, unless the command asks of it as it is.
        refused: takes note of a bad case, for a command that writes its answers together at the end.
    """
    from pyclingo_bridge.cli.printing import named, placed, print_error
    from pyclingo_bridge.core.decision import FORMAT_VERSION

    check_names(cases)
    limits = chosen_limits(policies.policy, limit)
    codes: set[ExitCode] = set()
    apart = False
    for name in each_with_progress("cases", cases, collected=refused is not None):
        try:
            policy, given = policies.read(name, limits)
            case = prepared(policy, given)
            if apart and not as_json and refused is None:
                typer.echo()
            apart = True
            outcome = answer(policy, case)
            codes.add(_CODES[outcome] if outcome else ExitCode.APPROVE)
        except CaseError as error:
            codes.add(ExitCode.BAD_INPUT)
            print_error(named(error, name))
            if refused is not None:
                refused(error)
            if as_json:
                content = {
                    "version": FORMAT_VERSION,
                    "source": error.source,
                    "errors": list(error.problems),
                    "problems": [problem.parts() for problem in placed(error)[1]],
                }
                typer.echo(json.dumps(content, separators=(",", ":")))
    return next(code for code in GRAVEST if code in codes)
