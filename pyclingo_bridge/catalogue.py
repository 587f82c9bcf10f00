"""A folder of policies, of which each case gets the one for its drug, its line of business and its day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pyclingo_bridge.base.errors import (
    ArgumentError,
    CaseError,
    PolicyError,
    listing,
    nearest_few,
    quoted,
    shown_path,
)
from pyclingo_bridge.base.rule_files import holds, policy_entry, shipped_policies
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.vocabulary import LINE
from pyclingo_bridge.core.in_force import Period, is_about, period, requested_drugs
from pyclingo_bridge.core.loaded import JudgedBy
from pyclingo_bridge.loading.limits import LoadLimits
from pyclingo_bridge.policy import Policy

_ENTRY = "policy.lp"


class Entry(NamedTuple):
    """A policy of a catalogue.

    Attributes:
        name: its folder, as seen from the catalogue's, or its name where it is shipped.
        policy: the policy.
        drugs: the drugs that it is about; none for one that is about any.
        lines: the lines of business that it is for; none for all.
        period: when it is in force; None for always.
    """

    name: str
    policy: Policy
    drugs: tuple[str, ...]
    lines: tuple[str, ...]
    period: Period | None

    @classmethod
    def of(cls, name: str, policy: Policy) -> Entry:
        """The entry for a policy.

        Errors: PolicyError for a line of business that no case can have.
        """
        structure = policy.structure
        lines = tuple(sorted(str(plain(term.args[0])) for term in structure.facts["serves_line"]))
        attribute = policy.vocabulary.request_attributes.get(LINE)
        known = attribute.listed if attribute else ()
        for line in lines:
            if line not in known:
                text = f"no case is of the line of business {quoted(line)} "
                text += f" (known: {nearest_few(line, known) or 'none'})"
                raise PolicyError(text)
        return cls(name, policy, requested_drugs(structure), lines, period(structure))

    def serves(self, case: Case) -> bool:
        """Whether it is for the line of business of a case."""
        attribute = self.policy.vocabulary.request_attributes.get(LINE)
        given = case.request.get(LINE, attribute.default if attribute else None)
        return not self.lines or given in self.lines

    def in_force(self, case: Case) -> bool:
        """Whether it is in force on the day of a case's request."""
        return self.period is None or case.day in self.period

    def __str__(self) -> str:
        about = listing(self.drugs) or "any drug"
        lines = f" for {listing(self.lines)}" if self.lines else ""
        return f"{quoted(self.name)} on {about}{lines}: in force {self.period or 'always'}"


