"""A second, independent implementation of CP.PHAR.549 (sotorasib) in plain Python.

It exists to disagree with the engine where one of the two is wrong, so it shares nothing with it:
the criteria are Python expressions below, evidence is weighed by a handful of small functions,
and every question about several requirements at once (can they be true together, does one follow from
another) is answered by trying all the values that the attribute could have.

    >>> note = {"id": "n", "type": "chart_note", "date": "2025-01-01", "states": {"age": 17}}
    >>> form = {"type": "initial", "line_of_business": "him", "product": "brand",
    ...         "dose_mg_per_day": 960, "concurrent_drugs": []}
    >>> decide({"id": "x", "request": form, "documents": [note]}, {}).refer_to
    'HIM.PA.154'

Only valid cases are understood; nothing here checks a case's format. Days are in `tests/oracle_days.py`, names
in `tests/oracle_names.py`; what documents come to is in `tests/oracle_evidence.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any, Literal, NamedTuple, TypeAlias, Union

from tests.oracle_evidence import Case, Plan, State, Stated, read_case, state_of, with_plan
from tests.oracle_names import ANTICANCER, APPENDIX_B, COVERED, COVERED_OFF_LABEL, TREATMENTS, read_all
from tests.oracle_names import BRANDS as BRANDS
from tests.oracle_names import KNOWN as KNOWN
from tests.oracle_names import REGIMENS as REGIMENS
from tests.oracle_requirements import (
    ANY_TREATMENT,
    SYSTEMIC,
    Value,
    among,
    as_text,
    at_least,
    at_most,
    empty,
    excludes,
    includes,
    includes_any,
    is_,
    is_true_of,
    no,
    within,
    yes,
)
from tests.oracle_requirements import Requirement as Requirement

Status: TypeAlias = Literal["met", "undocumented", "conflicting", "not_met"]
Outcome: TypeAlias = Literal["approve", "deny", "refer"]
Formula: TypeAlias = Union["Requirement", "AllOf", "AnyOf", "Item"]


# --- Formulas -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class AllOf:
    """True when every part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class AnyOf:
    """True when at least one part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class Item:
    """A criterion: a formula under the number that the policy gives it."""

    id: str
    formula: Formula


@dataclass(frozen=True, eq=False)
class Section:
    """A numbered section and the conditions that say whether it speaks of the requested use."""

    criterion: Item
    uses: AllOf


class Verdict(NamedTuple):
    """The whole answer to one case under one choice of interpretations."""

    outcome: Outcome
    denial_kind: str | None
    section: str | None
    approval_months: int | None
    refer_to: str | None
    statuses: dict[str, Status]


def all_of(*parts: Formula) -> AllOf:
    return AllOf(parts)


def any_of(*parts: Formula) -> AnyOf:
    return AnyOf(parts)


def item(identifier: str, *parts: Formula) -> Item:
    """A criterion that asks for all of the parts."""
    return Item(identifier, parts[0] if len(parts) == 1 else AllOf(parts))


def use(*conditions: Formula) -> AllOf:
    """Use conditions, each with a number of its own so that it gets a status of its own."""
    return AllOf(tuple(item(f"use {n}", condition) for n, condition in enumerate(conditions)))


# --- Interpretations -----------------------------------------------------------------------------------


class Interpretations(NamedTuple):
    """One choice for each place where the wording can be read in two ways."""

    prior_therapy_scope: str = "any_systemic"
    continuation_30_days: str = "second_limb"
    advanced_disease: str = "locally_advanced_or_metastatic"
    ampullary_progression: str = "as_written"
    dose_increase_other_indications: str = "as_written"
    stable_disease_is_response: str = "yes"
    prior_therapy_kind: str = "systemic"
    dose_is_part_of_the_use: str = "when_label_changed"
    covered_indication: str = "diagnosis"


OTHER_INTERPRETATIONS = Interpretations(
    "appendix_b", "both_limbs", "as_named", "as_revision_log", "all_covered", "no",
    "any_treatment", "never", "as_in_section_i",
)  # fmt: skip


def chosen(interpretations: Mapping[str, str]) -> Interpretations:
    """The interpretations asked for, the default wherever none is.

    Raises:
        ValueError: an ambiguity or an interpretation is not one of the policy's.
    """
    for ambiguity, interpretation in interpretations.items():
        if ambiguity not in Interpretations._fields:
            raise ValueError(f"unknown ambiguity `{ambiguity}`")
        if interpretation not in (
            getattr(Interpretations(), ambiguity), getattr(OTHER_INTERPRETATIONS, ambiguity)
        ):  # fmt: skip
            raise ValueError(f"unknown interpretation `{interpretation}` of `{ambiguity}`")
    return Interpretations(**interpretations)


# --- The policy ---------------------------------------------------------------------------------


def named_locally_advanced(r: Interpretations) -> frozenset[str]:
    """Extents that satisfy an item whose words are recurrent, locally advanced or metastatic."""
    words = frozenset({"recurrent", "locally_advanced", "metastatic"})
    return words if r.advanced_disease == "as_named" else words | {"advanced"}


def named_advanced(r: Interpretations) -> frozenset[str]:
    """Extents that satisfy an item whose words are advanced or metastatic."""
    words = frozenset({"advanced", "metastatic"})
    return words if r.advanced_disease == "as_named" else words | {"locally_advanced"}


def treated_before(diagnosis: str, r: Interpretations) -> Requirement:
    """Some earlier therapy: any systemic one, or only Appendix B's where it lists more than examples."""
    narrow = r.prior_therapy_scope == "appendix_b"
    return includes_any("prior_therapies", APPENDIX_B.get(diagnosis, SYSTEMIC) if narrow else SYSTEMIC)


