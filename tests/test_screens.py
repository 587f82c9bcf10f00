"""What a reader sees first, what is quiet, and how it fits a terminal, a pipe, or a screen of one color."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from pyclingo_bridge import Policy
from pyclingo_bridge.core.decision import Decision
from pyclingo_bridge.explain.decision import decision_report, reasons_report_of
from pyclingo_bridge.explain.report import NOT_NEEDED, Table, as_text
from pyclingo_bridge.explain.view import PLAIN, View
from tests.conftest import FACTS, ROOT, case, made, policy, request
from tests.test_cli import (
    APPROVE,
    CALLED_ADVANCED,
    CASES,
    DENY,
    MISSING,
    REFER,
    _policies_grounded_once,
    process,
    readable,
    run,
)

__all__ = ["_policies_grounded_once"]

REPORT_MISSING = str(CASES / "deny" / "molecular_report_missing.json")
DISAGREE = str(CASES / "deny" / "documents_disagree_on_diagnosis.json")
NO_ANTIBODY = str(CASES / "deny" / "crc_alone_without_egfr_reason.json")
GENERIC = str(CASES / "deny" / "generic_available_no_reason_against.json")
WITH_ANOTHER = str(CASES / "refer" / "nsclc_with_pembrolizumab.json")


def joined(text: str) -> str:
    """The text with its lines put together."""
    return " ".join(text.split())


def steps(path: str) -> str:
    """What a decision says to do next."""
    text = run("decide", path).out
    return joined(text.split("What to do next")[1].split("\nWhy\n")[0])


def table(decision: Decision, **options: Any) -> Table:
    """The first table of criteria."""
    return next(block for block in decision_report(decision, **options) if isinstance(block, Table))


# What comes first


@pytest.mark.parametrize("path", [APPROVE, DENY, MISSING, REFER, DISAGREE])
@pytest.mark.parametrize("command", ["decide", "explain"])
def test_the_verdict_comes_first_then_what_to_do_then_why(command: str, path: str) -> None:
    lines = run(command, path).out.splitlines()
    assert re.match(rf"{Path(path).stem}: (APPROVE|DENY|REFER)", lines[0])
    assert lines[1].startswith("Centene clinical policy CP.PHAR.549, revision 2025-02-07")
    assert lines[2:4] == ["", "What to do next"]
    assert "Why" in lines[4:]


@pytest.mark.parametrize(
    "words", [("missing",), ("repairs",), ("reasons",), ("ask",), ("decide",), ("explain",)]
)
def test_settings_are_shown_only_where_they_are_not_the_default(words: tuple[str, ...]) -> None:
    assert "prior_therapy_scope" not in run(*words, APPROVE).out
    told = run(*words, CALLED_ADVANCED, "--interpret", "advanced_disease=as_named").out
    assert "Interpretations other than the default: advanced_disease=as_named" in told
    assert "prior_therapy_scope" not in told
    assert "prior_therapy_scope=any_systemic" in run(*words, APPROVE, "--verbose").out


def test_the_settings_that_decide_a_case_are_told_where_asked() -> None:
    told = run("decide", "--verbose", CALLED_ADVANCED).out
    assert "advanced_disease=as_named instead of locally_advanced_or_metastatic: deny" in told
    assert "None: no other setting, taken alone, changes the outcome." in run("decide", "--verbose", DENY).out


# What to do next


def test_an_approval_says_for_how_long() -> None:
    assert steps(APPROVE) == "Approve for 12 months, under I.A (non-small cell lung cancer)."


def test_a_denial_for_want_of_documents_names_what_to_get_and_what_it_must_show() -> None:
    assert steps(REPORT_MISSING) == "Get a molecular report that shows: - KRAS G12C mutation found [I.A.4]"


def test_of_several_ways_the_least_effort_comes_first_and_the_others_are_counted() -> None:
    # 15 missing sets: the policy's figure, as `missing` counts them.
    told = steps(MISSING)
    assert told.startswith("With the least effort: get a chart note and a molecular report that together show:")
    assert "There are 14 other ways; `missing` lists all." in told
    assert "All ways need: " in told
    assert run("missing", "--count", MISSING).out.startswith("nothing_documented: 15 missing sets")


def test_a_contradiction_is_to_be_resolved_and_it_is_told_between_whom() -> None:
    told = steps(DISAGREE)
    assert told.startswith("Documents disagree. Ask which of them is right, and have the other corrected.")
    assert "If they speak of two tumors, neither is wrong" in told
    assert "An approval would follow in any one of these cases:" in told
    assert "have pathology report path-2 corrected" in told


def test_where_criteria_are_not_met_documents_cannot_help() -> None:
    told = steps(DENY)
    assert told.startswith("Documents cannot help. An approval would need: - ")
    assert "diagnosis is" not in told, "nobody gets another disease for an approval"
    assert "have it corrected" in told


def test_where_the_request_itself_can_be_changed_that_is_said() -> None:
    assert "The request itself could be changed" in steps(GENERIC)
    assert "product: generic (now brand)" in steps(GENERIC)
    told = steps(WITH_ANOTHER)
    assert told.startswith("Send the request to HIM.PA.154")
    assert "anticancer drugs given with it: none (now pembrolizumab)" in told


# What is quiet


def test_an_alternative_to_what_is_met_is_not_needed_and_raises_no_alarm() -> None:
    shown = table(policy().decide(case(made(request(), FACTS))))
    ids = [row[0] for row in shown.rows]
    quiet = [ids[number] for number in shown.quiet]
    assert quiet == ["I.A.9.b"]
    row = shown.rows[ids.index("I.A.9.b")]
    assert (row[1], row[3]) == (NOT_NEEDED, "I.A.9.a is met instead")


def test_alternatives_that_are_further_off_than_another_one_are_quiet() -> None:
    told = policy().decide(case(json.loads(Path(NO_ANTIBODY).read_text())))
    shown = table(told)
    quiet = {shown.rows[number][0] for number in shown.quiet}
    assert {"I.B.6.a", "I.B.6.b"} <= quiet
    assert "I.B.6.c" not in quiet
    assert {row[0]: row[1] for row in shown.rows}["I.B.6.a"] == "not_met"


def test_what_blocks_is_never_quiet() -> None:
    for path in (DENY, REPORT_MISSING, DISAGREE):
        shown = table(policy().decide(case(json.loads(Path(path).read_text()))))
        blocking = {number for number, row in enumerate(shown.rows) if row[1] not in ("met", NOT_NEEDED)}
        assert blocking
        assert not blocking & set(shown.quiet)


def test_sections_that_do_not_address_the_use_are_one_line() -> None:
    for command in ("decide", "explain"):
        told = joined(run(command, REPORT_MISSING).out)
        others = "I.B (colorectal cancer) and I.C (off-label uses that NCCN recommends) do not address this use"
        assert told.count(others) == 1


# Words


@pytest.mark.parametrize("path", [APPROVE, DENY, MISSING, REFER, DISAGREE, NO_ANTIBODY])
@pytest.mark.parametrize("command", ["decide", "explain", "missing", "repairs", "reasons", "ask"])
def test_no_raw_name_is_shown_but_in_backquotes(command: str, path: str) -> None:
    told = re.sub(r"`[^`]*`", "", run(command, path).out)
    told = told.split("\nWarnings")[0].replace(Path(path).stem, "")
    assert not re.findall(r"\b[a-z0-9]+_[a-z0-9_]+\b", told)


def test_statements_are_sentences_where_the_vocabulary_has_words() -> None:
    view = View.of(policy().loaded)
    assert view.statement("generic_available", False) == "no generic is available"
    assert view.statement("diagnosis", "nsclc") == "diagnosis: non-small cell lung cancer"
    assert view.statement("diagnosis", "Lungenkrebs") == "diagnosis: Lungenkrebs"
    assert view.statement("concurrent_drugs", []) == "anticancer drugs given with it: none"
    assert view.statement("complete_treatment_history", True) == "the list is the whole history"
    assert view.statement("age", {"at_least": 60}) == "age in years: at least 60"
    assert PLAIN.statement("generic_available", False) == "generic available: no"


def test_costs_are_words_and_numbers_where_asked() -> None:
    assert (PLAIN.effort(3, 3), PLAIN.effort(4, 3)) == ("least effort", "more effort")
    assert View(verbose=True).effort(4, 3) == "cost 4"


def test_every_attribute_value_and_document_type_of_the_shipped_policy_has_words() -> None:
    vocabulary = policy().vocabulary
    for name, one in vocabulary.all.items():
        keys = [f"yes({name})", f"no({name})"] if one.domain == "flag" else [name]
        assert all(key in vocabulary.labels for key in keys), name
    assert set(vocabulary.document_types) <= vocabulary.labels.keys()


# Width and color


@pytest.mark.subprocess
def test_text_that_goes_to_a_pipe_is_not_wrapped_unless_columns_say_so() -> None:
    plain = process("decide", REPORT_MISSING, COLUMNS="").out
    assert any(cell_len(line) > 120 for line in plain.splitlines())
    assert "I.C (off-label uses that NCCN recommends) do not address this use (--full shows more).\n" in plain
    readable(process("decide", REPORT_MISSING, COLUMNS="80").out)
    assert all(cell_len(line) <= 100 for line in process("decide", MISSING, COLUMNS="100").out.splitlines())


@pytest.mark.subprocess
def test_there_is_color_only_where_it_is_asked_for() -> None:
    assert "\x1b[" not in process("decide", DENY).out
    assert "\x1b[" in process("decide", DENY, FORCE_COLOR="1").out
    colors = re.findall(r"\x1b\[[0-9;]*3[0-7]", process("decide", DENY, FORCE_COLOR="1", NO_COLOR="1").out)
    assert colors == []


@pytest.mark.subprocess
def test_guide_lines_are_plain_where_the_encoding_has_no_others() -> None:
    told = process("explain", REPORT_MISSING, PYTHONIOENCODING="ascii").out
    assert "`-- [undocumented] I.A.4 the tumor carries KRAS G12C" in told
    assert "└── [undocumented] I.A.4" in process("explain", REPORT_MISSING, PYTHONIOENCODING="utf-8").out


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_table_of_many_cases_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_cli.TERMINAL", {**_terminal(), "COLUMNS": str(columns)})
    paths = [str(path) for path in sorted((CASES / "deny").glob("[a-g]*.json"))]
    told = run("decide", *paths).out
    assert all(cell_len(line) <= columns for line in told.splitlines())
    assert f"{len(paths)} cases: {len(paths)} deny" in joined(told)


def _terminal() -> dict[str, str | None]:
    from tests.test_cli import TERMINAL

    return dict(TERMINAL)


# Policies


def test_findings_come_before_what_was_asked_which_is_a_line() -> None:
    told = run("check", "label").out
    assert "What was asked, of every case there can be: " in joined(told)
    assert "can every section be met?" not in told
    assert "can every section be met?" in run("check", "label", "--full").out


def test_a_comparison_shows_only_the_settings_that_differ() -> None:
    words = ("compare", "cp_phar_549", "cp_phar_549", "--brief")
    assert "Interpretations" not in run(*words).out
    told = run(*words, "--other-interpret", "ampullary_progression=as_revision_log").out
    assert "Interpretations of cp_phar_549 (second): ampullary_progression=as_revision_log" in told
    assert "Interpretations of cp_phar_549 (first): ampullary_progression=as_written" in told
    assert "prior_therapy_scope" not in told


def test_ambiguities_are_listed_by_policy_with_what_each_interpretation_means() -> None:
    known = Policy.load("cp_phar_549").structure.ambiguities
    assert known["stable_disease_is_response"] == (
        "whether stable disease is a positive response",
        {"yes": "stable disease is a positive response", "no": "stable disease is no positive response"},
    )
    assert list(known["prior_therapy_scope"][1]) == ["any_systemic", "appendix_b"]


def test_a_name_to_clarify_is_said_once_with_what_it_leaves_open() -> None:
    told = steps(str(CASES / "deny" / "history_with_misspelled_drug.json"))
    assert told == (
        "Clarify `Krazatti` in `hx-1` (nearest known name: krazati); until then it is open whether: "
        "- prior therapies do not include adagrasib [I.A.7]"
    )


def test_what_approves_without_addressing_the_use_is_shown_with_its_criteria() -> None:
    # After a change of the label a higher dose is another use; with a publication the section is met.
    data = json.loads(
        (ROOT / "examples/cases/refer/dose_above_the_limit_after_a_label_change.json").read_text()
    )
    paper = {"id": "paper", "type": "literature", "date": "2025-07-01"}
    data["documents"].append({**paper, "states": {"dose_supported_by_evidence": True}})
    decision = policy().decide(case(data))
    assert (decision.outcome, decision.section) == ("approve", "I.A")
    assert not next(entry for entry in decision.sections if entry.id == "I.A").addresses
    told = as_text(decision_report(decision))
    assert "I.A.9.b" in told
    assert "I.A (non-small cell lung cancer)" not in told.partition("Why")[2]
    assert "[met] I.A.9.b" in as_text(reasons_report_of(decision))


def test_a_value_that_may_be_a_slip_is_asked_about_first(tmp_path: Path) -> None:
    data = json.loads((ROOT / "examples/cases/approve/nsclc_whole.json").read_text())
    for document in data["documents"]:
        if "diagnosis" in document["states"]:
            document["states"]["diagnosis"] = "ncslc"
    path = tmp_path / "slip.json"
    path.write_text(json.dumps(data))
    assert steps(str(path)).startswith("Check the spelling of `ncslc` (diagnosis, in document `path-1`)")
    table = run("decide", str(path), APPROVE).out
    assert "spelling of `ncslc`" in " ".join(table.split())
