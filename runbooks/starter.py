"""A first runbook from a few answers: YAML with comments that is valid as it stands. Pure."""

import hashlib
import json
import re
from string import Template
from typing import Literal

from pydantic import model_validator

from runbooks.models import Role
from runbooks.starter_part import STORES, Part, What
from runbooks.starter_parts import PARTS
from runbooks.values import Model, Slug

Serving = Literal["active-standby", "active-active"]
SERVICE, PUBLIC = "service", "public-name"
"""What these resources are called."""
_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z0-9]+)+-[0-9]")
_AWS_REGIONS = (
    *("us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-1"),
    *("us-east-2", "eu-north-1", "ap-northeast-1", "ca-central-1", "sa-east-1"),
)
"""What is put in where a region's own name is none of AWS's: each another one, to be corrected."""
_PLAIN = re.compile(r"[a-z][a-z0-9-]*")
_NOT_PLAIN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_COMMENT = re.compile(r"(?<=.) # .*$")
_WHOLE = 100
_LONGEST, _SHORTEST, _DIGEST = 44, 22, 8
"""Characters of a resource in a region (an instance of RDS has 48, with what stands before it), and of a name alone (a
domain of OpenSearch has 28); of the digest in those that are cut."""
_LARGE, _SMALL = 2, 1


class Store(Model):
    """A database, cache or queue."""

    kind: str
    name: Slug


class Answers(Model):
    """What is asked for a first runbook. `service` and `public_name` may be empty: then there is none."""

    name: Slug
    regions: tuple[Slug, ...]
    serving: Serving = "active-standby"
    service: str = ""
    stores: tuple[Store, ...] = ()
    public_name: str = ""
    public_kind: str = "rfc2136"
    """What leads clients by the public name."""
    rto: str = "5m"
    rpo: str = "30s"
    owners: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_something(self) -> "Answers":
        wrong = nothing_to_move(self.service, self.stores, self.public_name) or same_name(self.stores)
        if wrong:
            raise ValueError(wrong)
        return self

    @property
    def zone(self) -> str:
        """The DNS zone of its hosts."""
        _, _, above = self.public_name.partition(".")
        return above if "." in above else self.public_name or f"{self.name}.example.com"


def _aws_region(region: str, regions: tuple[str, ...]) -> str:
    """AWS's name of it, as far as it can be guessed; empty for none."""
    if not region or _AWS_REGION.fullmatch(region):
        return region
    return _AWS_REGIONS[regions.index(region) % len(_AWS_REGIONS)]


def nothing_to_move(service: str, stores: tuple[Store, ...], public_name: str) -> str | None:
    """Why that is no system, or None."""
    if service or stores or public_name:
        return None
    return "nothing would have to be moved: give a service, a database, cache or queue, or a public name"


def same_name(stores: tuple[Store, ...]) -> str | None:
    """Why the resources cannot be told apart, or None."""
    names = [SERVICE, PUBLIC, *(store.name for store in stores)]
    twice = next((name for name in names if names.count(name) > 1), None)
    return None if twice is None else f"two resources are called {twice}: write another name, such as postgres:orders"


def first_runbook(answers: Answers) -> str:
    """The whole document."""
    parts = [_head(answers), _regions(answers), _resources(answers), _checks(answers), _rules(answers)]
    return "\n".join(parts)


def _head(answers: Answers) -> str:
    roles = f"""
# Who may decide: `approval.by` below names this role.
roles:
  approvers: {_list(answers.approvers)}
"""
    return f"""\
# yaml-language-server: $schema=evac.schema.json
#
# Written by `evac init`. Put in your own hosts and names, then run `evac validate` over it: every fault at once.
# `evac schema > evac.schema.json` beside this file lets your editor check it while you type.
evac: 1
name: {_word(answers.name)}
owners: {_list(answers.owners)}
{roles if answers.approvers else ""}
# What is promised, and measured in every run and drill.
objectives:
  rto: {answers.rto} # the longest time from the first failed probe until it serves again
  rpo: {answers.rpo} # the longest time of writes that may be lost; beyond it a plan refuses itself
"""


def _regions(answers: Answers) -> str:
    lines = ["# What can fail as a whole, and who serves in normal times.", "regions:"]
    for region, share in _shares(answers).items():
        role = Role.ACTIVE if share else Role.STANDBY
        lines.append(f"  {_word(region)}: {{role: {role}, traffic: {share}}}")
    return "\n".join(lines) + "\n"


def _shares(answers: Answers) -> dict[str, int]:
    """The traffic of each region in normal times: all to the first, or to each its part."""
    if answers.serving == "active-standby":
        return {region: 0 if number else _WHOLE for number, region in enumerate(answers.regions)}
    part, rest = divmod(_WHOLE, len(answers.regions))
    return {region: part + (number < rest) for number, region in enumerate(answers.regions)}


