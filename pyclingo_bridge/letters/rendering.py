"""Writes the content of a letter by its template, as Markdown or HTML.

Templates run in Jinja's sandbox: they are given plain data, and can only read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from pyclingo_bridge.base.errors import LetterError, listing, quoted, shown_path, suggestion
from pyclingo_bridge.letters.content import LetterContent
from pyclingo_bridge.letters.slots import SLOTS, Slot
from pyclingo_bridge.letters.templates import SHIPPED, shipped_folder

Kind = Literal["md", "html"]

_SPECIAL = re.compile(
    r"[\\*`\[\]<|]"  # Everywhere; an underscore at the end of a word, as within words it means nothing.
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|&(?=#?\w+;)"
    r"|^[-+#>]|^[0-9]+(?=[.)])"
)


class Fields(SimpleNamespace):
    """Data whose parts templates read as `letter.case`; it has no methods that they could call."""


class Absent(StrictUndefined):
    """What a template names, and is not there."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        known = vars(self._undefined_obj) if isinstance(self._undefined_obj, Fields) else ()
        return f"there is no {quoted(name)}{suggestion(name, known)}"


def rendered(content: LetterContent, kind: Kind, folder: Path | None = None) -> str:
    """A letter, as its template has it.

    Args:
        content: what it tells.
        kind: Markdown (`md`) or `html`.
        folder: of templates that take the place of those that are shipped.

    Errors: LetterError, which names the template's file and line.
    """
    environment = _environment(kind, folder)
    name = f"{content.to}.{kind}.jinja"
    try:
        text = environment.get_template(name).render(
            letter=_fields(content.model_dump(exclude={"slots", "empty_slots"})),
            slot=Fields(**{one.name: _slot(one, content.slots, kind) for one in SLOTS}),
            filled=Fields(**{one.name: one.name in content.slots for one in SLOTS}),
        )
    except Exception as error:
        # Whatever a template does wrong, such as adding a number to a text, is told with its place.
        raise _told(error, name, folder) from None
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def check_folder(folder: Path) -> None:
    """Refuse a folder that replaces no template.

    Errors: LetterError.
    """
    shown = shown_path(folder)
    if not folder.is_dir():
        raise LetterError(f"{shown}: there is no such folder of templates")
    if not any((folder / name).is_file() for name in SHIPPED):
        raise LetterError(
            f"{shown}: has none of the templates {listing(SHIPPED)}; write them out to start from with "
            "--export-templates FOLDER"
        )


def _environment(kind: Kind, folder: Path | None) -> ImmutableSandboxedEnvironment:
    places = [*([folder] if folder else []), shipped_folder()]
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(places),
        undefined=Absent,
        # Markdown has its own signs to escape, which `finalize` does before this could.
        autoescape=True,
        finalize=_markdown if kind == "md" else _html,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(cap=_cap, listed=_listed, and_listed=_and_listed)
    return environment


def _html(value: Any) -> Any:
    return _present(value)


def _markdown(value: Any) -> Any:
    value = _present(value)
    if isinstance(value, Markup | Absent):
        return value
    return Markup(_SPECIAL.sub(_plainly, re.sub(r"\s+", " ", str(value))))


def _plainly(sign: re.Match[str]) -> str:
    """What Markdown would take for its own, as the sign that it is: of a number in a list its dot."""
    return f"{sign[0]}\\" if sign[0][0].isdigit() else f"\\{sign[0]}"


def _present(value: Any) -> Any:
    if value is None:
        raise LetterError("prints something that this letter does not have; ask with `if` before")
    return value


def _cap(text: str) -> str:
    """The text with a capital at its start, and else as it is."""
    return text[:1].upper() + text[1:]


def _listed(entries: Iterable[Any], word: str = "or") -> str:
    """Entries in a sentence: `a, b or c`."""
    names = [str(entry) for entry in entries]
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _and_listed(entries: Iterable[Any]) -> str:
    return _listed(entries, "and")


def _fields(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Fields(**{str(name): _fields(one) for name, one in value.items()})
    return tuple(map(_fields, value)) if isinstance(value, list | tuple) else value


def _slot(slot: Slot, values: Mapping[str, str], kind: Kind) -> Markup:
    """A slot's text as the format writes it; where it is empty, a mark that nobody overlooks."""
    if slot.name not in values:
        around = Markup('<mark class="empty">{}</mark>' if kind == "html" else "`{}`")
        return around.format(Markup(f"[{slot.title}: not filled in]"))
    write = escape if kind == "html" else _markdown
    apart = {"line": "\n", "lines": "\n", "paragraphs": "\n\n"}[slot.kind]
    pieces = [write(piece.strip()) for piece in values[slot.name].split(apart) if piece.strip()]
    if kind == "html":
        around = Markup("<p>{}</p>") if slot.kind == "paragraphs" else Markup("{}")
        glue = Markup("\n" if slot.kind == "paragraphs" else "<br>\n")
    else:
        around, glue = Markup("{}"), Markup("\n\n" if slot.kind == "paragraphs" else "  \n")
    return glue.join(around.format(piece) for piece in pieces)


def _told(error: Exception, name: str, folder: Path | None) -> LetterError:
    """An error of a template, with its place in the file."""
    if isinstance(error, TemplateNotFound):
        return LetterError(f"{name}: there is no template {quoted(str(error.name))} to read")
    if isinstance(error, TemplateSyntaxError):
        place = f"{shown_path(error.filename or error.name or name)}:{error.lineno}"
        return LetterError(f"{place}: {error.message}")
    file, line = _place(error)
    what = str(error) if isinstance(error, TemplateError | LetterError) else f"{type(error).__name__}: {error}"
    return LetterError(f"{shown_path(file or name)}:{line}: {what}")


def _place(error: Exception) -> tuple[str, int]:
    """The last line of a template that an error came by."""
    found, at = ("", 1), error.__traceback__
    while at is not None:
        file = at.tb_frame.f_code.co_filename
        if file.endswith(".jinja"):
            found = file, at.tb_lineno
        at = at.tb_next
    return found
