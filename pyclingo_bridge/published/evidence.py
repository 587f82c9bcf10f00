"""The published evidence for a decision: whom the studies took in, and what they found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from pyclingo_bridge.base.rule_files import RulesFile, read_program, rules_root, shipped
from pyclingo_bridge.base.solver import Signature, evaluate
from pyclingo_bridge.base.spelling import TRIAL, alike
from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.statements import IN_ORDER
from pyclingo_bridge.core.answer import about
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import (
    CriterionRef,
    CriterionResult,
    Decision,
    Item,
    Part,
    Status,
    sections_at_stake,
    wording,
)
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.loading.authoring import check_statements
from pyclingo_bridge.loading.limits import check_endless
from pyclingo_bridge.loading.load import load
from pyclingo_bridge.published.answers import (
    Aspect,
    Backing,
    Cited,
    CriterionEvidence,
    EvidenceReport,
    NotStudied,
    Remark,
    Result,
    StudyEvidence,
    TrialCriterion,
)
from pyclingo_bridge.published.printed import printed
from pyclingo_bridge.published.study import Study, shipped_studies

_MADE: tuple[Signature, ...] = (
    ("applies", 3),
    ("numberless", 2),
    ("unknown_mark", 2),
    ("missed", 2),
    ("exploratory", 1),
    ("studied_as", 2),
    ("differs", 2),
    ("contradicted", 2),
    ("untold", 2),
    ("bears_out", 3),
    ("not_held", 2),
    ("cautioned", 1),
    ("inclusion", 1),
    ("set_aside", 1),
    ("kept_out", 1),
    ("nearest", 3),
    ("evidence_for", 4),
)

LINKS = "evidence.lp"
"""The file in a policy's folder that links its criteria to studies."""


def evidence_report(policy: LoadedPolicy, assessment: Assessment) -> EvidenceReport:
    """What is published on patients like this one, to be read with the decision.

    Errors: CaseError where the case breaks the policy's vocabulary.
    """
    case, decision = assessment.case, policy.decision(assessment)
    for_case = [
        _StudyForCase(policy, case, decision, Study.load(name))
        for name in shipped_studies()
        if _suits(policy, Study.load(name))
    ]
    addressed = {name: decision.criteria[name] for name in _addressed(policy, decision)}
    return EvidenceReport(
        **about(decision),
        section=decision.section,
        studies=tuple(one.evidence() for one in for_case),
        criteria=tuple(_criteria(addressed, for_case)) if _linked(policy) else (),
        literature=tuple(_literature(case, policy, addressed, for_case)),
    )


def _addressed(policy: LoadedPolicy, decision: Decision) -> tuple[str, ...]:
    """The criteria of the sections that address the use, in the source's order."""
    sections = (section.id for section in sections_at_stake(decision))
    return policy.structure.criteria_of(sections)


def _linked(policy: LoadedPolicy) -> bool:
    return (policy.folder / LINKS).is_file()


def _links(policy: LoadedPolicy) -> list[RulesFile]:
    files = read_program(policy.folder / LINKS)
    check_statements(files)
    check_endless([file for file in files if not shipped(file.path)], files)
    return files


def _suits(policy: LoadedPolicy, study: Study) -> bool:
    """Whether a study is of the policy's drug, and takes the same cases."""
    drugs = {term.args[0] for term in policy.structure.facts["requested_drug"]}
    if not study.of_drug(drugs):
        return False
    entry = _policy(study.eligibility[0]).vocabulary
    return (entry.name, entry.all) == (policy.vocabulary.name, policy.vocabulary.all)


@cache
def _policy(name_or_folder: str | Path) -> LoadedPolicy:
    # Policies are asked for evidence, so this is known only when one is there.

    return load(name_or_folder)


@cache
def _rules() -> list[RulesFile]:
    return read_program(rules_root() / "studies" / "rules" / "case.lp")


