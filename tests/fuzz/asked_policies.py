"""Policies with something wrong in them: loaded and then sound, or refused with a place."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from pyclingo_bridge import Case, CaseError, Policy, PolicyError, check_policy
from tests.conftest import POLICIES, ROOT
from tests.fuzz.findings import Findings
from tests.fuzz.mutations import SPELLINGS, broken, misspelled

GOOD = ROOT / "tests" / "reports" / "authoring" / "good"
ASTHMA = POLICIES / "severe_asthma"

EDGES = (
    "-1", "0", "1", "2147483647", "2147483648", "-2147483648", "4294967296", "99999999999999999999",
    "18.5", '"18"', "1e3", "0x12", "#sup", "#inf", "-5", "X", "_", "18-1", "2147483647+1", "1..3", "1/0",
)  # fmt: skip

ADDITIONS = (
    "n(0). n(X+1) :- n(X), X < 1000.", "n(1..5000).", "p(X,Y) :- X = 1..60, Y = 1..60.", ":- not nothing.",
    "{chosen}.", "a :- not b. b :- not a.", "#show.", "#const limit = 3.", "#external open.",
    "#script (python)\nimport os\n#end.", "#script (lua)\n#end.", '#include "policy.lp".',
    '#include "nowhere.lp".', '#include "/dev/null".', "%* a comment", "*%", "% #include", "#program other.",
    'criterion("Z", "nothing").', 'requires("Z", yes(nothing)).', "attribute(extra, stable).",
    "domain(age, flag).", "attribute(age, stable).", 'section("A", 2).', 'requires("A", "A").', "label(1, 2).",
    "#minimize{1:a}.", "#sum{1:a} > 2.", "a(f(g(h(1)))).", 'a("\\n").', 'a("\\x").', "#defined q/1.", "&t{}.",
    "drug(drug_y). stands_for(drug_x, drug_y).", "stands_for(a, b). stands_for(b, a).", "-p(1).",
    "also_states(responding, true, responding, false).", "only_with(type, initial, type, continuation).",
    "concludes(D, age, N+2147483647) :- states(D, weight_kg, N).", "minimum(age, 5). maximum(age, 4).",
    'requires("A.1", at_least(age, N)) :- N = 1..20.', "p(@now()).", "p(1;2,3).", "p :- q(X).", "p(X).",
)  # fmt: skip

HOSTILE = (
    'requires("A.1", at_least(age, N)) :- N = 1..400.',
    "n(0). n(X+1) :- n(X).", "n(f(X)) :- n(X). n(0).", "n(1..2000000000).",
    "p(A,B,C,D) :- A = 1..999, B = 1..999, C = 1..999, D = 1..999.", '#include "/dev/zero".',
    "n(" + "f(" * 200_000 + "1" + ")" * 200_000 + ").",
)  # fmt: skip
"""What never ends, or never would in any memory."""

Files = dict[str, bytes]


def made(rng: Random, hostile: bool = False) -> Files:
    """The files of a policy's folder, some statements of which were changed."""
    folder = rng.choice((GOOD, ASTHMA))
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.lp"))}
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 3, 6))):
        name = rng.choice([*files, "policy.lp"])
        lines = files[name].decode("utf-8", "replace").split("\n")
        files[name] = "\n".join(_changed(lines, rng)).encode("utf-8", "surrogatepass")
    if hostile:
        name = rng.choice(list(files))
        files[name] += f"\n{rng.choice(HOSTILE)}\n".encode()
    elif rng.random() < 0.08:
        name = rng.choice(list(files))
        files[name] = broken(files[name], rng)
    if rng.random() < 0.03:
        del files[rng.choice(list(files))]
    return files


def _changed(lines: list[str], rng: Random) -> list[str]:
    at = rng.randrange(len(lines))
    line = lines[at]
    match rng.randrange(12):
        case 0:
            return lines[:at] + lines[at + 1 :]
        case 1:
            return [*lines[:at], line, *lines[at:]]
        case 2 | 3:
            line = _other_word(line, rng)
        case 4:
            line = _swapped(line, rng)
        case 5 | 6:
            line = re.sub(r"\b[0-9]+\b", lambda _: rng.choice(EDGES), line, count=1)
        case 7:
            line = rng.choice((line.replace('"', "", 1), line.replace(".", "", 1), line.replace(")", "", 1)))
        case 8:
            line = _pooled(line, rng)
        case 9:
            other = rng.randrange(len(lines))
            lines = list(lines)
            lines[at], lines[other] = lines[other], lines[at]
            return lines
        case 10:
            place = rng.randrange(len(line) + 1)
            line = line[:place] + rng.choice((*SPELLINGS, *EDGES)) + line[place:]
        case _:
            return [*lines[:at], rng.choice(ADDITIONS), *lines[at:]]
    return [*lines[:at], line, *lines[at + 1 :]]


