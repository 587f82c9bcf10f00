"""Which texts are cases of the oncology vocabulary, by section 2 of `docs/specification` alone.

Nothing here asks the package: the tables are those of the specification, written down once more.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

from tests.fuzz.trees import Pairs, Raw, members, read

Judgment: TypeAlias = Literal["good", "bad", "either"]

GREATEST = 2147483647
LONGEST = 200
MOST_DOCUMENTS, MOST_NAMES, MOST_MEMBERS = 10_000, 10_000, 1_000

NO_DRUG = re.compile(
    r"[\W_0]*((none|no|nil|null|n\W*a|nothing|not|never|alone|mono\w*|single|treatment)(\W.*|_.*)?)?",
    re.I,
)
"""A word for no drug at all, which is no drug's name: whether it is refused is for another test."""

PIECE = re.compile(r"[/+&,;()\[\]{}-]|\b(?:and|with|plus|w)\b", re.I)
"""Where a name may be taken apart; a piece that names no drug makes the whole an error."""

CODE_WITHIN = re.compile(r"[A-Za-z][0-9][0-9A-Za-z]")
"""Where a text may be read as a code, though it is more than one."""

CODE = re.compile(r"(?P<root>[A-Za-z][0-9][0-9A-Za-z])[._]?(?P<rest>[0-9A-Za-z]{0,4})")
"""A code and nothing else: a letter, two characters, and up to four more."""

KNOWN_CODE = re.compile(r"[CDZ][0-9]{2}[._]?[0-9]{0,4}", re.I)
"""Codes of neoplasms and of the patient's state, all of which may stand alone; others may not be there."""

STAGE = re.compile(r"[TNM][0-9][A-Za-z]", re.I)

DIAGNOSES = (
    "ampullary_adenocarcinoma", "appendiceal_adenocarcinoma", "colon_adenocarcinoma", "crc", "nsclc",
    "pancreatic_adenocarcinoma", "rectal_adenocarcinoma", "small_bowel_adenocarcinoma",
)  # fmt: skip

MAY_BE: dict[str, frozenset[str]] = {
    **{
        f"{organ}_adenocarcinoma": frozenset({f"{organ}_adenocarcinoma"})
        for organ in ("ampullary", "pancreatic", "small_bowel")
    },
    "crc": frozenset({"crc"}),
    "nsclc": frozenset({"nsclc"}),
    "colon_adenocarcinoma": frozenset({"crc"}),
    "rectal_adenocarcinoma": frozenset({"crc"}),
    "lung_adenocarcinoma": frozenset({"nsclc"}),
    "pdac": frozenset({"pancreatic_adenocarcinoma"}),
    "lung_cancer": frozenset({"nsclc", "another of the lung"}),
    "colon_cancer": frozenset({"crc", "another of the large bowel"}),
}
"""What some words may mean; nothing where that is for other tests to say."""

CODES_MAY_BE = (
    ("C34", {"nsclc", "another of the lung"}),
    *((root, {"crc", "another of the large bowel"}) for root in ("C18", "C19", "C20")),
    ("C17", {"small_bowel_adenocarcinoma", "another of the small bowel"}),
    ("C241", {"ampullary_adenocarcinoma", "another of the ampulla"}),
    *(
        (f"C25{place}", {"pancreatic_adenocarcinoma", "another of the pancreas"})
        for place in ("0", "1", "2", "3", "7", "8", "9")
    ),
)
"""The same of codes by how they begin."""

DOCUMENT_TYPES = frozenset({
    "benefit_record", "chart_note", "imaging_report", "literature", "molecular_report",
    "pathology_report", "pharmacy_claims", "plan_record", "treatment_history",
})  # fmt: skip

STATUSES = ("final", "preliminary", "amended", "entered_in_error", "entered-in-error")


class Whole(NamedTuple):
    """A whole number within bounds; of documents a range of them, if its ends may be given alone."""

    least: int
    most: int = GREATEST
    ranged: bool = False


