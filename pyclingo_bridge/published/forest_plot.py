"""The results on patients like this one as a forest plot: shares of patients, with their intervals.

Groups differ by marker and position, and every number is written out: no color is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyclingo_bridge.base.errors import EvidenceError, shown_path
from pyclingo_bridge.base.pictures import TextAlternative, check_picture, drawing
from pyclingo_bridge.published.answers import EvidenceReport, Result, StudyEvidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_LABEL = 64
_LONGEST_NAME = 48
_ROW = 0.42


def check_forest(path: Path) -> None:
    """Refuse what cannot become a picture, before anything is computed.

    Errors: EvidenceError for a name that is neither .svg nor .png; ExtraError without the extra `plot`.
    """
    check_picture(path, EvidenceError)


def drawn(study: StudyEvidence) -> list[Result]:
    """The results that the picture shows: percentages with an interval, in the order of the report."""
    return [
        one
        for one in study.results
        if one.chapter is not None and _middle(one) is not None and _ends(one) is not None
    ]


def draw_forest(report: EvidenceReport, path: Path) -> None:
    """Draw the results on patients like this one.

    Args:
        report: the evidence.
        path: an .svg or .png file.

    Errors: EvidenceError where no study has a result to draw, or the file cannot be written;
    ExtraError without the extra `plot`.
    """
    check_forest(path)
    studies = [study for study in report.studies if drawn(study)]
    if not studies:
        raise EvidenceError(f"{path}: there is nothing to draw: no result is on patients like this one")
    heights = [1.9 + _ROW * len(drawn(study)) for study in studies]
    with drawing(path, sum(heights), "evidence", EvidenceError, in_words(report)) as figure:
        axes = figure.subplots(len(studies), 1, squeeze=False, height_ratios=heights)
        for place, study in enumerate(studies):
            _forest(axes[place][0], study, report.case)


def in_words(report: EvidenceReport) -> TextAlternative:
    """What the picture shows, in words."""
    lines: list[str] = []
    for study in report.studies:
        if drawn(study):
            lines.append(f"{study.title}. {study.source}".strip())
            lines += (f"{one.label}: {' '.join(_numbers(one).split())}" for one in drawn(study))
    title = f"Results on patients like {shown_path(report.case)}, in percent with 95% confidence intervals"
    return TextAlternative(title, "\n".join(lines))


def _middle(result: Result) -> float | None:
    figures = (result.figure("share"), result.figure("estimate"))
    return next((one.value for one in figures if one and one.unit == "percent"), None)


def _ends(result: Result) -> tuple[float, float] | None:
    low, high = result.figure("low"), result.figure("high")
    if low is None or high is None or low.value is None or high.value is None:
        return None
    return (low.value, high.value) if low.unit == "percent" else None


def _forest(axes: Axes, study: StudyEvidence, case: str) -> None:
    results = drawn(study)
    name = case if len(case) <= _LONGEST_NAME else f"{case[: _LONGEST_NAME - 3]}..."
    on = f"Results on patients like {name}"
    if study.inclusion != "met":
        on = f"Results for patients like {name},\nif documents confirm that this one could be enrolled"
    axes.set_title(
        _plain(f"{study.title}\n{on}"),
        loc="left",
        fontweight="bold",
        fontsize=10,
    )
    for place, result in enumerate(results):
        middle, ends = _middle(result), _ends(result)
        assert middle is not None
        assert ends is not None
        axes.plot(ends, (place, place), color="0.2", linewidth=1.4, solid_capstyle="butt")
        for end in ends:
            axes.plot((end, end), (place - 0.12, place + 0.12), color="0.2", linewidth=1.4)
        face = "white" if result.exploratory else "0.2"
        marker = "D" if result.exploratory else "s"
        axes.plot(middle, place, marker=marker, markersize=7, color="0.2", markerfacecolor=face)
        axes.text(103, place, _numbers(result), va="center", fontsize=8, family="monospace")
    axes.set_yticks(range(len(results)), [_label(one) for one in results], fontsize=8)
    axes.set_ylim(len(results) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of the patients, with 95% confidence interval", fontsize=8)
    axes.grid(axis="x", color="0.85", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.annotate(
        f"filled square: main analyses; open diamond: exploratory, with caution. {_plain(study.source)}",
        (0, 0), (0, -34), xycoords="axes fraction", textcoords="offset points",
        fontsize=7, color="0.3", va="top",
    )  # fmt: skip


def _numbers(result: Result) -> str:
    figure = result.figure("share") or result.figure("estimate")
    low, high = result.figure("low"), result.figure("high")
    assert figure is not None
    assert low is not None
    assert high is not None
    size = "n not reported" if result.patients is None else f"n={result.patients}"
    return f"{figure.printed:>5} ({low.printed}-{high.printed})".ljust(20) + size


def _label(result: Result) -> str:
    text = result.label
    return _plain(text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 3]}...")


def _plain(text: str) -> str:
    return text.replace("$", r"\$")
