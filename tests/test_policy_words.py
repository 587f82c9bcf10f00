"""Every word of a policy or vocabulary is held to what is declared: a planted misspelling each.

The policy is a small one of `tests/reports`; a line is added to it, or to its conclusions.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pyclingo_bridge import Policy, PolicyError
from pyclingo_bridge.analysis.draft import check_policy
from pyclingo_bridge.base.rule_files import (
    RulesFile,
    engine_program,
    policy_entry,
    read_program,
    shipped_policies,
)
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.loading.authoring import check_sources, policy_words
from pyclingo_bridge.loading.faults import refuse_faults
from tests.conftest import ROOT

GOOD = ROOT / "tests" / "reports" / "authoring" / "good"


class Row(NamedTuple):
    """A line with a misspelling, and what is said of it."""

    line: str
    word: str
    kind: str
    name: str
    meant: str


BASE = """
ambiguity(prior_scope, "l", "p"). alternative(prior_scope, one_line, "o").
default_interpretation(prior_scope, one_line).
section("SECTION_B", 2). route("SECTION_B", is(type, continuation)).
criterion("SECTION_B", "b"). locator("SECTION_B", "b"). requires("SECTION_B", "A.4.continued").
criterion("A.4.continued", "b"). locator("A.4.continued", "b").
requires("A.4.continued", yes(specialist)).
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "p")
    return tmp_path / "p"


def faults(folder: Path, line: str, file: str = "policy.lp") -> list[tuple[str, str]]:
    """The faults of the policy with one more line, each with its kind; texts without the folder."""
    with (folder / file).open("a") as rules:
        rules.write(line + "\n")
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    return [(kind, text.replace(f"{folder}/", "")) for kind, text in caught.value.faults]


def last_line(folder: Path, file: str = "policy.lp") -> int:
    return (folder / file).read_text().count("\n")


def _rows(table: str) -> list[Row]:
    rows = [line.split(" | ") for line in table.strip().split("\n")]
    return [Row(*(cell.strip() for cell in row)) for row in rows]


