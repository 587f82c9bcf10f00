"""Published studies: those that come with this package, and those in a folder of one's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pyclingo_bridge.base.errors import PolicyError, listing, quoted, suggestion
from pyclingo_bridge.base.rule_files import holds, read_program
from pyclingo_bridge.base.spelling import VALUE
from pyclingo_bridge.loading.authoring import check_statements
from pyclingo_bridge.loading.limits import FactsOf, check_limits
from pyclingo_bridge.published.answers import StudyCheck
from pyclingo_bridge.published.checks import check_study
from pyclingo_bridge.published.report_facts import SIGNATURES, ReportFacts, figure_rules, studies_root


def shipped_studies() -> list[str]:
    """The names of the studies whose results come with this package, sorted."""
    return sorted(entry.parent.name for entry in studies_root().glob("*/study.lp"))


class Study(ReportFacts):
    """The published results of a study."""

    @classmethod
    def load(cls, name_or_folder: str | Path) -> Study:
        """A shipped study, by its name, or the one in a folder that holds a `study.lp`.

        Args:
            name_or_folder: see `shipped_studies()` for the names.

        Errors: PolicyError where there is none, or its facts cannot be read.
        """
        known = shipped_studies()
        if str(name_or_folder) in known:
            return _loaded(str(name_or_folder))
        entry = Path(name_or_folder) / "study.lp"
        if not holds(Path.is_file, entry):
            hint = suggestion(str(name_or_folder), known, VALUE)
            raise PolicyError(
                f"no study {quoted(str(name_or_folder))}{hint} (shipped: {listing(known)}; or name a "
                "folder that holds a `study.lp`)"
            )
        files = read_program(entry)
        check_statements(files)
        check_limits(files, FactsOf(figure_rules(), SIGNATURES))
        return cls(files)

    def check(self) -> StudyCheck:
        """Whether the numbers of the report agree with each other.

        Without the extra `evidence` no interval is recomputed; those that would be are listed.
        """
        return check_study(self)


@cache
def _loaded(name: str) -> Study:
    return Study(read_program(studies_root() / name / "study.lp"))
