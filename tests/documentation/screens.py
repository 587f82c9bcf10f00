"""Screens: what commands show on terminals of three widths, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.documentation.commands import shell
from tests.documentation.pages import DOCS

FOLDER = DOCS / "screens"
WIDTHS = (80, 100, 140)


@dataclass(frozen=True)
class Screen:
    """A command whose screen is shown.

    Attributes:
        name: what its pictures are called.
        command: the command.
        about: what is to be seen, in a sentence.
    """

    name: str
    command: str
    about: str


_CASES = "examples/cases"

SCREENS = (
    Screen(
        "decide-approve",
        f"pyclingo-bridge decide {_CASES}/approve/nsclc_whole.json",
        "An approval, with its criteria and what documents each.",
    ),
    Screen(
        "decide-deny",
        f"pyclingo-bridge decide {_CASES}/deny/molecular_report_missing.json",
        "A denial for want of one report, with what to obtain.",
    ),
    Screen(
        "decide-refer",
        f"pyclingo-bridge decide {_CASES}/refer/minor_by_date_of_birth.json",
        "A referral, with where it goes.",
    ),
    Screen(
        "decide-several",
        "pyclingo-bridge decide "
        + " ".join(
            f"{_CASES}/{name}.json"
            for name in (
                "approve/nsclc_whole",
                "approve/crc_with_vectibix",
                "deny/molecular_report_missing",
                "deny/documents_disagree_on_diagnosis",
                "deny/history_with_misspelled_drug",
                "deny/prior_krazati",
                "refer/minor_by_date_of_birth",
            )
        ),
        "Several cases at once.",
    ),
    Screen(
        "explain",
        f"pyclingo-bridge explain {_CASES}/deny/documents_disagree_on_diagnosis.json",
        "The tree of reasons where two documents contradict each other.",
    ),
    Screen(
        "missing",
        f"pyclingo-bridge missing {_CASES}/deny/generic_availability_unknown.json",
        "Every smallest set of documents that would turn a denial into an approval.",
    ),
    Screen(
        "what-if",
        f"pyclingo-bridge what-if {_CASES}/approve/nsclc_whole.json"
        " --set generic_available=true --without-document ngs-1",
        "What two changes to a case would change in its decision.",
    ),
    Screen(
        "repairs",
        f"pyclingo-bridge repairs {_CASES}/deny/crc_alone_without_egfr_reason.json",
        "What would make a denied request one that is approved.",
    ),
    Screen(
        "check",
        "pyclingo-bridge check tests/policies/planted_criteria --brief",
        "What is wrong with a policy that has faults planted in it, proved over every possible case.",
    ),
    Screen(
        "compare",
        "pyclingo-bridge compare cp_phar_549_2024 cp_phar_549 --brief",
        "Whom two versions of a policy treat differently, by the clause that causes it.",
    ),
)

# Readable in grey too: on white no two of the colors that reports use have the same lightness.
_THEME = TerminalTheme(
    (255, 255, 255),
    (31, 35, 40),
    [
        (31, 35, 40),
        (176, 24, 32),
        (17, 99, 41),
        (125, 78, 0),
        (9, 80, 174),
        (110, 40, 160),
        (20, 100, 120),
        (87, 96, 106),
    ],
    [
        (87, 96, 106),
        (207, 34, 46),
        (26, 127, 55),
        (154, 103, 0),
        (9, 105, 218),
        (130, 80, 223),
        (27, 124, 131),
        (110, 119, 129),
    ],
)

_FORMAT = """\
<svg role="img" aria-labelledby="{unique_id}-name" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<title id="{unique_id}-name">@NAME@</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
.{unique_id}-title {{ font: 15px "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(screen: Screen, width: int) -> str:
    """The picture of a screen, as SVG whose title says in words what it shows."""
    variables = {"COLUMNS": str(width), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    with shell(variables) as running:
        output = running.run(screen.command)
    console = Console(record=True, width=width, file=StringIO(), color_system="truecolor")
    console.print(Text("$ ").append(screen.command, style="bold"))
    console.print(Text.from_ansi(output.rstrip("\n")), soft_wrap=True)
    name = f"Terminal, {width} columns wide: {screen.command}. {screen.about}"
    svg = console.export_svg(
        title="",
        theme=_THEME,
        code_format=_FORMAT.replace("@NAME@", escape(name).replace("{", "{{").replace("}", "}}")),
        unique_id=f"{screen.name}-{width}",
    )
    # What rich draws around a screen is made for a dark one.
    framed = svg.replace("rgba(255,255,255,0.35)", "#d0d7de")
    return "".join(f"{line.rstrip()}\n" for line in framed.splitlines())


def path_of(screen: Screen, width: int) -> Path:
    """Where the picture is."""
    return FOLDER / f"{screen.name}-{width}.svg"


def page() -> str:
    """The page that shows every screen."""
    lines = [
        "# Screens",
        "",
        "Ten commands at a terminal 100 columns wide, each also at 80 and at 140. They are made by",
        "`python -m tests.documentation` from what the commands print, and compared with it in the tests.",
    ]
    for screen in SCREENS:
        lines += ["", f"## {screen.name}", "", screen.about, "", "```sh", screen.command, "```", ""]
        lines.append(f"![{screen.about}](screens/{screen.name}-100.svg)")
        lines += ["", " · ".join(f"[{width} columns](screens/{screen.name}-{width}.svg)" for width in WIDTHS)]
    return "\n".join(lines) + "\n"
