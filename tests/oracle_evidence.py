"""What the documents and the form of a case come to, for the oracle.

A statement is the set of values that it may mean. Which documents count, and which statements in them,
is decided first; then each statement is made a set of values; then the statements of one attribute are
weighed by its kind.

    >>> note = {"id": "n", "type": "chart_note", "date": "2025-01-01", "states": {"age": 17}}
    >>> form = {"type": "initial", "line_of_business": "him", "product": "brand", "date": "2025-06-01",
    ...         "dose_mg_per_day": 960, "concurrent_drugs": []}
    >>> stated = read_case({"id": "x", "request": form, "documents": [note]})
    >>> sorted(stated["age"][0].possible)
    [17, 18]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias

from tests.oracle_days import Span, before, days_gone, days_of, span, years_gone, years_since
from tests.oracle_names import ANTICANCER, REQUESTED, TREATMENTS, diseases, key, read_all
from tests.oracle_requirements import NEGATIVE, Requirement, Value, is_true_of, members

Case: TypeAlias = Mapping[str, Any]
Plan: TypeAlias = Mapping[str, Any]
Document: TypeAlias = Mapping[str, Any]
State: TypeAlias = Literal["met", "undocumented", "conflicting", "not_met"]
Stated: TypeAlias = "Mapping[str, list[Statement]]"

REQUEST = frozenset({
    "type", "line_of_business", "product", "dose_mg_per_day", "concurrent_drugs",
    "dose_increase", "duration_months", "on_formulary",
})  # fmt: skip
STABLE = frozenset({"diagnosis", "kras_g12c"})
LATEST = frozenset({
    "age", "generic_available", "generic_contraindicated", "generic_not_tolerated",
    "egfr_inhibitor_intolerance", "disease_progression", "currently_receiving_via_plan",
    "currently_receiving_for_covered_indication", "days_on_therapy", "responding_positively",
    "recent_label_change", "current_dose_mg_per_day",
})  # fmt: skip
CUMULATIVE = frozenset({
    "disease_extent", "oncology_prescriber", "dose_supported_by_evidence", "regimen_recommended",
})  # fmt: skip
HISTORY = frozenset({"prior_therapies"})

ALSO = {
    "recist_response": "responding_positively",
    "birth_date": "age",
    "therapy_start_date": "days_on_therapy",
    "label_change_date": "recent_label_change",
}
"""Keys that count as their document's statement of another attribute."""

OF_THE_TUMOR = frozenset({
    "diagnosis", "disease_extent", "kras_g12c", "disease_progression", "responding_positively",
})  # fmt: skip
ONLY_FROM = dict.fromkeys(("dose_supported_by_evidence", "regimen_recommended"), "literature")
NO_ATTRIBUTE = frozenset({"complete_treatment_history", "specimen"})

REVISED = date(2025, 2, 7)
"""The policy knows of every label change up to this day."""

ENDLESS = 10**9
"""Stands for a number without an upper bound."""


class Statement(NamedTuple):
    """What one document says of one attribute.

    `possible` are values of which the true one cannot be told; of a range or a time that passes its two
    ends, as the policy asks of a number only whether it is at least, or at most, another. A list of drugs
    has one value, its known members; `unknown` are the names in it that may be any drug. `complete` marks
    a whole history.
    """

    document: str
    days: Span
    possible: frozenset[Value]
    unknown: frozenset[str] = frozenset()
    complete: bool = False


# --- Which documents count ----------------------------------------------------------------------


def in_error(document: Document) -> bool:
    """Whether it was entered by mistake."""
    return document.get("status") in ("entered_in_error", "entered-in-error")


def replaced(document: Document, documents: Iterable[Document]) -> bool:
    """Whether another one takes its place, which is not in error or has a successor of its own."""
    successors = [other for other in documents if other.get("replaces") == document["id"]]
    return any(not in_error(other) or replaced(other, documents) for other in successors)


def counting(case: Case) -> list[Document]:
    """The documents that are neither in error nor replaced."""
    documents = case["documents"]
    return [one for one in documents if not in_error(one) and not replaced(one, documents)]


def request_day(case: Case) -> date | None:
    """When the request was received: as given, or else the last day that a document may be of."""
    if "date" in case["request"]:
        return span(case["request"]["date"]).first
    return max((span(document["date"]).last for document in counting(case)), default=None)