class _StudyForCase:
    """What one study says for one case."""

    def __init__(self, policy: LoadedPolicy, case: Case, decision: Decision, study: Study) -> None:
        self.study = study
        name, self._criterion = study.eligibility
        self._eligibility = _policy(name)
        self._entry = self._eligibility.decide(case)
        self._patients = _policy(study.patients)
        facts = [*self._case_facts(case), *_cites(case, policy), *_items(decision)]
        links = _links(policy) if _linked(policy) else []
        self.answers = evaluate([*_rules(), *links, *study.files], facts, _MADE)

    def _case_facts(self, case: Case) -> Iterator[Term]:
        """The patient's statuses by the trial's criteria, their requirements, and the report's groups."""
        for name, status in self._entry.statuses.items():
            yield Term("stands", (name, constant(status)))
        for requirement, status in self._eligibility.requirement_statuses(case).items():
            yield Term("stands", (requirement, constant(status)))
        for section in self._patients.decide(case).sections:
            yield Term("stands", (constant(section.id), constant(section.status)))

    def evidence(self) -> StudyEvidence:
        """What the study reports of patients like this one."""
        study = self.study
        aside = {term.args[0] for term in self.answers["set_aside"]}
        return StudyEvidence(
            study=study.name,
            title=study.title,
            brief=study.brief,
            source=study.source,
            published=study.published,
            inclusion=self._inclusion,
            criteria=tuple(
                TrialCriterion(
                    id=one.id,
                    label=one.label,
                    locator=one.locator,
                    status=one.status,
                    set_aside=one.id in aside,
                    evidence=one.evidence,
                )
                for one in self._entry.criteria.values()
                if one.id != self._criterion
            ),
            results=tuple(self._results()),
            without_numbers=tuple(self._numberless()),
            unknown=self._unknown(),
            not_studied=tuple(self._not_studied()),
            cautions=tuple(self._cautions()),
        )

    @property
    def _inclusion(self) -> Status:
        (status,) = (str(term.args[0]) for term in self.answers["inclusion"])
        return cast(Status, status)

    def _results(self) -> Iterator[Result]:
        study = self.study
        chapters = study.texts("chapter")
        leading = {term.args[0]: term.args[1] for term in study.facts["headline"]}
        exploratory = {term.args[0] for term in self.answers["exploratory"]}
        # Those in whom a mark was looked for are reported by the same analyses.
        exploratory |= {term.args[0] for term in study.facts["assessed"]}
        order = {quantity: place for place, quantity in enumerate(study.quantities)}
        rows = [cast(tuple[Value, Value, int], term.args) for term in self.answers["applies"]]
        last = len(chapters) + 1
        for quantity, group, marks in sorted(
            rows,
            key=lambda row: (
                leading.get(row[0], last),
                -row[2],
                row[1] not in exploratory,
                order[row[0]],
            ),
        ):
            chapter = leading.get(quantity)
            yield Result(
                id=str(quantity),
                label=study.quantities[quantity][1],
                chapter=None if chapter is None else chapters[chapter],
                group=study.groups[group],
                patients=study.size(group),
                marks=marks,
                exploratory=group in exploratory,
                figures=study.figures(quantity),
                remarks=tuple(self._misprints(quantity)),
            )

    def _misprints(self, quantity: Value) -> Iterator[str]:
        """Percentages that do not follow from their counts."""
        for key, value, decimals in (term.args for term in self.answers["nearest"]):
            if cast(Term, key).args[0] == quantity:
                by_count = printed(Term("percent", (value, decimals)))
                yield f"by its count it would be {by_count}%"

    def _numberless(self) -> Iterator[Remark]:
        study = self.study
        groups = sorted(self.answers["numberless"], key=lambda term: (-cast(int, term.args[1]), str(term)))
        for group in (term.args[0] for term in groups):
            figures = [term.args for term in study.facts["figure_only"] if term.args[0] == group]
            for _, text, place in figures:
                yield Remark(text=f"{study.groups[group]}: {plain(text)}", places=(study.place(place),))

    def _unknown(self) -> tuple[str, ...]:
        words = {"undocumented": "not documented", "conflicting": "documents disagree"}
        found = sorted({term.args for term in self.answers["unknown_mark"]}, key=str)
        order = [term.args[0] for term in self.study.facts["mark"]]
        found.sort(key=lambda pair: order.index(pair[0]))
        return tuple(f"{self.study.label(mark)}: {words[str(why)]}" for mark, why in found)

    def _not_studied(self) -> Iterator[NotStudied]:
        missed = {term.args[0] for term in self.answers["missed"]}
        places_of: dict[tuple[str, str], list[Value]] = {}
        for thing, text, place in (term.args for term in self.study.facts["unstudied"]):
            if thing in missed:
                key = (self._criterion_of(str(plain(thing))), str(plain(text)))
                places_of.setdefault(key, []).append(place)
        for (criterion, text), places in places_of.items():
            yield NotStudied(criterion=criterion, text=text, places=self.study.places(places))

    def _criterion_of(self, thing: str) -> str:
        """The criterion of the trial whose wording has a requirement; a criterion is its own."""
        if thing in self._entry.criteria:
            return thing
        return next(
            name
            for name, criterion in self._entry.criteria.items()
            if any(requirement.requirement.term == thing for requirement in criterion.requirements())
        )

    def _cautions(self) -> Iterator[Remark]:
        cautioned = {term.args[0] for term in self.answers["cautioned"]}
        for name, text, place in (term.args for term in self.study.facts["caution"]):
            if name in cautioned:
                yield Remark(text=str(plain(text)), places=(self.study.place(place),))

    # What supports the policy's criteria

    def backing(self, criterion: str) -> Iterator[Backing]:
        """What the study has to do with a criterion of the policy."""
        for name, study, basis, remark in (term.args for term in self.answers["evidence_for"]):
            if name == criterion and str(plain(study)) == self.study.name:
                assert isinstance(basis, Term)
                yield self._backing(basis.name, basis.args[0], str(plain(remark)))

    def _backing(self, kind: Any, of: Value, remark: str) -> Backing:
        study = self.study
        if kind == "measured":
            label = study.quantities[of][1]
            places = [place for one in study.figures(of) for place in one.places]
        elif kind == "did":
            label, places = "", [study.place(of)]
        else:
            asked = self._entry.criteria[str(plain(of))]
            label, places = asked.label, [asked.locator]
        return Backing(
            study=study.name,
            kind=kind,
            of="" if kind == "did" else str(plain(of)),
            label=label,
            places=tuple(dict.fromkeys(places)),
            remark=remark,
        )

    # What literature is held against

    @property
    def names(self) -> list[str]:
        """The names that the study is known by."""
        return [str(plain(term.args[1])) for term in self.study.facts["also_called"]]

    def cited(self, document: str) -> dict[str, Any]:
        """Whether the study, which a document names, was of what is requested."""
        (answer,) = (str(plain(term.args[2])) for term in self.answers["bears_out"] if term.args[0] == document)
        requirements = {str(plain(term.args[1])) for term in self.study.facts["studied"]}
        judged = {self._criterion_of(requirement) for requirement in requirements}
        unmet = sorted(str(plain(term.args[0])) for term in self.answers["kept_out"])
        return {
            "study": self.study.name,
            "answer": answer,
            "aspects": tuple(self._aspects()),
            "otherwise": tuple(name for name in unmet if name not in judged),
        }

    def _aspects(self) -> Iterator[Aspect]:
        answers = {term.args[0]: str(plain(term.args[1])) for term in self.answers["studied_as"]}
        which = {"no": "differs", "contradicted": "contradicted", "untold": "untold"}
        for aspect in dict.fromkeys(term.args[0] for term in self.study.facts["studied"]):
            answer = answers[aspect]
            requirements = {
                term.args[1] for term in self.answers.get(which.get(answer, ""), []) if term.args[0] == aspect
            }
            yield Aspect(
                name=str(plain(aspect)),
                answer=cast(Any, answer),
                studied=tuple(
                    Remark(text=str(plain(text)), places=(self.study.place(place),))
                    for one, requirement, text, place in (t.args for t in self.study.facts["studied"])
                    if one == aspect and (answer in ("yes", "set_aside") or requirement in requirements)
                ),
            )


