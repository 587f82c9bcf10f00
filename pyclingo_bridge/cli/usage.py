"""What is wrong with a command line, in the words and the shape of every other error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyclingo_bridge.base.errors import UsageError, nearest_few, quoted
from pyclingo_bridge.base.messages import Message
from pyclingo_bridge.base.spelling import VALUE, alike

_QUOTES = re.compile(r"'([^']*)'")
_NO_COMMAND = re.compile(r"No such command '(?P<name>.*?)'(\.|\Z)", re.DOTALL)
_EXTRA = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((?P<words>.*)\)\Z", re.DOTALL)
_CHOICE = re.compile(
    r"(?:Value error, )?['`](?P<given>.*)['`] is not one of (?P<names>['`].*['`])\.?\Z", re.DOTALL
)
_LEAST = re.compile(
    r"(?:Input should be greater than or equal to |\S+ is not in the range x>=)(?P<least>[0-9.]+?)\.?\Z"
)
_NO_NUMBER = re.compile(
    r"(?:Input should be a valid|'.*' is not a valid) (?P<what>integer|int|number|float)\b", re.DOTALL
)
_WHAT = {"integer": "a whole number", "int": "a whole number", "float": "a number", "number": "a number"}
_NONE_OF = re.compile(r"`(?P<given>.*)` is none of (?P<names>[a-z-]+(?:, [a-z-]+)*)\Z", re.DOTALL)
_NAMES = re.compile(r"['`]([^'`]*)['`]")


class CommandLineError(UsageError):
    """A command line that cannot be understood, with what is wrong already taken apart."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self._message = message

    @property
    def messages(self) -> tuple[Message, ...]:
        """The one thing that is wrong."""
        return (self._message,)


def usage_error(error: Any) -> UsageError:
    """The error for what typer says of a command line.

    Args:
        error: one of typer's own errors; what is in it depends on its kind.
    """
    context = getattr(error, "ctx", None)
    found, remedy, allowed = _told(error, context)
    path = context.command_path if context is not None else ""
    if path and not remedy:
        remedy = f"see `{path} --help`"
    rest = f"; {remedy}" if remedy else ""
    line = f"{found}{rest}{f' ({allowed})' if allowed else ''}"
    return CommandLineError(
        Message(line, found=found, help=remedy, allowed=allowed, where="", place="", file="", spot=None)
    )


