"""How cost grows with the number of cases, with a policy's criteria, and with the number of missing sets.

    python -m benchmarks.growth [--cases N...] [--criteria N...] [--groups N...]

Cases: batches of CP.PHAR.549 through `Policy.decide_batch`, in chunks of which eight stand ready and take
turns, so that memory stays bounded however many cases there are; every outcome is
compared with what clingo makes of its row. Criteria: made policies of any size, their answers held to a
walk of the tree in plain Python. Missing sets: policies of groups of ten alternatives, so that 10 to the
number of groups missing sets are known to be there. What is compiled or grounded once is told apart
from what a case takes; a case that is timed has not been seen before.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa

from benchmarks.peers.batch import outcomes
from benchmarks.peers.cases import task
from benchmarks.peers.large import case, counted, timed
from benchmarks.peers.reading import read_rules
from benchmarks.peers.rows import Flattener, Row
from benchmarks.peers.rules import POLICY, Rules
from benchmarks.peers.tables import base_table, places
from benchmarks.peers.walk import Walk
from benchmarks.policies import write_policy
from pyclingo_bridge import Case, MissingSet, Policy
from tests.synthetic import write_choices

CASES = [10**power for power in range(3, 9)]
CRITERIA = [30, 300, 3_000]
GROUPS = [1, 2, 3, 4, 5, 8, 12, 16, 26, 52]
CHUNK, READY = 262_144, 8
ROWS, SINGLE = 500, 200


def peak_mb() -> float:
    """The most memory that the process had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- Cases ----------------------------------------------------------------------------------------


def cases(sizes: Iterable[int], chunk: int = CHUNK) -> Iterable[str]:
    """A line for each number of cases."""
    decide = outcomes(Policy.load(POLICY))
    work = task(1, ROWS)
    entries = work["rounds"][0]
    base = base_table(Rules.of(work["rules"]), [entry["row"] for entry in entries])
    expected = pa.array([entry["outcome"] for entry in entries])
    ready = []
    for seed in range(READY):
        where = places(entries, chunk, seed)
        ready.append((base.take(where).combine_chunks(), expected.take(where)))
    decide(ready[0][0].slice(0, 1_000))
    for size in sizes:
        taken = 0.0
        parts = islice(cycle(ready), -(-size // chunk))
        for number, (table, wanted) in enumerate(parts):
            rows = min(chunk, size - number * chunk)
            start = time.perf_counter()
            found = decide(table.slice(0, rows))
            taken += time.perf_counter() - start
            answered = found["outcome"].combine_chunks().cast(pa.string())
            assert answered.equals(wanted.slice(0, rows))
        yield (
            f"{size:>13,} cases {taken:10.3f} s {taken / size * 1e9:10.1f} ns a case, "
            f"peak memory {peak_mb():6.0f} MB"
        )


# --- Criteria -------------------------------------------------------------------------------------


def made_row(rng: random.Random, rules: Rules, sections: int) -> Row:
    """A row of a made policy: mostly what its section asks for, now and then not, or not stated."""
    section = rng.randrange(sections)
    row: Row = {}
    for name, (_, domain) in rules.attributes.items():
        if domain == "flag":
            row[name] = rng.choices((True, False, None), (18, 1, 1))[0]
        elif domain == "whole_number":
            row[name] = rng.choice((12, 29, 30, 50, 85, 91, None))
    row["kind"] = rng.choice(("first", "again"))
    row["disease"] = rng.choice((f"disease_{section}",) * 4 + ("none_of_these", None))
    row["drugs_before"] = rng.choice(([f"drug_{section}"],) * 4 + ([], None))
    row["all_told"] = rng.choice((True, False)) if row["drugs_before"] is not None else None
    return row


def criteria(sizes: Iterable[int]) -> Iterable[str]:
    """Some lines for each number of criteria."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = write_policy(Path(folder) / "made", size)
            yield from of_policy(made.folder, size)


def of_policy(folder: Path, size: int) -> Iterable[str]:
    """What one made policy takes."""
    rules = read_rules(folder, sets=False)
    rng = random.Random(1)
    rows = [made_row(rng, rules, size // 10) for _ in range(2 * SINGLE)]
    walk = Walk(rules)
    wanted = walk.answers(walk.prepare(rows))
    loaded, policy = timed(lambda: Policy.load(folder))
    flattener = Flattener(policy, rules)
    asked = [flattener.checked_case(row, str(place)) for place, row in enumerate(rows)]
    first, _ = timed(lambda: policy.decide(asked[0]))
    for one in asked[:SINGLE]:
        policy.decide(one)
    taken, found = timed(lambda: [policy.decide(one) for one in asked[SINGLE:]])
    told = [(one.outcome, {name: x.status for name, x in one.criteria.items()}) for one in found]
    assert told == wanted[SINGLE:]
    start = f"{size:>13,} criteria"
    yield f"{start}  load {loaded:10.1f} ms, the first decision {first:10.1f} ms more"
    yield f"{start}  a decision {taken / SINGLE * 1000:10.1f} us, case to decision"
    decide = outcomes(policy)
    where = places(rows, CHUNK, 1)
    table = base_table(rules, rows).take(where).combine_chunks()
    expected = pa.array([outcome for outcome, _ in wanted])
    decide(table.slice(0, 1_000))
    batch, answers = timed(lambda: decide(table))
    assert answers["outcome"].combine_chunks().cast(pa.string()).equals(expected.take(where))
    yield f"{start}  a batch {batch / CHUNK * 1e6:10.1f} ns a case"


# --- Missing sets ---------------------------------------------------------------------------------


def missing_sets(groups: Iterable[int]) -> Iterable[str]:
    """A line for each number of groups of ten alternatives."""
    for number in groups:
        with tempfile.TemporaryDirectory() as folder:
            # One group more is resolved by what the case documents: the case is new to the policy,
            # which has met the flag, but not as true.
            policy = Policy.load(write_choices(Path(folder), number + 1, 10))
        counted(policy.missing(case(policy, f"f_{number}_4")))
        taken, (count, cheapest) = once(policy, case(policy, f"f_{number}_4", truth=True))
        assert count == 10**number
        assert cheapest[0].cost == number
        yield f"{'10^' + str(number):>13} sets  counted, ten cheapest {taken:10.2f} ms"


def once(policy: Policy, one: Case) -> tuple[float, tuple[int, list[MissingSet]]]:
    """Milliseconds of counting the missing sets of a case and listing the ten cheapest, and both."""
    return timed(lambda: counted(policy.missing(one)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="*", default=CASES)
    parser.add_argument("--criteria", type=int, nargs="*", default=CRITERIA)
    parser.add_argument("--groups", type=int, nargs="*", default=GROUPS)
    options = parser.parse_args()
    for lines in (cases(options.cases), missing_sets(options.groups), criteria(options.criteria)):
        for line in lines:
            print(line, flush=True)
    print(f"peak memory of the process: {peak_mb():.0f} MB")


if __name__ == "__main__":
    main()
