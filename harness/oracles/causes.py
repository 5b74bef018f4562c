"""Why it may have happened, where the journal shows it. An empty text means that it does not: better silent than wrong."""

from __future__ import annotations

from datetime import datetime

from harness.oracles.view import Key, Request, View
from harness.oracles.words import called, complaint, vendor


def cause_of_twins(view: View, keys: list[Key]) -> str:
    """Why the engine created a second record: `keys` are the twins, oldest first."""
    first, second = view.creating_request(keys[0]), view.creating_request(keys[1])
    if first is None or second is None:
        return ""
    twin = called(keys[0])
    if first.seen == "gone" or any(first.at <= crash.at <= second.at for crash in view.crashes):
        return (
            f"the engine crashed between request {first.number}, which created {twin}, and remembering it; "
            f"after its restart it created the record again (request {second.number})"
        )
    if first.failed:
        how = first.seen if first.never_arrived else f"status {first.status}"
        return (
            f"the answer to request {first.number}, which had created {twin}, did not arrive as it should ({how}); "
            f"the engine took it for a failure and created the record again (request {second.number})"
        )
    if first.seen_at is not None and second.at < first.seen_at:
        return (
            f"requests {first.number} and {second.number} were under way at the same time: "
            "nothing in the engine stops two workers from creating the same record"
        )
    return (
        f"request {second.number} created the record again although request {first.number} had been answered: "
        "the engine does not look for its own record first"
    )


def cause_of_silence(view: View, keys: list[Key], since: datetime | None = None) -> str:
    """Why a change never came through: the last failure that touched it, else a lost notification, else a crash."""
    failure = last_failure(view, keys, since)
    if failure is not None:
        call = f"request {failure.number}, {failure.method} {failure.path}"
        return f"{complaint(view, failure)} ({call}); it was not repeated until it worked"
    for key in keys:
        result = _lost_notification(view, key, since)
        if result:
            source = vendor(view, key[0])
            return (
                f"{source}'s notification about {called(key)} never reached the engine ({result}), and nothing asked for it later"
            )
    crash = next((crash for crash in reversed(view.crashes) if since is not None and crash.at >= since), None)
    return f"the engine crashed at {crash.at:%H:%M:%S} and did not take the work up again" if crash is not None else ""


def last_failure(view: View, keys: list[Key], since: datetime | None = None) -> Request | None:
    """The last failed request about these records that no later success of the same call healed; refused writes come first."""
    requests = {request.number: request for key in keys for request in view.requests_about(key)}
    still_open: dict[tuple[str, str, str, str], Request] = {}
    for number in sorted(requests):
        request = requests[number]
        call = (request.system, request.method, request.path, request.query)
        if not request.failed:
            still_open.pop(call, None)
        elif since is None or request.at >= since:
            still_open[call] = request
    ranked = sorted(still_open.values(), key=lambda one: (one.is_write and one.refused, one.is_write, one.number))
    return ranked[-1] if ranked else None


def _lost_notification(view: View, key: Key, since: datetime | None) -> str:
    """The last result of a notification about this record that no attempt delivered, or an empty text."""
    results: dict[str, str] = {}
    for attempt in view.deliveries_about(key):
        if (since is None or attempt.at >= since) and not results.get(attempt.delivery, "").startswith("2"):
            results[attempt.delivery] = attempt.result
    return next((result for result in reversed(results.values()) if not result.startswith("2")), "")