GENERIC_FIRST = any_of(
    is_("product", "generic"),
    no("generic_available"),
    yes("generic_contraindicated"),
    yes("generic_not_tolerated"),
)
MONOTHERAPY = empty("concurrent_drugs")
WITH_PANITUMUMAB = includes("concurrent_drugs", "panitumumab")
WITH_CETUXIMAB = includes("concurrent_drugs", "cetuximab")
ADULT = at_least("age", 18)
USUAL_DOSE = at_most("dose_mg_per_day", 960)
DOSE_EVIDENCE = yes("dose_supported_by_evidence")
RECOMMENDED = yes("regimen_recommended")
ONE_ANTIBODY = any_of(within("concurrent_drugs", ["panitumumab"]), within("concurrent_drugs", ["cetuximab"]))


def section_uses(r: Interpretations, *conditions: Formula) -> AllOf:
    """Use conditions of a part of section I; a new dose that a label change brought is another use."""
    if r.dose_is_part_of_the_use == "never":
        return use(*conditions)
    return use(*conditions, any_of(USUAL_DOSE, no("recent_label_change")))


def section_i_a(r: Interpretations) -> Section:
    """Section I.A: non-small cell lung cancer."""
    nsclc = is_("diagnosis", "nsclc")
    criterion = item(
        "I.A",
        item("I.A.1", nsclc, among("disease_extent", named_locally_advanced(r))),
        item("I.A.2", yes("oncology_prescriber")),
        item("I.A.3", ADULT),
        item("I.A.4", yes("kras_g12c")),
        item("I.A.5", MONOTHERAPY),
        item("I.A.6", treated_before("nsclc", r)),
        item("I.A.7", excludes("prior_therapies", "adagrasib")),
        item("I.A.8", GENERIC_FIRST),
        item(
            "I.A.9",
            any_of(item("I.A.9.a", USUAL_DOSE), item("I.A.9.b", DOSE_EVIDENCE)),
            item("I.A.9.n", any_of(MONOTHERAPY, RECOMMENDED)),
        ),
    )
    return Section(criterion, section_uses(r, nsclc, ADULT, MONOTHERAPY))


