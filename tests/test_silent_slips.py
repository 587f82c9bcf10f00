"""Slips that would change a policy's answers without a word are faults, told with their place.

Each is planted in a copy of the small asthma policy, or of a small policy of `tests/reports`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pyclingo_bridge import Policy, PolicyError
from pyclingo_bridge.cases.attributes import drug_key
from pyclingo_bridge.cases.vocabulary import default_vocabulary
from tests.conftest import POLICIES, ROOT, case


class Draft:
    """A copy of a policy, to plant slips in."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the copy."""
        self.folder = folder

    def change(self, old: str, new: str, file: str = "policy.lp") -> int:
        """Write something else instead; the line on which it stands."""
        text = (self.folder / file).read_text()
        assert text.count(old) == 1, old
        (self.folder / file).write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def add(self, line: str, file: str = "policy.lp") -> int:
        """One more line at the end; its number."""
        text = (self.folder / file).read_text()
        (self.folder / file).write_text(f"{text}{line}\n")
        return text.count("\n") + 1

    def told(self) -> list[str]:
        """The lines about its faults, without the folder; none where it loads."""
        try:
            Policy.load(self.folder)
        except PolicyError as error:
            return [line.replace(f"{self.folder}/", "") for _, line in error.faults]
        return []


@pytest.fixture
def asthma(tmp_path: Path) -> Draft:
    shutil.copytree(POLICIES / "severe_asthma", tmp_path / "p")
    return Draft(tmp_path / "p")


@pytest.fixture
def good(tmp_path: Path) -> Draft:
    shutil.copytree(ROOT / "tests" / "reports" / "authoring" / "good", tmp_path / "q")
    return Draft(tmp_path / "q")


def test_a_misspelt_part_in_the_head_of_a_clause_is_no_lost_condition(asthma: Draft) -> None:
    line = asthma.change('(part("1.2", on_steroids), yes', '(part("1.2", on_steroid), yes')
    assert asthma.told() == [
        f"policy.lp:{line}: nothing uses the part `on_steroid` of criterion `1.2`, so its clauses have "
        "no effect; did you mean `on_steroids`?"
    ]


def test_a_misspelt_part_is_told_where_it_is_used_too(asthma: Draft) -> None:
    line = asthma.change('any_of("1.2", part("1.2", on_steroids', 'any_of("1.2", part("1.2", on_steroid')
    assert (
        f"policy.lp:{line}: the part `on_steroid` of criterion `1.2` has no `requires` or `any_of`, which "
        "would say what it asks for; did you mean `on_steroids`?"
    ) in asthma.told()


