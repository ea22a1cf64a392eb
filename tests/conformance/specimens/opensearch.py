"""Two domains of OpenSearch, one of which follows the other: moto has the domains, `FakeDomains` what is in them."""

from typing import Any, ClassVar

from tests.activities.calls import EPOCH, perform
from tests.aws.world import ACCOUNT, HERE, THERE, World
from tests.conformance.specimen import OnAws, Settings

ALIAS = "to-the-writer"


def domain_of(name: str, region: str) -> str:
    """The domain's name in that region."""
    return f"{name}-{'here' if region == HERE else 'there' if region == THERE else 'third'}"


def ask(aws: World, name: str, region: str, asked: str, body: Any = None) -> tuple[int, Any]:
    """What a client of the domain's is answered: `PUT /vectors/_doc/1`."""
    status, said = aws.tell("opensearch", domain=[region, domain_of(name, region)], ask=[*asked.split(" "), body])
    return status, said


def write(aws: World, name: str, region: str, key: str, index: str = "vectors") -> int:
    """One document: the status that its client sees."""
    return ask(aws, name, region, f"PUT /{index}/_doc/{key}", {"v": key})[0]


def told(aws: World, name: str, region: str, **what: Any) -> dict[str, Any]:
    """Something happens to the domain; its documents, and whether they are blocked, by index."""
    found: dict[str, Any] = aws.tell("opensearch", domain=[region, domain_of(name, region)], **what)
    return found


def stand_domain(aws: World, name: str, region: str, **more: Any) -> None:
    """One, empty."""
    aws.client("opensearch", region).create_domain(DomainName=domain_of(name, region), **more)


def connect(aws: World, name: str, follower: str, leader: str, alias: str = ALIAS) -> None:
    """The one may follow the other."""
    ends = {
        "LocalDomainInfo": {"AWSDomainInformation": {"DomainName": domain_of(name, follower), "Region": follower}},
        "RemoteDomainInfo": {"AWSDomainInformation": {"DomainName": domain_of(name, leader), "Region": leader}},
    }
    client = aws.client("opensearch", follower)
    made = client.create_outbound_connection(ConnectionAlias=alias, **ends)
    aws.client("opensearch", leader).accept_inbound_connection(ConnectionId=made["ConnectionId"])
    for _ in range(2):
        client.describe_outbound_connections()


def follow(aws: World, name: str, region: str, index: str = "vectors", alias: str = ALIAS) -> None:
    """That domain's index follows, and has been copied."""
    body = {"leader_alias": alias, "leader_index": index}
    said = ask(aws, name, region, f"PUT /_plugins/_replication/{index}/_start", body)
    assert said == (200, {"acknowledged": True})
    for _ in range(2):
        ask(aws, name, region, f"GET /_plugins/_replication/{index}/_status")


def stand_pair(aws: World, name: str, *indices: str, guarded: bool = False) -> None:
    """Written here, followed there: by default one index of two shards, with five documents."""
    more = {"AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": True}} if guarded else {}
    for region in (HERE, THERE):
        stand_domain(aws, name, region, **more)
    connect(aws, name, THERE, HERE)
    for index in indices or ("vectors",):
        ask(aws, name, HERE, f"PUT /{index}", {"settings": {"index.number_of_shards": 2}})
        for number in range(5):
            assert write(aws, name, HERE, f"doc-{number}", index) == 200
        if not guarded:
            follow(aws, name, THERE, index)


def settings_of(aws: World, name: str, region: str, **more: Any) -> Settings:
    """Of the domain in that region."""
    domain = domain_of(name, region)
    url = f"{aws.url}/_domain/{region}/{domain}"
    return aws.settings(region, **{"domain": domain, "indices": ["vectors"], "url": url, **more})


def decide(aws: World, name: str, region: str, epoch: int = EPOCH) -> None:
    """The domain keeps that decision."""
    arn = f"arn:aws:es:{region}:{ACCOUNT}:domain/{domain_of(name, region)}"
    aws.client("opensearch", region).add_tags(ARN=arn, TagList=[{"Key": "evac:epoch", "Value": str(epoch)}])


class _Domain(OnAws):
    there = THERE

    async def stand(self) -> Settings:
        """Written here, followed there."""
        stand_pair(self.aws, self.name)
        return settings_of(self.aws, self.name, self.there)

    async def effect(self) -> Any:
        """All indices of both domains, with their blocks, what follows, and the rules."""
        return {region: self._shown(region) for region in (HERE, THERE)}

    async def absent(self, settings: Settings) -> Settings:
        """Another domain."""
        return {**settings, "domain": "none"}

    def _shown(self, region: str) -> Any:
        following = "GET /_plugins/_replication/vectors/_status"
        rules = "GET /_plugins/_replication/autofollow_stats"
        asked = [ask(self.aws, self.name, region, path) for path in (following, rules)]
        return told(self.aws, self.name, region), asked


class DetectOpensearch(_Domain):
    """A look at the standby."""

    uses = "detect.opensearch"

    async def spoil(self, settings: Settings) -> Settings:
        """A shard of the writer's has no primary."""
        told(self.aws, self.name, HERE, indices={"vectors": {"broken": True}})
        return {**settings, **settings_of(self.aws, self.name, HERE)}


class FenceOpensearch(_Domain):
    """The writer's index is blocked."""

    uses = "fence.opensearch"
    there = HERE
    lost = "es:ESHttpPut"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/fence/test_opensearch.py"
    }

    async def spoil(self, settings: Settings) -> Settings:
        """It has none of the indices."""
        return {**settings, "indices": ["none"]}


class PromoteOpensearch(_Domain):
    """The follower is stopped."""

    uses = "promote.opensearch"
    lost = "es:ESHttpPost"

    async def spoil(self, settings: Settings) -> Settings:
        """It is still being copied."""
        told(self.aws, self.name, THERE, indices={"vectors": {"state": "BOOTSTRAPPING", "looks": 99}})
        return settings


class CatchUpOpensearch(_Domain):
    """The writer has been fenced, and the follower gets the rest at the next look."""

    uses = "catch_up.opensearch"

    async def stand(self) -> Settings:
        """Of a fenced writer."""
        settings = await super().stand()
        upstream = settings_of(self.aws, self.name, HERE)
        await perform("fence.opensearch", upstream, within=self.within)
        return {**settings, "upstream": upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """Replication has been paused."""
        told(self.aws, self.name, THERE, indices={"vectors": {"state": "PAUSED", "reason": "AutoPaused"}})
        return settings


class ReseedOpensearch(_Domain):
    """A former writer, fenced, whose successor has taken over."""

    uses = "reseed.opensearch"
    there = HERE
    lost = "es:ESHttpPut"

    async def stand(self) -> Settings:
        """Fenced here, promoted there, by an older decision."""
        await super().stand()
        here, there = settings_of(self.aws, self.name, HERE), settings_of(self.aws, self.name, THERE)
        await perform("fence.opensearch", here, within=self.within, epoch=EPOCH - 2)
        await perform("promote.opensearch", there, within=self.within, epoch=EPOCH - 2)
        return {**here, "upstream": there}

    async def spoil(self, settings: Settings) -> Settings:
        """It takes writes again."""
        told(self.aws, self.name, HERE, indices={"vectors": {"barred": False}})
        return settings
