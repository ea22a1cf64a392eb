"""The kind `opensearch`: domains of Amazon OpenSearch Service, whose indices follow each other across regions."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from runbooks.aws.access import AwsSettings, Endpoint
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import SecretRef

KEPT_PREFIX = "evac-"
"""What a reseed keeps of a former index has this before its name: no pattern of a runbook's may take it in."""

LONGEST = 3000
"""Characters of indices in one request: OpenSearch takes 4096 in its first line."""

_INDEX = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._*-]*$", max_length=200)]


class OpensearchSettings(AwsSettings):
    """One region's domain, and its indices that cross-cluster replication copies.

    An index is written where it follows no other, and refuses writes where it does: so the writer is the domain whose
    indices follow nobody, and are not blocked. An index keeps its name in every region. What is no index yet cannot be
    fenced: give an explicit name, or forbid clients to create indices.
    """

    domain: str = Field(pattern=r"^[a-z][a-z0-9-]{2,27}$")
    indices: tuple[_INDEX, ...] = Field(min_length=1)
    """Names, or patterns with `*`: new indices of these are followed by a rule, which a reseed makes."""
    url: Endpoint | None = None
    """Where the domain's own interface is asked, in place of the address that AWS shows of it."""
    user: str | None = None
    """A user of the domain's own, in place of a request signed by AWS credentials."""
    password: SecretRef | None = None
    near: int = Field(default=1000, ge=0)
    """A standby that lacks no more operations has the rest in a moment: a planned move may stop the writes then."""
    leader_role: str = "cross_cluster_replication_leader_full_access"
    """With fine-grained access control: as whom replication reads in the writer's domain."""
    follower_role: str = "cross_cluster_replication_follower_full_access"
    """The same, as whom it writes in the standby's."""

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if (self.user is None) != (self.password is None):
            message = "give user and password, or neither: then requests are signed by AWS credentials"
            raise ValueError(message)
        if len(",".join(self.indices)) > LONGEST:
            message = f"the names of the indices have more than {LONGEST} characters: use patterns"
            raise ValueError(message)
        stems = {name: name.partition("*")[0] for name in self.indices}
        taken = [name for name, stem in stems.items() if stem.startswith(KEPT_PREFIX) or _wide(name, stem)]
        if taken:
            message = f"`{taken[0]}` takes in what Evac keeps of former indices, whose names begin with {KEPT_PREFIX}"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """`region:domain`, by which other domains know it."""
        return f"{self.aws_region}:{self.domain}"


def _wide(name: str, stem: str) -> bool:
    """Such as `e*`, which also fits what begins with the prefix."""
    return "*" in name and KEPT_PREFIX.startswith(stem)


KIND = Kind(
    "opensearch",
    frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
    OpensearchSettings,
    identity=("aws_region", "domain"),
    undoes=frozenset({Verb.FENCE}),
    name_of=("aws_region", "domain"),
)
