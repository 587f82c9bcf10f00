"""Cases with something wrong in them, or strange, or only unusual; and bytes that may be anything."""

from __future__ import annotations

import datetime
import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.conftest import ROOT
from tests.fuzz import trees
from tests.fuzz.acceptance import (
    DAY,
    DIAGNOSES,
    DOCUMENT_TYPES,
    DRUG,
    FLAG,
    NAME,
    PARTIAL,
    REQUEST,
    STATED,
    STATUSES,
    TUMOR,
)
from tests.fuzz.trees import Pairs, Raw

NUMBERS = (
    "0", "-0", "1", "-1", "17", "18", "19", "29", "30", "960", "961", "120", "121", "960.0", "9.6e2",
    "1e3", "1E3", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "-Infinity", "0.1", "0.0001", "1.0005",
    "12.345", "99.999", "100.0000000000000000001", "2147483646", "2147483647", "2147483648",
    "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "1" + "0" * 40, "9" * 5000, "-" + "9" * 5000,
    "0." + "0" * 400 + "1", "1e308", "5e-324", "1e18", "34.99999999999999999999999",
)  # fmt: skip
"""Numbers as they may be written: at every edge, and past it."""

ODD = (
    "true", "false", "null", '""', '" "', '"true"', '"false"', '"yes"', '"960"', '"1e3"', '"null"',
    '"NaN"', "[]", "{}", "[[]]", "[null]", "[[[[[]]]]]", '[""]', "[true]", "[1]", '{"a": 1}',
    '["none"]', '"none"', '["N/A"]', '["metastatic"]', '"metastatic"', '["pembrolizumab"]',
)  # fmt: skip
"""Values that stand where others should."""

SPELLINGS = (
    "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00a0", "\u3000", "\u0000", "\u0007", "\u001b[31m",
    "\u0085", "\u2028", "\n", "\r", "\t", "\ud800", "\udfff", "\U0001f48a", "\u0301", "\u212a",
    "\u0130", "\u00df", "\ufb01", "\u0430", "\u03bf", "\uff11", "\u0661", "\u00ae", "\u2122", "\\",
    '"', "'",
    "%", ".", ";", ",", "(", ")", "{", "}", "[bold]", "$(id)", "../", "#include", "%*", "*%", "_", "-",
    "\x7f", "\u00ad", "\u180e", "\ue000", "\U000e0001", "\uffff",
)  # fmt: skip
"""What may get into a word: unseen, look-alike, broken, or of meaning to some program."""

DRUGS = (
    "sotorasib", "Lumakras", "KRAZATI", "adagrasib", "adagrasb", "pembrolizumab", "FOLFOX", "folfiri",
    "Carboplatin", " carboplatin ", "vectibix", "cetuximab", "ondansetron", "wonderdrug", "none",
    "None", "N/A", "-", "other(prior_therapies)", "herbal tea", "zzz", "carboplatin, pemetrexed",
    "leucovorin", "fluorouracil-leucovorin", "nab-paclitaxel", "Krazati™ 600 mg tablets BID",
    "carboplatin/zzdrug", "Keytruda (pembrolizumab)", "Keytruda (nivolumab)", "pembrolizumab cream",
    "docetaxel x 4 cycles", "radiation + cisplatin", "carboplatin (declined)", "FOLFOX + none",
)  # fmt: skip

DATES = (
    "2024-02-29", "2023-02-29", "2000-02-29", "1900-02-29", "0000-01-01", "0001-01-01", "9999-12-31",
    "2025-00-10", "2025-13-01", "2025-01-32", "2025-04-31", "2025-1-1", "20250101", "2025-01-01T00:00:00",
    "2025-01-01Z", " 2025-01-01", "2025-01-01 ", "2025-01-01\n", "01/02/2025", "\uff12025-01-01",
    "\u0662\u0660\u0662\u0665-01-01", "2025-W01-1", "2025-001", "-2025-01-01", "+2025-01-01", "2025",
    "2025-03", "2025-02", "2024", "1899-12-31", "1900", "2025-13", "2025-00", "0000", "9999", "2025-3",
    "2025-03-", "",
)  # fmt: skip

