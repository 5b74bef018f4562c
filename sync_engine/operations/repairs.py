"""What a person can do about a cause, where the code that met it did not say: the first entry whose words occur in it."""

from __future__ import annotations

ANYTHING = (
    "Correct the record in the system where it is edited; the engine looks at it again when it changes, or after `errors retry`."
)
REPAIRS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("refuses our credentials",), "Correct the credentials in the configuration and start the engine again."),
    (
        ("scope", "permission", "not permitted", "not allowed to"),
        "Give the integration's user or app the missing right; the engine tries again by itself or after `errors retry`.",
    ),
    (("could not find", "does not exist"), "Create what the record refers to, or correct the reference, then `errors retry`."),
    (
        ("mandatory", "required", "is missing"),
        "Fill in the missing value with `errors edit --set FIELD=VALUE`, or on the record's screen.",
    ),
    (("already", "unique", "duplicate"), "Two records claim the same value: merge them, or correct one, then `errors retry`."),
    (("not valid", "invalid", "is not one of", "allowed options"), "Correct the value with `errors edit --set FIELD=VALUE`."),
    (
        ("it does not know",),
        "This is a fault of the engine: report it with this entry's correlation, then `errors retry` after an update.",
    ),
)


def repair_for(cause: str) -> str:
    lowered = cause.lower()
    return next((advice for words, advice in REPAIRS if any(word in lowered for word in words)), ANYTHING)