class Decimals(NamedTuple):
    """A number with up to three decimals within bounds."""

    least: int
    most: int


class Choice(NamedTuple):
    """One of these names."""

    names: tuple[str, ...]


class ListOf(NamedTuple):
    """A list of members that are one of these names, or, where there are none, any free names."""

    names: tuple[str, ...] = ()
    least: int = 0
    snake: bool = False


FLAG, NAME, DAY, PARTIAL, DRUG, TUMOR = "flag", "disease", "whole day", "day", "drug", "tumor"

EARLIEST = 1900
"""The first year of a day that documents state."""

REQUEST: dict[str, Any] = {
    "type": Choice(("initial", "continuation")),
    "line_of_business": Choice(("commercial", "him", "medicaid")),
    "product": Choice(("brand", "generic")),
    "dose_mg_per_day": Whole(1),
    "concurrent_drugs": ListOf(),
    "dose_increase": FLAG,
    "on_formulary": FLAG,
    "duration_months": Whole(1),
    "date": DAY,
    "drug": DRUG,
    "tumor": TUMOR,
}
NO_ATTRIBUTES = ("date", "drug", "tumor")
NEEDED = ("type", "line_of_business", "product", "dose_mg_per_day", "concurrent_drugs")

_FLAGS = (
    "kras_g12c", "disease_progression", "oncology_prescriber", "egfr_inhibitor_intolerance",
    "responding_positively", "generic_not_tolerated", "generic_available", "generic_contraindicated",
    "dose_supported_by_evidence", "regimen_recommended", "currently_receiving_via_plan",
    "currently_receiving_for_covered_indication", "recent_label_change", "measurable_disease",
    "active_untreated_brain_metastases", "stk11_mutated", "keap1_mutated", "tp53_mutated",
    "new_lesions", "remaining_target_nodes_normal", "complete_treatment_history",
)  # fmt: skip

DETAILS = frozenset({
    "birth_date", "therapy_start_date", "label_change_date", "specimen",
    "target_lesions_baseline_mm", "target_lesions_nadir_mm", "target_lesions_now_mm", "new_lesions",
    "remaining_target_nodes_normal", "days_on_therapy_at_scan", "non_target_lesions",
    "pd_l1_tps_percent", "tmb_per_megabase", "cited_trials",
})  # fmt: skip

STATED: dict[str, Any] = {
    **dict.fromkeys(_FLAGS, FLAG),
    "diagnosis": NAME,
    "disease_extent": ListOf(("early", "recurrent", "locally_advanced", "advanced", "metastatic"), least=1),
    "age": Whole(0, ranged=True),
    "prior_therapies": ListOf(),
    "days_on_therapy": Whole(0, ranged=True),
    "current_dose_mg_per_day": Whole(0, ranged=True),
    **dict.fromkeys(("birth_date", "therapy_start_date", "label_change_date"), PARTIAL),
    "specimen": Choice(("tissue", "plasma")),
    "recist_response": Choice(("cr", "pr", "sd", "pd")),
    "ecog_performance_status": Whole(0, 5, ranged=True),
    "prior_lines_of_therapy": Whole(0, ranged=True),
    "days_since_radiotherapy": Whole(0, ranged=True),
    "days_since_systemic_therapy": Whole(0, ranged=True),
    "pd_l1_expression": Choice(("under_one_percent", "one_to_49_percent", "fifty_percent_or_more")),
    "tumor_mutational_burden": Choice(("under_ten", "ten_or_more")),
    "target_lesions_baseline_mm": Decimals(1, 10000),
    "target_lesions_nadir_mm": Decimals(0, 10000),
    "target_lesions_now_mm": Decimals(0, 10000),
    "days_on_therapy_at_scan": Whole(0),
    "non_target_lesions": Choice(
        ("none_present", "complete_response", "non_cr_non_pd", "not_evaluated", "progression")
    ),
    "pd_l1_tps_percent": Decimals(0, 100),
    "tmb_per_megabase": Decimals(0, 100000),
    "cited_trials": ListOf(snake=True),
}