# One misspelt argument for each place of each word that names something: the line, the word, the kind
# of the fault, the name, and what was meant where the name is long enough to tell.
MISSPELT = _rows(
    """
outcome_word(aprove, "x"). | outcome_word | undeclared | aprove | approve
note("A.4.contined", "x"). | note | undeclared | A.4.contined | A.4.continued
label(specalist, "x"). | label | undeclared | specalist | specialist
plain_label(specalist, "x"). | plain_label | undeclared | specalist | specialist
plain_label(yes(specalist), "x"). | plain_label | undeclared | specalist | specialist
plain_label("A.4.contined", "x"). | plain_label | undeclared | A.4.contined | A.4.continued
label(yes(specalist), "x"). | label | undeclared | specalist | specialist
label(is(diagnosis, arthritus), "x"). | label | no_value_of | arthritus | arthritis
label(among(diagnosis, steriod), "x"). | label | undeclared | steriod | steroid
drug(d) :- ambiguity(prior_scop, _, _). | ambiguity | undeclared | prior_scop | prior_scope
alternative(prior_scop, x, "x"). | alternative | undeclared | prior_scop | prior_scope
drug(d) :- alternative(prior_scope, one_lin, _). | alternative | undeclared | one_lin | one_line
default_interpretation(prior_scop, one_line). | default_interpretation | undeclared | prior_scop | prior_scope
default_interpretation(prior_scope, one_lin). | default_interpretation | no_alternative | one_lin | one_line
drug(d) :- interpretation(prior_scop, one_line). | interpretation | undeclared | prior_scop | prior_scope
drug(d) :- interpretation(prior_scope, one_lin). | interpretation | undeclared | one_lin | one_line
drug(d) :- interpretation(prior_scope, V), V = one_lin. | interpretation | undeclared | one_lin | one_line
requested_drug(predisone). | requested_drug | undeclared | predisone | prednisone
drug(d) :- section("SECTON_B", _). | section | undeclared | SECTON_B | SECTION_B
route("SECTON_B", is(type, initial)). | route | no_section | SECTON_B | SECTION_B
route("A", yes(dose_increas)). | route | no_attribute | dose_increas | dose_increase
route("A", is(type, inital)). | route | no_value | inital | initial
use_condition("SECTON_B", is(diagnosis, gout)). | use_condition | no_section | SECTON_B | SECTION_B
use_condition("A", is(diagnosis, arthritus)). | use_condition | no_value | arthritus | arthritis
drug(d) :- criterion("A.4.contined", _). | criterion | undeclared | A.4.contined | A.4.continued
locator("A.4.contined", "x"). | locator | undeclared | A.4.contined | A.4.continued
requires("A.4.contined", yes(specialist)). | requires | no_criterion | A.4.contined | A.4.continued
requires("A", "A.4.contined"). | requires | no_requirement | A.4.contined | A.4.continued
any_of("A.4.contined", yes(specialist)). | any_of | no_criterion | A.4.contined | A.4.continued
any_of("A", yes(specalist)). | any_of | no_attribute | specalist | specialist
requires("A.1", atleast(age, 4)). | requires | no_requirement | atleast(age,4) | at_least
drug(d) :- requires("A.4.contined", _). | requires | undeclared | A.4.contined | A.4.continued
only_if("A.4.contined", yes(specialist)). | only_if | no_criterion | A.4.contined | A.4.continued
only_if("A.1", yes(specalist)). | only_if | no_attribute | specalist | specialist
unless("A.4.contined", yes(specialist)). | unless | no_criterion | A.4.contined | A.4.continued
unless("A.1", empty(concurrent_drug)). | unless | no_attribute | concurrent_drug | concurrent_drugs
duration("SECTON_B", exactly(6), is(type, initial)). | duration | no_section | SECTON_B | SECTION_B
duration("A", lesser(6, dose_mg_per_dy), is(type, initial)). | duration | no_duration | dose_mg_per_dy | dose_mg_per_day
duration("A", exactly(6), is(type, inital)). | duration | no_value | inital | initial
referral("A.4.contined", 1, "x"). | referral | no_criterion | A.4.contined | A.4.continued
member(steroid, predisone). | member | undeclared | predisone | prednisone
drug(d) :- member(steriod, _). | member | undeclared | steriod | steroid
strength(dose_mg_per_dy, 1). | strength | undeclared | dose_mg_per_dy | dose_mg_per_day
optional(dose_increas). | optional | undeclared | dose_increas | dose_increase
non_empty(concurrent_drug). | non_empty | undeclared | concurrent_drug | concurrent_drugs
regimen_list(concurrent_drug). | regimen_list | undeclared | concurrent_drug | concurrent_drugs
names_studies(diagnosi). | names_studies | undeclared | diagnosi | diagnosis
attribute(x, lastest). domain(x, flag). | attribute | kind | lastest | latest
drug(d) :- attribute(diagnosi, _). | attribute | undeclared | diagnosi | diagnosis
drug(d) :- attribute(_, lastest). | attribute | undeclared | lastest | latest
domain(diagnosi, flag). | domain | undeclared | diagnosi | diagnosis
attribute(y, latest). domain(y, flagg). | domain | undeclared | flagg | flag
listed(diagnosi, gout). | listed | undeclared | diagnosi | diagnosis
drug(d) :- listed(diagnosis, arthritus). | listed | no_value_of | arthritus | arthritis
minimum(dose_mg_per_dy, 1). | minimum | undeclared | dose_mg_per_dy | dose_mg_per_day
maximum(dose_mg_per_dy, 1). | maximum | undeclared | dose_mg_per_dy | dose_mg_per_day
plausible(dose_mg_per_dy, 1). | plausible | undeclared | dose_mg_per_dy | dose_mg_per_day
default(dose_increas, false). | default | undeclared | dose_increas | dose_increase
default(type, inital). | default | no_value_of | inital | initial
qualifies(whole, concurrent_drug). | qualifies | undeclared | concurrent_drug | concurrent_drugs
impossible(n, yes(specalist)). | impossible | undeclared | specalist | specialist
impossible(n, is(diagnosis, arthritus)). | impossible | no_value_of | arthritus | arthritis
impossible(n, atleast(age, 4)). | impossible | no_requirement | atleast(age,4) | at_least
impossible(n, complement(yes(specalist))). | impossible | undeclared | specalist | specialist
changeable(dose_mg_per_dy, 1). | changeable | undeclared | dose_mg_per_dy | dose_mg_per_day
counts_as(diagnosi, gout, arthritis). | counts_as | undeclared | diagnosi | diagnosis
counts_as(diagnosis, arthritus, gout). | counts_as | no_value_of | arthritus | arthritis
counts_as(diagnosis, gout, arthritus). | counts_as | no_value_of | arthritus | arthritis
only_with(dose_increas, true, type, initial). | only_with | undeclared | dose_increas | dose_increase
only_with(dose_increase, treu, type, initial). | only_with | no_value_of | treu | -
only_with(type, initial, dose_increas, false). | only_with | undeclared | dose_increas | dose_increase
only_with(dose_increase, true, type, inital). | only_with | no_value_of | inital | initial
also_states(dose_reducd, true, responding, true). | also_states | undeclared | dose_reducd | dose_reduced
also_states(dose_reduced, treu, responding, true). | also_states | no_value_of | treu | -
also_states(dose_reduced, true, respondin, true). | also_states | undeclared | respondin | responding
also_states(dose_reduced, true, responding, treu). | also_states | no_value_of | treu | -
drug(d) :- document_type(chart_nte, _). | document_type | undeclared | chart_nte | chart_note
establishes(chart_nte, age). | establishes | no_document_type | chart_nte | chart_note
establishes(chart_note, diagnosi). | establishes | undeclared | diagnosi | diagnosis
listed(diagnosis, x) :- drug(predisone). | drug | undeclared | predisone | prednisone
covers(diagnosi, joint_pain, gout). | covers | undeclared | diagnosi | diagnosis
code(diagnosi, "M1A", gout). | code | undeclared | diagnosi | diagnosis
unit(dose_mg_per_dy, "mg"). | unit | undeclared | dose_mg_per_dy | dose_mg_per_day
grows(agee, years). | grows | undeclared | agee | -
stale(respondin, 6). | stale | undeclared | respondin | responding
of_tumor(diagnosi). | of_tumor | undeclared | diagnosi | diagnosis
only_from(respondin, chart_note). | only_from | undeclared | respondin | responding
only_from(responding, chart_nte). | only_from | undeclared | chart_nte | chart_note
silent_with(respondin, true, dose_reduced, true). | silent_with | undeclared | respondin | responding
silent_with(responding, treu, dose_reduced, true). | silent_with | no_value_of | treu | -
silent_with(responding, true, dose_reducd, true). | silent_with | undeclared | dose_reducd | dose_reduced
dates(diagnosi, age, years). | dates | undeclared | diagnosi | diagnosis
dates(weight_kg, respondin, years). | dates | undeclared | respondin | responding
increase(dose_increas, dose_mg_per_day, age). | increase | undeclared | dose_increas | dose_increase
increase(dose_increase, dose_mg_per_dy, age). | increase | undeclared | dose_mg_per_dy | dose_mg_per_day
increase(dose_increase, dose_mg_per_day, weigt_kg). | increase | undeclared | weigt_kg | weight_kg
told_when(x, yes(specalist)). | told_when | no_attribute | specalist | specialist
unlikely(yes(specalist), 1). | unlikely | undeclared | specalist | specialist
treatment(predisone). | treatment | undeclared | predisone | prednisone
supportive(predisone). | supportive | undeclared | predisone | prednisone
anticancer(predisone). | anticancer | undeclared | predisone | prednisone
drug_class(steriod). | drug_class | undeclared | steriod | steroid
stands_for(deltasone, predisone). | stands_for | undeclared | predisone | prednisone
brand(deltasone, predisone). | brand | undeclared | predisone | prednisone
regimen(both, (hydrocortisone; predisone)). | regimen | undeclared | predisone | prednisone
concluded_from(weight_bnd, from_40_kg, 1, weight_kg). | concluded_from | undeclared | weight_bnd | weight_band
concluded_from(weight_band, from_40_kg, 1, weigt_kg). | concluded_from | undeclared | weigt_kg | weight_kg
limit(documnets, 5). | limit | undeclared | documnets | documents
limit(documents, "5"). | limit | no_number | 5 | -
no_drug("no drugs"). no_drug(no_drug(x)). | no_drug | not_a_name | no_drug(x) | -
"""  # noqa: E501
)
CONCLUDED = _rows(
    """
concludes(D, weight_bnd, from_40_kg) :- states(D, weight_kg, _). | concludes | undeclared | weight_bnd | weight_band
concludes(D, weight_band, from_40kg) :- states(D, weight_kg, _). | concludes | no_value_of | from_40kg | from_40_kg
short_of(D, weight_bnd, why) :- states(D, age, _). | short_of | undeclared | weight_bnd | weight_band
concludes(D, responding, true) :- states(D, weigt_kg, _). | states | undeclared | weigt_kg | weight_kg
concludes(D, responding, true) :- not states(D, weigt_kg, 1), states(D, age, _). | states | undeclared | weigt_kg | weight_kg
concludes(D, responding, true) :- states(D, (age; weigt_kg), _). | states | undeclared | weigt_kg | weight_kg
concludes(D, responding, true) :- states(D, diagnosis, arthritus). | states | no_value_of | arthritus | arthritis
concludes(D, responding, true) :- states(D, diagnosis, V), V != arthritus. | states | no_value_of | arthritus | arthritis
"""  # noqa: E501
)
NAMES_NOTHING = {"policy", "source", "vocabulary", "resolving", "default_locator", "effective", "serves_line"}
NAMES_NOTHING |= {"revised", "clarifying", "notice", "caution"}


