"""Reads the columns of some rows: each as codes, and what each code means.

Columns may be plain or encoded by a dictionary, whole or sliced, of one statement a row or of
several. What a dictionary holds is read once, however many rows refer to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pyclingo_bridge.cases.case_problems import LONGEST_NAME, text_problems
from pyclingo_bridge.fast.columns.coded import MOST_CODES, CodedColumn, FlagColumn, IndexedColumn, NumberColumn
from pyclingo_bridge.fast.columns.layout import ID, has_fraction, is_list, statements
from pyclingo_bridge.fast.columns.planes import BitPlanes, Codes, Plane
from pyclingo_bridge.fast.columns.values import REFUSED, REFUSED_MEMBER, PlainClasses, ValueClass, ValueClasses

Classes: TypeAlias = ValueClasses | PlainClasses
"""What stands for the values of a column."""

_AS_THEY_ARE = (pa.DictionaryArray, pa.BooleanArray, pa.IntegerArray, pa.StringArray, pa.ListArray)
_REMEMBERED = 2_000

MOST_SHARED = 1_024
"""How many classes are worth remembering together."""


class Rows:
    """Some rows of a table, column by column."""

    def __init__(self, table: pa.Table | pa.RecordBatch, planes: BitPlanes, several: frozenset[str]) -> None:
        """Take the rows, what makes planes of them, and the columns of several statements."""
        self.planes = planes
        self.several = several
        self._table = table
        self.names = frozenset(table.schema.names)

    def column(self, name: str) -> pa.Array | None:
        """A column as one array; None where there is none, or nothing in it."""
        if name not in self.names:
            return None
        found = whole_array(self._table.column(name))
        return None if found.null_count == len(found) else found


def whole_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array, of a type that is looked at here."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else _combined(column)
    if isinstance(column, _AS_THEY_ARE):
        return column
    if is_list(column.type) and not _keeps_ends(column.type):
        return pc.cast(column, pa.large_list(column.type.value_type))
    return pc.cast(column, pa.large_string()) if column.type == pa.string_view() else column


def _whole(array: pa.Array) -> pa.Array:
    """Numbers as whole ones, if all of them are."""
    if not has_fraction(array.type):
        return array
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        # What is not whole is refused row by row.
        return array


def _combined(column: pa.ChunkedArray) -> pa.Array:
    kind = column.type
    if not (pa.types.is_dictionary(kind) and is_list(kind.value_type)):
        try:
            return column.unify_dictionaries().combine_chunks()
        except pa.ArrowInvalid:
            # Arrow makes no one dictionary of some that hold null.
            return column.cast(kind.value_type).combine_chunks()
    # Dictionaries of lists are not made one by Arrow.
    chunks = column.chunks
    if chunks and all(chunk.dictionary.equals(chunks[0].dictionary) for chunk in chunks):
        indices = pa.concat_arrays([chunk.indices for chunk in chunks])
        return pa.DictionaryArray.from_arrays(indices, chunks[0].dictionary)
    lists = [chunk.dictionary.take(chunk.indices) for chunk in chunks]
    return pa.concat_arrays(lists) if lists else pa.array([], kind.value_type)


def _keeps_ends(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


class Entries(NamedTuple):
    """The statements that rows make of an attribute, each with what stands in the attribute's columns.

    Attributes:
        planes: makes planes of them.
        rows: the place of each one's row; None where each row makes one, and its place is the row's.
        columns: the attribute's columns.
    """

    planes: BitPlanes
    rows: Codes | None
    columns: dict[str, CodedColumn]

    def placed(self, codes: Codes) -> Codes:
        """What rows have, for each entry that of its own row."""
        return codes if self.rows is None else codes[self.rows]


class ColumnReader:
    """Reads the columns of tables."""

    def __init__(self) -> None:
        self._lists: dict[Classes, tuple[pa.Array, tuple[ValueClass, ...]]] = {}
        self._known: dict[tuple[ValueClass, ...], tuple[ValueClass, ...]] = {}
        self._edges: dict[ValueClasses, tuple[tuple[ValueClass, ...], list[int]]] = {}

    def column(self, rows: Rows, name: str, classes: Classes) -> CodedColumn:
        """A column of one statement a row as codes; of one that is not there, or empty, there is one code."""
        array = rows.column(name)
        if array is None:
            return CodedColumn(rows.planes, (None,))
        return self._coded(classes, array, rows.planes)

    def entries(self, rows: Rows, columns: Mapping[str, Classes]) -> Entries:
        """The statements that rows make by some columns, of which some may hold several a row."""
        found = {column: array for column in columns if (array := rows.column(column)) is not None}
        if not rows.several.intersection(found):
            coded = {column: self._coded(columns[column], found[column], rows.planes) for column in found}
            return Entries(rows.planes, None, coded)
        aligned = self._aligned(found, rows.several)
        ends = rows.planes.codes(_inside(next(iter(aligned.values())))[0])
        inside = {column: _inside(array)[1] for column, array in aligned.items()}
        planes = BitPlanes(len(next(iter(inside.values()))))
        coded = {column: self._coded(columns[column], array, planes) for column, array in inside.items()}
        return Entries(planes, np.repeat(np.arange(len(ends) - 1), np.diff(ends)), coded)

    def same_tuple(self, classes: tuple[ValueClass, ...]) -> tuple[ValueClass, ...]:
        """The tuple that was used of these classes before, so that it can be known by its identity."""
        if len(classes) > MOST_SHARED:
            return classes
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        # A flag is a number to Python, and equal to one.
        return self._known.setdefault((*classes, tuple(map(type, classes))), classes)

    # --- one statement a row ---

    def _coded(self, classes: Classes, array: pa.Array, planes: BitPlanes) -> CodedColumn:
        if array.null_count == len(array):
            return CodedColumn(planes, (None,))
        array = _whole(array)
        valid = _valid(array, planes)
        if isinstance(array, pa.DictionaryArray):
            listed = self._listed(classes, array.dictionary)
            return self._indexed(planes, listed, array.indices, valid)
        if isinstance(array, pa.BooleanArray):
            true = planes.bitmap(array.buffers()[1], array.offset)
            return FlagColumn(planes, (classes.of(False), classes.of(True)), true, valid)
        if pa.types.is_integer(array.type) and isinstance(classes, ValueClasses) and classes.is_whole:
            own, starts = self._numbered(classes)
            return NumberColumn(planes, own, starts, planes.codes(array), valid)
        if is_list(array.type) and isinstance(classes, ValueClasses):
            return self._listing(classes, array, planes, valid)
        return self._coded(classes, pc.dictionary_encode(array), planes)

    def _numbered(self, classes: ValueClasses) -> tuple[tuple[ValueClass, ...], list[int]]:
        if classes not in self._edges:
            most = classes.attribute.maximum
            starts = sorted(edge for edge in classes.edges if edge <= most)
            own = (REFUSED, *(classes.of(number) for number in starts), REFUSED)
            self._edges[classes] = own, [*starts, most + 1]
        return self._edges[classes]

    def _listed(self, classes: Classes, dictionary: pa.Array) -> tuple[ValueClass, ...]:
        """What each value of a dictionary means; most rows share the dictionary of those before."""
        known = self._lists.get(classes)
        if known is None or not known[0].equals(dictionary):
            own = tuple(classes.of(value) for value in dictionary.to_pylist())
            known = self._lists[classes] = (dictionary, self.same_tuple(own))
        return known[1]

    def _indexed(
        self, planes: BitPlanes, classes: tuple[ValueClass, ...], places: pa.Array, valid: Plane | None
    ) -> CodedColumn:
        """Places in a list of classes; where there are many, the same are put together."""
        if len(classes) <= MOST_CODES:
            return IndexedColumn(planes, classes, planes.codes(places), valid)
        known: dict[ValueClass, int] = {}
        table = [known.setdefault(meaning, len(known)) for meaning in classes]
        codes = planes.looked_up(planes.codes(_filled(places, 0)), table)
        return IndexedColumn(planes, self.same_tuple(tuple(known)), codes, valid)

    def _listing(
        self, classes: ValueClasses, array: pa.Array, planes: BitPlanes, valid: Plane | None
    ) -> CodedColumn:
        """A column of lists: the members' classes, united row by row."""
        ends, members = _inside(array)
        if pa.types.is_null(members.type):
            members = members.cast(pa.string())
        if not pa.types.is_dictionary(members.type):
            members = pc.dictionary_encode(members)
        own = [classes.member(word) for word in members.dictionary.to_pylist()]
        places = planes.codes(_filled(members.indices, len(own)))
        sets = planes.member_sets(places, [*own, REFUSED_MEMBER])
        codes, unions = planes.unions(planes.codes(ends), sets)
        found = self.same_tuple(tuple(classes.of_union(union) for union in unions))
        return IndexedColumn(planes, found, codes, valid)

    # --- several statements a row ---

    @staticmethod
    def _aligned(columns: Mapping[str, pa.Array], several: Collection[str]) -> Mapping[str, pa.Array]:
        """The columns with as many entries in a row as the longest of them has."""
        if all(column in several for column in columns) and _same_ends(list(columns.values())):
            return columns
        cells = [
            [statements(cell, column in several) for cell in array.to_pylist()]
            for column, array in columns.items()
        ]
        filled: list[list[list[Any]]] = [[] for _ in cells]
        for row in zip(*cells, strict=True):
            entries = list(zip_longest(*row))
            for place, column_cells in enumerate(filled):
                column_cells.append([entry[place] for entry in entries])
        return {
            column: pa.array(own, pa.list_(_inner(array.type, column in several)))
            for (column, array), own in zip(columns.items(), filled, strict=True)
        }


