"""Whom a difference breaks: a narrower request or a wider answer breaks callers."""

from __future__ import annotations

from typing import Any

from vogent_contract.changes.schemas import HIDDEN

CALLERS = "breaking for callers"
SERVERS = "breaking for servers"
COMPATIBLE = "compatible"
SEVERITIES = (CALLERS, SERVERS, COMPATIBLE)

# What a fact lets through after a change, against before: less, more, or something else.
NARROWER, WIDER, OTHER, SAME = "narrower", "wider", "other", "same"

_OUTCOMES = {  # whom it breaks and how; whatever is not here is compatible
    ("request", NARROWER): (CALLERS, "what callers send may be refused"),
    ("request", WIDER): (SERVERS, "servers have to take it"),
    ("request", OTHER): (CALLERS, "what callers send may be refused or mean something else"),
    ("response", NARROWER): (SERVERS, "servers may not answer as they did"),
    ("response", WIDER): (CALLERS, "callers may get what they do not expect"),
    ("response", OTHER): (CALLERS, "callers may get what they do not expect"),
    ("operation", NARROWER): (CALLERS, "callers can no longer call it"),
    ("operation", WIDER): (SERVERS, "servers have to answer it"),
    ("name", OTHER): (CALLERS, ""),
    ("class", OTHER): (CALLERS, ""),
    ("server", OTHER): (CALLERS, "callers ask at the old place"),
}

_EFFECTS = {  # of a fact that is added, removed, changed; a row may be for one side only
    "operation": (WIDER, NARROWER, SAME),
    "server": (SAME, OTHER, OTHER),
    "deprecated": (SAME, SAME, SAME),
    # A further refusal is still a refusal; another success is not what callers wait for.
    "success": (OTHER, OTHER, SAME),
    "refusal": (SAME, NARROWER, SAME),
    # A property that is gone may still be sent, or waited for.
    "required property": (NARROWER, OTHER, NARROWER),
    "optional property": (WIDER, OTHER, WIDER),
    "response optional property": (SAME, OTHER, WIDER),
    "read-only property": (SAME, SAME, OTHER),
    "write-only property": (SAME, SAME, OTHER),
    "default": (SAME, OTHER, OTHER),
    "response default": (SAME, SAME, SAME),
    "nullable": (WIDER, NARROWER, SAME),
    "alternative": (WIDER, NARROWER, SAME),
    "style": (SAME, SAME, OTHER),
    "media type": (WIDER, NARROWER, OTHER),
    "response media type": (SAME, OTHER, OTHER),
    "response closed object": (NARROWER, SAME, NARROWER),  # callers read the properties they know
    "response pattern": (SAME, SAME, SAME),  # text is text, however it is written
}
_EFFECTS_OF_A_LIMIT = (NARROWER, WIDER, OTHER)  # of any other fact, such as `pattern`
TWINS = {  # the bounds that say the same with and without the value itself
    "maximum": "exclusiveMaximum",
    "exclusiveMaximum": "maximum",
    "minimum": "exclusiveMinimum",
    "exclusiveMinimum": "minimum",
}
_WIDER_FORMATS = (("int32", "int64"), ("float", "double"))
# fmt: off
_UPPER_BOUNDS = (
    "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains",
)
_LOWER_BOUNDS = (
    "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains",
)
# fmt: on


def outcome_of(side: str, what: str, effect: str) -> tuple[str, str]:
    """Severity of an effect on a request or a response, and its consequence in plain words."""
    return _OUTCOMES.get((what, effect)) or _OUTCOMES.get((side, effect), (COMPATIBLE, ""))


def effect_of(side: str, what: str, old: Any, new: Any) -> str:
    """What is let through with the new value of a fact, against the old; None is no value."""
    kind = what
    if what == "property":
        kind = f"{new or old} property"
    elif what == "status":
        kind = "success" if (new or old).startswith(("2", "3")) else "refusal"
    elif what == "additionalProperties" and False in (old, new):
        kind = "closed object"
    effects = _EFFECTS.get(f"{side} {kind}") or _EFFECTS.get(kind, _EFFECTS_OF_A_LIMIT)
    added, removed, changed = effects

    if old is None or old in HIDDEN.values():
        return added
    if new is None:
        return removed
    return _direction(what, old, new) or changed


def are_numbers(*values: Any) -> bool:
    """Whether the values of a bound can be compared."""
    return {type(value) for value in values} <= {int, float}


def _direction(what: str, old: Any, new: Any) -> str | None:
    """Whether a bound or the types let less or more through, None if that cannot be said."""
    if what == "type":
        less, more = set(new) < set(old), set(new) > set(old)
    elif what in (*_UPPER_BOUNDS, *_LOWER_BOUNDS) and are_numbers(old, new):
        raised = new > old
        more = raised if what in _UPPER_BOUNDS else not raised
        less = not more
    elif what in ("items", "additionalProperties"):
        less, more = new is False, old is False
    elif what == "multipleOf" and are_numbers(old, new) and old and new:
        less, more = new % old == 0, old % new == 0
    elif what == "format":
        less, more = (new, old) in _WIDER_FORMATS, (old, new) in _WIDER_FORMATS
    elif what == "media type":  # each `+json` is JSON
        less, more = old == "application/json" and "+json" in new, False
    else:
        return None
    if more:
        return WIDER
    return NARROWER if less else None
