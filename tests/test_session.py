"""A case kept open is held, after each of thousands of changes, to decisions made afresh."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Document, EngineError, Policy, Session
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.core.loaded import JudgedBy
from pyclingo_bridge.fast.compiled_judge import CompiledJudge
from pyclingo_bridge.fast.diagrams.sets import RequirementSets
from tests import oracle
from tests.changing import CHEAPEST, FLAG, LIST, REQUEST, altered, random_value
from tests.conftest import CONTINUING, FACTS, ROOT, case, made, policy, request, scaled
from tests.differential import as_oracle_requirements, sorted_text
from tests.random_cases import DATES, DOCUMENT_TYPES, all_interpretations, statement
from tests.synthetic import EMPTY_CASE, write_choices

STEPS = scaled(10_000)
MOST_DOCUMENTS = 9

Data = dict[str, Any]
Change = tuple[Callable[[Session], None], Data | None]
"""What is done to a session, and the case as data that it should make; None where it makes none."""


class Walk:
    """One session, and the same case as plain data, on a random way through changes."""

    def __init__(self, seed: int, interpretations: dict[str, str], of: Policy | None = None) -> None:
        self.rng = random.Random(seed)
        self.interpretations = interpretations
        self.policy = of or policy(**interpretations)
        self.data = made(request(), FACTS)
        self.live = self.policy.session(case(self.data, self.policy))
        self.disease = "nsclc"
        self.refused = 0

    def steps(self, number: int) -> Iterator[int]:
        """Make that many changes; the ones that are refused leave everything, and do not count."""
        step = 0
        while step < number:
            if self.rng.random() < 0.01:
                self.disease = self.rng.choice(("nsclc", "crc", "ampullary_adenocarcinoma"))
            change, expected = self.change()
            checked = self.checked(expected)
            if checked is None:
                before = self.live.outcome, self.live.statuses
                with pytest.raises(CaseError):
                    change(self.live)
                assert (self.live.outcome, self.live.statuses) == before
                self.refused += 1
                continue
            assert expected is not None
            change(self.live)
            self.data = _without_empty(expected)
            yield step
            step += 1

    def checked(self, data: Data | None) -> Case | None:
        try:
            return None if data is None else case(data, self.policy)
        except CaseError:
            return None

    def change(self) -> Change:
        kinds = ["set"] * 5 + ["state"] * 3 + ["unset", "add", "unstate", "without"]
        if len(self.data["documents"]) > MOST_DOCUMENTS:
            kinds = ["without"]
        change: Callable[[], Change] = getattr(self, f"_{self.rng.choice(kinds)}")
        return change()

    def _said(self) -> tuple[str, Any]:
        """An attribute that documents state, and a value that mostly speaks for an approval."""
        rng = self.rng
        name = rng.choice((*CHEAPEST, "generic_available", "kras_g12c", FLAG))
        if name == FLAG or rng.random() < 0.15:
            return name, random_value(rng, name)
        said = statement(rng, name, self.disease, rng.random() < 0.85)
        return said.attribute, said.value

    def _set(self) -> Change:
        name, value = self._said()
        if self.rng.random() < 0.3:
            name = self.rng.choice(sorted(REQUEST))
            value = random_value(self.rng, name)
        expected = altered(self.data, {"set": {name: value}})
        return lambda live: live.set(name, value), expected

    def _unset(self) -> Change:
        name = self.rng.choice((*CHEAPEST, "on_formulary", "duration_months", "product"))
        return lambda live: live.unset(name), altered(self.data, {"unset": (name,)})

    def _add(self) -> Change:
        rng = self.rng
        states = dict(self._said() for _ in range(rng.randint(0, 3)))
        document = {
            "id": f"added-{rng.randrange(40)}",
            "type": rng.choice(DOCUMENT_TYPES),
            "date": rng.choice(DATES),
            "states": states,
        }
        expected = altered(self.data, {"add_documents": (document,)})
        return lambda live: live.add_document(document), expected

    def _document(self) -> Data | None:
        return self.rng.choice(self.data["documents"]) if self.data["documents"] else None

    def _without(self) -> Change:
        document = self._document()
        name = document["id"] if document and self.rng.random() < 0.95 else "nowhere"
        expected = altered(self.data, {"without_documents": (name,)})
        return lambda live: live.without_document(name), expected

    def _state(self) -> Change:
        document, (name, value) = self._document(), self._said()
        if document is None:
            return lambda live: live.state("nowhere", name, value), None
        return (
            lambda live: live.state(document["id"], name, value),
            self._with_states(document, {**document["states"], name: value}),
        )

    def _unstate(self) -> Change:
        document = self._document()
        states = document["states"] if document else {}
        if document is None or not states:
            return lambda live: live.unstate("nowhere", "age"), None
        name = self.rng.choice(sorted(states))
        gone = (name, FLAG) if name == LIST else (name,)
        left = {key: value for key, value in states.items() if key not in gone}
        return (
            lambda live: live.unstate(document["id"], name),
            self._with_states(document, left),
        )

    def _with_states(self, document: Data, states: Data) -> Data:
        found = copy.deepcopy(self.data)
        for entry in found["documents"]:
            if entry["id"] == document["id"]:
                entry["states"] = copy.deepcopy(states)
        return found

    def tells_what_the_oracle_tells(self) -> None:
        theirs = oracle.decide(self.data, self.interpretations)
        assert self.live.statuses == theirs.statuses, self.data
        assert (
            self.live.outcome,
            self.live.denial_kind,
            self.live.section,
            self.live.approval_months,
            self.live.refer_to,
        ) == theirs[:5], self.data

    def tells_what_a_fresh_decision_tells(self) -> None:
        fresh = case(self.data, self.policy)
        assert self.live.decision == self.policy.decide(fresh)
        assert self.live.statuses == {
            name: result.status for name, result in self.live.decision.criteria.items()
        }

    def misses_what_is_missing_afresh(self) -> None:
        fresh = case(self.data, self.policy)
        assert list(self.live.missing()) == list(self.policy.missing(fresh))

    def misses_what_the_oracle_misses(self) -> None:
        listed = [as_oracle_requirements(missing) for missing in self.live.missing()]
        theirs = oracle.missing(self.data, self.interpretations)
        assert sorted(map(sorted_text, listed)) == sorted(map(sorted_text, theirs))


def _without_empty(data: Data) -> Data:
    """Without the documents that `set` made and that state nothing any more; others have other names."""
    kept = [entry for entry in data["documents"] if entry["states"] or not entry["id"].startswith("what-if")]
    return {**data, "documents": kept}


@pytest.mark.oracle
@pytest.mark.slow
def test_after_each_of_ten_thousand_changes_a_live_case_is_decided_as_afresh() -> None:
    walk, outcomes = Walk(26, {}), set()
    for step in walk.steps(STEPS):
        walk.tells_what_the_oracle_tells()
        outcomes.add((walk.live.outcome, walk.live.denial_kind))
        if step % 4 == 0:
            walk.tells_what_a_fresh_decision_tells()
        if step % 10 == 0:
            walk.misses_what_is_missing_afresh()
            walk.misses_what_the_oracle_misses()
    assert walk.live.case == case(walk.data)
    assert len(outcomes) >= 4
    assert walk.refused


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize("place", [1, 13, 30, 46, 63])
def test_a_live_case_is_decided_as_afresh_under_other_interpretations(place: int) -> None:
    walk = Walk(place, all_interpretations()[place])
    for step in walk.steps(scaled(200)):
        walk.tells_what_the_oracle_tells()
        if step % 10 == 0:
            walk.tells_what_a_fresh_decision_tells()
            walk.misses_what_is_missing_afresh()


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["codebreak100", "label", "cp_phar_549_2024"])
def test_a_live_case_is_decided_as_afresh_under_other_policies(name: str) -> None:
    walk = Walk(5, {}, policy(name))
    for _ in walk.steps(scaled(60)):
        walk.tells_what_a_fresh_decision_tells()
        walk.misses_what_is_missing_afresh()


@pytest.mark.oracle
def test_live_cases_of_one_policy_do_not_disturb_one_another() -> None:
    walks = [Walk(seed, {}) for seed in (1, 2, 3)]
    for steps in zip(*(walk.steps(scaled(100)) for walk in walks), strict=True):
        for walk in walks:
            walk.tells_what_the_oracle_tells()
        if steps[0] % 20 == 0:
            for walk in walks:
                walk.tells_what_a_fresh_decision_tells()
                walk.misses_what_is_missing_afresh()


@pytest.mark.oracle
def test_what_is_asked_late_is_told_of_the_case_as_it_is_then() -> None:
    walk = Walk(9, {})
    for step in walk.steps(scaled(300)):
        if step % 30 == 29:
            walk.tells_what_a_fresh_decision_tells()
            walk.misses_what_the_oracle_misses()


def open_case() -> Session:
    return policy().session(case(made(request(), FACTS)))


REFUSED: dict[str, tuple[Callable[[Session], None], str]] = {
    "an unknown attribute": (lambda live: live.set("agee", 3), "`age`"),
    "no attribute at all": (lambda live: live.set(7, 3), "change"),  # type: ignore[arg-type]
    "a wrong value": (lambda live: live.set("age", "old"), "set.age"),
    "a value that needs another": (lambda live: live.set("dose_increase", True), "continuation"),
    "an attribute that nobody states": (lambda live: live.unset("days_on_therapy"), "nobody"),
    "an attribute that the form needs": (lambda live: live.unset("product"), "product"),
    "a flag without its list": (lambda live: live.state("age", FLAG, True), LIST),
    "a document that is not there": (lambda live: live.without_document("nowhere"), "`nowhere`"),
    "a statement of no document": (lambda live: live.state("nowhere", "age", 3), "`nowhere`"),
    "a wrong statement": (lambda live: live.state("age", "age", -1), "document `age`.states.age"),
    "a statement of the form": (lambda live: live.state("age", "product", "brand"), "form"),
    "nothing to take back": (lambda live: live.unstate("age", "diagnosis"), "`diagnosis`"),
    "an id twice": (
        lambda live: live.add_document({"id": "age", "type": "chart_note", "date": "2025-01-01", "states": {}}),
        "`age`",
    ),
    "half a document": (lambda live: live.add_document({"id": "more"}), "missing"),
    "no document": (lambda live: live.add_document("more"), "change"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_change_that_makes_no_valid_case_is_refused_and_leaves_the_case(name: str) -> None:
    live, (change, told) = open_case(), REFUSED[name]
    before, decision = live.case, live.decision
    with pytest.raises(CaseError, match=told.replace("[", r"\[")):
        change(live)
    assert live.case == before
    assert live.decision is decision
    assert live.decision == policy().decide(before)


def test_what_is_no_case_is_not_opened() -> None:
    with pytest.raises(CaseError):
        policy().session(made(request(), FACTS))  # type: ignore[arg-type]
    right = case(made(request(), FACTS))
    wrong = right.model_copy(update={"request": {**right.request, "product": "neither"}})
    with pytest.raises(CaseError):
        policy().session(wrong)


def test_values_that_were_given_can_be_changed_without_effect() -> None:
    live = policy().session(case(made(request(), FACTS)))
    listed = ["metastatic"]
    live.set("disease_extent", listed)
    listed[:] = ["early"]
    assert live.outcome == "approve"
    assert live.decision == policy().decide(live.case)


def test_a_statement_is_changed_in_its_document_alone_and_the_order_stays() -> None:
    live = open_case()
    ids = [document.id for document in live.case.documents]
    live.state("diagnosis", "age", 17)
    contradicted = live.denial_kind
    live.unstate("diagnosis", "age")
    live.unstate("prior_therapies", LIST)
    assert [document.id for document in live.case.documents] == ids
    assert live.case.documents[ids.index("prior_therapies")].states == {}
    told = (contradicted, live.denial_kind)
    assert told == ("conflicting_documentation", "insufficient_documentation")


def test_documents_come_and_go() -> None:
    live = policy().session(case(made(request(type="continuation"), CONTINUING)))
    assert live.outcome == "approve"
    live.without_document("responding_positively")
    assert [missing.requirements[0].attribute for missing in live.missing()] == ["responding_positively"]
    note = {"id": "scan", "type": "imaging_report", "date": "2025-04-01"}
    live.add_document({**note, "states": {"recist_response": "pr"}})
    assert live.outcome == "approve"
    (scan,) = (document for document in live.case.documents if document.id == "scan")
    live.without_document("scan")
    live.add_document(scan.model_copy(update={"id": "scan-again"}))
    assert isinstance(scan, Document)
    assert live.outcome == "approve"


def test_missing_sets_are_those_of_the_case_as_it_was_when_they_were_asked_for() -> None:
    live = open_case()
    for name in ("kras_g12c", "age", "prior_therapies"):
        live.without_document(name)
    before = list(policy().missing(live.case))
    asked, again = live.missing(), live.missing()
    assert next(asked) == before[0]
    live.set("age", 40)
    after = list(policy().missing(live.case))
    assert [*asked] == before[1:]
    assert [*again] == before
    assert [*live.missing()] == after != before
    assert [*live.missing(1)] == after[:1]
    assert [*live.missing(0)] == after


def test_of_very_many_missing_sets_only_those_asked_for_are_looked_for(tmp_path: Path) -> None:
    many = Policy.load(write_choices(tmp_path, groups=5, options=10))
    live = many.session(Case.from_json(EMPTY_CASE, "test", many.vocabulary))
    first = list(live.missing(3))
    assert [missing.cost for missing in first] == [5, 6, 6]
    assert list(live.missing(5))[:3] == first
    assert list(live.missing(5)) == list(
        islice(many.missing(Case.from_json(EMPTY_CASE, "test", many.vocabulary)), 5)
    )


def notes(number: int, rng: random.Random) -> Iterator[Data]:
    for place in range(number):
        drugs = rng.sample(("cisplatin", "docetaxel", "adagrasib", "folfox", "ondansetron"), k=2)
        yield {
            "id": f"note-{place}",
            "type": "chart_note",
            "date": f"20{place % 20:02}-01-01",
            "states": {LIST: drugs, FLAG: rng.random() < 0.5, "age": rng.choice((17, 18, 64))},
        }


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("number", [3, 40])
def test_a_case_may_come_to_have_many_documents(number: int) -> None:
    rng = random.Random(number)
    data = made(request(), FACTS)
    live = policy().session(case(data))
    for note in notes(number, rng):
        live.add_document(note)
        data["documents"].append(note)
    for name in ("note-0", "age"):
        theirs = oracle.decide(data, {})
        assert (live.outcome, live.statuses) == (theirs.outcome, theirs.statuses)
        assert live.decision == policy().decide(case(data))
        live.without_document(name)
        data["documents"] = [entry for entry in data["documents"] if entry["id"] != name]


NESTED = """\
policy(nested, "nested"). source("nowhere", "now"). vocabulary(nested).
attribute(asked, request). domain(asked, flag). default(asked, true).
attribute((a; b; c), stable). domain((a; b; c), flag).
document_type(note, 1). establishes(note, (a; b; c)).
section("S", 1). route("S", yes(asked)).
criterion(("S"; "S.1"), "s"). locator(("S"; "S.1"), "s").
any_of("S", (yes(a); part("S", both))). requires(part("S", both), ("S.1"; yes(b))).
requires("S.1", yes(c)).
"""


def test_a_part_that_turns_on_another_criterion_is_told_as_it_stands(tmp_path: Path) -> None:
    """Nothing in the section's own words changes, and its status does not, but its part's does."""
    (tmp_path / "policy.lp").write_text(NESTED)
    nested = Policy.load(tmp_path)
    live = nested.session(Case.from_json(EMPTY_CASE, "test", nested.vocabulary))
    for name, value in (("a", True), ("b", True), ("c", False), ("c", True), ("c", False)):
        live.set(name, value)
        assert live.decision == nested.decide(live.case)


@pytest.mark.oracle
@pytest.mark.parametrize("other", [{"date": "2025-03-01"}, {"type": "literature"}, {"id": "again"}, {}])
def test_a_document_that_takes_another_ones_place_is_told_as_what_it_is(other: Data) -> None:
    live = open_case()
    live.add_document({"id": "b", "type": "chart_note", "date": "2025-03-03", "states": {"age": 3}})
    (note,) = (entry for entry in live.case.documents if entry.id == "b")
    assert live.decision == policy().decide(live.case)
    live.without_document("b")
    live.add_document({**note.model_dump(), **other})
    assert live.decision == policy().decide(live.case)
    theirs = oracle.decide(live.case.model_dump(mode="json"), {})
    assert (live.outcome, live.statuses) == (theirs.outcome, theirs.statuses)


def test_what_is_done_to_an_answer_changes_no_case() -> None:
    asked = Case.load(ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json")
    live = policy().session(asked)
    for decision in (live.decision, policy().decide(asked)):
        for criterion in decision.criteria.values():
            for entry in criterion.evidence:
                if isinstance(entry.value, list):
                    entry.value.append("adagrasib")
    assert asked == live.case
    assert asked == Case.load(ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json")
    live.set("age", 50)
    assert live.outcome == policy().decide(live.case).outcome == "approve"


@pytest.mark.parametrize("judged_by", ["compiled", "clingo"])
def test_a_search_that_breaks_off_does_not_pass_for_an_empty_one(
    judged_by: JudgedBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Case.load(ROOT / "examples" / "cases" / "deny" / "nothing_documented.json")
    live = Policy.load("cp_phar_549", judged_by=judged_by).session(asked)

    def broken(*_: object, **__: object) -> None:
        raise EngineError("out of breath")

    with monkeypatch.context() as patch:
        if judged_by == "compiled":
            patch.setattr(RequirementSets, "in_order", broken)
        else:
            patch.setattr(Program, "answers", broken)
        with pytest.raises(EngineError, match="out of breath"):
            list(live.missing())
    found = list(live.missing())
    assert found == list(policy().missing(asked)) != []


@pytest.mark.parametrize("name", [["age"], 3, None])
def test_an_attribute_that_is_no_text_is_refused(name: Any) -> None:
    live = policy().session(Case.load(ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json"))
    before = live.case
    changes: list[Callable[[], None]] = [
        lambda: live.set(name, 1),
        lambda: live.unset(name),
        lambda: live.state("ngs-1", name, 1),
        lambda: live.unstate("ngs-1", name),
    ]
    for change in changes:
        with pytest.raises(CaseError):
            change()
    assert live.case == before
    with pytest.raises(ValueError, match="give 0 for all"):
        live.missing(-1)


def test_changes_to_and_fro_leave_no_document_behind() -> None:
    live = policy().session(case(made(request(), FACTS)))
    before = len(live.case.documents)
    for turn in range(60):
        for name, value in (("age", 40 + turn % 3), ("kras_g12c", True)):
            live.unset(name)
            live.set(name, value)
    assert len(live.case.documents) <= before + 2
    for name in ("age", "kras_g12c"):
        live.unset(name)
    assert len(live.case.documents) == before
    assert live.decision == policy().decide(live.case)


def test_a_document_that_was_given_stays_though_it_states_nothing() -> None:
    live = policy().session(case(made(request(), FACTS)))
    live.add_document({"id": "mine", "type": "chart_note", "date": "2025-01-01", "states": {}})
    live.set("recent_label_change", True)
    live.unset("recent_label_change")
    assert "mine" in [document.id for document in live.case.documents]


@pytest.mark.oracle
@pytest.mark.slow
def test_what_a_live_case_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyclingo_bridge.fast.compiled_judge._MOST_KNOWN", 20)
    monkeypatch.setattr("pyclingo_bridge.questions.session.MOST_KNOWN", 5)
    fresh = Policy.load("cp_phar_549")
    walk = Walk(7, {}, fresh)
    for _ in walk.steps(400):
        assert walk.live.decision.outcome == walk.live.outcome
        list(walk.live.missing(1))
    judge = fresh.loaded.assessor.judge
    assert isinstance(judge, CompiledJudge)
    assert max(len(chunk._known) for chunk in judge._chunks) <= 20
    assert len(walk.live._known_sets) <= 5
    assert walk.live._criteria.keys() <= fresh.structure.labels.keys()
    assert len(walk.live.case.documents) <= MOST_DOCUMENTS + len(fresh.vocabulary.all)
