"""Any JSON, by the endpoint's own `mapping`: paths to the parts of an alert, and which states mean what."""

from pydantic import JsonValue, TypeAdapter, ValidationError

from runbooks.alerts import Alert, AlertStatus
from runbooks.faults import plain
from triggers.alerts.endpoints import Mapping
from triggers.alerts.paths import follow, parse
from triggers.alerts.received import Received, UnreadableError, moment_of

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def read(received: Received) -> tuple[Alert, ...]:
    """The alerts, where the mapping says that they are."""
    mapping = received.endpoint.mapping
    assert mapping is not None  # the server's file is refused without it
    try:
        body = _JSON.validate_json(received.body)
    except ValidationError as error:
        message = f"the body is no JSON: {error.errors()[0]['msg']}"
        raise UnreadableError(message) from None
    items = follow(parse(mapping.alerts), body) if mapping.alerts else [body]
    if not isinstance(items, list) or not items:
        message = f"`{mapping.alerts}` is no list of alerts"
        raise UnreadableError(message)
    return tuple(_alert(received, mapping, item) for item in items)


def _alert(received: Received, mapping: Mapping, item: JsonValue) -> Alert:
    status = _needed(item, mapping.status)
    key = _needed(item, mapping.key)
    at = moment_of(follow(parse(mapping.at), item), received.at) if mapping.at else received.at
    when = repr(at) if mapping.at else received.digest
    labels = {name: _text(item, path) for name, path in mapping.labels.items()}
    return received.alert(
        key=key,
        delivery=_text(item, mapping.delivery) or f"{key}/{status}/{when}",
        status=_status(mapping, status),
        at=at,
        title=_text(item, mapping.title),
        severity=_text(item, mapping.severity) or labels.get("severity", ""),
        region=_text(item, mapping.region) or labels.get("region", ""),
        url=_text(item, mapping.url),
        labels={name: value for name, value in labels.items() if value},
    )


def _status(mapping: Mapping, status: str) -> AlertStatus:
    if status in mapping.firing:
        return "firing"
    return "resolved" if status in mapping.resolved else "unknown"


def _needed(item: JsonValue, path: str) -> str:
    found = _text(item, path)
    if not found:
        message = f"nothing stands at `{plain(path)}`"
        raise UnreadableError(message)
    return found


def _text(item: JsonValue, path: str) -> str:
    """A text, number, or yes or no, as a text; empty for anything else."""
    found = follow(parse(path), item) if path else None
    if isinstance(found, bool):
        return str(found).lower()
    return str(found) if isinstance(found, str | int | float) else ""
