"""Pydantic models that a user makes: what is wrong with one is an error of this package, not pydantic's own."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ValidationError

from pyclingo_bridge.base.errors import BridgeError


class OwnErrors(BaseModel):
    """A model whose makers raise errors of this package.

    As a field of another model it is checked by that, whose error is pydantic's, as its users expect.
    """

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise self.own_error(error, data) from None

    # Or pydantic would come by it too where the model is a field of another one.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

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
    def own_error(cls, error: ValidationError, data: Any) -> BridgeError:
        """What is wrong with data, as an error of this package."""
        raise NotImplementedError
