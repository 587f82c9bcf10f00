"""A case under every interpretation of the wording, held to the oracle under each of them."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case
from pyclingo_bridge.analysis.interpretations import AmbiguityReport, Interpretations
from tests.conftest import ROOT, case, policy, scaled
from tests.oracle import decide as oracle_decide
from tests.random_cases import all_interpretations, random_case
from tests.supplied import Supply

CASES = ROOT / "examples" / "cases"
RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)


def report(name: str) -> AmbiguityReport:
    return policy().ambiguities(Case.load(CASES / f"{name}.json"))


# In continued therapy nobody documented the mutation, which one interpretation asks for.
BY_DIAGNOSIS = {"covered_indication": "diagnosis"}
EXAMPLES: list[tuple[str, str, dict[str, str]]] = [
    ("approve/nsclc_whole", "every", {}),
    ("approve/docetaxel_alone_before", "some", {"prior_therapy_scope": "any_systemic"}),
    ("approve/nsclc_called_advanced", "some", {"advanced_disease": "locally_advanced_or_metastatic"}),
    ("approve/continuation_on_plan_for_20_days", "some", {"continuation_30_days": "second_limb", **BY_DIAGNOSIS}),  # noqa: E501
    ("approve/continuation_stable_disease", "some", {"stable_disease_is_response": "yes", **BY_DIAGNOSIS}),
    ("deny/continuation_dose_increase_pancreatic", "some", {"dose_increase_other_indications": "all_covered", **BY_DIAGNOSIS}),  # noqa: E501
    ("deny/kras_negative", "none", {}),
    ("refer/unlisted_diagnosis", "none", {}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "approved", "turns_on"), EXAMPLES)
def test_an_example_turns_on_the_interpretations_that_it_was_made_for(
    name: str, approved: str, turns_on: dict[str, str]
) -> None:
    found = report(name)
    assert (found.approved, found.turns_on) == (approved, tuple(sorted(turns_on)))
    if approved == "some":
        approving = next(result for result in found.results if result.outcome == "approve")
        assert approving.interpretations == (turns_on,)
        assert approving.combinations == 512 >> len(turns_on)
    assert sum(result.combinations for result in found.results) == found.combinations == 512


@pytest.mark.slow
def test_two_interpretations_together_decide_where_both_are_needed() -> None:
    found = report("approve/advanced_nsclc_after_docetaxel_alone")
    approving, denying = found.results
    both = {
        "advanced_disease": "locally_advanced_or_metastatic",
        "prior_therapy_scope": "any_systemic",
    }
    assert approving.interpretations == (both,)
    assert denying.interpretations == (
        {"advanced_disease": "as_named"},
        {"prior_therapy_scope": "appendix_b"},
    )


def test_what_is_missing_for_every_interpretation_is_what_the_strictest_asks_for() -> None:
    found = report("deny/continuation_dose_increase_pancreatic")
    (missing,) = found.missing
    assert {requirement.term for requirement in missing.requirements} == {
        "yes(dose_supported_by_evidence)",
        "yes(kras_g12c)",
    }
    # The extent is on file. Literature costs 3, a molecular report 10.
    assert (missing.cost, set(missing.documents)) == (13, {"literature", "molecular_report"})


def test_a_requirement_that_a_interpretation_bears_on_is_told_once() -> None:
    data = Case.load(CASES / "approve" / "continuation_stable_disease.json").model_dump(mode="json")
    for document in data["documents"]:
        document["states"].pop("recist_response", None)
    found = policy().ambiguities(case(data))
    assert [[requirement.text for requirement in each.requirements] for each in found.missing] == [
        ["responding to the drug", "KRAS G12C mutation found"]
    ]


@pytest.mark.oracle
@pytest.mark.slow
@settings(max_examples=scaled(25), deadline=None)
@given(rng=RANDOM)
def test_every_outcome_under_every_interpretation_is_the_oracles(rng: random.Random) -> None:
    data = random_case(rng)
    found = policy().ambiguities(case(data), first=1)
    outcomes = [
        (oracle_decide(data, interpretations).outcome, interpretations)
        for interpretations in all_interpretations()
    ]
    for result in found.results:
        mine = [interpretations for outcome, interpretations in outcomes if outcome == result.outcome]
        assert len(mine) == result.combinations
        others = [interpretations for outcome, interpretations in outcomes if outcome != result.outcome]
        for part in result.interpretations:
            assert any(part.items() <= interpretations.items() for interpretations in mine)
            assert not any(part.items() <= interpretations.items() for interpretations in others)
            for name in part:
                less = {key: value for key, value in part.items() if key != name}
                assert any(less.items() <= interpretations.items() for interpretations in others)
        assert all(
            any(part.items() <= interpretations.items() for part in result.interpretations)
            for interpretations in mine
        )


@pytest.mark.oracle
@settings(max_examples=scaled(25), deadline=None)
@given(rng=RANDOM)
def test_what_is_missing_once_documented_is_enough_under_every_interpretation(
    rng: random.Random,
) -> None:
    data = random_case(rng)
    for missing in itertools.islice(policy().ambiguities(case(data), first=3).missing, 3):
        structure = policy().loaded.once(Interpretations)._structure
        documented = Supply(policy(), data, missing, structure).case()
        for interpretations in all_interpretations():
            assert oracle_decide(documented, interpretations).outcome == "approve"


@pytest.mark.slow
def test_conditions_of_a_section_that_are_parts_of_it_are_not_taken_for_one_another() -> None:
    # I.B has two use conditions that are parts: its regimens, and a new dose. A dose that a change of the label
    # brought is another use, or one that I.B.8 refuses.
    data = Case.load(CASES / "approve" / "crc_with_vectibix.json").model_dump(mode="json")
    data["request"]["dose_mg_per_day"] = 1200
    data["documents"].append(
        {"id": "label", "type": "literature", "date": "2025-06-01", "states": {"recent_label_change": True}}
    )
    found = policy().ambiguities(case(data))
    assert found.turns_on == ("dose_is_part_of_the_use",)
    assert [(each.outcome, each.combinations, each.interpretations) for each in found.results] == [
        ("deny", 256, ({"dose_is_part_of_the_use": "never"},)),
        ("refer", 256, ({"dose_is_part_of_the_use": "when_label_changed"},)),
    ]


def test_a_case_approved_under_every_interpretation_lacks_nothing() -> None:
    assert report("approve/nsclc_whole").missing == ()


def test_a_policy_without_ambiguities_has_one_combination() -> None:
    label = policy("label")
    found = label.ambiguities(Case.load(CASES / "approve" / "nsclc_whole.json"))
    assert (found.approved, found.combinations, found.turns_on) == ("every", 1, ())