@pytest.mark.parametrize("word", ["requires", "any_of", "only_if", "unless"])
def test_a_clause_of_a_part_that_nothing_uses_is_a_fault_with_the_nearest_part(
    asthma: Draft, word: str
) -> None:
    line = asthma.add(f'{word}(part("1.2", on_steroid), yes(smoker)).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: ")
    assert told.endswith("did you mean `on_steroids`?")


def test_a_part_of_a_section_that_nothing_uses_is_a_fault(asthma: Draft) -> None:
    line = asthma.add('any_of(part("1", other), yes(smoker)).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: nothing uses the part `other` of criterion `1`")


def test_a_part_of_another_criterion_is_told_with_the_one_that_has_it(asthma: Draft) -> None:
    line = asthma.change('(part("1.2", on_steroids), yes', '(part("1.1", on_steroids), yes')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: nothing uses the part `on_steroids` of criterion `1.1`")
    assert told.endswith('did you mean `part("1.2", on_steroids)`?')


def test_a_part_names_a_criterion_that_there_is(asthma: Draft) -> None:
    asthma.add('any_of("1.2", part("12", other)).')
    line = asthma.add('requires(part("12", other), yes(smoker)).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: criterion `12` is used but not declared")


WORDINGS = """
ambiguity(wording, "w", "p"). alternative(wording, (narrow; wide), "n").
default_interpretation(wording, narrow).
"""


@pytest.mark.parametrize(
    "use",
    [
        'any_of("1.2", part("1.2", other)) :- interpretation(wording, wide).',
        'any_of("1.2", part("1.2", X)) :- interpretation(wording, wide), X = other.',
        'generous(now) :- interpretation(wording, wide). any_of("1.2", part("1.2", other)) :- generous(now).',
    ],
)
def test_a_part_that_another_interpretation_uses_is_in_use(asthma: Draft, use: str) -> None:
    asthma.add(f'{WORDINGS}{use} requires(part("1.2", other), yes(smoker)).')
    assert asthma.told() == []


def test_a_misspelt_part_in_a_rule_of_no_interpretation_is_told(asthma: Draft) -> None:
    asthma.add('kind(other). any_of("1.2", part("1.2", X)) :- kind(X).')
    line = asthma.add('requires(part("1.2", (other; othr)), yes(smoker)).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: nothing uses the part `othr` of criterion `1.2`")


DRUGS = """
attribute(before, history). domain(before, drugs). establishes(visit, before).
drug((prednisone; liraglutide)).
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fact", "written"),
    [
        ('stands_for("Deltasone", prednisone).', "deltasone"),
        ('stands_for("deltasone pen", prednisone).', "deltasone_pen"),
        ('stands_for("deltasone-tab", prednisone).', "deltasone_tab"),
        ("stands_for(deltaSone, prednisone).", "deltasone"),
        ('stands_for("5-fu", prednisone).', '"5_fu"'),
        ('drug("Insulin").', "insulin"),
        ('drug("Insulin"). supportive("Insulin").', "insulin"),
        ('brand(" deltasone", prednisone).', "deltasone"),
        ('regimen("Both", (prednisone; liraglutide)).', "both"),
        ('no_drug("No Drugs").', "no_drugs"),
    ],
)
def test_a_drug_that_no_case_could_name_is_a_fault_that_says_what_to_write(
    asthma: Draft, fact: str, written: str
) -> None:
    asthma.add(DRUGS, "vocabulary.lp")
    line = asthma.add(fact, "vocabulary.lp")
    (told,) = asthma.told()
    assert told.startswith(f"vocabulary.lp:{line}: no case can name the drug `")
    assert told.endswith(f"; write `{written}`")


def test_a_drug_that_no_case_could_name_is_told_in_sets_and_as_the_requested_one_too(
    asthma: Draft,
) -> None:
    asthma.add(DRUGS, "vocabulary.lp")
    declared = asthma.add('drug("Insulin").', "vocabulary.lp")
    line = asthma.add('requested_drug("Insulin"). member(glucose, ("Insulin"; liraglutide)).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: ")
    assert told.endswith(f"; write `insulin` (and vocabulary.lp:{declared})")


def test_a_name_of_a_drug_that_can_be_no_constant_is_a_text(asthma: Draft) -> None:
    asthma.add(DRUGS, "vocabulary.lp")
    asthma.add('stands_for(("5_fu"; "naïve/2"), prednisone).', "vocabulary.lp")
    assert asthma.told() == []


def test_no_name_of_a_drug_of_this_package_is_one_that_no_case_could_name() -> None:
    vocabulary = default_vocabulary()
    assert [name for name in vocabulary.drugs if drug_key(name) != name] == []
    words = [name for name in vocabulary.no_drugs if any(map(str.isalnum, name))]
    assert [name for name in words if drug_key(name) != name] == []


@pytest.mark.parametrize("word", ["stands_for", "brand", "regimen"])
def test_a_brand_and_a_regimen_stand_for_their_drugs_in_any_vocabulary(asthma: Draft, word: str) -> None:
    asthma.add(DRUGS, "vocabulary.lp")
    asthma.add(f"{word}(victoza, liraglutide).", "vocabulary.lp")
    asthma.add('requires("1.3", complement(includes_any(before, excluded))).')
    asthma.add("member(excluded, (liraglutide; prednisone)).")
    policy = Policy.load(asthma.folder)
    visit = {"id": "v", "type": "visit", "date": "2025-01-01", "states": {"before": ["Victoza"]}}
    data = {"id": "x", "request": {"first_request": True}, "documents": [visit]}
    states = policy.requirement_statuses(case(data, policy))
    assert [str(states[requirement]) for requirement in states if "before" in str(requirement)] == ["not_met"]


BOUNDED = "maximum(years, 120)."
COUNTED = "listed(condition, (wheeze; tight_chest))."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            f"{COUNTED} counts_as(condition, wheeze, tight_chest). counts_as(condition, tight_chest, asthma).",
            "`wheeze` counts as `tight_chest`, which itself counts as another value of `condition`",
        ),
        (f"{COUNTED} counts_as(condition, wheeze, wheeze).", "`wheeze` counts as itself"),
        (
            f"{COUNTED} counts_as(condition, wheeze, tight_chest). counts_as(condition, tight_chest, wheeze).",
            "`tight_chest` counts as `wheeze`, which itself counts as another value of `condition`",
        ),
        (
            "also_states(smoker, true, smoker, false).",
            "`true` of `smoker` cannot also state that `smoker` is `false`",
        ),
        (
            "also_states(condition, copd, condition, asthma).",
            "`copd` of `condition` cannot also state",
        ),
        (
            "qualifies(years, controllers).",
            "`years` is an attribute, and cannot also say that the list `controllers`",
        ),
        (
            f"{DRUGS} no_drug(prednisone).",
            "`prednisone` is a name of a drug, and cannot say that there is none",
        ),
        (
            f"{DRUGS} brand(deltasone, prednisone). no_drug(deltasone).",
            "`deltasone` is a name of a drug, and cannot say",
        ),
        (
            f"{DRUGS} drug(deltasone). brand(deltasone, prednisone).",
            "`deltasone` is a drug itself, and stands for `prednisone`",
        ),
        (
            f"{DRUGS} stands_for(prednisone, liraglutide).",
            "`prednisone` is a drug itself, and stands for `liraglutide`",
        ),
        (
            "impossible(n, at_most(years, -7)).",
            "requirement `at_most(years,-7)` is beyond what `years` can be: the bound is `0`",
        ),
    ],
)
def test_what_contradicts_itself_is_a_fault_with_its_place(asthma: Draft, line: str, told: str) -> None:
    place = asthma.add(line.replace("\n", " "), "vocabulary.lp")
    assert any(text.startswith(f"vocabulary.lp:{place}: {told}") for text in asthma.told()), asthma.told()


@pytest.mark.parametrize(
    ("requirement", "bound"),
    [
        ("is(years, -1)", 0),
        ("is(years, 121)", 120),
        ("at_least(years, 700)", 120),
        ("at_least(years, 122)", 120),
        ("at_most(years, -2)", 0),
        ("complement(is(years, 700))", 120),
    ],
)
def test_a_number_that_a_requirement_names_beyond_its_bounds_is_a_fault(
    asthma: Draft, requirement: str, bound: int
) -> None:
    asthma.add(BOUNDED, "vocabulary.lp")
    place = asthma.add(f'requires("1.1", {requirement}).')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{place}: requirement `")
    assert told.endswith(f"is beyond what `years` can be: the bound is `{bound}`")


@pytest.mark.parametrize(
    "requirement",
    [
        "at_least(years, 121)",
        "at_most(years, -1)",
        "is(years, 0)",
        "is(years, 120)",
        "at_least(years, -18)",
        "at_most(years, 1200)",
    ],
)
def test_a_threshold_next_to_a_bound_or_one_that_all_meet_is_none(asthma: Draft, requirement: str) -> None:
    asthma.add(BOUNDED, "vocabulary.lp")
    asthma.add(f'unless("1.1", {requirement}).')
    assert asthma.told() == []


def test_a_value_of_a_list_may_state_another_value_of_it(asthma: Draft) -> None:
    asthma.add("also_states(controllers, biologic, controllers, inhaled_steroid).", "vocabulary.lp")
    assert asthma.told() == []


@pytest.mark.parametrize("text", ["this is no rule", "concludes(D, smoker, true) :- states(D, years, 99)."])
def test_conclusions_that_no_file_includes_are_a_fault(asthma: Draft, text: str) -> None:
    (asthma.folder / "conclusions.lp").write_text(f"#defined states/3.\n{text}\n")
    assert asthma.told() == [
        'vocabulary.lp:1: `conclusions.lp` is there, but no file includes it: add `#include "conclusions.lp".`'
    ]


def test_conclusions_may_be_included_by_the_policy_or_by_its_vocabulary(asthma: Draft) -> None:
    (asthma.folder / "conclusions.lp").write_text("#defined states/3.\n")
    asthma.add('#include "conclusions.lp".', "vocabulary.lp")
    assert asthma.told() == []


def test_conclusions_beside_a_vocabulary_in_another_folder_are_missed_too(asthma: Draft) -> None:
    (asthma.folder / "words").mkdir()
    (asthma.folder / "vocabulary.lp").rename(asthma.folder / "words" / "vocabulary.lp")
    asthma.change('"vocabulary.lp"', '"words/vocabulary.lp"')
    (asthma.folder / "words" / "conclusions.lp").write_text("")
    (told,) = asthma.told()
    assert told.startswith("words/vocabulary.lp:1: `conclusions.lp` is there, but no file includes it")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("excludes_any(controllers, s)", "; write `complement(includes_any(controllers, s))`"),
        ("excludes_any(controllers)", "nor a requirement"),
        ("includes_all(controllers, s)", "nor a requirement"),
        ("not_empty(controllers)", "; write `complement(empty(controllers))`"),
        ("is_not(condition, copd)", "; write `complement(is(condition, copd))`"),
        (
            'complement("1.3")',
            ": `complement` takes one requirement, which is no `complement` itself",
        ),
        (
            "complement(complement(yes(smoker)))",
            ": `complement` takes one requirement, which is no `complement` itself",
        ),
        (
            "complement(excludes_any(controllers, s))",
            "; write `complement(includes_any(controllers, s))`",
        ),
        ("complement(includs(controllers, biologic))", "; did you mean `includes`?"),
        ("complement(yes(smoker), no(smoker))", ": `complement` has 1 argument"),
    ],
)
def test_what_is_no_requirement_is_never_told_to_be_its_opposite(
    asthma: Draft, requirement: str, told: str
) -> None:
    line = asthma.add(f'requires("1.1", {requirement}).')
    (text,) = [text for text in asthma.told() if text.startswith(f"policy.lp:{line}: ")]
    assert text.endswith(told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('requires("1", "1.6").', None),
        ('requires("1.5", yes(smoker)).', None),
        ('requires("1", "2.c").', None),
        ('duration("3", exactly(4), yes(first_request)).', None),
        ('requires("1", "SMOKERS ADVISD").', "SMOKERS ADVISED"),
        ('note("2.SMOKERS", "x").', None),
    ],
)
def test_an_id_is_guessed_only_where_it_is_long_words(asthma: Draft, line: str, meant: str | None) -> None:
    for name in ("SMOKERS ADVISED", "2.a", "3.SMOKERS"):
        asthma.add(f'criterion("{name}", "x"). locator("{name}", "x"). requires("1", "{name}").')
        asthma.add(f'requires("{name}", yes(advice_given)).')
    asthma.add(line)
    (told,) = asthma.told()
    assert ("did you mean" in told) == (meant is not None)
    assert meant is None or told.endswith(f"did you mean `{meant}`?")


def test_a_file_that_is_not_there_is_told_with_its_line_and_the_one_that_was_meant(
    asthma: Draft,
) -> None:
    line = asthma.change('#include "vocabulary.lp"', '#include "vocabulery.lp"')
    (told,) = asthma.told()
    assert told.startswith(f"policy.lp:{line}: cannot read `vocabulery.lp`: No such file")
    assert told.endswith("; did you mean `vocabulary.lp`?")


def test_a_folder_that_is_included_is_told_with_its_line(asthma: Draft) -> None:
    (asthma.folder / "more.lp").mkdir()
    line = asthma.add('#include "more.lp".', "vocabulary.lp")
    (told,) = asthma.told()
    assert told.startswith(f"vocabulary.lp:{line}: cannot read `more.lp`")
    assert "did you mean" not in told


def test_arguments_of_a_section_that_changed_places_are_told_in_its_line_alone(
    asthma: Draft,
) -> None:
    asthma.add("maximum(years, 1).", "vocabulary.lp")
    line = asthma.change('section("1", 1)', 'section(1, "1")')
    told = [text for text in asthma.told() if text.startswith(f"policy.lp:{line}: ")]
    assert told[0].endswith('`1` is a number; write "1", a text in quotes')
    assert told[1].endswith('`"1"` is text; write the number 1')
    # What else has a 1 in it is not about the section.
    assert not any("(and" in text for text in told)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("listed(condition, wheeze; cough; fever).", "(wheeze; cough; fever)"),
        ("listed(condition, wheeze; cough) :- attribute(years, latest).", "(wheeze; cough)"),
        ("domain(years; smoker, flag).", "(years; smoker)"),
        ("listed(; asthma).", "(a; b)"),
        ("also_states(smoker, true; false, advice_given, true).", "(a; b)"),
    ],
)
def test_several_values_without_brackets_are_told_once(asthma: Draft, line: str, meant: str) -> None:
    place = asthma.add(line, "vocabulary.lp")
    (told,) = asthma.told()
    assert told.startswith(f"vocabulary.lp:{place}: `{line.partition('(')[0]}` has several values without")
    assert told.endswith(f"write them as `{meant}`")


def test_a_word_with_too_many_arguments_is_not_told_to_be_itself(asthma: Draft) -> None:
    asthma.add('requires("1", yes(smoker), yes(advice_given)).')
    (told,) = asthma.told()
    assert told.endswith("unknown word `requires/3` (`requires` has 2 arguments)")