CODES = (
    "C34.90", "c34_90", "C3490", "C18.7", "C19", "C25.4", "C24.1", "C24.0", "C80.1", "Z85.118", "D02.2",
    "C7A.1", "U99.9", "C34.123456", "ICD-10: C34.11", "C34.90 (ruled out)", "t1a",
)  # fmt: skip

DISEASES = (*DIAGNOSES, "melanoma", "lung_adenocarcinoma", "lung_cancer", "colon_cancer", "pdac", "cancer")

TUMORS = ("lung", "Lung", "left  lung", "left-lung", "colon 2012", "2", "--", "")


@cache
def seeds() -> tuple[tuple[str, str], ...]:
    """The example cases: each name, and its text."""
    paths = sorted((ROOT / "examples" / "cases").rglob("*.json"))
    paths += sorted((ROOT / "examples" / "evidence").glob("*.json"))
    return tuple((path.stem, path.read_text(encoding="utf-8")) for path in paths)


def case_tree(rng: Random) -> Any:
    """An example with some changes: most often few, now and then none, at times many."""
    tree = trees.read(rng.choice(seeds())[1])
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 3, 5, 12))):
        tree = rng.choice(MUTATIONS)(tree, rng)
    return tree


def case_bytes(rng: Random) -> bytes:
    """A case file, changed within what JSON can say."""
    return encoded(case_tree(rng), rng)


def encoded(tree: Any, rng: Random) -> bytes:
    """A tree as bytes; broken characters are written as JSON's own escapes."""
    text = trees.write(tree, ascii_only=rng.random() < 0.3)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return trees.write(tree, ascii_only=True).encode("ascii")


def _somewhere(tree: Any, rng: Random) -> trees.Path | None:
    found = list(trees.places(tree))
    return rng.choice(found) if found else None


def _other_value(tree: Any, rng: Random) -> Any:
    path = _somewhere(tree, rng)
    if path is not None:
        text = rng.choice(NUMBERS if rng.random() < 0.5 else ODD)
        try:
            trees.put(tree, path, trees.read(text))
        except ValueError:
            trees.put(tree, path, Raw(text))
    return tree


def _other_type(tree: Any, rng: Random) -> Any:
    """The same value in another spelling or type, which is what a kind reader would take for it."""
    path = _somewhere(tree, rng)
    if path is None:
        return tree
    value = trees.value_at(tree, path)
    if isinstance(value, bool):
        new: Any = rng.choice((Raw(str(int(value))), str(value).lower(), str(value), [value], "yes"))
    elif isinstance(value, Raw):
        text = value.text
        new = rng.choice((text, Raw(f"{text}.0"), Raw(f"{text}e0"), [value], f"{text} ", Raw(f"-{text}")))
    elif isinstance(value, str):
        new = rng.choice(([value], value.upper(), f" {value}", f"{value} ", value.title(), f"{value}\n"))
    elif isinstance(value, list) and value and not isinstance(value, Pairs):
        new = rng.choice((value[0], [value], None, "; ".join(map(str, value)), Pairs([["0", value[0]]])))
    else:
        new = rng.choice((None, [], Pairs(), [value], ""))
    trees.put(tree, path, new)
    return tree


def _drop(tree: Any, rng: Random) -> Any:
    path = _somewhere(tree, rng)
    if path is not None:
        del trees.value_at(tree, path[:-1])[path[-1]]
    return tree


def _twice(tree: Any, rng: Random) -> Any:
    path = _somewhere(tree, rng)
    if path is not None:
        holder = trees.value_at(tree, path[:-1])
        holder.insert(rng.randrange(len(holder) + 1), trees.copied(holder[path[-1]]))
    return tree


