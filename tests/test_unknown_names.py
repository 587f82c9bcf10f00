"""What names that nobody knows leave open, and what it takes to settle it: worked out from the law by hand."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import MissingSet, Policy
from pyclingo_bridge.core.facts import plain_facts
from tests import small
from tests.conftest import FACTS, ROOT, case, made, policy, request, scaled
from tests.random_cases import random_case
from tests.supplied import Data
from tests.test_cli import run
from tests.test_missing_means import play, small_case, with_lists

SEEDS = st.integers(min_value=0, max_value=2**32).map(random.Random)
EXCLUDES, INCLUDES = "excludes(prior_therapies,adagrasib)", "includes_any(prior_therapies,systemic)"


def history(*lists: tuple[str, list[str], bool]) -> Data:
    """A case that nothing but its lists of earlier therapies keeps from approval; each with its day, and
    whether it is called whole."""
    data = made(request(date="2025-03-10"), FACTS, prior_therapies=None)
    for number, (day, drugs, whole) in enumerate(lists):
        states: Data = {"prior_therapies": drugs, **({"complete_treatment_history": True} if whole else {})}
        document = {"id": f"hx-{number}", "type": "treatment_history", "date": day, "states": states}
        data["documents"].append(document)
    return data


def sets(data: Data) -> list[MissingSet]:
    return list(policy().missing(case(data)))


def means(found: MissingSet) -> dict[str, tuple[str, list[tuple[str | None, str]]]]:
    """Of each requirement what it takes, and the names."""
    return {
        one.term: (one.means, [(told.document, told.name) for told in one.clarifications])
        for one in found.requirements
    }


def told(found: MissingSet) -> tuple[tuple[str, ...], list[tuple[str | None, str]], int, int]:
    """The cheapest means of a set: documents, names, what the documents cost, and the rank."""
    names = [(one.document, one.name) for one in found.clarifications]
    return found.documents, names, found.cost, found.rank


def test_a_misspelt_drug_on_the_form_has_to_be_cleared_up_and_no_document_does_it() -> None:
    # Item 5 of section I.A asks for monotherapy. A name costs 1 to clear up.
    (found,) = sets(made(request(concurrent_drugs=["adagrasip"]), FACTS))
    assert means(found) == {"empty(concurrent_drugs)": ("clarification", [(None, "adagrasip")])}
    assert told(found) == ((), [(None, "adagrasip")], 0, 1)
    (clarification,) = found.clarifications
    assert (clarification.attribute, clarification.nearest) == ("concurrent_drugs", ("adagrasib",))


def test_a_whole_history_with_an_unknown_name_needs_no_document_but_the_name() -> None:
    (found,) = sets(history(("2025-03-02", ["carboplatin", "qqmab"], True)))
    assert means(found) == {EXCLUDES: ("clarification", [("hx-0", "qqmab")])}
    assert told(found) == ((), [("hx-0", "qqmab")], 0, 1)


def test_a_list_that_is_not_whole_needs_the_name_and_a_whole_list() -> None:
    # A chart note is the cheapest that can show a history.
    (found,) = sets(history(("2025-03-02", ["carboplatin", "qqmab"], False)))
    assert means(found) == {EXCLUDES: ("both", [("hx-0", "qqmab")])}
    assert told(found) == (("chart_note",), [("hx-0", "qqmab")], 1, 2)


def test_every_unknown_name_of_every_list_has_to_be_cleared_up_before_something_is_excluded() -> None:
    (found,) = sets(history(("2025-01-02", ["qqmab"], False), ("2025-03-02", ["carboplatin", "xxmab"], True)))
    assert means(found)[EXCLUDES] == ("clarification", [("hx-0", "qqmab"), ("hx-1", "xxmab")])
    assert (found.cost, found.rank) == (0, 2)


def test_one_whole_list_with_its_names_cleared_up_shows_what_was_given_and_what_was_not() -> None:
    # The name may be a systemic therapy, and is not adagrasib: then the list is whole, and holds one.
    (found,) = sets(history(("2025-03-02", ["qqmab"], True)))
    assert means(found) == {
        EXCLUDES: ("clarification", [("hx-0", "qqmab")]),
        INCLUDES: ("either", [("hx-0", "qqmab")]),
    }
    assert told(found) == ((), [("hx-0", "qqmab")], 0, 1)


def test_a_name_on_an_earlier_list_is_nothing_that_a_later_whole_list_lacks() -> None:
    # The whole list of March has no systemic therapy, so what was listed in January is none; a newer list can
    # tell of one, and is a whole one beside what is excluded.
    (found,) = sets(history(("2025-01-02", ["qqmab"], False), ("2025-03-02", ["ondansetron"], True)))
    assert means(found) == {
        EXCLUDES: ("clarification", [("hx-0", "qqmab")]),
        INCLUDES: ("documents", []),
    }
    assert told(found) == (("chart_note",), [("hx-0", "qqmab")], 1, 2)


def test_a_name_on_a_list_of_the_same_day_may_be_what_the_whole_list_lacks() -> None:
    # Then that one is no longer whole: what is excluded takes a further list.
    (found,) = sets(history(("2025-03-02", ["qqmab"], False), ("2025-03-02", ["ondansetron"], True)))
    assert means(found) == {
        EXCLUDES: ("clarification", [("hx-0", "qqmab")]),
        INCLUDES: ("either", [("hx-0", "qqmab")]),
    }
    assert told(found) == (("chart_note",), [("hx-0", "qqmab")], 1, 2)


def test_a_whole_list_that_lacks_what_an_earlier_one_names_is_not_relied_on() -> None:
    # Once the name is known the list of March counts as whole, and denies the carboplatin of January: a further
    # list is needed, which has it.
    data = history(("2025-01-02", ["carboplatin", "qqmab"], False), ("2025-03-02", ["ondansetron"], True))
    (found,) = sets(data)
    assert means(found) == {EXCLUDES: ("both", [("hx-0", "qqmab")])}
    assert told(found) == (("chart_note",), [("hx-0", "qqmab")], 1, 2)
    cleared = history(
        ("2025-01-02", ["carboplatin", "ondansetron"], False), ("2025-03-02", ["ondansetron"], True)
    )
    assert policy().decide(case(cleared)).denial_kind == "conflicting_documentation"


def test_known_names_that_decide_leave_nothing_to_clear_up() -> None:
    # Adagrasib is there, whatever the other name is.
    assert sets(history(("2025-03-02", ["adagrasib", "qqmab"], True))) == []


def test_names_that_no_open_requirement_is_about_are_not_asked_for() -> None:
    data = made(request(concurrent_drugs=["panitumumab", "qqmab"]), FACTS, kras_g12c=None)
    for found in sets(data):
        assert "yes(kras_g12c)" in means(found)
    data = made(request(type="continuation"), {}, prior_therapies=["qqmab"])
    assert not any(found.clarifications for found in islice(policy().missing(case(data)), 5))


def test_sets_of_document_types_say_which_names_to_clear_up_besides() -> None:
    documents = list(policy().missing(case(history(("2025-03-02", ["qqmab"], True)))).documents)
    (only,) = documents
    assert (only.documents, only.cost, only.rank) == ((), 0, 1)
    assert [one.name for one in only.clarifications] == ["qqmab"]
    missing = policy().missing(case(history(("2025-03-02", ["carboplatin", "qqmab"], False))))
    # Any type that can show a history, each with the name: costs 1, 1 and 2.
    assert [(one.documents, one.cost, one.rank) for one in missing.documents] == [
        (("chart_note",), 1, 2),
        (("pharmacy_claims",), 1, 2),
        (("treatment_history",), 2, 3),
    ]
    assert (missing.count(), missing.documents.count()) == (1, 3)


def test_an_open_dose_increase_misses_the_dose_so_far() -> None:
    # 480 mg now; so far anything from 240 to 960. A pancreatic cancer needs evidence for a higher dose.
    facts = {
        "currently_receiving_via_plan": ("benefit_record", True),
        "responding_positively": ("chart_note", True),
        "diagnosis": ("pathology_report", "pancreatic_adenocarcinoma"),
    }
    data = made(request(type="continuation", dose_mg_per_day=480), facts)
    states = {"current_dose_mg_per_day": {"at_least": 240, "at_most": 960}}
    document = {"id": "so-far", "type": "pharmacy_claims", "date": "2025-03-02", "states": states}
    data["documents"].append(document)
    first, second = sets(data)
    (no_increase,) = first.requirements
    assert (no_increase.term, no_increase.by_stating) == ("no(dose_increase)", "current_dose_mg_per_day")
    assert no_increase.document_types == ("chart_note", "pharmacy_claims", "treatment_history")
    assert [one.term for one in second.requirements] == ["yes(dose_supported_by_evidence)"]
    assert second.requirements[0].by_stating is None
    # And it is what turns the case.
    same = {**document, "id": "exactly", "states": {"current_dose_mg_per_day": 480}}
    assert policy().decide(case({**data, "documents": [*data["documents"], same]})).outcome == "approve"


def test_one_more_document_turns_a_flag_that_accumulates() -> None:
    # Seen without an oncologist so far: a visit with one, of any day, is enough.
    data = made(request(), FACTS, oncology_prescriber=False)
    (found,) = policy().counterfactuals(case(data))
    assert found.renewable == found.of_any_date == ("yes(oncology_prescriber)",)


def test_what_is_likely_comes_first_and_costs_no_less() -> None:
    found = list(policy().missing(case({"id": "empty", "request": request(), "documents": []})))
    ranks = [one.rank for one in found]
    assert ranks == sorted(ranks)
    diagnoses = [one.term for entry in found for one in entry.requirements if one.attribute == "diagnosis"]
    assert diagnoses[0] == "is(diagnosis,nsclc)"
    for entry in found:
        rare = {"is(diagnosis,pancreatic_adenocarcinoma)": 2}
        rare |= dict.fromkeys(
            (f"is(diagnosis,{one}_adenocarcinoma)" for one in ("ampullary", "small_bowel")), 10
        )
        assert entry.rank == entry.cost + sum(rare.get(one.term, 0) for one in entry.requirements)


def test_ask_begins_with_the_diagnosis_of_an_empty_file_the_likely_ones_first() -> None:
    plan = policy().ask_next(case({"id": "empty", "request": request(), "documents": []}))
    shows = [one.term for one in plan.steps[0].shows]
    assert shows[:2] == ["is(diagnosis,nsclc)", "is(diagnosis,crc)"]
    assert shows[2] == "is(diagnosis,pancreatic_adenocarcinoma)"


def test_ask_asks_for_names_first_and_says_which_known_name_is_near() -> None:
    data = history(("2025-03-02", ["carboplatin", "Adagrasb"], False))
    plan = policy().ask_next(case(data))
    first = plan.steps[0]
    assert first.document_type is None
    assert first.clarification is not None
    assert (first.clarification.document, first.clarification.name) == ("hx-0", "Adagrasb")
    assert first.text == "clarify `Adagrasb` in `hx-0` (nearest known name: adagrasib)"
    assert [one.document_type for one in plan.steps[1:]] == ["chart_note"]


@settings(max_examples=scaled(25))
@given(rng=SEEDS)
def test_a_plan_takes_no_more_requests_than_it_promises(rng: random.Random) -> None:
    data = with_lists(rng, random_case(rng))
    try:
        case(data)
    except ValueError:
        return
    promised, taken, log = play(policy(), data, rng)
    assert taken <= promised, (data, log)


# The same by every engine


def assert_alike(ours: Policy, theirs: Policy, data: Data) -> None:
    mine, other = ours.missing(case(data, ours)), theirs.missing(case(data, theirs))
    assert ours.assess(case(data, ours)).weighed.names == theirs.assess(case(data, theirs)).weighed.names
    assert list(islice(mine, 40)) == list(islice(other, 40))
    assert list(islice(mine.documents, 20)) == list(islice(other.documents, 20))


@pytest.mark.slow
@settings(max_examples=scaled(15))
@given(rng=SEEDS)
def test_the_rules_and_what_is_compiled_find_the_same_names_and_the_same_means(rng: random.Random) -> None:
    solver = Policy.load("cp_phar_549", judged_by="clingo")
    for _ in range(3):
        data = with_lists(rng, random_case(rng))
        try:
            case(data)
        except ValueError:
            continue
        assert_alike(policy(), solver, data)


@pytest.mark.slow
@settings(max_examples=scaled(15))
@given(rng=SEEDS)
def test_lists_of_small_policies_leave_the_same_open_by_every_engine(rng: random.Random) -> None:
    made_policy = small.random_policy(rng)
    made_policy.routes.clear()
    with tempfile.TemporaryDirectory() as folder:
        entry = made_policy.write(Path(folder))
        ours, theirs = Policy.load(entry), Policy.load(entry, judged_by="clingo")
    for _ in range(3):
        assert_alike(ours, theirs, small_case(rng))


@pytest.mark.subprocess
def test_plain_clingo_tells_the_names_and_what_they_take(tmp_path: Path) -> None:
    data = history(("2025-03-02", ["carboplatin", "qqmab"], False))
    facts = tmp_path / "case.lp"
    facts.write_text("\n".join(f"{fact}." for fact in plain_facts(case(data), policy().vocabulary)))
    files = ["asp/missing.lp", "asp/policies/cp_phar_549/policy.lp", str(facts)]
    options = ["-n", "0", "--heuristic=Domain", "--enum-mode=domRec"]
    ran = subprocess.run(
        [sys.executable, "-m", "clingo", *files, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"takes({EXCLUDES},both)" in ran.stdout
    assert 'unknown_name("hx-0",prior_therapies,"qqmab")' in ran.stdout
    assert f"suppose({EXCLUDES})" in ran.stdout


# The command line


def written(tmp_path: Path, data: dict[str, Any]) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data))
    return str(path)


def test_reports_say_which_name_to_clear_up_and_what_it_may_be_a_slip_for(tmp_path: Path) -> None:
    name = "clarify `Adagrasb` in `hx-0` (nearest known name: adagrasib)"
    path = written(tmp_path, history(("2025-03-02", ["carboplatin", "Adagrasb"], False)))
    text = " ".join(run("missing", path).out.split())
    assert f"chart note (least effort); and {name}" in text
    assert f"(chart note or pharmacy claims or treatment history; and {name})" in text
    assert name in " ".join(run("ask", path).out.split())
    path = written(tmp_path, history(("2025-03-02", ["Adagrasb"], True)))
    text = " ".join(run("missing", path).out.split())
    assert f"{name}; no document is needed" in text
    assert f"or {name})" in text