def _told(error: Any, context: Any) -> tuple[str, str, str]:
    """What was found, what to do, and what is allowed."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return _no_option(str(error.option_name), context)
    if kind == "MissingParameter":
        return _missing(error, context)
    if kind == "BadOptionUsage":
        usage = f"write `{error.option_name} {_metavar(error.option_name, context)}`"
        return f"option {quoted(error.option_name)} has no value", usage, ""
    if getattr(error, "param", None) is not None or isinstance(getattr(error, "param_hint", None), str):
        return _bad_value(error)
    text = str(getattr(error, "message", error))
    if named := _NO_COMMAND.match(text):
        return _no_command(named["name"], context)
    if extra := _EXTRA.match(text):
        return _unexpected(extra["words"], context)
    text, _, remedy = _QUOTES.sub(r"`\1`", text).rstrip(".").partition(": ")
    return text, remedy, ""


def _no_option(name: str, context: Any) -> tuple[str, str, str]:
    known = sorted(set(_options(context.command)))
    path = context.command_path
    found = f"unknown option {quoted(name)} of `{path}`"
    near = alike(name, known, VALUE) or _begun(name, known)
    if near:
        return found, f"did you mean `{near}`?", ""
    having = [one for one, command in _commands(context.command) if name in _options(command)]
    if having:
        command = next((word for word in sys.argv if word in having), having[0])
        return found, f"write it behind the command, as in `{path} {command} {name} ...`", ""
    parent = context.parent
    if parent is not None and name in _options(parent.command):
        return found, f"write it before the command: `{parent.command_path} {name} ... {context.info_name}`", ""
    return found, f"see `{path} --help` for its options", f"known: {nearest_few(name, known)}"


def _begun(name: str, known: list[str]) -> str:
    """The one option that a name is the beginning of, or that is the beginning of the name."""
    found = [one for one in known if len(name) > 3 and (one.startswith(name) or name.startswith(f"{one}-"))]
    return found[0] if len(found) == 1 else ""


def _options(command: Any) -> list[str]:
    return [name for param in command.params for name in param.opts if name.startswith("-")] + ["--help"]


def _commands(command: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(command, "commands", {}).items()


def _metavar(option: str, context: Any) -> str:
    params = context.command.params if context is not None else ()
    named = next((param for param in params if option in param.opts), None)
    return str(getattr(named, "metavar", None) or "VALUE")


def _missing(error: Any, context: Any) -> tuple[str, str, str]:
    param = error.param
    name = str(getattr(param, "metavar", None) or getattr(param, "name", "") or "").upper()
    name = name if param is None or param.param_type_name == "argument" else param.opts[0]
    what = "option" if name.startswith("-") else "argument"
    usage = f"write `{_usage(context)}`" if context is not None and what == "argument" else ""
    return f"the {what} {quoted(name)} is missing", usage or f"write `{name} {_metavar(name, context)}`", ""


def _usage(context: Any) -> str:
    """How a command is written, without its options."""
    words = [
        param.metavar or param.name.upper()
        for param in context.command.params
        if param.param_type_name == "argument"
    ]
    return " ".join([context.command_path, *words])


def _no_command(name: str, context: Any) -> tuple[str, str, str]:
    known = sorted(one for one, _ in _commands(context.command))
    path = context.command_path
    if Path(name).suffix or "/" in name:
        return (
            f"{quoted(name)} is a file, not a command",
            f"write what to do with it, as in `{path} decide {name}`",
            "",
        )
    near = alike(name, known, VALUE)
    remedy = f"did you mean `{near}`?" if near else f"see `{path} --help` for all of them"
    return f"unknown command {quoted(name)}", remedy, "" if near else f"known: {nearest_few(name, known)}"


def _unexpected(words: str, context: Any) -> tuple[str, str, str]:
    return f"{quoted(words)} is more than the command takes", f"write `{_usage(context)}`", ""


def _bad_value(error: Any) -> tuple[str, str, str]:
    """What is wrong with a value that an option or argument was given."""
    param = error.param
    name = error.param_hint if isinstance(error.param_hint, str) else _name_of(param)
    text = str(error.message)
    given = _given(param) if param is not None else ""
    if none := _NONE_OF.match(text):
        names = none["names"].split(", ")
        near = alike(none["given"], names, VALUE)
        remedy = f"did you mean `{near}`?" if near else ""
        return (
            f"{name} cannot be {quoted(none['given'])}",
            remedy,
            f"allowed: {nearest_few(none['given'], names)}",
        )
    if choice := _CHOICE.match(text):
        names = _NAMES.findall(choice["names"])
        near = alike(choice["given"], names, VALUE)
        allowed = f"allowed: {nearest_few(choice['given'], names)}"
        return f"{name} cannot be {quoted(choice['given'])}", f"did you mean `{near}`?" if near else "", allowed
    if least := _LEAST.match(text):
        return f"{name} cannot be {quoted(given)}", f"give {least['least']} or more", ""
    if number := _NO_NUMBER.match(text):
        return f"{name} is {_WHAT[number['what']]}, not {quoted(given)}", "write it in digits", ""
    told = _QUOTES.sub(r"`\1`", text).rstrip(".")
    return f"{name}: {told}", "", ""


def _name_of(param: Any) -> str:
    name = str(param.opts[0])
    return name if name.startswith("-") else str(param.metavar or param.name).upper()


def _given(param: Any) -> str:
    """What an option was given on the command line."""
    words = sys.argv[1:]
    for word, behind in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if option in param.opts:
            return value if equals else behind
    return ""
