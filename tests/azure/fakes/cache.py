"""Azure Cache for Redis with passive geo-replication: https://learn.microsoft.com/rest/api/redis/linked-server.

What a link wants, and what a failover does and shows, is from
https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-geo-replication; that a failover is a link in the
opposite direction, from Microsoft's own scripts (`az redis server-link create` of the secondary). The codes of refusals
are those that people have met.
"""

from collections.abc import Callable

from tests.azure.arm import Answer, Arm, Asked, Body, Operation, Provider, Refusal, Serve

Effect = Callable[[], None]
_CACHE = "redis/*"
_LINK = f"{_CACHE}/linkedServers/*"
_LINKED = {"linkedRedisCacheId", "linkedRedisCacheLocation", "serverRole"}
_DONE, _OPPOSITE = "Succeeded", {"Primary": "Secondary", "Secondary": "Primary"}


class Cache(Provider):
    """A link is seen from both caches, each with the role of the other. Looking at either brings what goes on nearer.

    A failover deletes the old link first (`Deleting`, nothing has moved), and then makes the new one (`Creating`, the
    new primary takes writes), which does not end when the former primary's region is in `dead`.
    """

    namespace = "Microsoft.Cache"
    versions = frozenset({"2024-11-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Every region lives."""
        self.dead: set[str] = set()

    def operations(self, asked: Asked) -> tuple[str, str]:
        """By the names that its role-based access control has for them."""
        del asked
        return "asyncOperations", "operationResults"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Caches and their links."""
        return {
            ("GET", _CACHE): lambda arm, asked: Answer(200, self._looked(arm, asked, asked.path)),
            ("PATCH", _CACHE): _tag,
            ("GET", f"{_CACHE}/linkedServers"): self._list,
            ("GET", _LINK): self._get,
            ("PUT", _LINK): lambda arm, asked: _put(arm, asked, self.dead),
            ("DELETE", _LINK): _delete,
        }

    def _looked(self, arm: Arm, asked: Asked, path: str) -> Body:
        """The cache, after whatever goes on between it and the other one has come nearer to its end."""
        found = arm.must(asked, path)
        operation = _going_on(arm, found)
        if operation is not None and operation.resource != path.lower():
            operation.look()
        return found

    def _list(self, arm: Arm, asked: Asked) -> Answer:
        found = self._looked(arm, asked, asked.path.rpartition("/")[0])
        link = _link_of(arm, found)
        return Answer(200, {"value": [] if link is None else [self._shown(arm, found, link)]})

    def _get(self, arm: Arm, asked: Asked) -> Answer:
        found = self._looked(arm, asked, asked.path.rpartition("/linkedServers/")[0])
        return Answer(200, self._shown(arm, found, arm.must(asked)))

    def _shown(self, arm: Arm, found: Body, link: Body) -> Body:
        """The link as it is now: halfway through a failover the roles change."""
        operation, properties = _going_on(arm, found), link["properties"]
        if operation is None or properties["provisioningState"] != "Deleting" or "swaps" not in link:
            return link
        if link["swaps"] - operation.looks >= arm.looks:
            for one in (link, _must_link(arm, arm.resource(properties["linkedRedisCacheId"]))):
                role = _OPPOSITE[one["properties"]["serverRole"]]
                one["properties"].update(serverRole=role, provisioningState="Creating")
        return link


def _tag(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked)
    if set(asked.body) != {"tags"}:
        raise Refusal(501, "NotInTheFake", f"a cache's {sorted(asked.body)}")
    _must_be_idle(found)
    found["tags"] = asked.body["tags"]
    found["properties"]["provisioningState"] = "Updating"

    def over() -> None:
        found["properties"]["provisioningState"] = _DONE

    return arm.begin(asked, asked.path, over, fall_back=over)


def _put(arm: Arm, asked: Asked, dead: set[str]) -> Answer:
    found, properties = arm.must(asked, asked.path.rpartition("/linkedServers/")[0]), asked.body.get("properties", {})
    if set(properties) != _LINKED or properties["serverRole"] != "Secondary":
        raise Refusal(501, "NotInTheFake", f"a link by {properties}")
    other = arm.must(asked, properties["linkedRedisCacheId"])
    if other["name"] != asked.names[-1] or other["location"] != properties["linkedRedisCacheLocation"]:
        raise Refusal(400, "InvalidRequestBody", "The linked cache and its name or location do not match.")
    for one in (found, other):
        _must_be_idle(one)
    if any(_link_of(arm, one) is not None for one in (found, other)):
        return _relinked(arm, asked, (found, other), 10**9 if other["location"] in dead else 2 * arm.looks)
    _must_be_alike(found, other, swapped=False)
    for one, whom, role in ((found, other, "Secondary"), (other, found, "Primary")):
        seen = {"linkedRedisCacheId": whom["id"], "linkedRedisCacheLocation": whom["location"], "serverRole": role}
        arm.put(f"{one['id']}/linkedServers/{whom['name']}", {"properties": {**seen, "provisioningState": "Creating"}})

    def fall_back() -> None:
        _unlinked(arm, found, other)

    return _begun(arm, asked, (found, other), lambda: _linked(arm, found, other), fall_back)


def _relinked(arm: Arm, asked: Asked, both: tuple[Body, Body], looks: int) -> Answer:
    """Of caches that are linked to one another: nothing, or the failover, which ends after so many looks."""
    found, other = both
    link = _link_of(arm, found)
    if link is None or link["properties"]["linkedRedisCacheId"].lower() != other["id"].lower():
        message = "Cannot create geo-replication link, since this cache is already linked to another cache."
        raise Refusal(400, "InvalidRequestBody", message)
    if link["properties"]["serverRole"] == "Secondary":
        return Answer(200, link)
    _must_be_alike(found, other, swapped=True)
    for one in (link, _must_link(arm, other)):
        one["properties"]["provisioningState"] = "Deleting"
        one["swaps"] = looks

    def fall_back() -> None:
        if link["properties"]["provisioningState"] == "Deleting":
            _linked(arm, other, found)
        else:
            _unlinked(arm, found, other)

    answer = _begun(arm, asked, both, lambda: _linked(arm, found, other), fall_back)
    operation = arm.busy(found["id"])
    assert operation is not None
    operation.looks = looks
    return answer


def _delete(arm: Arm, asked: Asked) -> Answer:
    link = arm.must(asked)
    found = arm.must(asked, asked.path.rpartition("/linkedServers/")[0])
    other = arm.resource(link["properties"]["linkedRedisCacheId"])
    for one in (found, other):
        _must_be_idle(one)
    for one in (link, _must_link(arm, other)):
        one["properties"]["provisioningState"] = "Deleting"
    return _begun(arm, asked, (found, other), lambda: _unlinked(arm, found, other), lambda: None)


def _begun(arm: Arm, asked: Asked, both: tuple[Body, Body], finish: Effect, fall_back: Effect) -> Answer:
    """It goes on at the first cache, and both are busy."""
    for one in both:
        one["properties"]["provisioningState"] = "Unlinking" if asked.method == "DELETE" else "Linking"

    def over(then: Effect) -> None:
        for one in both:
            one["properties"]["provisioningState"] = _DONE
        then()

    answer = arm.begin(asked, both[0]["id"], lambda: over(finish), fall_back=lambda: over(fall_back))
    return Answer(201, arm.resource(asked.path), answer.headers) if asked.method == "PUT" else answer


def _linked(arm: Arm, primary: Body, secondary: Body) -> None:
    """The secondary has what the primary has, and nothing else."""
    for one, role in ((primary, "Secondary"), (secondary, "Primary")):
        link = _must_link(arm, one)
        link["properties"].update(serverRole=role, provisioningState=_DONE)
        link.pop("swaps", None)
    secondary["data"] = primary.get("data")


def _unlinked(arm: Arm, *caches: Body) -> None:
    for one in caches:
        link = _must_link(arm, one)
        del arm.resources[link["id"].lower()]


def _link_of(arm: Arm, cache: Body) -> Body | None:
    under = f"{cache['id']}/linkedServers/".lower()
    return next((one for path, one in list(arm.resources.items()) if path.startswith(under)), None)


def _must_link(arm: Arm, cache: Body) -> Body:
    found = _link_of(arm, cache)
    assert found is not None
    return found


def _going_on(arm: Arm, cache: Body) -> Operation | None:
    """What goes on at this cache, or at the one that it is linked to."""
    link = _link_of(arm, cache)
    own = arm.busy(cache["id"])
    return own if own is not None or link is None else arm.busy(link["properties"]["linkedRedisCacheId"])


def _must_be_idle(cache: Body) -> None:
    if cache["properties"]["provisioningState"] != _DONE:
        message = (
            f"The resource '{cache['name']}' is busy processing a previous update request or is undergoing system "
            "maintenance. As such, it is currently unable to accept the update request. Please try again later."
        )
        raise Refusal(409, "Conflict", message)


def _must_be_alike(primary: Body, secondary: Body, *, swapped: bool) -> None:
    one, other = primary["properties"], secondary["properties"]
    if {one["sku"]["name"], other["sku"]["name"]} != {"Premium"}:
        raise Refusal(400, "InvalidRequestBody", "Geo-replication needs caches of the Premium tier.")
    if one.get("shardCount") != other.get("shardCount"):
        raise Refusal(400, "InvalidRequestBody", "Both caches must have the same number of shards.")
    if swapped and other["sku"]["capacity"] != one["sku"]["capacity"]:
        raise Refusal(400, "InvalidRequestBody", "Failover needs caches of the same size.")
    if other["sku"]["capacity"] < one["sku"]["capacity"]:
        raise Refusal(400, "InvalidRequestBody", "The secondary cache must not be smaller than the primary cache.")
