"""Forms that all requests and answers share."""

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator

from mecelle.serving.errors import invalid

M = TypeVar("M", bound=BaseModel)


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


Told: TypeAlias = Annotated[str | None, BeforeValidator(_text_or_none)]
"""What the metadata of a document say, whatever type it has there: fields without a fixed name keep that of their row,
and so does every field of an index that was built before `documents` checked them."""


class View(BaseModel):
    """Base of all answers: read from objects of lower floors by the names of their fields."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class OfText(BaseModel):
    """Strings that are text: JSON can write half a character (`\\ud800`), which nothing below can store or compare."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @field_validator("*", mode="before")  # else a bound of its length, checked first, says "no string"
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str) and any("\ud800" <= character <= "\udfff" for character in one):
                raise ValueError("half a character (a lone surrogate) is no text; send whole ones")
        return value


class Asked(OfText):
    """Base of all requests: unknown keys are refused, as a misspelt filter would silently find too much."""

    model_config = ConfigDict(extra="forbid")


# The fields of the retrieval floor's filters, one by one: a new filter is in the interface without a line here.


def parse(model: type[M], values: dict[str, Any]) -> M:
    """A request of `model` from plain values. Raises ServiceError with the first fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