def test_every_word_has_a_misspelling_below_or_names_nothing() -> None:
    planted = {row.word for row in [*MISSPELT, *CONCLUDED]} - {"states"}
    assert planted | NAMES_NOTHING == {name for name, _ in policy_words()}


def _groups() -> list[list[Row]]:
    """The misspellings, no two alike in a group: what is alike is told once, with all its places."""
    groups: list[list[Row]] = []
    for row in MISSPELT:
        alike = [{other[2:4] for other in group} for group in groups]
        free = (group for group, taken in zip(groups, alike, strict=True) if row[2:4] not in taken)
        group = next(free, None)
        if group is None:
            groups.append(group := [])
        group.append(row)
    return groups


@pytest.mark.slow
@pytest.mark.parametrize("rows", _groups())
def test_a_misspelt_argument_is_told_with_its_line_and_what_was_meant(folder: Path, rows: list[Row]) -> None:
    first = last_line(folder) + BASE.count("\n") + 1
    told = faults(folder, BASE + "\n".join(row.line for row in rows))
    for place, (_, word, kind, name, meant) in enumerate(rows, first):
        texts = [text for found, text in told if found == kind and name in text]
        assert any(
            text.startswith(f"policy.lp:{place}: ")
            and (text.endswith(f"did you mean `{meant}`?") or meant == "-")
            for text in texts
        ), (word, texts)


