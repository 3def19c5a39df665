"""Building the parts of a scenario, with complaints in one line of ours."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from timecone.errors import ScenarioError, TimeconeError, unknown_key


def validated[M: BaseModel](model: type[M], fields: object, where: str) -> M:
    """Build a pydantic model; turn its first complaint into one line of ours."""
    try:
        return model.model_validate(fields)
    except TimeconeError as error:
        raise error.at(f"{where}.") if where and error.where else error.at(where) from None
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        steps = [str(step) for step in first["loc"] if step != "[key]"]
        place = ".".join([where, *steps]).strip(".")
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, TimeconeError):
            raise cause.at(f"{place}.") if cause.where else cause.at(place) from None
        if first["type"] == "extra_forbidden":
            key = str(first["loc"][-1])
            section: Any = model
            for step in first["loc"][:-1]:
                section = section.model_fields[step].annotation
            table = place.removesuffix(key).removesuffix(".")
            raise unknown_key(key, section.model_fields, table) from None
        if first["type"] == "missing":
            raise ScenarioError("missing-key", "missing", where=place) from None
        code, what, allowed = _in_our_words(first)
        raise ScenarioError(code, what, where=place, got=first["input"], allowed=allowed) from None


_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
# By how pydantic names a complaint, longer names first.
_WORDS = {
    "string_too_short": ("empty-text", "empty", "some text"),
    "string_pattern": (
        "not-a-name",
        "not a name",
        "letters, digits, '_', '.' and '-', the first a letter or digit",
    ),
    "string": ("not-text", "not text", "text in quotes"),
    "date": ("not-a-date", "not a date", "a date without quotes, such as 2026-08-22"),
    "float": ("not-a-number", "not a number", "a number"),
    "finite_number": ("not-finite", "not finite", "a finite number"),
    "int": ("not-a-whole-number", "not a whole number", "a whole number without quotes"),
    "bool": ("not-a-truth-value", "not a truth value", "true or false without quotes"),
}


def _in_our_words(complaint: dict[str, Any]) -> tuple[str, str, str | None]:
    """Return the code, what is wrong and what would be accepted, for the complaints that files meet most."""
    kind, context = complaint["type"], complaint.get("ctx", {})
    if kind == "literal_error":
        return "unknown-value", "unknown value", str(context["expected"])
    for beginning, words in _WORDS.items():
        if kind.startswith(beginning):
            return words
    for key, words_of_bound in _BOUNDS.items():
        if key in context:
            bound = context[key]
            shown = bound if isinstance(bound, int) else f"{bound:g}"
            return "out-of-range", "out of range", f"{words_of_bound} {shown}"
    message: str = complaint["msg"]
    return "invalid-value", message[:1].lower() + message[1:], None
