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

Only valid cases are understood; nothing here checks a case's format.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any, Literal, NamedTuple, TypeAlias, Union

Case: TypeAlias = Mapping[str, Any]
Value: TypeAlias = bool | int | str | frozenset[str]
State: TypeAlias = Literal["met", "undocumented", "conflicting", "not_met"]
Status: TypeAlias = Literal["met", "undocumented", "conflicting", "not_met"]
Outcome: TypeAlias = Literal["approve", "deny", "refer"]
Formula: TypeAlias = Union["Requirement", "AllOf", "AnyOf", "Item"]


# --- Requirements and formulas ------------------------------------------------------------------------


class Requirement(NamedTuple):
    """A condition on one attribute; `value` is a name, a number, a set of names or nothing."""

    operator: str
    attribute: str
    value: str | int | frozenset[str] | None


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


def is_(attribute: str, name: str) -> Requirement:
    return Requirement("is", attribute, name)


def yes(attribute: str) -> Requirement:
    return Requirement("yes", attribute, None)


def no(attribute: str) -> Requirement:
    return Requirement("no", attribute, None)


def among(attribute: str, names: Iterable[str]) -> Requirement:
    return Requirement("among", attribute, frozenset(names))


def at_least(attribute: str, number: int) -> Requirement:
    return Requirement("at_least", attribute, number)


def at_most(attribute: str, number: int) -> Requirement:
    return Requirement("at_most", attribute, number)


def includes(attribute: str, name: str) -> Requirement:
    return Requirement("includes", attribute, name)


def includes_any(attribute: str, names: Iterable[str]) -> Requirement:
    return Requirement("includes_any", attribute, frozenset(names))


def excludes(attribute: str, name: str) -> Requirement:
    return Requirement("excludes", attribute, name)


def empty(attribute: str) -> Requirement:
    return Requirement("empty", attribute, None)


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


# --- Names --------------------------------------------------------------------------------------

REQUESTED = "sotorasib"

APPENDIX_B: dict[str, frozenset[str]] = {
    "nsclc": frozenset({
        "cisplatin", "carboplatin", "durvalumab", "pembrolizumab", "cemiplimab", "nivolumab",
        "atezolizumab", "ipilimumab", "tremelimumab",
    }),
    "crc": frozenset({"fluorouracil", "capecitabine", "oxaliplatin", "irinotecan"}),
    "ampullary_adenocarcinoma": frozenset(
        {"fluorouracil", "capecitabine", "oxaliplatin", "irinotecan"}
    ),
    "small_bowel_adenocarcinoma": frozenset(
        {"fluorouracil", "capecitabine", "oxaliplatin", "irinotecan"}
    ),
    "pancreatic_adenocarcinoma": frozenset({"gemcitabine", "fluorouracil", "capecitabine"}),
}  # fmt: skip

ANTICANCER = frozenset().union(*APPENDIX_B.values()) | {
    "docetaxel", "pemetrexed", "adagrasib", "bevacizumab", "panitumumab", "cetuximab",
    "ramucirumab", "osimertinib", "erlotinib", "paclitaxel",
}  # fmt: skip
"""The anticancer drugs known here, without the requested one."""

SUPPORTIVE = frozenset({"ondansetron", "dexamethasone", "omeprazole", "leucovorin"})

KNOWN = ANTICANCER | SUPPORTIVE | {REQUESTED}

BRANDS = {
    "krazati": "adagrasib", "vectibix": "panitumumab", "erbitux": "cetuximab",
    "keytruda": "pembrolizumab", "lumakras": REQUESTED, "imfinzi": "durvalumab",
    "libtayo": "cemiplimab", "opdivo": "nivolumab", "tecentriq": "atezolizumab",
    "yervoy": "ipilimumab", "imjudo": "tremelimumab",
}  # fmt: skip

REGIMENS = {
    "folfox": ("fluorouracil", "oxaliplatin"),
    "folfiri": ("fluorouracil", "irinotecan"),
    "folfirinox": ("fluorouracil", "oxaliplatin", "irinotecan"),
    "nalirifox": ("fluorouracil", "oxaliplatin", "irinotecan"),
    "capox": ("capecitabine", "oxaliplatin"),
    "capeox": ("capecitabine", "oxaliplatin"),
}

CRC_SYNONYMS = frozenset({"colon_adenocarcinoma", "rectal_adenocarcinoma", "appendiceal_adenocarcinoma"})

SYSTEMIC = frozenset({"systemic"})
"""Stands in a requirement for all of `ANTICANCER`, so that a requirement does not depend on its length."""