def section_i_b(r: Interpretations) -> Section:
    """Section I.B: colorectal cancer."""
    crc = is_("diagnosis", "crc")
    regimen = any_of(WITH_PANITUMUMAB, WITH_CETUXIMAB, MONOTHERAPY)
    criterion = item(
        "I.B",
        item("I.B.1", crc, among("disease_extent", named_advanced(r))),
        item("I.B.2", yes("oncology_prescriber")),
        item("I.B.3", ADULT),
        item("I.B.4", yes("kras_g12c")),
        item("I.B.5", treated_before("crc", r)),
        item(
            "I.B.6",
            any_of(
                item("I.B.6.a", WITH_PANITUMUMAB),
                item("I.B.6.b", WITH_CETUXIMAB),
                item("I.B.6.c", MONOTHERAPY, yes("egfr_inhibitor_intolerance")),
            ),
        ),
        item("I.B.7", GENERIC_FIRST),
        item(
            "I.B.8",
            any_of(item("I.B.8.a", USUAL_DOSE), item("I.B.8.b", DOSE_EVIDENCE)),
            item("I.B.8.n", any_of(MONOTHERAPY, ONE_ANTIBODY, RECOMMENDED)),
        ),
    )
    return Section(criterion, section_uses(r, crc, ADULT, regimen))


def section_i_c(r: Interpretations) -> Section:
    """Section I.C: the off-label uses that the NCCN recommends."""
    criterion = item(
        "I.C",
        off_label_diagnosis(r),
        item("I.C.2", yes("oncology_prescriber")),
        item("I.C.3", ADULT),
        item("I.C.4", yes("kras_g12c")),
        item("I.C.5", off_label_treated_before(r)),
        item("I.C.6", MONOTHERAPY),
        item("I.C.7", GENERIC_FIRST),
        item(
            "I.C.8",
            any_of(item("I.C.8.a", USUAL_DOSE), item("I.C.8.b", DOSE_EVIDENCE)),
            item("I.C.8.n", any_of(MONOTHERAPY, RECOMMENDED)),
        ),
    )
    return Section(criterion, section_uses(r, among("diagnosis", COVERED_OFF_LABEL), ADULT, MONOTHERAPY))


def off_label_diagnosis(r: Interpretations) -> Item:
    """Item I.C.1, the ampullary diagnosis with or without progression."""
    ampullary: list[Formula] = [is_("diagnosis", "ampullary_adenocarcinoma")]
    if r.ampullary_progression == "as_revision_log":
        ampullary.append(yes("disease_progression"))
    pancreatic = is_("diagnosis", "pancreatic_adenocarcinoma")
    small_bowel = is_("diagnosis", "small_bowel_adenocarcinoma")
    return item(
        "I.C.1",
        any_of(
            item("I.C.1.a", *ampullary),
            item("I.C.1.b", pancreatic, among("disease_extent", named_locally_advanced(r))),
            item("I.C.1.c", small_bowel, among("disease_extent", named_advanced(r))),
        ),
    )


def off_label_treated_before(r: Interpretations) -> Formula:
    """The content of I.C.5; its list is the diagnosis's own when Appendix B sets the scope."""
    if r.prior_therapy_kind == "any_treatment":
        return includes_any("prior_therapies", ANY_TREATMENT)
    if r.prior_therapy_scope == "any_systemic":
        return includes_any("prior_therapies", SYSTEMIC)
    return any_of(*(all_of(is_("diagnosis", name), treated_before(name, r)) for name in COVERED_OFF_LABEL))


def section_ii_a(r: Interpretations) -> Section:
    """Section II.A: continued therapy."""
    covered = among("diagnosis", COVERED)
    every_indication = r.dose_increase_other_indications == "all_covered"
    combination = all_of(is_("diagnosis", "crc"), ONE_ANTIBODY)
    usual_dose = item(
        "II.A.3.a", among("diagnosis", COVERED if every_indication else ("nsclc", "crc")),
        USUAL_DOSE,
    )  # fmt: skip
    criterion = item(
        "II.A",
        covered,
        *covered_as_in_section_i(r),
        item("II.A.1", receiving(r)),
        item("II.A.2", yes("responding_positively")),
        item(
            "II.A.3",
            any_of(
                no("dose_increase"),
                all_of(
                    any_of(usual_dose, item("II.A.3.b", DOSE_EVIDENCE)),
                    item("II.A.3.n", any_of(MONOTHERAPY, combination, RECOMMENDED)),
                ),
            ),
        ),
    )
    return Section(criterion, use(covered))