def _cites(case: Case, policy: LoadedPolicy) -> Iterator[Term]:
    for document, name in _named(case, policy):
        yield Term("cites", (document, name))


def _named(case: Case, policy: LoadedPolicy) -> Iterator[tuple[str, str]]:
    """The studies that documents name, with the documents."""
    for document in sorted(case.documents, key=IN_ORDER):
        for attribute in policy.vocabulary.naming_studies:
            for name in dict.fromkeys(document.states.get(attribute, ())):
                yield document.id, name


def _items(decision: Decision) -> Iterator[Term]:
    for name, criterion in decision.criteria.items():
        yield Term("item", (name,))
        for inner in _items_in(wording(criterion)):
            yield Term("holds", (name, inner))


def _items_in(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, CriterionRef):
            yield item.id
        elif isinstance(item, Part):
            yield from _items_in(wording(item))


def _criteria(
    criteria: Mapping[str, CriterionResult], for_case: list[_StudyForCase]
) -> Iterator[CriterionEvidence]:
    for name, criterion in criteria.items():
        yield CriterionEvidence(
            id=name,
            label=criterion.label,
            locator=criterion.locator,
            status=criterion.status,
            divided=any(True for _ in _items_in(wording(criterion))),
            backing=tuple(entry for one in for_case for entry in one.backing(name)),
        )


def _literature(
    case: Case,
    policy: LoadedPolicy,
    addressed: Mapping[str, CriterionResult],
    for_case: list[_StudyForCase],
) -> Iterator[Cited]:
    known = [name for one in for_case for name in one.names]
    literature = _literature_in(case, policy)
    details = policy.vocabulary.details
    listed = {one for name in policy.vocabulary.naming_studies for one in details[name].listed}
    for document, name in _named(case, policy):
        spoken = [key for key, criterion in addressed.items() if _supported_by(document, criterion)]
        criteria = tuple(spoken if document in literature else ())
        cited = {"document": document, "criteria": criteria, "name": name}
        holders = [one for one in for_case if _holds(one, document, name)]
        for one in holders:
            yield Cited(**cited, **one.cited(document))
        if not holders:
            near = None if name in listed else alike(name, known, TRIAL)
            yield Cited(**cited, study=None, nearest=near, answer=None)


def _literature_in(case: Case, policy: LoadedPolicy) -> frozenset[str]:
    """The documents of a type that usually names studies."""
    naming = policy.vocabulary.naming_studies
    usual = {kind for name in naming for kind in policy.vocabulary.shown_by.get(name, ())}
    return frozenset(document.id for document in case.documents if document.type in usual)


def _supported_by(document: str, criterion: CriterionResult) -> bool:
    return any(entry.document == document and entry.effect == "supports" for entry in criterion.evidence)


def _holds(one: _StudyForCase, document: str, name: str) -> bool:
    return Term("not_held", (document, name)) not in one.answers["not_held"]
