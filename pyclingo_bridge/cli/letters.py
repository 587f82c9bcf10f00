"""The command that writes letters on decisions."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyclingo_bridge.base.errors import LetterError, shown_path
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.cli.shared import (
    CASES_HELP,
    Folder,
    Interpretations,
    JudgedByOption,
    Judges,
    Limit,
    PlanFile,
    PolicyName,
    answer_each,
    app,
    deciding,
    examples,
    expanded_cases,
)

if TYPE_CHECKING:
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.letters.letter import Letter
    from pyclingo_bridge.policy import Policy


class Recipient(StrEnum):
    """Whose letter it is."""

    PROVIDER = "provider"
    MEMBER = "member"


class LetterFormat(StrEnum):
    """How a letter is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"


_ENDINGS = {
    ".md": LetterFormat.MARKDOWN,
    ".html": LetterFormat.HTML,
    ".htm": LetterFormat.HTML,
    ".pdf": LetterFormat.PDF,
}

_BATCH = "letters.batch"
"""Where the command's context notes that a folder, a pattern or a file of several cases was named."""


def _expanded_cases(ctx: typer.Context, names: list[str]) -> list[str]:
    cases = expanded_cases(ctx, names)
    ctx.meta[_BATCH] = cases != names
    return cases


_ENDING = {LetterFormat.MARKDOWN: "md", LetterFormat.HTML: "html", LetterFormat.PDF: "pdf"}


@app.command(
    "letter",
    epilog=examples(
        "pyclingo-bridge letter case.json --slots plan.toml -o letter.pdf",
        "pyclingo-bridge letter case.json --to member --slots plan.toml -o letter.html",
        "pyclingo-bridge letter cases/ --slots plan.toml -o letters/ --format pdf",
    ),
)
def letter_(
    ctx: typer.Context,
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="CASE...", help=CASES_HELP, callback=_expanded_cases),
    ] = None,
    to: Annotated[
        Recipient, typer.Option("--to", help="Write to the provider or to the member.")
    ] = Recipient.PROVIDER,
    form: Annotated[
        LetterFormat | None,
        typer.Option("--format", help="By default as the name of the file says, else Markdown."),
    ] = None,
    output: Annotated[
        str | None,  # A path would lose the slash at the end, which says that it is a folder.
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; of several cases, a folder for them."
        ),
    ] = None,
    slots: Annotated[
        Path | None,
        typer.Option("--slots", metavar="FILE", help="Names, addresses and the plan's texts (TOML or JSON)."),
    ] = None,
    slot: Annotated[
        list[str] | None,
        typer.Option("--slot", metavar="NAME=VALUE", help="Fill one slot. May be repeated."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(
            "--templates", metavar="FOLDER", help="Templates of your own in place of the shipped ones."
        ),
    ] = None,
    export_templates: Annotated[
        Path | None,
        typer.Option(
            "--export-templates", metavar="FOLDER", help="Write the shipped templates there, to start from."
        ),
    ] = None,
    first: Annotated[
        int,
        typer.Option("--first", min=0, metavar="N", help="List at most N ways to an approval; 0 lists all."),
    ] = 5,
    policy: PolicyName = None,
    folder: Folder = None,
    plan: PlanFile = None,
    interpretation: Interpretations = None,
    judged_by: JudgedByOption = Judges.COMPILED,
    limit: Limit = None,
) -> None:
    """Write determination letters, to the provider or to the member.

    Exit code 0 unless the input is bad. Slots that stay empty are marked in the letter, with a warning.
    """
    if export_templates is not None:
        _export(export_templates, cases)
        return
    if not cases:
        raise LetterError("name a case to write a letter on")
    from pyclingo_bridge.letters.slots import read_slots

    source = read_slots(slots, slot or [])
    writing = _Writing(output, form, len(cases) > 1, ctx.meta[_BATCH])
    if len(cases) > 1:
        source.refuse_sharing()
    policies = deciding(policy, interpretation, judged_by, plan, folder)

    def answer(loaded: Policy, case: Assessment) -> None:
        name = case.case.id
        letter = loaded.letter(case, to.value, source.of(name), templates, first)
        writing.write(letter)
        _tell(letter)

    # Only answers on standard output are set apart from each other; here there is one at most.
    raise typer.Exit(answer_each(cases, policies, False, answer, limit, refused=lambda error: None))