Doubt: TypeAlias = tuple[str, bool]
"""What speaks against a case, and whether it certainly does."""


def judged(data: bytes) -> tuple[Judgment, str]:
    """Whether bytes are a case, are none, or may be either, and why."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        tree = read(text)
    except (ValueError, RecursionError) as error:
        return "bad", f"no JSON: {type(error).__name__}"
    return judged_tree(tree)


def judged_tree(tree: Any) -> tuple[Judgment, str]:
    """The same of what was read."""
    doubts = list(_case(tree))
    certain = next((why for why, sure in doubts if sure), None)
    if certain is not None:
        return "bad", certain
    return ("either", doubts[0][0]) if doubts else ("good", "")


def _case(tree: Any) -> Iterator[Doubt]:
    yield from _object(tree, "case", ("id", "request", "documents"), ("id", "request", "documents"))
    if not isinstance(tree, Pairs):
        return
    yield from _named(tree.get("id"), "id")
    yield from _form(tree.get("request"))
    documents = tree.get("documents")
    if not isinstance(documents, list) or isinstance(documents, Pairs):
        yield "documents is no list", True
        return
    ids = [paper.get("id") for paper in documents if isinstance(paper, Pairs)]
    texts = [name for name in ids if isinstance(name, str)]
    if len(set(texts)) < len(texts):
        yield "an id twice", True
    for paper in documents:
        yield from _document(paper)
    yield from _replaced(documents)
    yield from _sizes(tree, documents)


def _replaced(documents: list[Any]) -> Iterator[Doubt]:
    """Documents replace others of the case, and nothing replaces itself by way of others."""
    papers = [paper for paper in documents if isinstance(paper, Pairs)]
    names = [paper.get("id") for paper in papers]
    replaced = {
        paper.get("id"): paper.get("replaces")
        for paper in papers
        if isinstance(paper.get("id"), str) and isinstance(paper.get("replaces"), str)
    }
    for start, named in replaced.items():
        if named not in names:
            yield "replaces names no document", True
        seen = {start}
        while named in replaced and named not in seen:
            seen.add(named)
            named = replaced[named]
        if named in seen:
            yield "documents replace one another in a circle", True


def _sizes(tree: Pairs, documents: list[Any]) -> Iterator[Doubt]:
    lists = [value for value in _lists(tree) if value is not documents]
    if len(documents) > MOST_DOCUMENTS:
        yield "very many documents", False
    if any(len(value) > MOST_MEMBERS for value in lists):
        yield "a very long list", False
    if sum(map(len, lists)) > MOST_NAMES:
        yield "very many names", False


def _lists(tree: Any) -> Iterator[list[Any]]:
    if isinstance(tree, list) and not isinstance(tree, Pairs):
        yield tree
    for member in members(tree):
        yield from _lists(member)


def _object(tree: Any, what: str, known: Iterable[str], needed: Iterable[str]) -> Iterator[Doubt]:
    if not isinstance(tree, Pairs):
        yield f"{what} is no object", True
        return
    keys = [key for key, _ in tree]
    if len(set(keys)) < len(keys):
        yield f"a key of {what} twice", True
    if not set(keys) <= set(known):
        yield f"an unknown key of {what}", True
    if not set(needed) <= set(keys):
        yield f"a key of {what} is missing", True


def _form(tree: Any) -> Iterator[Doubt]:
    yield from _object(tree, "request", REQUEST, NEEDED)
    if not isinstance(tree, Pairs):
        return
    for key, value in tree:
        if key in REQUEST:
            yield from _value(value, REQUEST[key], key)
    if tree.get("dose_increase") is True and tree.get("type") != "continuation":
        yield "dose_increase in another request than a continuation", True


def _document(tree: Any) -> Iterator[Doubt]:
    fields = ("id", "type", "date", "states")
    yield from _object(tree, "document", (*fields, "status", "replaces", "tumor"), fields)
    if not isinstance(tree, Pairs):
        return
    yield from _named(tree.get("id"), "document id")
    kind, day, states = tree.get("type"), tree.get("date"), tree.get("states")
    if not isinstance(kind, str) or kind not in DOCUMENT_TYPES:
        yield "document type", True
    yield from _value(day, PARTIAL, "date", least=1)
    for key, value in tree:
        if key == "status" and (not isinstance(value, str) or value not in STATUSES):
            yield "status", True
        elif key == "replaces" and not isinstance(value, str):
            yield "replaces is no text", True
        elif key == "tumor":
            yield from _value(value, TUMOR, key)
    yield from _object(states, "states", STATED, ())
    if isinstance(states, Pairs):
        keys = {key for key, _ in states}
        if "complete_treatment_history" in keys and "prior_therapies" not in keys:
            yield "complete_treatment_history without its list", True
        for key, value in states:
            if key in STATED:
                yield from _value(value, STATED[key], key)


def _real(day: str, partial: bool, least: int) -> bool:
    """Whether a text is a day that exists; or, where that will do, a month or a year."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", day):
        return False
    parts = [int(part) for part in day.split("-")]
    if len(parts) < 3 and not partial:
        return False
    try:
        datetime.date(*[*parts, 1, 1][:3])
    except ValueError:
        return False
    return parts[0] >= least