def plan_facts(case: Case, plan: Plan | None) -> dict[str, Any]:
    """What the plan knows on the day of the request for its line of business."""
    day = request_day(case)
    facts: dict[str, Any] = {}
    for fact in (plan or {"facts": []})["facts"]:
        assert day is not None
        lines = fact.get("line_of_business")
        begun = span(fact["from"]).first <= day
        ended = fact.get("to") is not None and span(fact["to"]).first < day
        if begun and not ended and (lines is None or case["request"]["line_of_business"] in lines):
            facts[fact["attribute"]] = fact["value"]
    return facts


def with_plan(case: Case, plan: Plan | None) -> Case:
    """The case with what the plan knows: filled into the form, and as a document of its own."""
    facts = plan_facts(case, plan)
    form = {name: value for name, value in facts.items() if name in REQUEST}
    states = {name: value for name, value in facts.items() if name not in REQUEST}
    record = {"id": "plan", "type": "plan_record", "date": case["request"].get("date"), "states": states}
    documents = [*case["documents"], record] if states else case["documents"]
    return {**case, "request": {**form, **case["request"]}, "documents": documents}


def folded(tumor: str | None) -> str | None:
    """A tumor's name as names are compared."""
    return None if tumor is None else key(tumor)


def counts(document: Document, stated: str, case: Case) -> bool:
    """Whether what a document states under this key counts, as far as tumor, type and specimen go."""
    attribute = ALSO.get(stated, stated)
    tumors = {folded(document.get("tumor")), folded(case["request"].get("tumor"))} - {None}
    if attribute in OF_THE_TUMOR and len(tumors) == 2:
        return False
    if stated == "kras_g12c" and document["states"].get("specimen") == "plasma":
        return bool(document["states"][stated])
    return bool(document["type"] == ONLY_FROM.get(attribute, document["type"]))


# --- What a statement may mean ------------------------------------------------------------------


def read_case(
    case: Case, plan: Plan | None = None, *, stable_responds: bool = True
) -> dict[str, list[Statement]]:
    """Everything that the form and the documents that count state, by attribute."""
    case = with_plan(case, plan)
    day = request_day(case)
    stated: dict[str, list[Statement]] = {name: [_on_form(case, name)] for name in REQUEST & _filled(case)}
    increases: list[Statement] = []
    for document in counting(case):
        for name, raw in document["states"].items():
            if name in NO_ATTRIBUTE or not counts(document, name, case):
                continue
            assert day is not None
            said = _in_document(document, name, raw, day, stable_responds)
            stated.setdefault(ALSO.get(name, name), []).append(said)
    for said in latest(stated.get("current_dose_mg_per_day", [])):
        dose = case["request"]["dose_mg_per_day"]
        increases.append(said._replace(possible=frozenset(dose > before for before in said.possible)))
    if increases:
        stated["dose_increase"] = increases
    return stated


def _filled(case: Case) -> frozenset[str]:
    return frozenset(case["request"]) | {"dose_increase", "on_formulary"}


def _on_form(case: Case, name: str) -> Statement:
    """What the form says; of the drugs given with it only foreign anticancer ones count."""
    never = Span(date.min, date.max)
    if name == "concurrent_drugs":
        _, unknown = read_all(case["request"][name])
        return Statement("request", never, frozenset({requested(case["request"], name)}), unknown)
    return Statement("request", never, frozenset({requested(case["request"], name)}))


def requested(request: Mapping[str, Any], attribute: str) -> Value:
    """What the form says of an attribute, unknown names left out."""
    if attribute == "concurrent_drugs":
        return read_all(request["concurrent_drugs"])[0] & ANTICANCER - {REQUESTED}
    if attribute == "dose_increase":
        return bool(request.get("dose_increase", False))
    if attribute == "on_formulary":
        return bool(request.get("on_formulary", True))
    value: Value = request[attribute]
    return value


def _in_document(document: Document, name: str, raw: Any, day: date, stable_responds: bool) -> Statement:
    """One statement of a document, on the day of the request."""
    days = span(document["date"])
    if name in HISTORY:
        known, unknown = read_all(raw)
        complete = bool(document["states"].get("complete_treatment_history", False))
        return Statement(document["id"], days, frozenset({known}), unknown, complete)
    return Statement(document["id"], days, _possible(name, raw, days, day, stable_responds))