def _export(folder: Path, cases: Sequence[str] | None) -> None:
    from pyclingo_bridge.letters.templates import export_templates

    if cases:
        raise LetterError("--export-templates writes templates alone: leave out the cases, or the option")
    for path in export_templates(folder):
        typer.echo(shown_path(path))


_SLASHES = tuple(filter(None, ("/", os.sep, os.altsep)))


class _Writing:
    """Where letters go, and in which format; what cannot be written is refused before anything is asked."""

    def __init__(self, output: str | None, form: LetterFormat | None, several: bool, batch: bool) -> None:
        path = None if output is None else Path(output)
        ending = _ENDINGS.get(path.suffix.lower()) if path else None
        self._output = path
        self._form = form or ending or LetterFormat.MARKDOWN
        self._written: set[Path] = set()
        from pyclingo_bridge.letters.pdf import need_pdf

        need_pdf() if self._form is LetterFormat.PDF else need("letters")
        if output is None or path is None:
            self._several = several
            self._check_standard_output()
            return
        named_folder = path.is_dir() or output.endswith(_SLASHES)
        # A folder with one case in it is written as one with several, unless a file is named.
        self._several = several or named_folder or (batch and ending is None)
        _check_place(path, self._several, named_folder or ending is None)

    def _check_standard_output(self) -> None:
        if self._several:
            raise LetterError("letters on several cases go to a folder: add -o FOLDER")
        if self._form is LetterFormat.PDF:
            raise LetterError("a PDF goes to a file: add -o FILE")

    def write(self, letter: Letter) -> None:
        """Write a letter, and say where it went."""
        if self._output is None:
            typer.echo(letter.html() if self._form is LetterFormat.HTML else letter.markdown(), nl=False)
            return
        path = self._path(self._output, letter)
        data = self._data(letter)
        from pyclingo_bridge.base.whole_files import write_whole

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise LetterError(f"{shown_path(path)}: cannot be written: {error.strerror or error}") from None
        self._written.add(path)
        typer.echo(shown_path(path), err=True)

    def _data(self, letter: Letter) -> bytes:
        if self._form is LetterFormat.PDF:
            return letter.pdf()
        return (letter.html() if self._form is LetterFormat.HTML else letter.markdown()).encode()

    def _path(self, output: Path, letter: Letter) -> Path:
        if not self._several:
            return output
        # An id may hold what no name of a file can.
        name = re.sub(r"[^\w.-]+", "_", letter.content.case).lstrip(".") or "case"
        path = output / f"{name}.{letter.content.to}.{_ENDING[self._form]}"
        if path in self._written:
            raise LetterError(
                f"{shown_path(path)}: two of the cases would write this letter; rename one of them"
            )
        return path


def _check_place(path: Path, several: bool, folder: bool) -> None:
    """Refuse a file for several letters, and a folder that is not there for one."""
    if several and (not folder or (path.exists() and not path.is_dir())):
        raise LetterError(f"{shown_path(path)}: letters on several cases go to a folder, and this is none")
    if not several and not path.resolve().parent.is_dir():
        raise LetterError(f"{shown_path(path)}: there is no such folder")


def _tell(letter: Letter) -> None:
    """What whoever sends it should know, on the error stream."""
    content = letter.content
    for text in content.warnings:
        _warn(f"{content.case}: {text}")
    if content.reviewed is False:
        _warn(f"{content.case}: not reviewed by a clinician yet: do not send")
    if letter.empty_slots:
        names = ", ".join(letter.empty_slots)
        _warn(f"{content.case}: empty slots: {names}; fill them with --slots FILE or --slot NAME=VALUE")
    if content.to == "member" and letter.reading_grade is not None:
        typer.echo(
            f"{content.case}: reading grade {letter.reading_grade} (Flesch-Kincaid, an estimate)", err=True
        )


def _warn(text: str) -> None:
    typer.echo(f"warning: {text}", err=True)