def _named(value: Any, what: str) -> Iterator[Doubt]:
    """A text of 1 to 200 printable characters, not only blanks."""
    if not isinstance(value, str):
        yield f"{what} is no text", True
    elif not value.strip() or len(value) > LONGEST or not all(map(_printable, value)):
        yield f"{what} is empty, long or unprintable", True


def _printable(char: str) -> bool:
    return char == " " or unicodedata.category(char) not in (
        "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs",
    )  # fmt: skip


def _value(value: Any, kind: Any, name: str, least: int = EARLIEST) -> Iterator[Doubt]:
    if kind == FLAG:
        if not isinstance(value, bool):
            yield f"{name} is no flag", True
    elif kind == NAME:
        yield from _disease(value, name)
    elif kind in (DAY, PARTIAL):
        first = 1 if kind == DAY else least
        if not isinstance(value, str) or not _real(value, kind == PARTIAL, first):
            yield f"{name} is no such day", True
    elif kind in (DRUG, TUMOR):
        yield from _label(value, kind, name)
    elif isinstance(kind, Whole):
        yield from _whole(value, kind, name)
    elif isinstance(kind, Decimals):
        yield from _decimal(value, kind, name)
    elif isinstance(kind, Choice):
        if not isinstance(value, str) or value not in kind.names:
            yield f"{name} is none of its values", True
    else:
        yield from _list(value, kind, name)


def _label(value: Any, kind: str, name: str) -> Iterator[Doubt]:
    """A name of the form's or a document's: of a tumor, by a letter or digit in it; of the policy's drug."""
    yield from _named(value, name)
    if not isinstance(value, str):
        return
    if kind == TUMOR and not any(map(str.isalnum, value)):
        yield f"{name} has no letter and no digit", value.isascii()
    if kind == DRUG and value.lower() not in ("adagrasib", "krazati"):
        # Another drug is an error, and which spellings are of this one is for other tests.
        yield f"{name} may be another drug", False


def _whole(value: Any, kind: Whole, name: str) -> Iterator[Doubt]:
    if isinstance(value, Pairs) and kind.ranged:
        yield from _range(value, kind, name)
    elif not isinstance(value, Raw) or not re.fullmatch(r"-?[0-9]+", value.text):
        yield f"{name} is no whole number", True
    elif not _within(value.text, kind):
        yield f"{name} is out of bounds", True


