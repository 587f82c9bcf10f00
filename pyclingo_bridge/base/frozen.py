"""Mappings that cannot be changed, for values that many hold at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

_V = TypeVar("_V")
_ATOMS = frozenset({bool, int, float, str})


class FrozenDict(dict[str, _V]):
    """A dict that refuses every change; as immutable as its values are, and hashable where they are.

    Examples:
        >>> FrozenDict(age=64) == {"age": 64}, FrozenDict(age=64) | {"age": 65}
        (True, {'age': 65})
        >>> FrozenDict(age=64)["age"] = 65
        Traceback (most recent call last):
        TypeError: this cannot be changed; make a copy with dict(...)
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this cannot be changed; make a copy with dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __copy__(self) -> FrozenDict[_V]:
        return self

    def __deepcopy__(self, memo: Any) -> FrozenDict[_V]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def frozen(value: Any) -> Any:
    """JSON data that cannot be changed anywhere: lists as tuples, objects as frozen mappings."""
    if isinstance(value, dict):
        return FrozenDict(
            {key: entry if entry.__class__ in _ATOMS else frozen(entry) for key, entry in value.items()}
        )
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    return value


def thawed(value: Any) -> Any:
    """Such data as plain lists and dicts."""
    if isinstance(value, dict):
        return {key: thawed(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return list(map(thawed, value))
    return value


FrozenObject: TypeAlias = Annotated[
    Mapping[str, Any],
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_wrap_validator_function(
            lambda value, plain: value if value.__class__ is FrozenDict else frozen(plain(value)),
            core_schema.dict_schema(core_schema.str_schema()),
            serialization=core_schema.plain_serializer_function_ser_schema(thawed),
        )
    ),
]
"""A field of a model that holds a JSON object; `model_dump` gives it as plain data."""
