"""Names for the oracle: a short list of drugs of its own, how they are spelt, and diagnosis codes.

>>> read("Keytruda (pembrolizumab)"), read("carboplatin AUC 5 / pemetrexed 500 mg/m2 IV")[0] == {
...     "carboplatin", "pemetrexed"}
((frozenset({'pembrolizumab'}), frozenset()), True)
>>> read("FOLFOX + wonderdrug")[1]
frozenset({'wonderdrug'})
>>> sorted(diseases("C34.90"))
['another tumor of the lung', 'nsclc', 'small_cell_lung_cancer']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

REQUESTED = "sotorasib"

FLUOROPYRIMIDINES = frozenset({"fluorouracil", "capecitabine", "tegafur"})

COLORECTAL_LIST = FLUOROPYRIMIDINES | {"oxaliplatin", "irinotecan"}

APPENDIX_B: dict[str, frozenset[str]] = {
    "nsclc": frozenset({
        "cisplatin", "carboplatin", "durvalumab", "pembrolizumab", "cemiplimab", "nivolumab", "atezolizumab",
    }),
    "crc": COLORECTAL_LIST,
    "ampullary_adenocarcinoma": COLORECTAL_LIST,
    "small_bowel_adenocarcinoma": COLORECTAL_LIST,
}  # fmt: skip
"""What counts by itself. Pancreatic cancer has no list: the source gives examples of systemic therapy."""

ANTICANCER = frozenset().union(*APPENDIX_B.values()) | {
    "ipilimumab", "tremelimumab", "gemcitabine", "docetaxel", "pemetrexed", "adagrasib", "bevacizumab",
    "panitumumab", "cetuximab", "ramucirumab", "osimertinib", "erlotinib", "paclitaxel", "abemaciclib",
}  # fmt: skip
"""The anticancer drugs known here, without the requested one."""

SUPPORTIVE = frozenset({"ondansetron", "dexamethasone", "omeprazole", "leucovorin"})

HOME = frozenset({
    "metformin", "lisinopril", "atorvastatin", "amlodipine", "metoprolol", "losartan", "levothyroxine",
    "simvastatin", "gabapentin", "albuterol", "hydrochlorothiazide", "furosemide", "sertraline", "warfarin",
    "apixaban",
})  # fmt: skip
"""Medicines taken at home for something else."""

TREATMENTS = frozenset({"radiation_therapy", "surgery", "transplant", "radiotherapy", "stem_cell_transplant"})
"""What is done against a tumor and is no drug."""

NO_THERAPY = SUPPORTIVE | HOME
KNOWN = ANTICANCER | NO_THERAPY | TREATMENTS | {REQUESTED}

BRANDS = {
    "krazati": "adagrasib", "vectibix": "panitumumab", "erbitux": "cetuximab",
    "keytruda": "pembrolizumab", "lumakras": REQUESTED, "imfinzi": "durvalumab",
    "libtayo": "cemiplimab", "opdivo": "nivolumab", "tecentriq": "atezolizumab",
    "yervoy": "ipilimumab", "imjudo": "tremelimumab", "zofran": "ondansetron",
}  # fmt: skip

REGIMENS = {
    "folfox": ("fluorouracil", "oxaliplatin"),
    "folfiri": ("fluorouracil", "irinotecan"),
    "folfirinox": ("fluorouracil", "oxaliplatin", "irinotecan"),
    "nalirifox": ("fluorouracil", "oxaliplatin", "irinotecan"),
    "capox": ("capecitabine", "oxaliplatin"),
    "capeox": ("capecitabine", "oxaliplatin"),
}

STRENGTH = re.compile(
    r"\bauc\s*\d+|\b\d+(?:[.,]\d+)?\s*(?:mg/m2|mg/kg|mg|mcg|g|ml|units?)(?:/(?:day|ml))?\b"
    r"|\b(?:iv|po|sc|oral|intravenous|tablets?|capsules?|infusion|injection|daily)\b",
)
JOINTS = re.compile(r"[/+,;()]|\b(?:and|with|plus)\b")


def key(name: str) -> str:
    """A name in small letters, with one underscore for blanks and hyphens."""
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


@cache
def read(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The generic names that an entry of a list stands for, and what is left of it that is unknown."""
    text = re.sub("[®™]", "", name).lower()
    if key(text) in KNOWN | BRANDS.keys() | REGIMENS.keys():
        return _generic(key(text)), frozenset()
    parts = [key(part) for part in JOINTS.split(STRENGTH.sub(" ", text))]
    known: set[str] = set()
    for part in filter(None, parts):
        known |= _generic(part)
    return frozenset(known), frozenset(part for part in parts if part and not _generic(part))