def covered_as_in_section_i(r: Interpretations) -> tuple[Formula, ...]:
    """What a covered indication is besides its diagnosis, where the extent and the mutation are part of it."""
    if r.covered_indication == "diagnosis":
        return ()
    locally_advanced = among("disease_extent", named_locally_advanced(r))
    advanced = among("disease_extent", named_advanced(r))
    indications = any_of(
        all_of(is_("diagnosis", "nsclc"), locally_advanced),
        all_of(is_("diagnosis", "crc"), advanced),
        is_("diagnosis", "ampullary_adenocarcinoma"),
        all_of(is_("diagnosis", "pancreatic_adenocarcinoma"), locally_advanced),
        all_of(is_("diagnosis", "small_bowel_adenocarcinoma"), advanced),
    )
    return indications, yes("kras_g12c")


def receiving(r: Interpretations) -> Formula:
    """The content of II.A.1; the 30 days bind one way of receiving the drug, or both."""
    plan = yes("currently_receiving_via_plan")
    documented = yes("currently_receiving_for_covered_indication")
    thirty_days = at_least("days_on_therapy", 30)
    if r.continuation_30_days == "both_limbs":
        return all_of(any_of(plan, documented), thirty_days)
    return any_of(plan, all_of(documented, thirty_days))


@cache
def sections(request_type: str, r: Interpretations) -> tuple[Section, ...]:
    """The sections that a request of this type is judged by, in the policy's order."""
    if request_type == "continuation":
        return (section_ii_a(r),)
    return (section_i_a(r), section_i_b(r), section_i_c(r))


def approval_months(request: Mapping[str, Any]) -> int:
    """How long an approval of this request lasts."""
    if request["line_of_business"] == "commercial":
        asked: int = request.get("duration_months", 12)
        return min(12, asked)
    return 6 if request["type"] == "initial" else 12


REFERRALS = {
    "label change, on formulary": {
        "commercial": "CP.CPA.190", "him": "HIM.PA.33", "medicaid": "CP.PMN.255",
    },
    "label change, not on formulary": {
        "commercial": "CP.CPA.190", "him": "HIM.PA.103", "medicaid": "CP.PMN.16",
    },
    "off-label use": {"commercial": "CP.CPA.09", "him": "HIM.PA.154", "medicaid": "CP.PMN.53"},
}  # fmt: skip


def referral(request: Mapping[str, Any], stated: Stated) -> str:
    """The policy that judges a use which this one does not address."""
    reason = "off-label use"
    if state_of(yes("recent_label_change"), stated) == "met":
        listed = request.get("on_formulary", True)
        reason = "label change, on formulary" if listed else "label change, not on formulary"
    return REFERRALS[reason][request["line_of_business"]]


# --- Values that an attribute could have --------------------------------------------------------

EXTENTS = ("early", "recurrent", "locally_advanced", "advanced", "metastatic")


def subsets(names: Collection[str], least: int) -> list[frozenset[str]]:
    """All the sets of at least that many of the names."""
    sizes = range(least, len(names) + 1)
    return [frozenset(some) for size in sizes for some in combinations(names, size)]


def representative_drugs() -> list[str]:
    """One drug for each group of drugs that no requirement of the policy tells apart."""
    told_apart = [ANTICANCER, TREATMENTS, frozenset({"adagrasib"}), *APPENDIX_B.values()]
    groups = {tuple(name in some for some in told_apart): name for name in sorted(KNOWN)}
    return list(groups.values())


