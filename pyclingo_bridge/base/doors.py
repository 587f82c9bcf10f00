"""Pydantic models that a user makes: what is wrong with one is an error of this package, not pydantic's own."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from pydantic import BaseModel, ValidationError

from pyclingo_bridge.base.errors import ArgumentError, BridgeError, ChangeError, quoted


def check_type(name: str, value: object, kinds: type | tuple[type, ...], what: str) -> None:
    """Refuse what an argument cannot be.

    Args:
        name: the argument.
        value: what was given for it.
        kinds: the types that it may have.
        what: these in words, such as `a Case`.

    Errors: ArgumentError.
    """
    if not isinstance(value, kinds):
        given = quoted(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
        raise ArgumentError(f"`{name}` has to be {what}, not {given}")


class OwnReading(BaseModel):
    """A frozen model that raises errors of this package where data are none of its kind, or it is changed."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """The model of plain data; takes the options of pydantic's own method."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise cls.own_error(error, obj) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The model that a JSON text holds; takes the options of pydantic's own method."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise cls.own_error(error, None) from None

    @classmethod
    def model_validate_strings(cls, obj: Any, **options: Any) -> Self:
        """The model of plain data whose values are all texts; takes the options of pydantic's own method."""
        try:
            return super().model_validate_strings(obj, **options)
        except ValidationError as error:
            raise cls.own_error(error, obj) from None

    @classmethod
    def own_error(cls, error: ValidationError, data: Any) -> BridgeError:
        """What is wrong with data, as an error of this package."""
        raise NotImplementedError

    def _unchangeable(self, name: str) -> NoReturn:
        what = type(self).__name__
        raise ChangeError(f"a {what} cannot be changed; make another one, as by `model_copy(update=...)`")

    def __setattr__(self, name: str, value: object) -> None:
        self._unchangeable(name)

    def __delattr__(self, name: str) -> None:
        self._unchangeable(name)


class OwnErrors(OwnReading):
    """A frozen model whose makers raise errors of this package.

    As a field of another model it is checked by that, whose error is pydantic's, as its users expect.
    """

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise self.own_error(error, data) from None

    # Or pydantic would come by it too where the model is a field of another one.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong with data, behind its place, and how many more there are."""
    found = error.errors(include_url=False)
    place = ".".join(map(str, found[0]["loc"]))
    text = plain_problem(found[0]["msg"])
    more = f" (and {len(found) - 1:,} more problems)" if len(found) > 1 else ""
    return f"{place}: {text}{more}" if place else f"{text}{more}"


def plain_problem(text: str) -> str:
    """What pydantic says is wrong, without how it came by it."""
    text = text.removeprefix("Value error, ")
    return f"{text[:1].lower()}{text[1:]}"