def _range(value: Pairs, kind: Whole, name: str) -> Iterator[Doubt]:
    """One end or both, each a number that could be stated, the lower not above the upper."""
    yield from _object(value, name, ("at_least", "at_most"), ())
    if not value:
        yield f"{name} is a range without an end", True
    doubts = [doubt for _, end in value for doubt in _whole(end, kind._replace(ranged=False), name)]
    yield from doubts
    low, high = value.get("at_least"), value.get("at_most")
    if not doubts and isinstance(low, Raw) and isinstance(high, Raw) and int(low.text) > int(high.text):
        yield f"{name} is a range from above to below", True


def _within(digits: str, kind: Whole) -> bool:
    # No number of so many digits is within any bounds; Python takes long to read one.
    short = digits.lstrip("-").lstrip("0")
    return len(short) < 20 and kind.least <= int(digits[0].strip("0123456789") + (short or "0")) <= (kind.most)


def _decimal(value: Any, kind: Decimals, name: str) -> Iterator[Doubt]:
    if not isinstance(value, Raw) or value.text in ("NaN", "Infinity", "-Infinity"):
        yield f"{name} is no number", True
        return
    if len(value.text) > 60 or re.search(r"[eE].?\d{3}", value.text):
        yield f"{name} is written at great length", False
        return
    told = Decimal(value.text)
    if not kind.least <= told <= kind.most:
        yield f"{name} is out of bounds", True
    elif told != told.quantize(Decimal("0.001")):
        yield f"{name} has more than three decimals", True
    elif "e" in value.text.lower():
        yield f"{name} has an exponent", False


def _snake(value: Any, name: str) -> Iterator[Doubt]:
    yield from _named(value, name)
    if isinstance(value, str) and not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        yield f"{name} is not lower snake case", True


def _disease(value: Any, name: str) -> Iterator[Doubt]:
    """A word or a code, or a list of them that have a meaning in common."""
    if not isinstance(value, list) or isinstance(value, Pairs):
        yield from _word(value, name)
        return
    if not value:
        yield f"{name} is empty", True
    for member in value:
        yield from _word(member, f"a member of {name}")
    words = {member for member in value if isinstance(member, str)}
    if len(words) > 1:
        meant = [_may_be(word) for word in words]
        if not all(meant):
            yield f"whether the members of {name} have something in common", False
        elif not frozenset.intersection(*meant):
            yield f"the members of {name} have nothing in common", True


def _word(value: Any, name: str) -> Iterator[Doubt]:
    """A word in lower snake case, or a code."""
    yield from _named(value, name)
    if not isinstance(value, str):
        return
    if CODE.fullmatch(value) and not STAGE.fullmatch(value):
        if not KNOWN_CODE.fullmatch(value):
            yield f"{name} may be a code that there is not", False
    elif CODE_WITHIN.search(value):
        yield f"{name} may be a code, and more", False
    elif not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        yield f"{name} is not lower snake case", True


def _may_be(word: str) -> frozenset[str]:
    """Which diseases a word or code may mean; nothing where this reader does not know."""
    found = CODE.fullmatch(word)
    if found is None:
        return MAY_BE.get(word, frozenset())
    written = (found["root"] + found["rest"]).upper()
    return next((frozenset(meant) for root, meant in CODES_MAY_BE if written.startswith(root)), frozenset())


def _list(value: Any, kind: ListOf, name: str) -> Iterator[Doubt]:
    if not isinstance(value, list) or isinstance(value, Pairs):
        yield f"{name} is no list", True
        return
    if len(value) < kind.least:
        yield f"{name} is empty", True
    for member in value:
        if kind.names:
            if not isinstance(member, str) or member not in kind.names:
                yield f"a member of {name} is none of its values", True
        elif kind.snake:
            yield from _snake(member, f"a member of {name}")
        else:
            yield from _named(member, f"a member of {name}")
            if isinstance(member, str) and _may_name_no_drug(member):
                yield f"{name} names no drug", False


def _may_name_no_drug(name: str) -> bool:
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    pieces = (piece for piece in PIECE.split(plain) if re.search(r"[^\W_]", piece))
    return any(NO_DRUG.fullmatch(piece) for piece in (name, plain, *pieces))