COVERED_OFF_LABEL = (
    "ampullary_adenocarcinoma",
    "pancreatic_adenocarcinoma",
    "small_bowel_adenocarcinoma",
)

COVERED = ("nsclc", "crc", *COVERED_OFF_LABEL)


# --- Interpretations -----------------------------------------------------------------------------------


class Interpretations(NamedTuple):
    """One choice for each place where the wording can be read in two ways."""

    prior_therapy_scope: str = "any_systemic"
    continuation_30_days: str = "second_limb"
    advanced_disease: str = "locally_advanced_or_metastatic"
    ampullary_progression: str = "as_written"
    dose_increase_other_indications: str = "as_written"
    stable_disease_is_response: str = "yes"


OTHER_INTERPRETATIONS = Interpretations(
    "appendix_b", "both_limbs", "as_named", "as_revision_log", "all_covered", "no"
)


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
    """Some earlier therapy: any systemic one, or only Appendix B's for the diagnosis."""
    narrow = r.prior_therapy_scope == "appendix_b"
    return includes_any("prior_therapies", APPENDIX_B[diagnosis] if narrow else SYSTEMIC)


GENERIC_FIRST = any_of(is_("product", "generic"), no("generic_available"), yes("generic_contraindicated"))
MONOTHERAPY = empty("concurrent_drugs")
WITH_PANITUMUMAB = includes("concurrent_drugs", "panitumumab")
WITH_CETUXIMAB = includes("concurrent_drugs", "cetuximab")
ADULT = at_least("age", 18)
USUAL_DOSE = at_most("dose_mg_per_day", 960)
DOSE_EVIDENCE = yes("dose_supported_by_evidence")
RECOMMENDED = yes("regimen_recommended")


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
    return Section(criterion, use(nsclc, ADULT, MONOTHERAPY))


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
            item("I.B.8.n", any_of(regimen, RECOMMENDED)),
        ),
    )
    return Section(criterion, use(crc, ADULT, regimen))


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
    return Section(criterion, use(among("diagnosis", COVERED_OFF_LABEL), ADULT, MONOTHERAPY))


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
    if r.prior_therapy_scope == "any_systemic":
        return includes_any("prior_therapies", SYSTEMIC)
    return any_of(*(all_of(is_("diagnosis", name), treated_before(name, r)) for name in COVERED_OFF_LABEL))