@cache
def domain(attribute: str) -> tuple[Value, ...]:
    """Values among which every combination of the policy's requirements has an example, if it has any."""
    match attribute:
        case "diagnosis":
            return (*COVERED, "another_diagnosis")
        case "disease_extent":
            return tuple(subsets(EXTENTS, 1))
        case "prior_therapies":
            return tuple(subsets(representative_drugs(), 0))
        case "concurrent_drugs":
            return tuple(subsets(("panitumumab", "cetuximab", "another_drug"), 0))
        case "age":
            return (17, 18)
        case "days_on_therapy":
            return (29, 30)
        case _:
            return (True, False)


@cache
def region(requirement: Requirement) -> int:
    """The values that satisfy the requirement, as bits in the order of the attribute's domain."""
    values = domain(requirement.attribute)
    return sum(1 << bit for bit, value in enumerate(values) if is_true_of(requirement, value))


def regions(requirements: Iterable[Requirement]) -> dict[str, int]:
    """For each attribute that the requirements speak of, the values that satisfy all of them."""
    left: dict[str, int] = {}
    for requirement in requirements:
        left[requirement.attribute] = left.get(requirement.attribute, -1) & region(requirement)
    return left


def consistent(requirements: Iterable[Requirement]) -> bool:
    """Whether one value for each attribute satisfies all the requirements."""
    return all(regions(requirements).values())


def follows(weaker: Mapping[str, int], stronger: Mapping[str, int]) -> bool:
    """Whether requirements with the stronger regions entail all the requirements with the weaker ones."""
    return all(
        attribute in stronger and not stronger[attribute] & ~values for attribute, values in weaker.items()
    )


# --- Statuses and the decision ------------------------------------------------------------------


@cache
def requirements_of(formula: Formula) -> frozenset[Requirement]:
    """Every requirement that a formula mentions."""
    if isinstance(formula, Requirement):
        return frozenset({formula})
    parts = (formula.formula,) if isinstance(formula, Item) else formula.parts
    return frozenset().union(*map(requirements_of, parts))


@cache
def every_requirement(attribute: str) -> frozenset[Requirement]:
    """Every requirement on an attribute that some section has under the first or the other interpretations."""
    judged = [
        section
        for kind in ("initial", "continuation")
        for r in (Interpretations(), OTHER_INTERPRETATIONS, Interpretations(prior_therapy_scope="appendix_b"))
        for section in sections(kind, r)
    ]
    mentioned = frozenset().union(*(requirements_of(section.criterion) for section in judged))
    return frozenset(requirement for requirement in mentioned if requirement.attribute == attribute)


def evaluate(formula: Formula, held: Collection[Requirement], record: dict[str, bool]) -> bool:
    """Whether a formula is true where exactly these requirements hold; notes each criterion's truth."""
    if isinstance(formula, Requirement):
        return formula in held
    if isinstance(formula, Item):
        record[formula.id] = evaluate(formula.formula, held, record)
        return record[formula.id]
    truths = [evaluate(part, held, record) for part in formula.parts]
    return all(truths) if isinstance(formula, AllOf) else any(truths)


def together(requirements: Iterable[Requirement]) -> Iterator[frozenset[Requirement]]:
    """The largest sets of these requirements that can be true at once.

    A value for each attribute decides all the requirements on it, so trying the values of the
    attributes one beside the other finds every such set.
    """
    by_attribute: dict[str, set[Requirement]] = {}
    for requirement in requirements:
        by_attribute.setdefault(requirement.attribute, set()).add(requirement)
    choices = [largest_sets(frozenset(group)) for group in by_attribute.values()]
    for choice in product(*choices):
        yield frozenset().union(*choice)


@cache
def largest_sets(requirements: frozenset[Requirement]) -> tuple[frozenset[Requirement], ...]:
    """Of requirements on one attribute, the sets that some value satisfies and no value exceeds."""
    attribute = next(iter(requirements)).attribute
    found = {
        frozenset(requirement for requirement in requirements if is_true_of(requirement, value))
        for value in domain(attribute)
    }
    return tuple(some for some in found if not any(some < other for other in found))