def _generic(name: str) -> frozenset[str]:
    if name in REGIMENS:
        return frozenset(REGIMENS[name])
    generic = BRANDS.get(name, name)
    return frozenset({generic}) & KNOWN


def read_all(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The same of a whole list."""
    found = [read(name) for name in names]
    return (
        frozenset().union(*(known for known, _ in found)),
        frozenset().union(*(unknown for _, unknown in found)),
    )


# --- Diagnoses ----------------------------------------------------------------------------------

COVERED_OFF_LABEL = ("ampullary_adenocarcinoma", "pancreatic_adenocarcinoma", "small_bowel_adenocarcinoma")
COVERED = ("nsclc", "crc", *COVERED_OFF_LABEL)

WORDS = {
    "colon_adenocarcinoma": "crc", "rectal_adenocarcinoma": "crc", "appendiceal_adenocarcinoma": "crc",
    "lung_adenocarcinoma": "nsclc", "lung_squamous_cell_carcinoma": "nsclc",
}  # fmt: skip

CODE = re.compile(r"[A-Z][0-9][0-9A-Z](?:[._]?[0-9A-Z]{1,4})?", re.IGNORECASE)

ANYTHING = frozenset({*COVERED, "small_cell_lung_cancer", "another disease"})
"""What a code that says nothing of the diagnosis may stand beside."""

LUNG = frozenset({"nsclc", "small_cell_lung_cancer", "another tumor of the lung"})
BOWEL = frozenset({"crc", "another tumor of the large bowel"})
SMALL_BOWEL = frozenset({"small_bowel_adenocarcinoma", "another tumor of the small bowel"})
AMPULLA = frozenset({"ampullary_adenocarcinoma", "another tumor of the ampulla"})
PANCREAS = frozenset({"pancreatic_adenocarcinoma", "another tumor of the pancreas"})
NEUROENDOCRINE = frozenset({"a neuroendocrine tumor"})
OTHER_TUMOR = frozenset({"a tumor of another organ"})

CODES: dict[str, frozenset[str]] = {
    "C34": LUNG, "C18": BOWEL, "C19": BOWEL, "C20": BOWEL, "C17": SMALL_BOWEL, "C241": AMPULLA,
    "C25": PANCREAS, "C254": NEUROENDOCRINE, "C7A": NEUROENDOCRINE, "C": OTHER_TUMOR,
} | dict.fromkeys(
    ("C77", "C78", "C79", "C7B", "C24", "C248", "C249", "C26", "C76", "C80"), ANYTHING
) | {"C240": OTHER_TUMOR}  # fmt: skip
"""Beginnings of codes without their dots; the longest that fits counts, and none says nothing."""


def diseases(stated: str | list[str]) -> frozenset[str]:
    """The diseases that a diagnosis may be; of several words and codes what all of them may be."""
    if isinstance(stated, str):
        return _meaning(stated)
    said = [_meaning(name) for name in stated if _meaning(name) != ANYTHING]
    common = frozenset.intersection(*said) if said else ANYTHING
    if not common:
        raise ValueError(f"no disease is all of {stated}")
    return common


@cache
def _meaning(name: str) -> frozenset[str]:
    if not CODE.fullmatch(name):
        return frozenset({WORDS.get(name, name)})
    code = re.sub("[._]", "", name).upper()
    fitting = [beginning for beginning in CODES if code.startswith(beginning)]
    return CODES[max(fitting, key=len)] if fitting else ANYTHING