class Catalogue:
    """Policies of which each case gets its own.

    Examples:
        >>> from pyclingo_bridge import Case, Catalogue
        >>> catalogue = Catalogue.of(["cp_phar_549", "cp_phar_549_2024"])
        >>> case = Case.load("examples/cases/approve/nsclc_whole.json")
        >>> case.day, catalogue.policy_for(case).info.name
        (datetime.date(2025, 3, 2), 'cp_phar_549')

    Attributes:
        entries: the policies, by name.
    """

    def __init__(self, entries: Iterable[Entry], source: str) -> None:
        """Use `Catalogue.load`, or `Catalogue.of`."""
        self.entries = tuple(sorted(entries, key=lambda entry: entry.name))
        self._source = source

    @classmethod
    def load(
        cls,
        folder: str | Path,
        judged_by: JudgedBy = "compiled",
        limits: LoadLimits | None = None,
        plan: str | Path | PlanFacts | None = None,
    ) -> Catalogue:
        """The policies in the folders beneath a folder: each folder that holds a `policy.lp`.

        Args:
            folder: the folder.
            judged_by: see `Policy.load`.
            limits: what grounding each policy may take, see `Policy.load`.
            plan: what a plan knows for all its cases, see `Policy.load`.

        Errors: PolicyError where there is no policy, or one is wrong; CaseError for the plan file.
        """
        root = Path(folder)
        if not holds(Path.is_dir, root):
            raise PolicyError(
                f"there is no folder {quoted(str(folder))}; name one that holds folders of policies"
            )
        found = sorted(entry.parent for entry in root.rglob(_ENTRY) if holds(Path.is_file, entry))
        if not found:
            raise PolicyError(f"{quoted(str(folder))}: no folder in it holds a `{_ENTRY}`")
        # By their whole paths: a folder that is called like a shipped policy is not that.
        named = {place.relative_to(root).as_posix(): place.absolute() for place in found}
        return cls._loaded(named, shown_path(root), judged_by, limits, plan)

    @classmethod
    def of(
        cls,
        names: Iterable[str | Path],
        judged_by: JudgedBy = "compiled",
        limits: LoadLimits | None = None,
        plan: str | Path | PlanFacts | None = None,
    ) -> Catalogue:
        """These policies: shipped ones by name, others by their folder.

        Args and errors are those of `load`; ArgumentError for one name in the place of several.
        """
        if isinstance(names, str | Path):
            raise ArgumentError(f"`names` has to be several names; put {quoted(str(names))} in a list")
        named = {str(name): name for name in names}
        if not named:
            raise PolicyError(f"a catalogue of no policies (shipped: {listing(shipped_policies())})")
        return cls._loaded(named, "catalogue", judged_by, limits, plan)

    @classmethod
    def _loaded(
        cls,
        named: Mapping[str, str | Path],
        source: str,
        judged_by: JudgedBy,
        limits: LoadLimits | None,
        plan: str | Path | PlanFacts | None,
    ) -> Catalogue:
        entries = []
        for name, place in named.items():
            where = policy_entry(place).parent
            policy = Policy.load(where, judged_by=judged_by, limits=limits, plan=plan)
            try:
                entries.append(Entry.of(name, policy))
            except PolicyError as error:
                raise PolicyError(f"{shown_path(where / _ENTRY)}: {error}") from None
        return cls(entries, source)

    def policy_for(self, case: Case) -> Policy:
        """The policy for a case: on its drug, for its line of business, in force on its day.

        One that is in force for a period is preferred to those that always are.

        Errors: PolicyError, which lists the policies with their periods, where there is none or several;
        CaseError where the case does not tell which drug it is about, or has no day.
        """
        left = self._about(case)
        serving = [entry for entry in left if entry.serves(case)]
        if not serving:
            line = case.request.get(LINE)
            raise self._error(case, f"no policy is for the line of business {quoted(str(line))}", left)
        if case.day is None and any(entry.period for entry in serving):
            text = "is missing, and no document has a date either; which policy is in force depends on it"
            raise CaseError(f"case {quoted(case.id)}", [f"request.date: {text}"])
        in_force = [entry for entry in serving if entry.in_force(case)]
        # What is never out of force, such as a label, is no answer where a policy is in force that can be.
        in_force = [entry for entry in in_force if entry.period] or in_force
        if len(in_force) == 1:
            return in_force[0].policy
        if in_force:
            raise self._error(case, f"{len(in_force)} policies are in force on {case.day}", in_force)
        raise self._error(case, f"no policy is in force on {case.day}", serving)

    def read(self, text: str | bytes, source: str = "case", limits: Limits | None = None) -> Case:
        """The case that a JSON text holds, by the first vocabulary of the policies that it is good under.

        Errors: CaseError, by the first vocabulary, where it is good under none.
        """
        known = {entry.policy.vocabulary.digest: entry.policy.vocabulary for entry in self.entries}
        wrong: CaseError | None = None
        for vocabulary in known.values():
            try:
                return Case.from_json(text, source, vocabulary, limits)
            except CaseError as error:
                wrong = wrong or error
        raise wrong or CaseError(source, ["there is no policy to read it by"])

    def _about(self, case: Case) -> list[Entry]:
        """The policies on the drug of a case."""
        drug = case.request.get("drug")
        known = sorted({drug for entry in self.entries for drug in entry.drugs})
        if drug is None:
            if len(known) > 1:
                text = f"is missing; the catalogue has policies on several drugs ({listing(known)})"
                raise CaseError(f"case {quoted(case.id)}", [f"request.drug: {text}"])
            return list(self.entries)
        left = [entry for entry in self.entries if is_about(drug, entry.policy.structure)]
        if not left:
            raise self._error(case, f"no policy is about {quoted(drug)}", self.entries)
        return left

    def _error(self, case: Case, what: str, entries: Iterable[Entry]) -> PolicyError:
        lines = [f"case {quoted(case.id)}: {what}; {self._source} has:", *map(str, entries)]
        return PolicyError("\n  ".join(lines))
