"""What all commands share: the application, its options, how cases are read and answers written, exit codes.

The modules of commands import nothing that takes time: each command does, so that `--help` is there at once.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from importlib.metadata import PackageNotFoundError, version
from io import RawIOBase, TextIOBase, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from pyclingo_bridge.base.errors import CaseError, InterpretationError, PolicyError, quoted

if TYPE_CHECKING:
    from pyclingo_bridge.cases.case import Case
    from pyclingo_bridge.cases.limits import Limits
    from pyclingo_bridge.catalogue import Catalogue
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.core.decision import Answer, Decision, Outcome
    from pyclingo_bridge.explain.report import Report
    from pyclingo_bridge.policy import Policy


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


class Format(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class Judges(StrEnum):
    """What judges a case."""

    COMPILED = "compiled"
    CLINGO = "clingo"


class Stopped(SystemExit):
    """Ends a command that Ctrl-C or a closed pipe stopped, past what Typer would say of it."""


class Commands(TyperGroup):
    """The commands. Typer has words and exit codes of its own for what stops one of them."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the command line."""
        with _own_endings():
            return super().make_context(*args, **options)

    def invoke(self, *args: Any, **options: Any) -> Any:
        """Run the command."""
        with _own_endings():
            return super().invoke(*args, **options)


@contextmanager
def _own_endings() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError) as error:
        raise Stopped from error


app = typer.Typer(
    cls=Commands,
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
    typer.Option("--policy", metavar="NAME", help="A shipped policy, or a folder that holds a policy.lp."),
]

Folder = Annotated[
    str | None,
    typer.Option(
        "--policies",
        metavar="FOLDER",
        help="Folders of policies: each case is decided by the one for its drug, line of business and day.",
    ),
]

PlanFile = Annotated[
    str | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="What the plan knows for all its cases (JSON). Each case then has to tell the request's date.",
    ),
]

Interpretations = Annotated[
    list[str] | None,
    typer.Option(
        "--interpret",
        metavar="NAME=VALUE",
        help="Choose an interpretation of an ambiguity of the wording. May be repeated.",
    ),
]

JudgedByOption = Annotated[
    Judges,
    typer.Option(
        "--judged-by",
        help="Judge by the compiled rules, or have clingo itself judge every case; the answers are the same.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object a line, one line a case.")]

Form = Annotated[Format, typer.Option("--format", help="Plain text, Markdown or JSON.")]

Limit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=N",
        help="Let a case hold as much: megabytes, documents, names or members; problems: how many of its "
        "problems are listed. May be repeated.",
    ),
]

Full = Annotated[bool, typer.Option("--full", help="Everything, not only what matters for the outcome.")]

First = Annotated[
    int,
    typer.Option("--first", min=0, metavar="N", help="List at most N of each kind; 0 lists all."),
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show versions.")
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
        if self.catalogue is None:
            return self.policy, read_case(self.policy, name, limits)
        source, text = case_text(name, limits)
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


def read_case(policy: Policy, name: str, limits: Limits) -> Case:
    """The case in a file, or in standard input."""
    from pyclingo_bridge.cases.case import Case

    source, text = case_text(name, limits)
    return Case.from_json(text, source, policy.vocabulary, limits)


def case_text(name: str, limits: Limits) -> tuple[str, bytes]:
    """What errors call a file, or standard input, and what it holds."""
    from pyclingo_bridge.cases.limits import read_bytes

    if name == "-":
        return "standard input", standard_input(limits.bytes + 1)
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
) -> ExitCode:
    """Answer for every case; a bad one is reported and does not keep the others from an answer.

    Args:
        cases: the names of files.
        policies: what decides.
        as_json: whether answers are written as JSON.
        answer: answers for one case by its policy, and returns the outcome where the exit code depends on it.
        limit: limits of a case, as NAME=N.
        prepared: assesses a case, unless the command asks of it as it is.
    """
    from pyclingo_bridge.cli.printing import named, print_error
    from pyclingo_bridge.core.decision import FORMAT_VERSION

    check_names(cases)
    limits = chosen_limits(policies.policy, limit)
    codes: set[ExitCode] = set()
    apart = False
    for name in cases:
        try:
            policy, given = policies.read(name, limits)
            case = prepared(policy, given)
            if apart and not as_json:
                typer.echo()
            apart = True
            outcome = answer(policy, case)
            codes.add(_CODES[outcome] if outcome else ExitCode.APPROVE)
        except CaseError as error:
            codes.add(ExitCode.BAD_INPUT)
            print_error(named(error, name))
            if as_json:
                content = {
                    "version": FORMAT_VERSION,
                    "source": error.source,
                    "errors": list(error.problems),
                    "problems": [problem.parts() for problem in error.problems],
                }
                typer.echo(json.dumps(content, separators=(",", ":")))
    return next(code for code in GRAVEST if code in codes)


def write(answer: Answer | Decision, report: Report, form: Format | bool, names: bool = True) -> None:
    """Write an answer: as JSON in one line, or what it comes to for a reader.

    Args:
        answer: the answer.
        report: the report of it.
        form: the format, or whether it is JSON.
        names: for Markdown, whether backquotes in the report are around names.
    """
    if form is True or form is Format.JSON:
        typer.echo(answer.model_dump_json())
    elif form is Format.MARKDOWN:
        from pyclingo_bridge.explain.report import as_markdown

        typer.echo(as_markdown(report, names))
    else:
        show(report)


def show(report: Report) -> None:
    """Write a report for a reader at a terminal."""
    from pyclingo_bridge.explain import terminal

    terminal.show(report)
