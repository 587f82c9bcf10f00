"""How answers are written: as text, Markdown or JSON, whole or some of their fields."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from pyclingo_bridge.cli.fields import chosen

if TYPE_CHECKING:
    from pyclingo_bridge.core.decision import Answer, Decision
    from pyclingo_bridge.explain.report import Report


class Format(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class _How(NamedTuple):
    form: Format = Format.TEXT
    fields: tuple[str, ...] = ()


_USUAL = _How()
_how: ContextVar[_How] = ContextVar("how", default=_USUAL)
"""How the command that is being run writes its answers."""


def note_format(params: dict[str, Any], fields: tuple[str, ...]) -> None:
    """Take note of how a command is to write its answers; `--json` and `--format json` are the same."""
    if "as_json" not in params:
        _how.set(_How())
        return
    form = Format(params.get("form", Format.TEXT))
    if params["as_json"]:
        form = Format.JSON
    params["as_json"] = form is Format.JSON
    if "form" in params:
        params["form"] = form
    _how.set(_How(form, fields))


def write(answer: Answer | Decision, report: Report, form: Format | bool = False, names: bool = True) -> None:
    """Write an answer: as JSON in one line, or what it comes to for a reader.

    Args:
        answer: the answer.
        report: the report of it.
        form: the format, or whether it is JSON.
        names: for Markdown, whether backquotes in the report are around names.
    """
    if form is True or form is Format.JSON:
        write_json(answer)
    else:
        show(report, names)


def write_json(answer: Answer | Decision) -> None:
    """Write an answer as JSON in one line: the fields that were asked for, or all."""
    fields = _how.get().fields
    if not fields:
        typer.echo(answer.model_dump_json())
        return
    # What is not written is not put together either: of a decision, the reasons.
    data = chosen(answer.model_dump(mode="json", include={field.split(".")[0] for field in fields}), fields)
    typer.echo(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def wants(fields: Iterable[str]) -> bool:
    """Whether one of these fields is written, as far as it is asked for fields at all."""
    asked = _how.get().fields
    return not asked or not {field.split(".")[0] for field in asked}.isdisjoint(fields)


def show(report: Report, names: bool = True) -> None:
    """Write a report for a reader: at a terminal, or as Markdown where that was asked for."""
    if _how.get().form is Format.MARKDOWN:
        from pyclingo_bridge.explain.report import as_markdown

        typer.echo(as_markdown(report, names))
        return
    from pyclingo_bridge.explain import terminal

    terminal.show(report)