@pytest.mark.slow
@pytest.mark.parametrize("row", CONCLUDED)
def test_a_misspelt_argument_of_a_conclusion_is_told_with_its_line_and_what_was_meant(
    folder: Path, row: Row
) -> None:
    ((kind, text),) = faults(folder, row.line, "conclusions.lp")
    assert kind == row.kind
    place = f"conclusions.lp:{last_line(folder, 'conclusions.lp')}"
    assert re.match(rf"{re.escape(place)}: (there is no \w+ `{row.name}`|`{row.name}` is not an? )", text)
    assert text.endswith(f"did you mean `{row.meant}`?")


OTHERS = [
    ('minimum(age, "0").', '`"0"` is text; write the number 0'),
    ('plausible(age, "120").', '`"120"` is text; write the number 120'),
    ('requires("A.1", at_most(age, "120")).', '`"120"` is text; write the number 120'),
    ('only_if("A.1", at_most(age, "120")).', '`"120"` is text; write the number 120'),
    ('document_type(letter, "2").', '`"2"` is text; write the number 2'),
    ('changeable(dose_mg_per_day, "2").', '`"2"` is text; write the number 2'),
    ('strength(dose_mg_per_day, "2").', '`"2"` is text; write the number 2'),
    ('resolving("2").', '`"2"` is text; write the number 2'),
    ('section("A", "1").', '`"1"` is text; write the number 1'),
    ('referral("A.1", "1", "x").', '`"1"` is text; write the number 1'),
    ('duration("A", exactly("6"), is(type, initial)).', '`"6"` is text; write the number 6'),
    ('impossible(n, at_least(age, "1")).', '`"1"` is text; write the number 1'),
    ("section(b, middle).", "`middle` is not a whole number"),
    ('requires("A.1", is(type, "initial")).', '`"initial"` is text; write initial, without quotes'),
    ('default(type, "initial").', '`"initial"` is text; write initial, without quotes'),
    ('requires("A.1", yes("age")).', '`"age"` is text; write age, without quotes'),
    ('requires("A.1", "yes(age)").', '`"yes(age)"` is text; write yes(age), without quotes'),
    ('listed(diagnosis, "gout").', '`"gout"` is text: write a name'),
    ("listed(diagnosis, 4).", "`4` is not a name"),
    ("drug(4).", "`4` is not a name"),
    ('criterion("b", "b"). locator(b, "b").', '`b` is a name; write "b", a text in quotes'),
    ("listed(diagnosis, (a, b)).", "`listed(diagnosis, (a, b))` lists one pair; write `;`"),
    ("drug((a, b)).", "`drug((a, b))` lists one pair; write `;`"),
    ("establishes(chart_note, (age, specialist)).", "lists one pair; write `;` between values"),
    ('requires("A", ("A.1", "A.2", "A.3")).', "lists one triple; write `;` between values"),
    ('requires("A.1", specialist).', "did you mean `yes(specialist)`?"),
    ('requires("A.1", at_least(18)).', "neither a declared criterion nor a requirement: `at_least` has 2 arg"),
    ('unless("A.1", "A.2").', "`unless` takes a requirement, and `A.2` is a criterion"),
    ('unless("A.1", part("A.2", x)).', '`unless` takes a requirement, and `part("A.2",x)` is a part'),
    ("requested_drug(cortef).", "there is no drug `cortef`; it stands for `hydrocortisone`: write that"),
    ("default(age, 18).", "`age` is not part of the request form"),
    ("also_states(type, initial, responding, true).", "`type` is of the request form"),
    ("non_empty(age).", "`age` has the domain `whole_number`, which cannot have this"),
    ("attribute(x, latest).", "attribute `x` has no domain: add `domain(x, TYPE).`"),
    ("minimum(age, 1).", "`age` has two of `minimum`: keep one"),
    ('plain_label("A", "x"). plain_label("A", "y").', "`A` has two of `plain_label`: keep one"),
    ('section("A", 2).', "`A` has two of `section`: keep one"),
    ('default_locator("part", "line"). default_locator("part", "item").', "two `default_locator` facts"),
    ("vocabulary(other).", "two `vocabulary` facts"),
    ("impossible(n, at_least(age, 1) ; yes(age)).", None),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("line", "told"), [row for row in OTHERS if row[1]])
