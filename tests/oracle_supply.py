"""What a missing set takes, and the case in which it has been supplied, for the oracle.

>>> form = {"type": "initial", "line_of_business": "him", "product": "brand",
...         "dose_mg_per_day": 960, "concurrent_drugs": ["wonderdrug"]}
>>> sorted(means({"id": "x", "request": form, "documents": []}, {oracle.empty("concurrent_drugs")}))
[Means(documents=frozenset(), names=frozenset({('request', 'wonderdrug')}))]
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from tests import oracle
from tests.oracle_days import span
from tests.oracle_evidence import Case, Plan, counting, request_day, state_of
from tests.oracle_names import ANTICANCER, read, read_all
from tests.oracle_requirements import NEGATIVE, Requirement, is_true_of

LISTS = {"concurrent_drugs", "prior_therapies"}
HARMLESS = "ondansetron"
"""What a name can be cleared up as that counts for nothing."""

Place = tuple[str, str]
"""A document's id, or `request`, and an unknown name in its list."""


class Means(NamedTuple):
    """What establishes requirements: documents that state the attributes, and names cleared up."""

    documents: frozenset[str]
    names: frozenset[Place]


SHOWN_BY = {
    "kras_g12c": "molecular_report", "dose_supported_by_evidence": "literature",
    "regimen_recommended": "literature", "generic_available": "benefit_record",
    "currently_receiving_via_plan": "benefit_record", "prior_therapies": "treatment_history",
    "diagnosis": "pathology_report",
}  # fmt: skip
"""A type of document that shows the attribute; a chart note shows the rest."""


# --- Means --------------------------------------------------------------------------------------