def _named_parts(answers: Answers) -> list[tuple[str, Part]]:
    """Its resources, the data first."""
    found = [(store.name, PARTS[store.kind]) for store in answers.stores]
    found += [(SERVICE, PARTS[answers.service])] if answers.service else []
    found += [(PUBLIC, PARTS[answers.public_kind])] if answers.public_name else []
    return found


def _resources(answers: Answers) -> str:
    lines = [
        "# What must follow the move. `common` holds in every region; a region's own settings are laid over it.",
        "resources:",
    ]
    for name, part in _named_parts(answers):
        lines += [f"  # {part.comment}", f"  {_word(name)}:", f"    kind: {part.kind}"]
        lines += _more(answers, part)
        lines += ["    common:", *_indented(6, _filled(part.common, answers, name)), "    settings:"]
        for number, region in enumerate(answers.regions):
            text = _filled(part.regional, answers, name, region)
            lines += [f"      {_word(region)}:", *_indented(8, _uncommented(text) if number else text)]
        lines.append("")
    return "\n".join(lines)


def _more(answers: Answers, part: Part) -> list[str]:
    """What stands beside a resource's settings."""
    if part.what is What.SERVICE:
        sizes = {region: _LARGE if share else _SMALL for region, share in _shares(answers).items()}
        told = ", ".join(f"{_word(region)}: {size}" for region, size in sizes.items())
        needs = f"\n    needs: {_list(tuple(store.name for store in answers.stores))}" if answers.stores else ""
        return [f"    replicas: {{{told}}} # its normal size in each region{needs}"]
    if part.what in STORES and answers.serving == "active-active":
        return [f"    home: {_word(answers.regions[0])} # where its one writer lives when all is well"]
    return []


def _filled(text: str, answers: Answers, name: str, region: str = "") -> str:
    return Template(text).substitute(
        key=_word(name),
        name=name,
        region=region,
        place=_shortened(f"{name}-{region}", _LONGEST),
        short=_shortened(name, _SHORTEST),
        aws_region=_aws_region(region, answers.regions),
        zone=answers.zone,
        public=answers.public_name,
        env=f"EVAC_{name.upper().replace('-', '_')}",
        address=f"192.0.2.{10 + answers.regions.index(region)}" if region else "",
        number=answers.regions.index(region) if region else "",
        regions=", ".join(json.dumps(each) for each in answers.regions),
    )


def _shortened(text: str, most: int) -> str:
    """The text itself where every cloud takes it; else its beginning and a digest of the whole, so that none is twice.

    Two hyphens in a row are too many for some.
    """
    single = re.sub("-+", "-", text)
    if single == text and len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{single[: most - _DIGEST - 1].rstrip('-')}-{digest}"


def _uncommented(text: str) -> str:
    """Without what the region above has explained already."""
    return "\n".join(_COMMENT.sub("", line) for line in text.splitlines())


def _indented(blanks: int, text: str) -> list[str]:
    return [" " * blanks + line for line in text.splitlines()]


def _checks(answers: Answers) -> str:
    lines = [
        "# What 'healthy' means. Some are asked all the time to see whether a region is dead; all judge the end.",
        "checks:",
    ]
    if answers.service or answers.public_name:
        lines += ["  - name: front.health", "    kind: http", f'    url: "https://{{region}}.{answers.zone}/healthz"']
    for name, part in _named_parts(answers):
        lines += _indented(2, _filled(part.checks, answers, name))
    return "\n".join(lines) + "\n"


def _rules(answers: Answers) -> str:
    by = "by: [approvers], " if answers.approvers else ""
    whom = "one of the approvers" if answers.approvers else "anyone"
    return f"""\
# Who sees that a region is dead: every region and the witness (a worker outside all of them). The word of those outside
# the suspected region counts; a majority must agree, each after so many failed probes in a row.
detect: {{interval: 1s, failures: 3}}

# Who says yes: {whom}, but never whoever asked for it.
policy:
  failover:
    approval: {{{by}count: 1, timeout: 10m}}
  switchover:
    approval: {{{by}count: 1, timeout: 1h}}
  failback:
    approval: {{{by}count: 1, timeout: 1h}}
  drill:
    approval: {{{by}count: 1, timeout: 1h}}
    soak: 1m # how long the other region serves before it goes home

notify:
  - {{uses: notify.log}}
"""


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(_word(text) for text in texts)}]"


def _word(text: str) -> str:
    """The text as YAML reads it back: quoted wherever it might be taken for something else."""
    plain = _PLAIN.fullmatch(text) and text not in _NOT_PLAIN
    return text if plain else json.dumps(text, ensure_ascii=False)
