"""A long table is read in blocks, by steps written down once: that changes nothing."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from tests.batch_tables import random_table
from tests.conftest import POLICIES, policy


@pytest.mark.parametrize("seed", range(4))
def test_a_long_table_is_decided_alike_in_blocks_of_any_size(seed: int) -> None:
    rng = random.Random(200 + seed)
    of = policy(("cp_phar_549", "label", str(POLICIES / "severe_asthma"))[seed % 3])
    table = random_table(rng, of, 60, whole=True)
    long = pa.concat_tables([table] * 9).combine_chunks().slice(5)
    whole = of.batch.decide(long, statuses=True)
    for size in (64, 129):
        assert of.batch.decide(long, statuses=True, size=size).equals(whole)
        assert of.batch.decide(long, statuses=True, size=size, arrays=False).equals(whole)
    again = pa.concat_tables([long, long])
    twice = pa.concat_tables([whole, whole]).to_pylist()
    assert of.batch.decide(again, statuses=True, size=64).to_pylist() == twice