def means(
    case: Case, wanted: Collection[Requirement], interpretations: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> set[Means]:  # fmt: skip
    """Every least combination of documents and cleared-up names that establishes all of a missing set.

    What is on one list is tried together: the ways to clear up its names, with and without a further list.
    """
    r = oracle.chosen(interpretations or {})
    found = {Means(frozenset(), frozenset())}
    for attribute in sorted({requirement.attribute for requirement in wanted}):
        of_it = frozenset(one for one in wanted if one.attribute == attribute)
        if attribute in LISTS:
            ways = {way.means for way in _least_ways(case, of_it, r, plan)}
        else:
            stated = "current_dose_mg_per_day" if attribute == "dose_increase" else attribute
            ways = {Means(frozenset({stated}), frozenset())}
        found = {Means(a.documents | b.documents, a.names | b.names) for a in found for b in ways}
    return found


def means_of_each(
    case: Case,
    wanted: Collection[Requirement],
    interpretations: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> dict[Requirement, set[Means]]:
    """What establishes each requirement of a missing set by itself: documents, names, both, or either."""
    return {one: means(case, {one}, interpretations, plan) for one in wanted}


class _Way(NamedTuple):
    """Means for the requirements on one list, and the case in which they were used."""

    means: Means
    case: Case


def _least_ways(
    case: Case, wanted: frozenset[Requirement], r: oracle.Interpretations, plan: Plan | None
) -> list[_Way]:
    """The ways to establish requirements on one list of which no part is to spare.

    What is established of the list has to stay so: once a name is cleared up, an old whole list that lacks
    a drug of another list may contradict that one, and then a further list is needed that holds both.
    """
    (attribute,) = {requirement.attribute for requirement in wanted}
    judged = oracle.sections(case["request"]["type"], r)
    mentioned = {one for part in judged for one in oracle.requirements_of(part.criterion)}
    before = oracle.statements(case, r, plan)
    kept = {one for one in mentioned if one.attribute == attribute and state_of(one, before) == "met"}
    found = []
    for way in _ways(case, wanted):
        stated = oracle.statements(way.case, r, plan)
        if all(state_of(requirement, stated) == "met" for requirement in wanted | kept):
            found.append(way)
    return [way for way in found if not any(_less(other.means, way.means) for other in found)]


def _less(one: Means, other: Means) -> bool:
    return one != other and one.documents <= other.documents and one.names <= other.names


def _ways(case: Case, wanted: frozenset[Requirement]) -> Iterator[_Way]:
    """Names to clear up, with what they turn out to be, each way with and without a further list.

    A requirement that a further member breaks stays open while any name is unknown; others need one name
    at most.
    """
    (attribute,) = {requirement.attribute for requirement in wanted}
    places = unknown_names(case, attribute)
    negative = any(requirement.operator in NEGATIVE for requirement in wanted)
    choices = [places] if negative else [[], *([place] for place in places)]
    for names in choices:
        for cleared in _cleared(case, attribute, names):
            yield _Way(Means(frozenset(), frozenset(names)), cleared)
            for more in _candidates(attribute) if attribute == "prior_therapies" else ():
                document = _further_list(cleared, negative, more)
                listed = {**cleared, "documents": [*cleared["documents"], document]}
                yield _Way(Means(frozenset({attribute}), frozenset(names)), listed)


def _cleared(case: Case, attribute: str, names: list[Place]) -> Iterator[Case]:
    """The case with these names cleared up: one of them as anything, the others as what does not count."""
    if not names:
        yield case
    for one in names:
        for meaning in _candidates(attribute):
            yield clarified(case, attribute, {**dict.fromkeys(names, (HARMLESS,)), one: meaning})


@cache
def _candidates(attribute: str) -> list[tuple[str, ...]]:
    """What an unknown name, or a further one, may turn out to be: none that counts, one drug, or several.

    What satisfies fewer requirements comes first.
    """
    names = dict.fromkeys((*oracle.representative_drugs(), "panitumumab", "cetuximab"))
    together = [("panitumumab", "docetaxel"), ("cetuximab", "docetaxel"), ("panitumumab", "cetuximab")]
    more = together if attribute == "concurrent_drugs" else []
    return sorted(
        [(HARMLESS,), *((name,) for name in names), *more], key=lambda some: _breadth(attribute, some)
    )


def _breadth(attribute: str, names: tuple[str, ...]) -> int:
    """How many requirements on the list are true where it holds these names and no others."""
    value = frozenset(names) & ANTICANCER if attribute == "concurrent_drugs" else frozenset(names)
    return sum(is_true_of(one, value) for one in oracle.every_requirement(attribute))


def unknown_names(case: Case, attribute: str) -> list[Place]:
    """The unknown names of the form's list, or of every list of earlier therapies that counts."""
    if attribute == "concurrent_drugs":
        lists = {"request": case["request"][attribute]}
    else:
        lists = {one["id"]: one["states"].get(attribute, []) for one in counting(case)}
    return sorted((place, name) for place, listed in lists.items() for name in read_all(listed)[1])


def clarified(case: Case, attribute: str, meant: Mapping[Place, tuple[str, ...]]) -> Case:
    """The case with unknown names replaced by what they turned out to mean."""

    def cleared(place: str, listed: Iterable[str]) -> list[str]:
        found: list[str] = []
        for name in listed:
            known, unknown = read(name)
            renamed = [new for one in sorted(unknown) for new in meant.get((place, one), (one,))]
            found += [*sorted(known), *renamed] if any((place, one) in meant for one in unknown) else [name]
        return found

    if attribute == "concurrent_drugs":
        listed = cleared("request", case["request"][attribute])
        return {**case, "request": {**case["request"], attribute: listed}}
    documents = [
        {**one, "states": {**one["states"], attribute: cleared(one["id"], one["states"][attribute])}}
        if attribute in one["states"] else one
        for one in case["documents"]
    ]  # fmt: skip
    return {**case, "documents": documents}


def _further_list(case: Case, whole: bool, more: tuple[str, ...]) -> dict[str, Any]:
    """A list of earlier therapies that holds what all lists on file hold, and one drug more."""
    lists = [one["states"].get("prior_therapies", []) for one in counting(case)]
    states: dict[str, Any] = {"prior_therapies": sorted({*more}.union(*lists))}
    if whole:
        states["complete_treatment_history"] = True
    return _document("prior_therapies", supply_day(case), states)


# --- Supplying ----------------------------------------------------------------------------------


def supply_day(case: Case) -> date:
    """The day of the request, or that of the latest document where it is later."""
    days = [span(document["date"]).last for document in counting(case)]
    day = request_day(case)
    return max([*days, *([day] if day else [])], default=date(2025, 6, 1))


def _document(attribute: str, day: date, states: dict[str, Any]) -> dict[str, Any]:
    shown_by = SHOWN_BY.get(attribute, "chart_note")
    return {"id": f"supplied {attribute}", "type": shown_by, "date": str(day), "states": states}


def supply(
    case: Case,
    wanted: Collection[Requirement],
    interpretations: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> Case:
    """The case with the documents of a missing set added and its names cleared up, in the first of all ways."""
    return next(supplies(case, wanted, interpretations, plan))


def supplies(
    case: Case,
    wanted: Collection[Requirement],
    interpretations: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> Iterator[Case]:
    """The case with the documents of a missing set added and its names cleared up, in every way tried.

    Each document states a value that satisfies the requirements of the set on its attribute, and few
    others; what a name turns out to be is tried in every way that satisfies those on its list.
    """
    r = oracle.chosen(interpretations or {})
    day, supplied = supply_day(case), case
    groups = {one.attribute: frozenset(w for w in wanted if w.attribute == one.attribute) for one in wanted}
    for attribute in sorted(groups.keys() - LISTS):
        states = _states(attribute, groups[attribute], case["request"])
        supplied = {**supplied, "documents": [*supplied["documents"], _document(attribute, day, states)]}
    found = [supplied]
    for attribute in sorted(groups.keys() & LISTS):
        found = [way.case for one in found for way in _least_ways(one, groups[attribute], r, plan)]
    yield from found


def _states(attribute: str, wanted: frozenset[Requirement], request: Mapping[str, Any]) -> dict[str, Any]:
    """What a document states of an attribute that satisfies the requirements."""
    if attribute == "dose_increase":
        return {"current_dose_mg_per_day": request["dose_mg_per_day"]}
    if attribute in ("age", "days_on_therapy"):
        return {attribute: 1000 if attribute == "days_on_therapy" else 60}
    fitting = [
        value for value in oracle.domain(attribute) if all(is_true_of(one, value) for one in wanted)
    ]  # fmt: skip
    others = oracle.every_requirement(attribute)
    value = min(fitting, key=lambda one: sum(is_true_of(other, one) for other in others))
    return {attribute: sorted(value) if isinstance(value, frozenset) else value}


# --- Document types and costs -------------------------------------------------------------------


class Weights(NamedTuple):
    """What a vocabulary says of costs.

    `shown_by` has the document types of each attribute or other key, `costs` what each type costs to obtain;
    `unlikely` has what is added for each requirement that is unlikely.
    """

    costs: Mapping[str, int]
    shown_by: Mapping[str, Collection[str]]
    clarifying: int = 0
    unlikely: Mapping[Requirement, int] = {}


class Rank(NamedTuple):
    """What a missing set is sorted by first, and of the means that come to it the documents and their cost."""

    rank: int
    cost: int
    number: int
    documents: tuple[str, ...]


def rank(
    case: Case,
    wanted: Collection[Requirement],
    weights: Weights,
    interpretations: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> Rank:
    """The least that the means of a missing set come to: documents, each type once, and names in each place."""
    found: list[Rank] = []
    for way in means(case, wanted, interpretations, plan):
        for types in oracle.subsets(tuple(sorted(weights.costs)), 0):
            if all(_shown(attribute, types, weights) for attribute in way.documents):
                cost = sum(weights.costs[one] for one in types)
                more = len(way.names) * weights.clarifying + sum(weights.unlikely.get(one, 0) for one in wanted)
                found.append(Rank(cost + more, cost, len(types), tuple(sorted(types))))
    return min(found)


def _shown(attribute: str, types: frozenset[str], weights: Weights) -> bool:
    keys = [attribute, *(key for key, shown in oracle.ALSO_SHOWN.items() if shown == attribute)]
    return any(one in weights.shown_by.get(key, ()) for key in keys for one in types)


def missing_documents(
    case: Case, interpretations: Mapping[str, str], establishes: Mapping[str, Collection[str]],
    plan: Plan | None = None,
) -> set[frozenset[str]]:  # fmt: skip
    """All the smallest sets of document types that could establish some missing set, names cleared up besides.

    `establishes` says of each document type which attributes it can state; stating a RECIST
    category is a way of stating the response.
    """
    wanted = {
        way.documents
        for requirements in oracle.missing(case, interpretations, plan)
        for way in means(case, requirements, interpretations, plan)
    }
    found: set[frozenset[str]] = set()
    for types in oracle.subsets(tuple(establishes), 0):
        stated = {attribute for one in types for attribute in establishes[one]}
        stated |= {shown for name, shown in oracle.ALSO_SHOWN.items() if name in stated}
        if any(attributes <= stated for attributes in wanted) and not any(smaller < types for smaller in found):
            found.add(types)
    return found
