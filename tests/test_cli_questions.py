"""`repairs`, `reasons` and `ask` on the command line: what is told, and what was got wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge import Plan, Reasons
from pyclingo_bridge.cli.schema import json_schema
from tests.test_cli import (
    APPROVE,
    CASES,
    DENY,
    MISSING,
    REFER,
    Told,
    _policies_grounded_once,
    readable,
    run,
)

__all__ = ["_policies_grounded_once"]

GENERIC = str(CASES / "deny" / "generic_availability_unknown.json")
DISAGREE = str(CASES / "deny" / "documents_disagree_on_diagnosis.json")
COMBINED = str(CASES / "refer" / "nsclc_with_pembrolizumab.json")


def one(told: Told) -> Any:
    (line,) = told.lines
    assert told.code == 0
    return line


def joined(text: str) -> str:
    """The text with its lines put together."""
    return " ".join(text.split())


def test_repairs_are_told_cheapest_first_with_what_each_asks_for() -> None:
    # A benefit record and a chart note cost 1 each, another product 2: the vocabulary's figures.
    told = run("repairs", GENERIC)
    assert told.code == 0
    assert "repair 1, for I.A (least effort: benefit record)" in told.out
    assert "repair 2, for I.A (least effort: chart note)" in told.out
    assert "repair 3, for I.A (least effort: chart note)" in told.out
    assert "repair 4, for I.A (more effort)" in told.out
    assert "change the request: product: generic (now brand)" in told.out
    assert "for the prescriber to judge" in told.out
    assert "repair 4, for I.A (cost 2)" in run("repairs", "--verbose", GENERIC).out
    readable(told.out)


def test_repairs_as_json_hold_all_of_it_and_fit_their_schema() -> None:
    found = one(run("repairs", GENERIC, "--json"))
    assert (found["case"], found["outcome"]) == ("generic_availability_unknown", "deny")
    assert [entry["cost"] for entry in found["repairs"]] == [1, 1, 1, 2]
    (change,) = found["repairs"][3]["changes"]
    assert (change["attribute"], change["before"], change["value"]) == (
        "product",
        "brand",
        "generic",
    )
    assert not found["more"]
    for name, field in (("repair", "repairs"), ("counterfactual", "counterfactuals")):
        check = Draft202012Validator(json_schema(name))
        assert found[field]
        for entry in found[field]:
            check.validate(entry)


def test_only_as_many_repairs_as_asked_for_are_told() -> None:
    found = one(run("repairs", GENERIC, "--first", "1", "--json"))
    assert len(found["repairs"]) == 1
    assert found["more"]
    assert "--first 0 lists all" in run("repairs", GENERIC, "--first", "1").out
    assert len(one(run("repairs", GENERIC, "--first", "0", "--json"))["repairs"]) == 4


def test_a_contradiction_is_resolved_one_way_or_the_other_or_not_at_all() -> None:
    told = run("repairs", DISAGREE)
    said = joined(told.out)
    assert "resolve: diagnosis is non-small cell lung cancer [I.A.1], as pathology report path-1 says" in said
    assert "pathology report path-2 says diagnosis: colon adenocarcinoma" in said
    assert one(run("repairs", DISAGREE, "--no-resolving", "--json"))["repairs"] == []


def test_a_referral_is_repaired_where_the_requester_can_change_it() -> None:
    # Lung cancer is treated with the drug alone: section I.A, item 5.
    told = run("repairs", COMBINED)
    assert "anticancer drugs given with it: none (now pembrolizumab)" in joined(told.out)


def test_what_nothing_repairs_is_told_by_what_would_have_to_be_otherwise() -> None:
    for command, words in (
        ("repairs", "What would have to be different for an approval:"),
        ("decide", "Documents cannot help. An approval would need:"),
    ):
        told = joined(run(command, DENY).out)
        assert words in told
        now = "(molecular report ngs-1, 2024-06-18: no KRAS G12C mutation found)"
        assert f"KRAS G12C mutation found {now}" in told
    assert "No document, no contradiction resolved and no change" in joined(run("repairs", DENY).out)


def test_an_approval_needs_no_repair() -> None:
    assert "Nothing has to be repaired." in run("repairs", APPROVE).out
    found = one(run("repairs", APPROVE, "--json"))
    assert (found["repairs"], found["counterfactuals"]) == ([], [])


def test_reasons_for_an_approval_name_what_it_cannot_do_without() -> None:
    told = run("reasons", APPROVE)
    assert "The approval falls without any one of these" in told.out
    assert "KRAS G12C mutation found (molecular report ngs-1, 2024-05-28: KRAS G12C mutation found)" in joined(
        told.out
    )
    assert (
        "molecular report ngs-1 (2024-05-28): without it, the request is denied; if another document "
        "contradicts it, the approval falls it alone shows: KRAS G12C mutation found" in joined(told.out)
    )
    readable(told.out)


def test_reasons_against_an_approval_quote_what_forces_it() -> None:
    told = run("reasons", REFER)
    assert "What forces it to be referred elsewhere: this" in told.out
    assert "pathology report path-1, 2024-07-23: diagnosis: cholangiocarcinoma; rules out:" in joined(told.out)
    readable(told.out)


def test_a_denial_for_lack_of_documents_is_forced_by_nothing() -> None:
    assert "Nothing that is stated forces this" in run("reasons", MISSING).out
    assert one(run("reasons", MISSING, "--json"))["forcing"] == []


@pytest.mark.parametrize("path", [APPROVE, DENY, MISSING, REFER, DISAGREE])
def test_reasons_and_plans_fit_their_schemas_and_can_be_read_back(path: str) -> None:
    reasons, plan = one(run("reasons", path, "--json")), one(run("ask", path, "--json"))
    Draft202012Validator(json_schema("reasons")).validate(reasons)
    Draft202012Validator(json_schema("plan")).validate(plan)
    assert json.loads(Reasons.model_validate(reasons).model_dump_json()) == reasons
    assert json.loads(Plan.model_validate(plan).model_dump_json()) == plan


def test_ask_tells_the_first_document_and_the_sequence() -> None:
    told = run("ask", GENERIC)
    # One of four types is enough, each alone; in the worst case all four are asked for.
    assert "Ask for first: benefit record" in told.out
    assert "if it shows none of this: ask for chart note" in told.out
    assert "decided after 4 requests at most." in joined(told.out)
    readable(told.out)


def test_ask_leaves_out_what_cannot_be_had() -> None:
    words = ("--without", "benefit_record", "--without", "chart_note", "--json")
    plan = one(run("ask", GENERIC, *words))
    assert [step["document_type"] for step in plan["steps"]] == ["pharmacy_claims"]
    assert (plan["without"], plan["most_requests"]) == (["benefit_record", "chart_note"], 2)


def test_ask_chooses_by_what_it_is_told_to() -> None:
    for by in ("requests", "sets", "cost"):
        plan = one(run("ask", MISSING, "--by", by, "--json"))
        assert plan["strategy"] == by
        assert plan["first_by"][by] == plan["steps"][0]["document_type"]


def test_ask_tells_where_leaving_out_leaves_nothing() -> None:
    told = run("ask", MISSING, "--without", "chart_note", "--without", "molecular_report")
    assert "Without chart note and molecular report no set of documents is left." in told.out


def test_a_newer_document_is_told_of_where_it_could_turn_what_is_on_file() -> None:
    early = run("repairs", str(CASES / "deny" / "early_stage_disease.json"))
    assert "extent of disease: early); a further document could change it" in joined(early.out)
    forced = joined(run("reasons", str(CASES / "deny" / "early_stage_disease.json")).out)
    assert "What would have to be different, though documents may also be missing" in forced
    assert "locally advanced, metastatic, recurrent (a further document could change it)" in forced
    assert "true instead" not in forced
    apart = run("repairs", str(CASES / "deny" / "response_contradicted_on_one_day.json"))
    assert re.search("imaging report ct-1 says [^;]+: a newer document would resolve it", joined(apart.out))
    assert "have pathology report path-2 corrected" in joined(run("repairs", DISAGREE).out)


def test_a_changed_list_keeps_what_never_counts(tmp_path: Path) -> None:
    data = json.loads(Path(COMBINED).read_text())
    data["request"]["concurrent_drugs"] = ["pembrolizumab", "Zofran"]
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data))
    (change,) = one(run("repairs", str(path), "--json"))["repairs"][0]["changes"]
    assert (change["value"], change["text"]) == (
        ["Zofran"],
        "anticancer drugs given with it: none",
    )


def test_where_one_antibody_is_enough_both_are_no_repair() -> None:
    path = str(CASES / "deny" / "crc_alone_without_egfr_reason.json")
    told = one(run("repairs", path, "--json"))["repairs"]
    lists = [change["value"] for repair in told for change in repair["changes"]]
    assert (len(told), lists) == (3, [["cetuximab"], ["panitumumab"]])
    assert "repair 4," not in joined(run("repairs", path).out)


def test_a_drug_that_stays_is_told_in_the_words_of_the_request(tmp_path: Path) -> None:
    # With one antibody I.B takes any drug beside it where the regimen is recommended; what the request names
    # stays as it is named.
    data = json.loads((CASES / "deny" / "crc_alone_without_egfr_reason.json").read_text())
    data["request"]["concurrent_drugs"] = ["Folfirinox"]
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data))
    told = one(run("repairs", str(path), "--json"))["repairs"]
    lists = [change["value"] for repair in told for change in repair["changes"]]
    assert ["Folfirinox", "panitumumab"] in lists
    assert ["fluorouracil", "panitumumab"] not in lists


def test_no_denial_that_a_later_document_can_turn_says_that_facts_would_have_to_differ() -> None:
    # Early disease: extents add up, so that a later note of metastases turns it.
    path = str(CASES / "deny" / "early_stage_disease.json")
    for command in ("decide", "explain", "reasons", "repairs", "missing"):
        told = run(command, path).out + run(command, path, "--json").out
        assert "facts themselves" not in joined(told)
        assert "No missing document" not in joined(told)
    told = joined(run("explain", path, "--format", "markdown").out)
    assert "What is requested, or on file, rules an approval out" in told


def test_a_medicine_that_never_counts_hides_no_repair(tmp_path: Path) -> None:
    data = json.loads((CASES / "approve" / "crc_alone_after_egfr_toxicity.json").read_text())
    for drugs in (["Keytruda"], ["Keytruda", "ondansetron"]):
        data["request"]["concurrent_drugs"] = drugs
        path = tmp_path / "case.json"
        path.write_text(json.dumps(data))
        told = joined(run("repairs", str(path)).out)
        for change in ("none", "Keytruda and cetuximab", "Keytruda and panitumumab"):
            assert f"anticancer drugs given with it: {change} (now" in told


def test_warnings_stand_beside_repairs_and_requests() -> None:
    path = str(CASES / "deny" / "history_with_misspelled_drug.json")
    for command in ("repairs", "reasons", "ask"):
        assert "the nearest known name is `krazati`" in joined(run(command, path).out)


def test_an_unknown_document_type_is_bad_input_that_names_the_known_ones() -> None:
    told = run("ask", GENERIC, "--without", "chart_notes")
    assert told.code == 2
    assert "there is no document type `chart_notes`\n" in told.err
    assert "help: did you mean `chart_note`?" in told.err
    assert run("ask", GENERIC, "--by", "luck").code == 2


def test_where_no_document_helps_there_is_nothing_to_ask_for() -> None:
    assert "Nothing that is still undocumented would change it." in run("ask", DENY).out
    assert "Nothing is missing." in run("ask", APPROVE).out


def test_a_bad_case_keeps_no_other_from_an_answer() -> None:
    for command in ("repairs", "reasons", "ask"):
        told = run(command, "nowhere.json", APPROVE)
        assert told.code == 2
        assert "nowhere.json" in told.err
        assert "nsclc_whole" in told.out