def _possible(name: str, raw: Any, days: Span, day: date, stable_responds: bool) -> frozenset[Value]:
    match name:
        case "recist_response":
            return frozenset({raw in ("cr", "pr") or (raw == "sd" and stable_responds)})
        case "diagnosis":
            return frozenset(diseases(raw))
        case "age":
            return _grown(raw, years_gone(days, day))
        case "days_on_therapy":
            return _grown(raw, days_gone(days, day))
        case "birth_date":
            return frozenset(years_since(one, max(one, day)) for one in days_of(span(raw)))
        case "therapy_start_date":
            return frozenset(max(0, (day - one).days) for one in days_of(span(raw)))
        case "label_change_date":
            return frozenset(_recent(one, day) for one in days_of(span(raw)))
        case "current_dose_mg_per_day":
            return _grown(raw, frozenset({0}))
    return frozenset({frozenset(raw) if isinstance(raw, list) else raw})


def _grown(raw: int | dict[str, int], growth: frozenset[int]) -> frozenset[Value]:
    """The ends of what a number, or a range, has become; it never falls below 0."""
    low, high = (raw, raw) if isinstance(raw, int) else (raw.get("at_least", 0), raw.get("at_most", ENDLESS))
    return frozenset({max(0, low + min(growth)), max(0, high + max(growth))})


def _recent(changed: date, day: date) -> bool:
    """Whether a label changed in the six months before the request, and since the policy was revised."""
    return max(before(day, 6), REVISED + timedelta(1)) <= changed <= day


# --- Evidence -----------------------------------------------------------------------------------


def latest(said: list[Statement]) -> list[Statement]:
    """The statements of which no other one is surely later."""
    return [one for one in said if not any(other.days.first > one.days.last for other in said)]


def evidence(requirement: Requirement, stated: Stated) -> tuple[bool, bool]:
    """Whether anything supports the requirement, and whether anything refutes it."""
    said = stated.get(requirement.attribute, [])
    if requirement.attribute in HISTORY:
        return history_evidence(requirement, said)
    if requirement.attribute in CUMULATIVE:
        return cumulative_evidence(requirement, said)
    if requirement.attribute in LATEST:
        said = latest(said)
    truths = [truth(requirement, statement) for statement in said]
    return {True} in truths, {False} in truths


def truth(requirement: Requirement, statement: Statement) -> set[bool]:
    """Whether the requirement is true of what a statement may mean: both where that cannot be told."""
    found = {is_true_of(requirement, value) for value in statement.possible}
    return found | {is_true_of(requirement, value) for value in _with_unknown(requirement, statement)}


def _with_unknown(requirement: Requirement, statement: Statement) -> list[frozenset[str]]:
    """The lists that a list with an unknown name may be, as far as the requirement tells them apart."""
    if not statement.unknown:
        return []
    (known,) = statement.possible
    assert isinstance(known, frozenset)
    return [known | {name} for name in (*members(requirement), "another anticancer drug")]


def cumulative_evidence(requirement: Requirement, said: list[Statement]) -> tuple[bool, bool]:
    """Evidence where what was once so remains so, for a requirement or for the denial of one."""
    if requirement.operator in ("excludes", "no"):
        positive = "includes" if requirement.operator == "excludes" else "yes"
        supported, refuted = cumulative_evidence(requirement._replace(operator=positive), said)
        return refuted, supported
    supported = any(truth(requirement, statement) == {True} for statement in said)
    return supported, bool(said) and not supported


def history_evidence(requirement: Requirement, said: list[Statement]) -> tuple[bool, bool]:
    """Evidence from treatment lists, where only a whole list tells what was not given.

    A requirement of presence is supported by any list of which it is true and refuted by a whole list
    of which it is false; a requirement of absence the other way about.
    """
    absence = requirement.operator in NEGATIVE
    present = any(is_true_of(requirement, drugs(one)) != absence for one in said)
    lacking = members(requirement).isdisjoint(TREATMENTS) and any(
        is_true_of(requirement, drugs(one)) == absence for one in said if whole(one, said)
    )
    return (lacking, present) if absence else (present, lacking)


def whole(statement: Statement, said: list[Statement]) -> bool:
    """Whether a treatment list tells every drug that was given, to this day."""
    others = [other for other in said if not other.days.last < statement.days.first]
    given = frozenset().union(*(drugs(other) for other in others)) & (ANTICANCER | {REQUESTED})
    return statement.complete and given <= drugs(statement) and not any(one.unknown for one in said)


def drugs(statement: Statement) -> frozenset[str]:
    """The known members of a statement that is a list of drugs."""
    (known,) = statement.possible
    assert isinstance(known, frozenset)
    return known


def state_of(requirement: Requirement, stated: Stated) -> State:
    """The one of the four states that the evidence puts a requirement in."""
    supported, refuted = evidence(requirement, stated)
    if supported:
        return "conflicting" if refuted else "met"
    return "not_met" if refuted else "undocumented"