def _swap(tree: Any, rng: Random) -> Any:
    one, other = _somewhere(tree, rng), _somewhere(tree, rng)
    if one is not None and other is not None:
        values = trees.copied(trees.value_at(tree, one)), trees.copied(trees.value_at(tree, other))
        if one[: len(other)] != other and other[: len(one)] != one:
            trees.put(tree, one, values[1])
            trees.put(tree, other, values[0])
    return tree


def _rename(tree: Any, rng: Random) -> Any:
    objects = [(), *(p for p in trees.places(tree) if isinstance(trees.value_at(tree, p), Pairs))]
    holder = trees.value_at(tree, rng.choice(objects))
    if isinstance(holder, Pairs) and holder:
        entry = rng.choice(holder)
        known = [*REQUEST, *STATED, "id", "type", "states", "status", "replaces", "request", "documents"]
        entry[0] = rng.choice((rng.choice(known), misspelled(entry[0], rng)))
    return tree


def _add_statement(tree: Any, rng: Random) -> Any:
    """A statement that is all right, or nearly."""
    found = [p for p in trees.places(tree) if isinstance(trees.value_at(tree, p), Pairs)]
    if found:
        name = rng.choice(list(STATED if rng.random() < 0.8 else REQUEST))
        trees.value_at(tree, rng.choice(found)).append([name, a_value(name, rng)])
    return tree