def test_what_is_of_another_shape_than_its_word_takes_is_told_with_its_place(
    folder: Path, line: str, told: str
) -> None:
    texts = [text for _, text in faults(folder, line)]
    assert any(told in text for text in texts), texts
    place = f"policy.lp:{last_line(folder)}"
    assert any(text.startswith(f"{place}: ") or text.endswith(f"(and {place})") for text in texts)


def test_what_follows_from_a_comma_for_a_semicolon_is_not_told_besides(folder: Path) -> None:
    path = folder / "policy.lp"
    path.write_text(path.read_text().replace("(initial; continuation)).", "(initial, continuation)).", 1))
    ((kind, text),) = faults(folder, "")
    assert (kind, text.split(":")[:2]) == ("not_a_name", ["policy.lp", "9"])


def test_a_misspelt_name_in_a_statement_of_several_lines_is_told_with_its_own_line(
    folder: Path,
) -> None:
    ((_, text),) = faults(folder, "supportive(prednisone;\n  hydrocortisone;\n  predisone).")
    assert text.startswith(f"policy.lp:{last_line(folder)}: there is no drug `predisone`;")


def test_a_fault_that_a_rule_derives_is_told_with_the_line_of_the_rule(folder: Path) -> None:
    ((_, text),) = faults(folder, "usual(inital).\ndefault(type, V) :- usual(V).")
    assert text.startswith(f"policy.lp:{last_line(folder)}: `inital` is not a value of `type`")


def test_a_fault_in_several_places_is_told_once_with_all_of_them(folder: Path) -> None:
    ((_, text),) = faults(folder, "optional(diagnosi).\ndefault(diagnosi, gout).\nregimen_list(diagnosi).")
    lines = [last_line(folder) - back for back in (2, 1, 0)]
    assert text.startswith(f"policy.lp:{lines[0]}: there is no attribute `diagnosi`; did you mean `diagnosis`?")
    assert text.endswith(f"(and policy.lp:{lines[1]}, policy.lp:{lines[2]})")


def test_a_fault_of_which_no_rule_names_the_facts_is_placed_by_what_it_is_about(
    folder: Path,
) -> None:
    """As a fault is that somebody adds to the rules later, with a text and no place."""
    files = read_program(policy_entry(folder))
    odd = "fault(no_alternative(S,C)) :- route(S,C), C = is(type,continuation)."
    program = [*engine_program("outline"), RulesFile(folder / "odd.lp", odd), *files]
    live = Program(program)
    with pytest.raises(PolicyError, match=r"policy\.lp:43: ambiguity `A` is read as"):
        refuse_faults(live, files, [Term("was_read", (Term("bodies"),))])


