"""How a command is read from the command line, and described in its help.

Help is plain text: what colors it takes longer to import than the rest of the help to write.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from pyclingo_bridge.cli.fields import fields_apart
from pyclingo_bridge.cli.settings import NO_CONFIG, apply_settings
from pyclingo_bridge.cli.writing import note_format

Context: TypeAlias = Any
Formatter: TypeAlias = Any
"""Click's: some versions of Typer have a copy of their own of it."""

_F = TypeVar("_F", bound=Callable[..., Any])

TASKS: dict[str, tuple[str, ...]] = {
    "One case": ("decide", "explain", "missing", "ask", "repairs", "reasons", "what-if", "diff"),
    "Many cases": ("batch", "impact"),
    "A policy": ("policies", "check", "compare", "facts"),
    "Evidence": ("evidence", "check-evidence"),
    "Letters and pictures": ("letter", "plot"),
    "Set up": ("init", "schema", "docs"),
}
"""The commands by what one wants to do, in the order in which help lists them."""


class Stopped(SystemExit):
    """Ends a command that Ctrl-C or a closed pipe stopped, past what Typer would say of it."""


@contextmanager
def _own_endings() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError) as error:
        raise Stopped from error


class Command(TyperCommand):
    """One command."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read its words: the fields after `--json`, what it was given, and what a file of settings says."""
        words, fields = fields_apart(self.name or "", args)
        left_out = NO_CONFIG in words
        rest = super().parse_args(ctx, [word for word in words if word != NO_CONFIG])
        if not ctx.resilient_parsing:
            note_format(ctx.params, fields)
            if not left_out and not ctx.find_root().params.get("no_config"):
                apply_settings(ctx)
        return rest

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """What its usage line says: each argument as it is called everywhere else."""
        arguments = [param for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return ["[OPTIONS]", *(_called(param) for param in arguments)]

    def format_options(self, ctx: Context, formatter: Formatter) -> None:
        """Write its arguments and options, grouped."""
        _write_options(self, ctx, formatter)

    def format_help_text(self, ctx: Context, formatter: Formatter) -> None:
        """Write what it does, paragraph by paragraph."""
        _write_paragraphs(self.help, formatter)

    def format_epilog(self, ctx: Context, formatter: Formatter) -> None:
        """Write its examples, each line as it is typed."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(f"{self.epilog}\n")


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

    def format_options(self, ctx: Context, formatter: Formatter) -> None:
        """Write the commands by task, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_commands(self, ctx: Context, formatter: Formatter) -> None:
        """Write the commands by task, each with the first sentence of what it does."""
        shown = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        kept = {name: command for name, command in shown.items() if command and not command.hidden}
        tasks = _by_task(kept)
        width = max(map(len, kept))
        for task, names in tasks.items():
            rows = [(name.ljust(width), _first_sentence(kept[name].help)) for name in names]
            with formatter.section(task):
                formatter.write_dl(rows)

    def format_help_text(self, ctx: Context, formatter: Formatter) -> None:
        """Write what the program does."""
        _write_paragraphs(self.help, formatter)

    def format_epilog(self, ctx: Context, formatter: Formatter) -> None:
        """Write what to do first."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(f"{self.epilog}\n")


class App(typer.Typer):
    """The application: each of its commands is a `Command`."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[_F], _F]:
        """Make a function a command."""
        return super().command(name, **{"cls": Command, **options})


def examples(*lines: str) -> str:
    """The end of a command's help: what to type, and what that is for."""
    return "\n".join(["Examples:", *(f"  {line}" for line in lines)])


def _by_task(commands: dict[str, Any]) -> dict[str, list[str]]:
    order = {name: (task, place) for task, names in TASKS.items() for place, name in enumerate(names)}
    tasks: dict[str, list[str]] = {task: [] for task in TASKS}
    for name, command in commands.items():
        own = getattr(command, "rich_help_panel", None)
        tasks.setdefault(own or order.get(name, ("Other", 0))[0], []).append(name)
    for names in tasks.values():
        names.sort(key=lambda name: order.get(name, ("", len(order)))[1])
    return {task: names for task, names in tasks.items() if names}


def _first_sentence(text: str | None) -> str:
    paragraph = inspect.cleandoc(text or "").split("\n\n")[0]
    words = " ".join(paragraph.split())
    return words.split(". ")[0].removesuffix(".") + "." if words else ""


def _write_paragraphs(text: str | None, formatter: Formatter) -> None:
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(" ".join(paragraph.split()))


def _write_options(command: Any, ctx: Context, formatter: Formatter) -> None:
    groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        usual = "Arguments" if param.param_type_name == "argument" else "Options"
        group = getattr(param, "rich_help_panel", None) or usual
        groups.setdefault(group, []).append((_named(param, record[0]), record[1]))
    # What every command has comes last.
    usual_ones = groups.pop("Options", [])
    for group, rows in {**groups, "Options": usual_ones}.items():
        if rows:
            with formatter.section(group):
                formatter.write_dl(rows)


def _called(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _named(param: Any, name: str) -> str:
    if param.param_type_name == "argument":
        return _called(param)
    return name.replace("--json", "--json [FIELD,...]") if param.name == "as_json" else name
