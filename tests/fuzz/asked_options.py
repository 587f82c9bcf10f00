"""Command lines: every one ends with a code that is documented, and says why in plain lines."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.conftest import POLICIES, ROOT
from tests.fuzz.command import DOCUMENTED, ran
from tests.fuzz.findings import Findings
from tests.fuzz.mutations import SPELLINGS, bytes_input, case_bytes, misspelled, seeds

CASES = ROOT / "examples" / "cases"

ON_CASES: dict[str, tuple[str, ...]] = {
    "decide": ("--full", "--json", "--first", "--all-interpretations", "--judged-by", "--interpret", "--policy"),  # noqa: E501
    "explain": ("--full", "--json", "--format", "--judged-by", "--interpret", "--policy"),
    "missing": ("--json", "--first", "--count", "--sample", "--seed", "--interpret", "--policy"),
    "facts": ("--policy",),
    "repairs": ("--json", "--first", "--resolving", "--no-resolving", "--interpret", "--policy"),
    "reasons": ("--json", "--first", "--interpret", "--policy"),
    "ask": ("--json", "--by", "--without", "--interpret", "--policy"),
    "evidence": ("--json", "--full", "--plot", "--interpret", "--policy"),
    "what-if": (
        "--set", "--unset", "--without-document", "--add-document", "--interpret", "--from-interpret", "--each",
        "--sweep", "--json", "--first", "--policy",
    ),
}  # fmt: skip
"""Commands that take case files, with their options."""

ON_POLICIES: dict[str, tuple[str, ...]] = {
    "schema": ("--policy",),
    "policies": ("--json",),
    "check": ("--interpret", "--format", "--json", "--fail-on", "--brief"),
    "compare": ("--interpret", "--other-interpret", "--format", "--json", "--exit-code", "--brief"),
    "check-evidence": ("--json", "--full", "--exit-code"),
}
"""Commands that take names of policies, of studies or of answers."""

ON_FILES: dict[str, tuple[str, ...]] = {
    "batch": (
        "--policy", "--interpret", "--statuses", "--missing", "--strict", "--rejects", "--chunk",
        "--overwrite", "--restart", "--json",
    ),
    "impact": (
        "--from", "--to", "--from-interpret", "--to-interpret", "--out", "--plot", "--format", "--json",
        "--examples", "--chunk",
    ),
}  # fmt: skip
"""Commands that take files of cases, which the extra `batch` reads."""

SOURCES = (
    "in.csv", "in.jsonl", "in.jsonl", "in.parquet", "in.txt", "", ".", "nowhere.csv", "-", "in.csv.gz",
    "a\x00b.csv", "/dev/null", "IN.CSV",
)  # fmt: skip

TARGETS = (
    "out.csv", "out.jsonl", "out.parquet", "out.csv.gz", "out", "", ".", "in.csv", "nowhere/out.csv",
    "out.txt", "a\x00b.csv", "x" * 300 + ".csv", "-", "/out.csv/x.csv",
)  # fmt: skip

FLAGS = {
    "--statuses", "--missing", "--strict", "--overwrite", "--restart",
    "--full", "--json", "--all-interpretations", "--count", "--resolving", "--no-resolving", "--each", "--brief",  # noqa: E501
    "--exit-code", "--help", "--version",
}  # fmt: skip

NUMBERS = (
    "0", "1", "3", "-1", "1.5", "1e3", "", "x", "2147483648", "99999999999999999999", "\u0663",
    "1_0",
)  # fmt: skip

INTERPRETATIONS = (
    "prior_therapy_scope=appendix_b", "advanced_disease=as_named", "stable_disease_is_response=no", "x=y",
    "prior_therapy_scope=x", "=", "a=", "=b", "", "prior_therapy_scope", "prior_therapy_scope=appendix_b=x",
    "continuation_30_days=both_limbs", "continuation_30_days=second_limb", "PRIOR_THERAPY_SCOPE=appendix_b",
)  # fmt: skip

POLICY_NAMES = (
    "cp_phar_549", "cp_phar_54", "CP_PHAR_549", "", ".", "..", "/", "nowhere", "policy.lp", "a\x00b",
    "x" * 5000,
    str(POLICIES / "severe_asthma"), str(POLICIES / "severe_asthma" / "policy.lp"), str(POLICIES / "small"),
    "../cp_phar_549", "-", "~", "*", "/dev/null", "cp_phar_549/", "\udcff", "\u202epolicy",
)  # fmt: skip

SET = (
    "age=17", "age=", "age=true", "age=18.0", "age=1e3", "=1", "age", "", "diagnosis=nsclc",
    "diagnosis=C34",
    "dose_mg_per_day=2147483648", "prior_therapies=[]", "prior_therapies=a;b",
    'prior_therapies=["KRAZATI"]',
    "prior_therapies=[1]", "kras_g12c=1", "kras_g12c=true", "kras_g12c=TRUE", "type=continuation", "x=1",
    "tmb_per_megabase=9.9999", "age=9" + "9" * 5000, "disease_extent=[]",
    "age=[" * 500, "dose_increase=true",
)  # fmt: skip

SWEEPS = (
    "age", "age=0..120", "age=0..2147483647", "age=5..1", "age=a..b", "age=-5..5", "diagnosis",
    "diagnosis=1..2",
    "prior_therapies", "kras_g12c", "tmb_per_megabase", "x", "", "dose_mg_per_day=1..99999999999999999999",
    "age=0..120..5", "disease_extent", "concurrent_drugs", "age=18", "age=..", "days_on_therapy=29..30",
)  # fmt: skip

WORDS = (
    "text", "markdown", "json", "JSON", "compiled", "clingo", "requests", "sets", "cost", "error", "never",
    "",
    "chart_note", "molecular_report", "age", "diagnosis", "case", "decision", "codebreak100", "missing",
    "-x",
)  # fmt: skip


GOOD: dict[str, tuple[str, ...]] = {
    "--first": ("0", "1", "3"),
    "--chunk": ("1", "2", "100000"),
    "--examples": ("0", "2"),
    "--sample": ("1", "3"),
    "--seed": ("7",),
    "--policy": ("cp_phar_549",),
    "--interpret": INTERPRETATIONS[:3],
    "--from-interpret": INTERPRETATIONS[:3],
    "--to-interpret": INTERPRETATIONS[:3],
    "--other-interpret": INTERPRETATIONS[:3],
    "--format": ("text", "markdown", "json"),
    "--judged-by": ("compiled", "clingo"),
    "--by": ("requests", "sets", "cost"),
    "--without": ("chart_note", "molecular_report"),
    "--fail-on": ("error", "never"),
    "--set": ("age=17", "kras_g12c=false", "diagnosis=crc"),
    "--unset": ("age", "diagnosis", "prior_therapies"),
    "--without-document": ("note", "panel"),
    "--sweep": ("age", "diagnosis", "dose_mg_per_day", "concurrent_drugs"),
    "--add-document": ("-",),
}
"""Values that options can have, of which most are given: else nearly every command is refused."""


class CommandLine(list[str]):
    """A command with its options, and what stands on standard input."""

    given: bytes = b""


def made(rng: Random) -> CommandLine:
    """A command line: a command, and options with values that it may take, or that are near these."""
    known = [ON_CASES] * 4 + [ON_POLICIES] + ([ON_FILES] if find_spec("pyarrow") else [])
    kinds = rng.choice(known)
    command = rng.choice(list(kinds))
    if command in ("check", "compare") and rng.random() < 0.5:
        command = "schema"
    made = CommandLine([command])
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        pool = kinds[command] if rng.random() < 0.9 else ("--help", "--policy", "--nothing", "-h", "--version")
        made += _option(rng.choice(pool), rng)
    if command == "what-if" and rng.random() < 0.6:
        made += ["--set", rng.choice(GOOD["--set"])]
    made += _arguments(command, rng)
    if rng.random() < 0.1:
        at = rng.randrange(len(made))
        made[at] = misspelled(made[at], rng)
    made.given = case_bytes(rng) if rng.random() < 0.5 else bytes_input(rng)
    return made


def _option(option: str, rng: Random) -> list[str]:
    if option in FLAGS:
        return [option]
    if option == "--add-document":
        return [option, rng.choice((_case(rng), "-", "", "nowhere.json"))]
    if option in ("--from", "--to") and rng.random() < 0.7:
        return [option, "cp_phar_549"]
    if option in ("--rejects", "--out"):
        return [option, rng.choice(TARGETS)]
    if option == "--plot":
        return [option, rng.choice(("x.svg", "x.png", "x.pdf", "", "nowhere/x.svg"))]
    if option in GOOD and rng.random() < 0.6:
        return [option, rng.choice(GOOD[option])]
    pools = {
        "--first": NUMBERS, "--chunk": NUMBERS, "--examples": NUMBERS, "--sample": NUMBERS,
        "--seed": NUMBERS, "--policy": POLICY_NAMES,
        "--from": POLICY_NAMES, "--to": POLICY_NAMES, "--to-interpret": INTERPRETATIONS,
        "--interpret": INTERPRETATIONS, "--from-interpret": INTERPRETATIONS, "--other-interpret": INTERPRETATIONS, "--set": SET,  # noqa: E501
        "--sweep": SWEEPS,
    }  # fmt: skip
    return [option, rng.choice(pools.get(option, WORDS))]


def _arguments(command: str, rng: Random) -> list[str]:
    if command in ON_CASES:
        number = 1 if command == "what-if" else rng.choice((0, 1, 1, 1, 2, 3))
        return [_case(rng) for _ in range(number)]
    if command == "impact":
        needed = ["--from", "cp_phar_549", "--to", "cp_phar_549"] if rng.random() < 0.7 else []
        return [rng.choice(SOURCES), *needed]
    if command == "batch":
        return [rng.choice(SOURCES), rng.choice(TARGETS)]
    if command == "policies":
        return []
    pools = {
        "compare": ("cp_phar_549", str(POLICIES / "severe_asthma"), *POLICY_NAMES),
        "check": (str(POLICIES / "severe_asthma"), *POLICY_NAMES[1:]),
    }
    pool = pools.get(command, (*WORDS, *POLICY_NAMES))
    return [rng.choice(pool) for _ in range(2 if command == "compare" else rng.choice((0, 1)))]


def _case(rng: Random) -> str:
    if rng.random() < 0.75:
        return str(rng.choice(sorted(CASES.rglob("*.json"))))
    odd = (
        "-",
        "",
        ".",
        "/",
        "nowhere.json",
        "a\x00b",
        "/dev/null",
        "x" * 300,
        str(ROOT / "README.md"),
    )
    return rng.choice((*odd, f"{rng.choice(SPELLINGS)}.json", str(ROOT / "asp" / "decide.lp")))


def check(line: CommandLine, folder: Path, findings: Findings) -> None:
    """Run a command line, in a folder with files of cases."""
    (folder / "in.csv").write_bytes(b"id,type,age\n1,initial,18\n2,,\n")
    lines = [json.dumps(json.loads(text)) for _, text in seeds()[:3]]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "in.parquet").write_bytes(b"PAR1")
    with findings.guarded("running a command"):
        done = ran(list(line), folder, line.given)
        findings.answer = f"exit {done.code}"
        findings.hold(done.code in DOCUMENTED, "exit code", f"{line[0]}: {done.code}", done.errors)
        for text in (done.output, done.errors):
            findings.hold("Traceback" not in text, "traceback", line[0], text[-1500:])
            findings.hold("defect:" not in text, "defect", f"{line[0]}: {text[:80]}", text)
        # The first line of the option reader's own words for what it does not know.
        if done.errors and not done.errors.startswith("Usage:"):
            findings.message(done.errors, f"running {line[0]}")
        if done.code == 2:
            findings.hold(bool(done.errors.strip()), "message", f"{line[0]}: says nothing")
