"""Building the parts of a scenario, with complaints in one line of ours."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from timecone.errors import ScenarioError, TimeconeError, suggestion


def validated[M: BaseModel](model: type[M], fields: object, where: str) -> M:
    """Build a pydantic model; turn its first complaint into one line of ours."""
    try:
        return model.model_validate(fields)
    except TimeconeError as error:
        raise error.at(f"{where}.") if where and error.where else error.at(where) from None
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        place = ".".join([where, *map(str, first["loc"])]).strip(".")
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, TimeconeError):
            raise cause.at(f"{place}.") if cause.where else cause.at(place) from None
        if first["type"] == "extra_forbidden":
            key = str(first["loc"][-1])
            section: Any = model
            for step in first["loc"][:-1]:
                section = section.model_fields[step].annotation
            raise ScenarioError("unknown key", where=place,
                                remedy=suggestion(key, section.model_fields)) from None  # fmt: skip
        if first["type"] == "missing":
            raise ScenarioError("missing", where=place) from None
        what, allowed = _in_our_words(first)
        raise ScenarioError(what, where=place, got=first["input"], allowed=allowed) from None


_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def _in_our_words(complaint: dict[str, Any]) -> tuple[str, str | None]:
    """Return what is wrong and what would be accepted, for the complaints that files meet most."""
    kind, context = complaint["type"], complaint.get("ctx", {})
    if kind.startswith("date"):
        return "not a date", "a date without quotes, such as 2026-08-22"
    if kind.startswith("float"):
        return "not a number", "a number"
    if kind.startswith("int"):
        return "not a whole number", "a whole number without quotes"
    if kind == "literal_error":
        return "unknown value", str(context["expected"])
    if kind == "string_too_short":
        return "empty", "some text"
    for key, words in _BOUNDS.items():
        if key in context:
            return "out of range", f"{words} {context[key]:g}"
    message: str = complaint["msg"]
    return message[:1].lower() + message[1:], None