def statements(case: Case, r: Interpretations, plan: Plan | None = None) -> Stated:
    """Everything that the form, the documents and the plan state, by attribute."""
    return read_case(case, plan, stable_responds=r.stable_disease_is_response == "yes")


def requirement_states(judged: Iterable[Section], stated: Stated) -> dict[Requirement, State]:
    """The state of every requirement that the sections or their use conditions mention."""
    formulas = [part for section in judged for part in (section.criterion, section.uses)]
    mentioned = frozenset().union(*map(requirements_of, formulas))
    return {requirement: state_of(requirement, stated) for requirement in mentioned}


def requirement_state(
    case: Case, requirement: Requirement, interpretations: Mapping[str, str], plan: Plan | None = None
) -> State:
    """Whether a requirement is established, open, conflicting or refuted in a case."""
    return state_of(requirement, statements(case, chosen(interpretations), plan))


def with_state(states: Mapping[Requirement, State], *wanted: State) -> frozenset[Requirement]:
    """The requirements that are in one of the wanted states."""
    return frozenset(requirement for requirement, state in states.items() if state in wanted)


def criterion_statuses(formula: Formula, states: Mapping[Requirement, State]) -> dict[str, Status]:
    """The status of every criterion in a formula, each judged on its own."""
    established = with_state(states, "met")
    mentioned = requirements_of(formula)
    attempts: dict[frozenset[Requirement], Status] = {}
    attempts.setdefault(frozenset(), "met")
    attempts.setdefault(mentioned & with_state(states, "undocumented"), "undocumented")
    attempts.setdefault(mentioned & with_state(states, "undocumented", "conflicting"), "conflicting")
    statuses: dict[str, Status] = {}
    record: dict[str, bool] = {}
    for more, status in attempts.items():
        for held in together(more):
            evaluate(formula, established | held, record)
            for identifier in (identifier for identifier, true in record.items() if true):
                statuses.setdefault(identifier, status)
    return {identifier: statuses.get(identifier, "not_met") for identifier in record}


def addressed(section: Section, states: Mapping[Requirement, State]) -> bool:
    """Whether no condition of the section's use is out of reach of the evidence."""
    return "not_met" not in criterion_statuses(section.uses, states).values()


def decide(case: Case, interpretations: Mapping[str, str], plan: Plan | None = None) -> Verdict:
    """Judge a case under the given interpretations, the defaults for those not given."""
    r = chosen(interpretations)
    judged = sections(case["request"]["type"], r)
    stated = statements(case, r, plan)
    request = with_plan(case, plan)["request"]
    states = requirement_states(judged, stated)
    statuses: dict[str, Status] = {}
    for section in judged:
        statuses |= criterion_statuses(section.criterion, states)
    of_sections = {section.criterion.id: statuses[section.criterion.id] for section in judged}
    for identifier, status in of_sections.items():
        if status == "met":
            months = approval_months(request)
            return Verdict("approve", None, identifier, months, None, statuses)
    if not any(addressed(section, states) for section in judged):
        return Verdict("refer", None, None, None, referral(request, stated), statuses)
    return Verdict("deny", denial_kind(of_sections.values()), None, None, None, statuses)


def denial_kind(statuses: Collection[Status]) -> str:
    """The denial that leaves the most hope, given the status of each section."""
    if "undocumented" in statuses:
        return "insufficient_documentation"
    return "conflicting_documentation" if "conflicting" in statuses else "criteria_not_met"


# --- Missing documentation ----------------------------------------------------------------------


def alternatives(formula: Formula, states: Mapping[Requirement, State]) -> set[frozenset[Requirement]]:
    """The sets of undocumented requirements that make a formula true without a superfluous branch.

    Established requirements cost nothing and decided ones cannot be had; what is left is the formula
    multiplied out, without the products that contradict themselves.
    """
    if isinstance(formula, Requirement):
        offers: dict[State, set[frozenset[Requirement]]] = {
            "met": {frozenset()},
            "undocumented": {frozenset({formula})},
        }
        return offers.get(states[formula], set())
    if isinstance(formula, Item):
        return alternatives(formula.formula, states)
    parts = [alternatives(part, states) for part in formula.parts]
    if isinstance(formula, AnyOf):
        return set[frozenset[Requirement]]().union(*parts)
    combined: set[frozenset[Requirement]] = {frozenset()}
    for part in parts:
        combined = {one | other for one in combined for other in part}
        combined = {requirements for requirements in combined if consistent(requirements)}
    return combined