@pytest.mark.slow
def test_a_fault_beside_a_vocabulary_of_the_package_is_told_in_ones_own_file(
    tmp_path: Path,
) -> None:
    own = tmp_path / "policy.lp"
    vocabulary = ROOT / "asp" / "vocabularies" / "oncology" / "vocabulary.lp"
    shipped = (
        policy_entry("label")
        .read_text()
        .replace('"../../vocabularies/oncology/vocabulary.lp"', f'"{vocabulary}"')
    )
    rules = [line for line in shipped.splitlines() if '.lp"' not in line or str(vocabulary) in line]
    section = 'section("A", 1). route("A", yes(on_formulary)). criterion("A", "a"). locator("A", "a").'
    section += ' requires("A", is(diagnosis, nsclc)).'
    own.write_text("\n".join([*rules, section, "domain(age, flag).", "brand(xy, sotorasip)."]))
    with pytest.raises(PolicyError) as caught:
        Policy.load(tmp_path)
    last = len(rules) + 3
    told = [text.replace(str(own), "policy.lp") for _, text in caught.value.faults]
    assert f"policy.lp:{last - 1}: `age` has two of `domain`: keep one" in told
    assert f"policy.lp:{last}: there is no drug `sotorasip`; did you mean `sotorasib`?" in told


def test_a_policy_that_names_nothing_is_told_at_the_start_of_its_file(folder: Path) -> None:
    path = folder / "policy.lp"
    path.write_text(path.read_text().replace('policy(demo, "Demonstration").', "", 1))
    assert faults(folder, "")[0][1].startswith("policy.lp:1: the policy does not name itself")


def test_of_very_many_faults_the_first_are_told_and_how_many_more_there_are(folder: Path) -> None:
    with (folder / "policy.lp").open("a") as rules:
        rules.writelines(f"optional(undeclared_{number}).\n" for number in range(300))
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    assert len(caught.value.faults) == 300
    lines = str(caught.value).split("\n")
    assert len(lines) == 101
    assert lines[-1] == "and 200 more faults"


def test_a_check_tells_faults_of_both_kinds_with_their_places(folder: Path) -> None:
    with (folder / "policy.lp").open("a") as rules:
        rules.write('optional(diagnosi).\nrequiers("A.1", yes(specialist)).\ndefault(X, 1).\n')
    found = {(f.kind, re.sub(r".*(policy\.lp:\d+).*", r"\1", f.text)) for f in check_policy(folder).findings}
    last = last_line(folder)
    assert found == {
        ("undeclared", f"policy.lp:{last - 2}"),
        ("unknown_word", f"policy.lp:{last - 1}"),
        ("unbound", f"policy.lp:{last}"),
    }


def _whole(name: str) -> Iterator[RulesFile]:
    """A shipped policy's files, as if somebody had written them elsewhere."""
    for file in read_program(policy_entry(name)):
        yield RulesFile(Path("/elsewhere") / file.path.relative_to(ROOT), file.text)


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_policies())
def test_no_shipped_policy_has_a_fault_of_this_kind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = list(_whole(name))
    monkeypatch.setattr("pyclingo_bridge.loading.authoring.conclusion_files", lambda files: [
        file for file in files if file.path.name in
        {"conclusions.lp", "recist.lp", "recist_left_open.lp", "biomarker_groups.lp"}
    ])  # fmt: skip
    named = check_sources(files)
    assert len(named) > 20
    program = [*engine_program("outline"), *engine_program("authored"), *files]
    assert Program(program, named).facts(("fault", 1))["fault"] == []


def test_a_concept_of_ones_own_may_be_named_as_authors_would(folder: Path) -> None:
    names = ["known(1, 2)", "uses(1, 2, 3)", "about(1, 2)", "single(1)", "right(1, 2)"]
    with (folder / "policy.lp").open("a") as rules:
        rules.writelines(f"{name}. drug(drug_x) :- {name}.\n" for name in names)
    assert Policy.load(folder).info.name == "demo"


IN_TEXTS = {"never_found", "revised_otherwise"}
"""Faults that rest on how a text is written, which no rule can tell."""


def test_every_fault_that_a_rule_derives_has_a_text() -> None:
    engine = ROOT / "asp" / "engine"
    texts = engine / "faults" / "texts.lp"
    worded = set(re.findall(r"F = (\w+)", texts.read_text()))
    rules = "\n".join(path.read_text() for path in engine.rglob("*.lp") if path != texts)
    assert set(re.findall(r"^(?:fault|misuse)\(([a-z_]+)", rules, re.MULTILINE)) | IN_TEXTS == worded
