"""The least IAM policy for one runbook: what its technologies declare, narrowed to what its settings name. Pure.

Policy    of one identity: the worker's own, or a role that settings take on
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from activities.aws import OnAws, account_of
from activities.catalog import CATALOG
from runbooks.aws.access import AwsSettings
from runbooks.kubernetes import KubernetesAccess
from runbooks.models import Runbook
from runbooks.reach import Asked, reach
from runbooks.references import on_aws
from runbooks.secret_refs import references
from runbooks.values import Model

MOST = 6144
"""Characters of a managed policy, blanks aside: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
_NAMED = 3
Document = dict[str, Any]


@dataclass(frozen=True)
class Grant:
    """One action on one resource, and what for."""

    role: str | None
    action: str
    resource: str
    purpose: str


@dataclass(frozen=True)
class Policy:
    """What one identity must be allowed."""

    role: str | None
    """None: whoever the worker is."""
    external_id: str | None
    """The reference of what the role's trust policy may demand."""
    document: Document

    @property
    def size(self) -> int:
        """As IAM counts it: blanks aside."""
        return len(re.sub(r"\s", "", json.dumps(self.document)))

    def trust(self, principal: str) -> Document:
        """The role's trust policy, for a worker that is `principal`. Who holds the external id puts it in."""
        condition: Document = {"StringLike": {"sts:RoleSessionName": "evac-*"}}
        if self.external_id is not None:
            condition["StringEquals"] = {"sts:ExternalId": f"<{self.external_id}>"}
        statement = {
            "Sid": "EvacRuns",
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }
        return {"Version": "2012-10-17", "Statement": [statement]}


def policies(book: Runbook) -> tuple[Policy, ...]:
    """The worker's own policy first, then one for each role; nothing for a runbook that asks nothing of AWS."""
    asked, clusters = tuple(_on_aws(book)), tuple(_clusters(book))
    grants = [*_grants(asked), *_finding(clusters), *_secrets(book)]
    everyone = [
        *(one for _, settings in asked for one in _as_whom(settings)),
        *(one.eks for one in clusters if one.eks is not None),
    ]
    roles = {one.role: one.external_id for one in everyone if one.role is not None}
    grants += [Grant(None, "sts:AssumeRole", role, "TakeOnRoles") for role in roles]
    return tuple(
        Policy(role, roles.get(role) if role else None, _document([one for one in grants if one.role == role]))
        for role in (None, *sorted(roles))
        if any(one.role == role for one in grants)
    )


def _on_aws(book: Runbook) -> Iterator[tuple[Asked, AwsSettings]]:
    for asked in reach(book):
        row = CATALOG.get(asked.uses)
        settings = _settings(asked) if row is not None and issubclass(row.technology, OnAws) else None
        if settings is not None:
            yield asked, settings


def _settings(asked: Asked) -> AwsSettings | None:
    """As the technology reads them; None when it could not be called so."""
    found = _read(asked)
    return found if isinstance(found, AwsSettings) else None


def _read(asked: Asked) -> Model | None:
    kind: type[Model] = CATALOG[asked.uses].technology.Settings
    try:
        return kind.model_validate(asked.settings)
    except ValidationError:
        return None


def _clusters(book: Runbook) -> Iterator[KubernetesAccess]:
    """Clusters of EKS, which are found, or at least asked, as an identity of AWS; also those of an upstream."""
    for asked in reach(book):
        settings = _read(asked) if asked.uses in CATALOG else None
        for one in (settings, getattr(settings, "upstream", None)):
            if isinstance(one, KubernetesAccess) and one.eks is not None:
                yield one


def _finding(clusters: Iterable[KubernetesAccess]) -> Iterator[Grant]:
    """One whose server is said need not be looked up."""
    for one in clusters:
        if one.eks is not None and one.server is None:
            arn = f"arn:aws:eks:{one.eks.aws_region}:{account_of(one.eks)}:cluster/{one.eks.cluster}"
            yield Grant(one.eks.role, "eks:DescribeCluster", arn, "FindClusters")


def _as_whom(settings: AwsSettings) -> Iterator[AwsSettings]:
    """Whoever asks for it: as its own settings say, and as those of the other server do that it concerns."""
    yield settings
    upstream = getattr(settings, "upstream", None)
    if isinstance(upstream, AwsSettings):
        yield upstream


def _grants(asked: Iterable[tuple[Asked, AwsSettings]]) -> Iterator[Grant]:
    for (uses, _), settings in asked:
        technology: Any = CATALOG[uses].technology
        purpose = "".join(part.capitalize() for part in re.split(r"[._]", uses))
        for action in technology.needs(settings):
            resources = ("*",) if action in technology.unscoped else technology.arns(settings)
            for resource in resources:
                for one in _as_whom(settings):
                    yield Grant(one.role, action, resource, purpose)


def _secrets(book: Runbook) -> Iterator[Grant]:
    for reference in references(book):
        secret = on_aws(reference)
        if secret is not None:
            yield Grant(None, secret.permission, secret.arn, "ReadSecrets")


def _document(grants: list[Grant]) -> Document:
    """Resources that the same is allowed on share a statement; what is allowed on all is not said again."""
    everywhere = {one.action for one in grants if one.resource == "*"}
    allowed: dict[str, set[str]] = {}
    for one in grants:
        if one.resource == "*" or one.action not in everywhere:
            allowed.setdefault(one.resource, set()).add(one.action)
    groups: dict[tuple[str, ...], list[str]] = {}
    for resource in sorted(allowed):
        groups.setdefault(tuple(sorted(allowed[resource])), []).append(resource)
    statements: list[Document] = []
    for actions, resources in groups.items():
        sid = _sid(grants, set(actions), set(resources), {str(one["Sid"]) for one in statements})
        statements.append({"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources})
    return {"Version": "2012-10-17", "Statement": statements}


def _sid(grants: list[Grant], actions: set[str], resources: set[str], taken: set[str]) -> str:
    """What the statement is for, in letters and digits: `DetectEcsScaleEcs`, unique."""
    purposes = sorted({one.purpose for one in grants if one.action in actions and one.resource in resources})
    name = "".join(purposes[:_NAMED]) + ("AndMore" if len(purposes) > _NAMED else "")
    name += "Anywhere" if resources == {"*"} else ""
    return next(sid for number in range(1, len(taken) + 2) if (sid := name + str(number) * (number > 1)) not in taken)