def missing(
    case: Case, interpretations: Mapping[str, str], plan: Plan | None = None
) -> set[frozenset[Requirement]]:
    """All the missing sets of a denied case; none for a case that is not denied.

    Of sets that say the same in other words the shortest is told, then the first by the alphabet.
    """
    if decide(case, interpretations, plan).outcome != "deny":
        return set()
    return to_approve(case, interpretations, plan)


def to_approve(
    case: Case, interpretations: Mapping[str, str], plan: Plan | None = None
) -> set[frozenset[Requirement]]:
    """The least sets of undocumented requirements that approve a case; a referred one may have some.

    A dose above the usual one is another use after a label change, and still has its way out.
    """
    return {min(same, key=order) for same in in_all_words(case, interpretations, plan)}


def order(requirements: frozenset[Requirement]) -> tuple[int, list[str]]:
    """What sets that say the same are sorted by."""
    return len(requirements), sorted(map(as_text, requirements))


def in_all_words(
    case: Case, interpretations: Mapping[str, str], plan: Plan | None = None
) -> list[set[frozenset[Requirement]]]:
    """For each of those sets all the ways to write it.

    Whatever set of undocumented requirements makes a section true, it entails one of the section's
    alternatives. So the least demanding alternatives, written in every irredundant way, are all
    the missing sets there are.
    """
    r = chosen(interpretations)
    judged = sections(case["request"]["type"], r)
    states = requirement_states(judged, statements(case, r, plan))
    demands: list[dict[str, int]] = []
    for section in judged:
        demands += map(regions, alternatives(section.criterion, states))
    mentioned = frozenset().union(*(requirements_of(section.criterion) for section in judged))
    open_requirements = mentioned & with_state(states, "undocumented")
    distinct = {frozenset(demand.items()) for demand in least_demanding(demands)}
    return [set(wordings(dict(demand), open_requirements)) for demand in distinct]


def least_demanding(demands: list[dict[str, int]]) -> Iterator[dict[str, int]]:
    """The demands that entail no other one, except one that says the same."""
    for demand in demands:
        below = (other for other in demands if follows(other, demand))
        if all(follows(demand, other) for other in below):
            yield demand


def wordings(
    demand: Mapping[str, int], requirements: frozenset[Requirement]
) -> Iterator[frozenset[Requirement]]:
    """The sets out of the requirements that demand exactly this, and no requirement of them for nothing."""
    choices = [
        irredundant(
            frozenset(requirement for requirement in requirements if requirement.attribute == attribute),
            values,
        )
        for attribute, values in demand.items()
    ]
    for choice in product(*choices):
        yield frozenset().union(*choice)


@cache
def irredundant(requirements: frozenset[Requirement], values: int) -> tuple[frozenset[Requirement], ...]:
    """Of requirements on one attribute, the sets that leave exactly these values and need each member."""
    found = []
    for size in range(1, len(requirements) + 1):
        for some in map(frozenset, combinations(requirements, size)):
            exact = set(regions(some).values()) == {values}
            if exact and not any(follows(regions({one}), regions(some - {one})) for one in some):
                found.append(some)
    return tuple(found)


ALSO_SHOWN = {
    "recist_response": "responding_positively", "birth_date": "age", "therapy_start_date": "days_on_therapy",
    "label_change_date": "recent_label_change", "current_dose_mg_per_day": "dose_increase",
}  # fmt: skip
"""What a document shows that states the first."""


def translate(names: Iterable[str]) -> frozenset[str]:
    """Generic names of a list of drugs, unknown names as they are."""
    known, unknown = read_all(names)
    return known | unknown