def section_ii_a(r: Interpretations) -> Section:
    """Section II.A: continued therapy."""
    covered = among("diagnosis", COVERED)
    every_indication = r.dose_increase_other_indications == "all_covered"
    combination = all_of(is_("diagnosis", "crc"), any_of(WITH_PANITUMUMAB, WITH_CETUXIMAB))
    usual_dose = item(
        "II.A.3.a", among("diagnosis", COVERED if every_indication else ("nsclc", "crc")),
        USUAL_DOSE,
    )  # fmt: skip
    criterion = item(
        "II.A",
        covered,
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


def referral(case: Case, r: Interpretations) -> str:
    """The policy that judges a use which this one does not address."""
    request = case["request"]
    reason = "off-label use"
    if state_of(yes("recent_label_change"), case, statements(case, r)) == "met":
        listed = request.get("on_formulary", True)
        reason = "label change, on formulary" if listed else "label change, not on formulary"
    return REFERRALS[reason][request["line_of_business"]]


# --- Evidence -----------------------------------------------------------------------------------

REQUEST = frozenset({
    "type", "line_of_business", "product", "dose_mg_per_day", "concurrent_drugs",
    "dose_increase", "duration_months", "on_formulary",
})  # fmt: skip
STABLE = frozenset({
    "diagnosis", "oncology_prescriber", "kras_g12c", "dose_supported_by_evidence",
    "regimen_recommended",
})  # fmt: skip
LATEST = frozenset({
    "age", "generic_available", "generic_contraindicated", "egfr_inhibitor_intolerance",
    "disease_progression", "currently_receiving_via_plan",
    "currently_receiving_for_covered_indication", "days_on_therapy", "responding_positively",
    "recent_label_change",
})  # fmt: skip
CUMULATIVE = frozenset({"disease_extent"})
HISTORY = frozenset({"prior_therapies"})


class Statement(NamedTuple):
    """What one document says of one attribute; `complete` marks a whole treatment history."""

    date: str
    value: Value
    complete: bool


def translate(names: Iterable[str]) -> frozenset[str]:
    """Generic names for drug names in any letter case, brands and regimens among them."""
    generic: set[str] = set()
    for name in (given.lower() for given in names):
        generic.update(REGIMENS.get(name, (BRANDS.get(name, name),)))
    return frozenset(generic)


def statements(case: Case, r: Interpretations) -> dict[str, list[Statement]]:
    """Everything that the documents state, by attribute, in the vocabulary's own names."""
    stated: dict[str, list[Statement]] = {}
    for document in case["documents"]:
        complete = document["states"].get("complete_treatment_history", False)
        for name, raw in document["states"].items():
            attribute, value = normal(name, raw, r)
            entry = Statement(document["date"], value, complete)
            stated.setdefault(attribute, []).append(entry)
    return stated


def normal(attribute: str, raw: Any, r: Interpretations) -> tuple[str, Value]:
    """A stated attribute and value with synonyms replaced and lists made sets."""
    if attribute == "recist_response":
        good = {"cr", "pr", "sd"} if r.stable_disease_is_response == "yes" else {"cr", "pr"}
        return "responding_positively", raw in good
    if attribute == "diagnosis" and raw in CRC_SYNONYMS:
        return attribute, "crc"
    if attribute in HISTORY:
        return attribute, translate(raw)
    return attribute, frozenset(raw) if isinstance(raw, list) else raw


def requested(request: Mapping[str, Any], attribute: str) -> Value:
    """What the form says of an attribute; only a foreign anticancer drug is a concurrent one."""
    if attribute == "concurrent_drugs":
        return translate(request["concurrent_drugs"]) - SUPPORTIVE - {REQUESTED}
    if attribute == "dose_increase":
        return bool(request.get("dose_increase", False))
    if attribute == "on_formulary":
        return bool(request.get("on_formulary", True))
    value: Value = request[attribute]
    return value


def is_true_of(requirement: Requirement, value: Any) -> bool:
    """Whether a value satisfies a requirement."""
    wanted: Any = ANTICANCER if requirement.value == SYSTEMIC else requirement.value
    match requirement.operator:
        case "is":
            return bool(value == wanted)
        case "yes" | "no":
            return bool(value) is (requirement.operator == "yes")
        case "among":
            return not wanted.isdisjoint(value if isinstance(value, frozenset) else {value})
        case "at_least":
            return bool(value >= wanted)
        case "at_most":
            return bool(value <= wanted)
        case "includes" | "excludes":
            return (wanted in value) is (requirement.operator == "includes")
        case "includes_any":
            return not wanted.isdisjoint(value)
        case "empty":
            return not value
    raise ValueError(f"unknown operator `{requirement.operator}`")


def evidence(requirement: Requirement, case: Case, stated: Mapping[str, list[Statement]]) -> tuple[bool, bool]:
    """Whether anything supports the requirement, and whether anything refutes it."""
    if requirement.attribute in REQUEST:
        true = is_true_of(requirement, requested(case["request"], requirement.attribute))
        return true, not true
    said = stated.get(requirement.attribute, [])
    if requirement.attribute in HISTORY:
        return history_evidence(requirement, said)
    if requirement.attribute in CUMULATIVE:
        return cumulative_evidence(requirement, said)
    if requirement.attribute in LATEST:
        newest = max((statement.date for statement in said), default="")
        said = [statement for statement in said if statement.date == newest]
    verdicts = {is_true_of(requirement, statement.value) for statement in said}
    return True in verdicts, False in verdicts


def cumulative_evidence(requirement: Requirement, said: list[Statement]) -> tuple[bool, bool]:
    """Evidence where what was once so remains so, for a requirement or for the denial of one."""
    if requirement.operator == "excludes":
        supported, refuted = cumulative_evidence(requirement._replace(operator="includes"), said)
        return refuted, supported
    supported = any(is_true_of(requirement, statement.value) for statement in said)
    return supported, bool(said) and not supported


def history_evidence(requirement: Requirement, said: list[Statement]) -> tuple[bool, bool]:
    """Evidence from treatment lists, where only a closed list tells what was not given.

    A requirement of presence is supported by any list of which it is true and refuted by a closed list
    of which it is false; a requirement of absence the other way about.
    """
    absence = requirement.operator in ("excludes", "empty")
    present = any(is_true_of(requirement, statement.value) != absence for statement in said)
    lacking = any(
        is_true_of(requirement, statement.value) == absence for statement in said if closed(statement, said)
    )
    return (lacking, present) if absence else (present, lacking)


def closed(statement: Statement, said: list[Statement]) -> bool:
    """Whether a treatment list tells everything that was given, to this day."""
    lists = [(other.date, drugs(other)) for other in said]
    return (
        statement.complete
        and all(listed <= drugs(statement) for date, listed in lists if date > statement.date)
        and all(listed <= KNOWN for _, listed in lists)
    )


def drugs(statement: Statement) -> frozenset[str]:
    """The statement's value, which is a list of drugs."""
    assert isinstance(statement.value, frozenset)
    return statement.value


def state_of(requirement: Requirement, case: Case, stated: Mapping[str, list[Statement]]) -> State:
    """The one of the four states that the evidence puts a requirement in."""
    supported, refuted = evidence(requirement, case, stated)
    if supported:
        return "conflicting" if refuted else "met"
    return "not_met" if refuted else "undocumented"


def requirement_state(case: Case, requirement: Requirement, interpretations: Mapping[str, str]) -> State:
    """Whether a requirement is established, open, conflicting or refuted in a case."""
    return state_of(requirement, case, statements(case, chosen(interpretations)))


# --- Values that an attribute could have --------------------------------------------------------

EXTENTS = ("early", "recurrent", "locally_advanced", "advanced", "metastatic")


def subsets(names: Collection[str], least: int) -> list[frozenset[str]]:
    """All the sets of at least that many of the names."""
    sizes = range(least, len(names) + 1)
    return [frozenset(some) for size in sizes for some in combinations(names, size)]


def representative_drugs() -> list[str]:
    """One drug for each group of drugs that no requirement of the policy tells apart."""
    told_apart = [ANTICANCER, frozenset({"adagrasib"}), *APPENDIX_B.values()]
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


def requirement_states(
    judged: Iterable[Section], case: Case, stated: Mapping[str, list[Statement]]
) -> dict[Requirement, State]:
    """The state of every requirement that the sections or their use conditions mention."""
    formulas = [part for section in judged for part in (section.criterion, section.uses)]
    mentioned = frozenset().union(*map(requirements_of, formulas))
    return {requirement: state_of(requirement, case, stated) for requirement in mentioned}


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


def decide(case: Case, interpretations: Mapping[str, str]) -> Verdict:
    """Judge a case under the given interpretations, the defaults for those not given."""
    r = chosen(interpretations)
    judged = sections(case["request"]["type"], r)
    states = requirement_states(judged, case, statements(case, r))
    statuses: dict[str, Status] = {}
    for section in judged:
        statuses |= criterion_statuses(section.criterion, states)
    of_sections = {section.criterion.id: statuses[section.criterion.id] for section in judged}
    for identifier, status in of_sections.items():
        if status == "met":
            months = approval_months(case["request"])
            return Verdict("approve", None, identifier, months, None, statuses)
    if not any(addressed(section, states) for section in judged):
        return Verdict("refer", None, None, None, referral(case, r), statuses)
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


def missing(case: Case, interpretations: Mapping[str, str]) -> set[frozenset[Requirement]]:
    """All the missing sets of a denied case; none for a case that is not denied.

    Whatever set of undocumented requirements makes a section true, it entails one of the section's
    alternatives. So the least demanding alternatives, written in every irredundant way, are all
    the missing sets there are.
    """
    if decide(case, interpretations).outcome != "deny":
        return set()
    r = chosen(interpretations)
    judged = sections(case["request"]["type"], r)
    states = requirement_states(judged, case, statements(case, r))
    demands: list[dict[str, int]] = []
    for section in judged:
        demands += map(regions, alternatives(section.criterion, states))
    mentioned = frozenset().union(*(requirements_of(section.criterion) for section in judged))
    open_requirements = mentioned & with_state(states, "undocumented")
    found: set[frozenset[Requirement]] = set()
    for demand in least_demanding(demands):
        found.update(wordings(demand, open_requirements))
    return found


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


def missing_documents(
    case: Case, interpretations: Mapping[str, str], establishes: Mapping[str, Collection[str]]
) -> set[frozenset[str]]:
    """All the smallest sets of document types that could establish some missing set.

    `establishes` says of each document type which attributes it can state; stating a RECIST
    category is a way of stating the response.
    """
    wanted = {
        frozenset(requirement.attribute for requirement in requirements)
        for requirements in missing(case, interpretations)
    }
    found: set[frozenset[str]] = set()
    for types in subsets(tuple(establishes), 1):
        stated = {attribute for one in types for attribute in establishes[one]}
        if "recist_response" in stated:
            stated.add("responding_positively")
        if any(attributes <= stated for attributes in wanted) and not any(smaller < types for smaller in found):
            found.add(types)
    return found