def _other_word(line: str, rng: Random) -> str:
    words = list(re.finditer(r"[A-Za-z_][A-Za-z0-9_.]*", line))
    if not words:
        return line
    word = rng.choice(words)
    new = misspelled(word.group(), rng) if rng.random() < 0.6 else rng.choice(words).group()
    return line[: word.start()] + rng.choice((new, new, new.title(), f'"{new}"')) + line[word.end() :]


def _swapped(line: str, rng: Random) -> str:
    """The arguments of a statement in another order, or one fewer, or one more."""
    found = re.search(r"\(([^()]*)\)", line)
    if not found:
        return line
    arguments = [piece.strip() for piece in found.group(1).split(",")]
    rng.shuffle(arguments)
    rng.choice((lambda: None, arguments.pop, lambda: arguments.append(arguments[0])))()
    return line[: found.start(1)] + ", ".join(arguments) + line[found.end(1) :]


def _pooled(line: str, rng: Random) -> str:
    words = list(re.finditer(r'[a-z_][a-z0-9_]*(?=[,)])|"[^"]*"(?=[,)])', line))
    if not words:
        return line
    word = rng.choice(words)
    other = rng.choice((*(entry.group() for entry in words), "other", "1"))
    return f"{line[: word.start()]}({word.group()}; {other}){line[word.end() :]}"


def check(files: Files, rng: Random, folder: Path, findings: Findings) -> None:
    """Load a policy, and, where it loads, decide cases by it in both ways."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    policy = None
    with findings.guarded("loading a policy"):
        try:
            policy = Policy.load(folder)
        except PolicyError as error:
            findings.answer = "refused"
            findings.message(str(error), "loading a policy")
            if not re.search(r"\.lp\b", str(error)) and str(folder) not in str(error):
                findings.add("message", f"no place: {_anonymous(error.faults[0][1])}", error)
    if policy is None:
        return
    findings.answer = "loaded"
    with findings.guarded("deciding by a policy"):
        other = Policy.load(folder, judged_by="clingo")
        for data in _cases():
            _both(policy, other, data, findings)
    if rng.random() < 0.2:
        with findings.guarded("checking a policy"):
            check_policy(folder)


def _anonymous(text: str) -> str:
    return re.sub(r"`.*?`|\".*?\"|\d+", "..", text)[:40]


def _both(policy: Policy, other: Policy, data: Any, findings: Findings) -> None:
    try:
        case = Case.from_json(json.dumps(data), "case.json", policy.vocabulary)
    except CaseError as error:
        findings.message(str(error), "a case for a policy", "case.json")
        return
    try:
        one = policy.decide(case)
    except CaseError as error:
        findings.message(str(error), "deciding by a policy")
        return
    two = other.decide(case)
    text, again = one.model_dump_json(), two.model_dump_json()
    findings.equal(text, again, "judges", "compiled and clingo differ")
    sets = [list(islice(each.missing(case), 4)) for each in (policy, other)]
    findings.hold(sets[0] == sets[1], "judges", "their missing sets differ", sets)
    lacking = one.denial_kind == "insufficient_documentation"
    findings.hold(bool(sets[0]) is lacking, "missing sets", "there iff documentation is insufficient", text)


@cache
def _cases() -> list[Any]:
    """Cases for either policy; each is refused by the other one."""
    gout = json.loads((GOOD / "case.json").read_text(encoding="utf-8"))
    found = [gout, {**gout, "documents": []}]
    found.append({**gout, "request": {**gout["request"], "dose_increase": True, "type": "continuation"}})
    states = gout["documents"][0]["states"]
    for told in ({"age": 17}, {"age": 18}, {"weight_kg": 39.999}, {"diagnosis": "other"}):
        papers = [{**gout["documents"][0], "states": {**states, **told}}]
        found.append({**gout, "documents": papers})
    asthma: dict[str, Any] = {
        "condition": "asthma", "years": 6, "eosinophils": 300, "controllers": ["inhaled_steroid"],
        "smoker": False,
    }  # fmt: skip
    changes: tuple[dict[str, Any], ...] = (
        {}, {"years": 5}, {"condition": "copd"}, {"controllers": ["biologic"]}, {"smoker": True},
    )  # fmt: skip
    for change in changes:
        paper = {"id": "d", "type": "visit", "date": "2024-05-01", "states": {**asthma, **change}}
        found.append({"id": "asthma", "request": {}, "documents": [paper]})
    found.append({"id": "asthma", "request": {}, "documents": []})
    return found
