"""A long table is read in blocks, by steps written down once: that changes nothing."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from pyclingo_bridge import Policy
from pyclingo_bridge.fast.columns.compiled_answers import (
    AnswerCode,
    AnswerColumn,
    CompiledAnswers,
    KnownStatuses,
)
from tests.batch_tables import fits_a_row, random_table
from tests.conftest import POLICIES, case, policy
from tests.random_cases import random_case


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_long_table_is_decided_alike_in_blocks_of_any_size(seed: int) -> None:
    rng = random.Random(200 + seed)
    of = policy(("cp_phar_549", "label", str(POLICIES / "severe_asthma"))[seed % 3])
    table = random_table(rng, of, 60, whole=True)
    long = pa.concat_tables([table] * 9).combine_chunks().slice(5)
    whole = of.batch.decide(long, statuses=True)
    for size in (64, 129):
        assert of.batch.decide(long, statuses=True, size=size).equals(whole)
    again = pa.concat_tables([long, long])
    twice = pa.concat_tables([whole, whole]).to_pylist()
    assert of.batch.decide(again, statuses=True, size=64).to_pylist() == twice


@pytest.mark.slow
def test_tables_whose_states_are_alike_are_compiled_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = Policy.load("label")
    table = random_table(random.Random(210), of, 200, whole=True)
    made: list[KnownStatuses] = []
    code = CompiledAnswers.code

    def counted(
        answers: CompiledAnswers, columns: tuple[AnswerColumn, ...], known: KnownStatuses
    ) -> AnswerCode:
        made.append(known)
        return code(answers, columns, known)

    monkeypatch.setattr(CompiledAnswers, "code", counted)
    first = of.decide_batch(table)
    assert made
    once = len(made)
    assert of.decide_batch(table).equals(first)
    assert len(made) == once
    of.decide_batch(table, statuses=True)
    assert len(made) > once


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cp_phar_549", "label"])
def test_the_solver_decides_a_table_as_the_compiled_policy_does(name: str) -> None:
    of, solving = policy(name), Policy.load(name, judged_by="clingo")
    rng = random.Random(220)
    table = random_table(rng, of, 60)
    cases = of.batch_table(one for _ in range(90) if fits_a_row(one := case(random_case(rng), of)))
    for rows in (table, cases, cases.slice(0, 0)):
        told = solving.batch.decide(rows, statuses=True, missing=True)
        assert told.schema == of.batch.decide(rows, statuses=True, missing=True).schema
        assert told.to_pylist() == of.decide_batch(rows, statuses=True, missing=True).to_pylist()


@pytest.mark.slow
def test_the_pieces_of_the_solvers_table_have_their_words_in_common() -> None:
    of = Policy.load("label", judged_by="clingo")
    table = random_table(random.Random(230), of, 200, whole=True)
    told = of.batch.decide(table, statuses=True, size=64)
    sink = pa.BufferOutputStream()
    # A file of Arrow's own refuses pieces whose dictionaries differ.
    with pa.ipc.new_file(sink, told.schema) as file:
        file.write_table(told)
    assert pa.ipc.open_file(sink.getvalue()).read_all().equals(told)