def nameless(rows: Rows) -> Plane:
    """The rows whose id is none."""
    planes, ids = rows.planes, rows.column(ID)
    if ids is None:
        return planes.ones
    if _all_plain(ids):
        return planes.zeros
    if isinstance(ids, pa.DictionaryArray):
        ids = ids.cast(ids.type.value_type)
    length = pc.binary_length(ids)
    good = pc.and_(pc.string_is_ascii(ids), pc.ascii_is_printable(ids))
    good = pc.and_(good, pc.and_(pc.greater(length, 0), pc.less_equal(length, LONGEST_NAME)))
    good = pc.fill_null(pc.and_not(good, pc.ascii_is_space(ids)), False)
    bad = ~good.to_numpy(zero_copy_only=False)
    # What is not plain text is looked at one by one, as the case reader does it.
    for at in np.flatnonzero(bad):
        name = ids[at].as_py()
        bad[at] = name is None or any(text_problems(name, ()))
    return planes.bitmap(pa.py_buffer(np.packbits(bad, bitorder="little")), 0)


def _all_plain(ids: pa.Array) -> bool:
    """Whether every id is one at first sight: ASCII without blanks, neither empty nor long."""
    if ids.null_count:
        return False
    if isinstance(ids, pa.DictionaryArray):
        return _all_plain(ids.dictionary)
    if not (pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)) or not len(ids):
        return False
    kind = np.int64 if pa.types.is_large_string(ids.type) else np.int32
    ends = np.frombuffer(ids.buffers()[1], kind)[ids.offset : ids.offset + len(ids) + 1]
    lengths = np.diff(ends)
    if lengths.min() < 1 or lengths.max() > LONGEST_NAME:
        return False
    text = np.frombuffer(ids.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    return bool(text.min() > ord(" ") and text.max() <= ord("~"))


def _valid(array: pa.Array, planes: BitPlanes) -> Plane | None:
    """The rows that are not null; None for all of them."""
    if not array.null_count:
        return None
    buffer = array.buffers()[0]
    if buffer is None:  # A null of the dictionary's, or of a union's.
        valid = array.is_valid()
        return planes.bitmap(valid.buffers()[1], valid.offset)
    return planes.bitmap(buffer, array.offset)


def _filled(indices: pa.Array, number: int) -> pa.Array:
    """The indices, with a number in place of null."""
    return pc.fill_null(indices.cast(pa.int32()), number) if indices.null_count else indices


def _inside(array: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Where each row of a list column ends, and all entries of these rows."""
    ends = array.offsets
    first, last = ends[0].as_py(), ends[len(ends) - 1].as_py()
    return ends, array.values.slice(first, last - first)


def _same_ends(arrays: Sequence[pa.Array]) -> bool:
    """Whether list columns have as many entries as one another in every row, and null has none."""
    if not all(_keeps_ends(array.type) for array in arrays):
        return False
    lengths = [pc.fill_null(pc.list_value_length(array), 0).cast(pa.int64()) for array in arrays]
    ends = [_inside(array)[0] for array in arrays]
    held = [one[len(one) - 1].as_py() - one[0].as_py() for one in ends]
    return all(
        length.equals(lengths[0]) and (pc.sum(length).as_py() or 0) == entries
        for length, entries in zip(lengths, held, strict=True)
    )


def _inner(kind: pa.DataType, several: bool) -> pa.DataType:
    """The type of one statement of a column, without dictionaries."""
    plain_type = _decoded(kind)
    return plain_type.value_type if several else plain_type


def _decoded(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _decoded(kind.value_type)
    return pa.list_(_decoded(kind.value_type)) if is_list(kind) else kind
