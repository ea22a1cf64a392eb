"""PostgreSQL flexible servers and their read replicas: https://learn.microsoft.com/rest/api/postgresql/servers.

What a promotion wants and does, and what happens to virtual endpoints, is from
https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote and the pages beside it. The
codes of refusals are not documented: they are of the service's usual kind.
"""

from collections.abc import Callable

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve, merged
from tests.azure.restoring import restored

Effect = Callable[[], None]
_SERVER = "flexibleServers/*"
_PATCHED = {"properties", "tags", "sku", "identity"}
_PATCHED_PROPERTIES = {"replica", "backup", "highAvailability", "maintenanceWindow", "network", "storage", "version"}
_CREATED = {"createMode", "sourceServerResourceId", "network", "availabilityZone"}
_NOTES = {"backups", "databases", "etag", "failure", "parameters", "restarts"}
_PARAMETERS = {"default_transaction_read_only": ("off", {"on", "off"})}


class DbForPostgreSql(Provider):
    """A server is Updating while its operation goes on, and takes no other one; a promotion makes both be that."""

    namespace = "Microsoft.DBforPostgreSQL"
    versions = frozenset({"2026-10-01"})

    def operations(self, asked: Asked) -> tuple[str, str]:
        """By the names that its role-based access control has for them."""
        del asked
        return "azureAsyncOperation", "operationResults"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Servers, one of their parameters, their replicas and virtual endpoints."""
        return {
            ("GET", _SERVER): lambda arm, asked: Answer(200, _shown(arm.must(asked))),
            ("GET", "flexibleServers"): _servers,
            ("PUT", _SERVER): _create,
            ("DELETE", _SERVER): _delete,
            ("PATCH", _SERVER): _update,
            ("POST", f"{_SERVER}/restart"): _restart,
            ("GET", f"{_SERVER}/configurations/*"): _parameter,
            ("PATCH", f"{_SERVER}/configurations/*"): _set,
            ("GET", f"{_SERVER}/backups"): _noted("backups"),
            ("GET", f"{_SERVER}/databases"): _noted("databases"),
            ("GET", f"{_SERVER}/replicas"): _replicas,
            ("GET", f"{_SERVER}/virtualendpoints"): _endpoints,
        }


def _create(arm: Arm, asked: Asked) -> Answer:
    arm.must_group(asked.path)
    body, properties = asked.body, asked.body.get("properties", {})
    if properties.get("createMode") in {"PointInTimeRestore", "GeoRestore"}:
        return restored(arm, asked)
    if properties.get("createMode") != "Replica" or set(properties) - _CREATED:
        raise Refusal(501, "NotInTheFake", f"a server that is created by {sorted(properties)}")
    if asked.path.lower() in arm.resources:
        raise Refusal(409, "ServerNameAlreadyExists", f"The server name {asked.names[0]} is taken.")
    source = arm.must(asked, properties["sourceServerResourceId"])
    if source["properties"]["replicationRole"].endswith("Replica"):
        raise Refusal(400, "InvalidParameterValue", "A replica of a read replica is not supported.")
    _claim(source)
    of = source["properties"]
    made = arm.put(
        asked.path,
        {
            "location": body["location"],
            "tags": body.get("tags", {}),
            "sku": source.get("sku"),
            "properties": {
                "state": "Provisioning",
                "sourceServerResourceId": source["id"],
                "replicationRole": _role(body["location"], source),
                "replica": {"role": _role(body["location"], source), "replicationState": "Provisioning"},
                "network": properties.get("network", of.get("network", {})),
            },
        },
    )

    def finish() -> None:
        made["properties"]["state"] = of["state"] = "Ready"
        made["properties"]["replica"]["replicationState"] = "Active"
        of["replicationRole"] = of["replica"]["role"] = "Primary"

    def fall_back() -> None:
        of["state"] = "Ready"
        arm.resources.pop(asked.path.lower(), None)

    return _begun(arm, asked, finish, fall_back)


def _servers(arm: Arm, asked: Asked) -> Answer:
    under = f"{asked.path}/".lower()
    found = [one for path, one in arm.resources.items() if path.startswith(under) and "/" not in path[len(under) :]]
    return Answer(200, {"value": [_shown(one) for one in found]})


def _delete(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked)
    if arm.busy(asked.path) is not None:
        raise Refusal(409, "ServerIsBusy", f"The server '{found['name']}' is busy processing another operation.")
    if _replicas_of(arm, found["id"]):
        raise Refusal(409, "ServerHasReplicas", "A server that has read replicas cannot be deleted.")
    found["properties"]["state"] = "Dropping"

    def finish() -> None:
        del arm.resources[asked.path.lower()]

    return _begun(arm, asked, finish, lambda: found["properties"].update(state="Ready"))


def _noted(kind: str) -> Serve:
    """What the test has noted of a server: its backups, or its databases."""

    def serve(arm: Arm, asked: Asked) -> Answer:
        server = arm.must(asked, asked.path.rpartition("/")[0])
        return Answer(200, {"value": list(server.get(kind, ()))})

    return serve


def _update(arm: Arm, asked: Asked) -> Answer:
    found, properties = arm.must(asked), asked.body.get("properties", {})
    unknown = (set(asked.body) - _PATCHED) | (set(properties) - _PATCHED_PROPERTIES)
    if unknown:
        raise Refusal(400, "InvalidRequestContent", f"Could not find member '{min(unknown)}'.")
    if "promoteMode" in properties.get("replica", {}):
        return _promote(arm, asked, found, properties["replica"])
    _claim(found)
    merged(found, asked.body)

    def over() -> None:
        found["properties"]["state"] = "Ready"

    return _begun(arm, asked, over, over)


def _promote(arm: Arm, asked: Asked, found: Body, wanted: Body) -> Answer:
    mode, option = wanted.get("promoteMode"), wanted.get("promoteOption")
    if mode not in {"Switchover", "Standalone"} or option not in {"Planned", "Forced"}:
        raise Refusal(400, "InvalidParameterValue", "promoteMode or promoteOption is invalid.")
    properties = found["properties"]
    if not properties["replicationRole"].endswith("Replica"):
        raise Refusal(400, "InvalidPromoteTarget", f"The server {found['name']} is not a read replica.")
    source = arm.resources[properties["sourceServerResourceId"].lower()]
    endpoints = _endpoints_of(arm, source["id"])
    if mode == "Switchover" and not any(found["name"] in one["properties"]["members"] for one in endpoints):
        message = f"The read replica {found['name']} is not the target of a reader virtual endpoint."
        raise Refusal(400, "VirtualEndpointRequired", message)
    if option == "Planned":
        _must_be_ready(source)
    _claim(found)
    old = source["properties"]
    was, old["state"] = old["state"], "Updating"
    properties["replica"]["replicationState"] = "Updating"

    def finish() -> None:
        properties.update({"state": "Ready", "replica": {"role": "Primary", "capacity": 5}})
        properties["replicationRole"] = "Primary" if mode == "Switchover" else "None"
        properties.pop("sourceServerResourceId")
        old["state"] = "Ready"
        if mode == "Switchover":
            _swap(arm, found, source, endpoints)
        else:
            old["replicationRole"] = "Primary" if _replicas_of(arm, source["id"]) else "None"

    def fall_back() -> None:
        properties["state"], old["state"] = "Ready", was
        properties["replica"]["replicationState"] = "Active"

    return _begun(arm, asked, finish, fall_back)


def _swap(arm: Arm, primary: Body, replica: Body, endpoints: list[Body]) -> None:
    """The roles, the other replicas, and where the virtual endpoints are kept."""
    for other in [*_replicas_of(arm, replica["id"]), replica]:
        other["properties"]["sourceServerResourceId"] = primary["id"]
    role = _role(replica["location"], primary)
    replica["properties"].update(replicationRole=role, replica={"role": role, "replicationState": "Active"})
    for one in endpoints:
        del arm.resources[one["id"].lower()]
        arm.put(f"{primary['id']}/virtualendpoints/{one['name']}", {"properties": one["properties"]})


def _restart(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked, asked.path.rpartition("/")[0])
    _claim(found, "Restarting")

    def finish() -> None:
        found["properties"]["state"] = "Ready"
        found["restarts"] = found.get("restarts", 0) + 1

    def fall_back() -> None:
        found["properties"]["state"] = "Ready"

    return _begun(arm, asked, finish, fall_back, at=found["id"])


def _parameter(arm: Arm, asked: Asked) -> Answer:
    server = arm.must(asked, asked.path.rpartition("/configurations/")[0])
    return Answer(200, _configured(server, asked))


def _set(arm: Arm, asked: Asked) -> Answer:
    server = arm.must(asked, asked.path.rpartition("/configurations/")[0])
    _configured(server, asked)
    name, given = asked.names[-1], asked.body.get("properties", {})
    if given.get("value") not in _PARAMETERS[name][1] or given.get("source") != "user-override":
        raise Refusal(400, "InvalidParameterValue", f"Invalid value given for parameter {name}.")
    _claim(server)

    def finish() -> None:
        server["properties"]["state"] = "Ready"
        server.setdefault("parameters", {})[name] = given["value"]

    def fall_back() -> None:
        server["properties"]["state"] = "Ready"

    return _begun(arm, asked, finish, fall_back, at=server["id"])


def _configured(server: Body, asked: Asked) -> Body:
    name = asked.names[-1]
    if name not in _PARAMETERS:
        raise Refusal(404, "ResourceNotFound", f"The parameter {name} was not found.")
    value = server.get("parameters", {}).get(name, _PARAMETERS[name][0])
    properties = {"value": value, "defaultValue": _PARAMETERS[name][0], "isDynamicConfig": True, "isReadOnly": False}
    return {"id": f"{server['id']}/configurations/{name}", "name": name, "properties": properties}


def _replicas(arm: Arm, asked: Asked) -> Answer:
    server = arm.must(asked, asked.path.rpartition("/")[0])
    return Answer(200, {"value": [_shown(one) for one in _replicas_of(arm, server["id"])]})


def _endpoints(arm: Arm, asked: Asked) -> Answer:
    server = arm.must(asked, asked.path.rpartition("/")[0])
    return Answer(200, {"value": _endpoints_of(arm, server["id"])})


def _endpoints_of(arm: Arm, id_: str) -> list[Body]:
    return [one for path, one in list(arm.resources.items()) if path.startswith(f"{id_}/virtualendpoints/".lower())]


def _replicas_of(arm: Arm, id_: str) -> list[Body]:
    sources = ((one, one["properties"].get("sourceServerResourceId")) for one in list(arm.resources.values()))
    return [one for one, source in sources if source and source.lower() == id_.lower()]


def _role(location: str, source: Body) -> str:
    return "AsyncReplica" if location == source["location"] else "GeoAsyncReplica"


def _must_be_ready(server: Body) -> None:
    if server["properties"]["state"] != "Ready":
        message = f"Cannot complete operation because server '{server['name']}' is busy processing another operation."
        raise Refusal(409, "ServerIsBusy", message)


def _claim(server: Body, state: str = "Updating") -> None:
    _must_be_ready(server)
    server["properties"]["state"] = state


def _begun(arm: Arm, asked: Asked, finish: Effect, fall_back: Effect, *, at: str = "") -> Answer:
    return arm.begin(asked, at or asked.path, finish, fall_back=fall_back)


def _shown(server: Body) -> Body:
    """As ARM shows it: without what the fake notes for tests."""
    return {key: value for key, value in server.items() if key not in _NOTES}