def a_value(name: str, rng: Random) -> Any:
    """A value that an attribute may have, or that is close to one."""
    kind: Any = {**REQUEST, **STATED}[name]
    if kind == FLAG:
        return rng.random() < 0.5
    if kind == NAME:
        words = [rng.choice(CODES if rng.random() < 0.4 else DISEASES) for _ in range(rng.choice((0, 1, 2)))]
        return words if rng.random() < 0.3 else (*words, "nsclc")[0]
    if kind in (DAY, PARTIAL):
        return a_day(rng, partial=kind == PARTIAL)
    if kind in (DRUG, TUMOR):
        return rng.choice(("adagrasib", "Krazati", *DRUGS[:4]) if kind == DRUG else TUMORS)
    fields = getattr(kind, "_fields", ())
    if "least" in fields and "most" in fields:
        if getattr(kind, "ranged", False) and rng.random() < 0.3:
            return Pairs([end, _number(kind, rng)] for end in rng.choice(ENDS))
        return _number(kind, rng)
    if "snake" in fields:
        pool = kind.names or (("codebreak100", "nct03600883", "x") if kind.snake else DRUGS)
        return [rng.choice(pool) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    return rng.choice(kind.names)


ENDS = (
    ("at_least",), ("at_least",), ("at_most",), ("at_least", "at_most"), ("at_most", "at_least"), (),
    ("at_least", "at_least"), ("at_least", "below"),
)  # fmt: skip


def _number(kind: Any, rng: Random) -> Raw:
    near = (kind.least - 1, kind.least, kind.least + 1, kind.most, kind.most + 1, 18, 30)
    return Raw(str(rng.choice(near)) + rng.choice(("", "", "", "", ".5", ".0")))


def a_day(rng: Random, partial: bool = False) -> str:
    """A day about the time of the examples, or long before; a month or year; or what is none."""
    if rng.random() < 0.15:
        return rng.choice(DATES)
    day = datetime.date(2024, 6, 30) + datetime.timedelta(days=rng.randrange(400))
    told = str(day.replace(year=rng.choice((1950, 2007, day.year, day.year, day.year)), day=min(day.day, 28)))
    return told[: rng.choice((10, 10, 7, 4))] if partial else told


def _add_document(tree: Any, rng: Random) -> Any:
    documents = tree.get("documents") if isinstance(tree, Pairs) else None
    if isinstance(documents, list) and not isinstance(documents, Pairs):
        states = Pairs()
        for name in rng.sample(list(STATED), rng.randrange(5)):
            states.append([name, a_value(name, rng)])
        day = a_day(rng, partial=rng.random() < 0.4)
        parts = {"type": rng.choice(sorted(DOCUMENT_TYPES)), "date": day, "states": states}
        name = rng.choice((f"added {rng.randrange(1000)}", "visit", "panel"))
        documents.append(Pairs([["id", name], *map(list, parts.items())]))
    return tree


def _about_document(tree: Any, rng: Random) -> Any:
    """Something said of a document itself: its status, its tumor, what it replaces."""
    documents = [paper for paper in trees.members(_documents(tree)) if isinstance(paper, Pairs)]
    if documents:
        names = [paper.get("id") for paper in documents]
        key = rng.choice(("status", "replaces", "replaces", "tumor"))
        known = {"status": STATUSES, "replaces": (*names, *names, "nobody"), "tumor": TUMORS}
        rng.choice(documents).append([key, trees.copied(rng.choice(known[key]))])
    return tree


def _documents(tree: Any) -> Any:
    return tree.get("documents") if isinstance(tree, Pairs) else None


def _about_request(tree: Any, rng: Random) -> Any:
    """The day, the drug or the tumor of the request."""
    form = tree.get("request") if isinstance(tree, Pairs) else None
    if isinstance(form, Pairs):
        name = rng.choice(("date", "date", "drug", "tumor"))
        form[:] = [entry for entry in form if entry[0] != name]
        form.append([name, a_value(name, rng)])
    return tree


def _other_date(tree: Any, rng: Random) -> Any:
    found = [p for p in trees.places(tree) if _is_date(trees.value_at(tree, p))]
    if found:
        path = rng.choice(found)
        near = _days_off(trees.value_at(tree, path), rng.choice((-366, -365, -1, 1, 365)))
        trees.put(tree, path, rng.choice((rng.choice(DATES), near)))
    return tree


def _days_off(day: str, days: int) -> str:
    try:
        return str(datetime.date.fromisoformat(day) + datetime.timedelta(days=days))
    except (ValueError, OverflowError):
        return day


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and value[4:8:3] == "--"


def misspelled(word: str, rng: Random) -> str:
    """A word with a letter more, less or other than it should have, or something unseen in it."""
    at = rng.randrange(len(word) + 1)
    return rng.choice((
        word[:at] + word[at + 1 :],
        word[:at] + rng.choice("aeiostx_ -.") + word[at:],
        word[:at] + rng.choice(SPELLINGS) + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        word.upper(), word * rng.choice((2, 30, 300)), "", rng.choice(SPELLINGS) * rng.choice((1, 3)),
    ))  # fmt: skip


def _misspell(tree: Any, rng: Random) -> Any:
    found = [p for p in trees.places(tree) if isinstance(trees.value_at(tree, p), str)]
    if found:
        path = rng.choice(found)
        drug = rng.random() < 0.3
        word = rng.choice(DRUGS) if drug else trees.value_at(tree, path)
        trees.put(tree, path, word if drug and rng.random() < 0.6 else misspelled(word, rng))
    return tree


def _grow(tree: Any, rng: Random) -> Any:
    """Very much of something."""
    found = [p for p in trees.places(tree) if isinstance(trees.value_at(tree, p), list)]
    if not found or rng.random() < 0.6:
        return tree
    holder = trees.value_at(tree, rng.choice(found))
    times = rng.choice((10, 50, 300, 1500))
    if isinstance(holder, Pairs):
        holder.extend([f"key {number}", True] for number in range(times))
    elif holder:
        grown = [trees.copied(rng.choice(holder)) for _ in range(times)]
        for number, entry in enumerate(grown):
            if isinstance(entry, Pairs) and rng.random() < 0.9:
                entry[:] = [[key, f"d{number}" if key == "id" else old] for key, old in entry]
            elif isinstance(entry, str) and rng.random() < 0.2:
                grown[number] = f"{entry} {number}"
        holder.extend(grown)
    return tree


def _deepen(tree: Any, rng: Random) -> Any:
    path = _somewhere(tree, rng)
    if path is not None and rng.random() < 0.4:
        deep = rng.choice((2, 6, 50, 900, 5000, 100_000))
        open_, close = rng.choice((("[", "]"), ('{"a":', "}")))
        inside = "1" if open_ != "[" else ""
        trees.put(tree, path, Raw(open_ * deep + inside + close * deep))
    return tree


def _shuffle(tree: Any, rng: Random) -> Any:
    return shuffled(tree, rng)


def shuffled(tree: Any, rng: Random) -> Any:
    """The case with its documents, and the keys of its objects, in another order: the same case."""
    tree = trees.copied(tree)
    if isinstance(tree, Pairs):
        documents = tree.get("documents")
        for holder in (tree, tree.get("request"), documents, *trees.members(documents)):
            if isinstance(holder, list):
                rng.shuffle(holder)
        for paper in trees.members(documents):
            states = paper.get("states") if isinstance(paper, Pairs) else None
            if isinstance(states, Pairs):
                rng.shuffle(states)
    return tree


def _another_root(tree: Any, rng: Random) -> Any:
    if rng.random() < 0.8:
        return tree
    return rng.choice(([tree], Pairs([["case", tree]]), "text", None, True, Raw("1"), [], Pairs()))


Mutation = Callable[[Any, Random], Any]

MUTATIONS: tuple[Mutation, ...] = (
    _other_value, _other_type, _drop, _twice, _swap, _rename, _add_statement, _add_statement,
    _add_document, _add_document, _about_document, _about_document, _about_request, _other_date,
    _misspell, _misspell, _grow, _deepen, _shuffle, _another_root,
)  # fmt: skip


def broken(data: bytes, rng: Random) -> bytes:
    """Bytes that were cut, flipped, doubled, encoded otherwise or packed."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(BREAKS)(data, rng)
    return data


def _flip(data: bytes, rng: Random) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if made:
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)


def _replace(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = rng.choice((
        b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x92\x8a", b"\xef\xbb\xbf", b"\\ud83d",
        b"\\u0000",
        b"\\x41", b'"', b"{", b"}", b"[", b"]", b",", b":", b"//", b"/*", b"\n", b"\r", b"\x1a",
        b"\xc0\x80", b"1e",
    ))  # fmt: skip
    return data[:at] + piece + data[at + rng.choice((0, 1)) :]


def _cut(data: bytes, rng: Random) -> bytes:
    start, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return rng.choice((data[:start], data[end:], data[:start] + data[end:]))


def _repeat(data: bytes, rng: Random) -> bytes:
    start, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:end] + data[start:end] * rng.choice((1, 1, 5)) + data[end:]


def _encode(data: bytes, rng: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    name = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp1252", "cp037"))
    return text.encode(name, "replace")


def _pack(data: bytes, rng: Random) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def _ends(data: bytes, rng: Random) -> bytes:
    end = rng.choice((b"\r\n", b"\r", b"\n\n", b"\x00", b"\xe2\x80\xa8"))
    return data.replace(b"\n", end) + rng.choice((b"", end, b"{}", b"null", b"\x00" * 50, b"x"))


BREAKS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _flip, _replace, _replace, _replace, _cut, _repeat, _encode, _pack, _ends,
)  # fmt: skip


def bytes_input(rng: Random) -> bytes:
    """A case file as bytes, broken; or bytes of nothing in particular."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.choice((0, 1, 2, 20, 500)))
    text = rng.choice(seeds())[1]
    if rng.random() < 0.5:
        text = json.dumps(json.loads(text))
    return broken(text.encode("utf-8"), rng)


def written(folder: Path, name: str, data: bytes) -> Path:
    """A file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path
