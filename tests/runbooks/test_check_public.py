"""Advice on public names: a control plane that may be lost with the region being left."""

from runbooks.load import LoadedRunbook, loads
from tests.runbooks.documents import spoilt
from tests.runbooks.public_names import REGIONS, book

FIRST, SECOND, THIRD = REGIONS


def route53(shares: dict[str, int], common: str = "", check: str = "") -> LoadedRunbook:
    """An address for each region."""
    settings = {name: f"{{to: [192.0.2.{n}]{check}}}" for n, name in enumerate(shares, 1)}
    return book("route53", f"{{zone_id: ZONE1, name: api.example.com{common}}}", settings, shares)


def notes(loaded: LoadedRunbook) -> list[str]:
    """What is said of the public name."""
    return [note.sentence for note in loaded.notes if note.path[-1] == "public"]


def test_a_control_plane_in_the_region_that_is_left() -> None:
    """The step, the region, and what to use instead."""
    (sentence,) = notes(route53({FIRST: 100, SECOND: 0}))
    assert sentence == (
        "cut_over.public changes Route 53, whose control plane is in us-east-1: it may be away when us-east-1 is what "
        "is left; kind routing_control flips switches in five regions without it"
    )


def test_elsewhere_it_is_no_trouble() -> None:
    """It will not be lost with any region of the runbook."""
    assert notes(route53({SECOND: 100, THIRD: 0})) == []


def test_regions_of_another_name_are_known_by_what_is_in_them() -> None:
    """An ECS service says which region of AWS is meant."""
    text = spoilt(("us-east-1:", "virginia:"))
    text = text.replace("us-east-1", "virginia").replace(
        "kind: process", "kind: ecs\n    common: {cluster: c, service: s}"
    )
    text = text.replace('{agent: "http://use1:1"}', "{aws_region: us-east-1}")
    text = text.replace('{agent: "http://euw1:1"}', "{aws_region: eu-west-1}")
    text = text.replace(
        'kind: rfc2136\n    common: {zone: z., name: a.z., servers: ["192.0.2.1:53"], key_name: k., key_secret: "env://K"}',
        "kind: route53\n    common: {zone_id: Z1, name: a.z}",
    )
    text = text.replace("{address: 192.0.2.2}", "{to: [192.0.2.2]}").replace(
        "{address: 192.0.2.3}", "{to: [192.0.2.3]}"
    )
    found = [note.sentence for note in loads(text).notes if note.path[-1] == "name"]
    assert [sentence.partition(";")[0].partition(": ")[2] for sentence in found] == [
        "it may be away when virginia is what is left"
    ]


def test_the_global_address_of_sts_is_in_one_region() -> None:
    """Every role would be taken on there."""
    role = ", role: 'arn:aws:iam::123456789012:role/evac', endpoints: {sts: 'https://sts.amazonaws.com'}"
    (_, sentence) = notes(route53({FIRST: 100, SECOND: 0}, role))
    assert sentence == (
        "public takes on its role at sts.amazonaws.com, which is in us-east-1: every step on it fails when us-east-1 "
        "is what is left; take it out of `endpoints`, and the region's own is asked"
    )


def test_routing_controls_need_no_control_plane() -> None:
    """Nothing is said of them."""
    control = "arn:aws:route53-recovery-control::123456789012:controlpanel/a/routingcontrol"
    settings = {FIRST: f"{{control: '{control}/1'}}", SECOND: f"{{control: '{control}/2'}}"}
    common = "{cluster: {us-east-1: 'https://a.example.com'}}"
    assert notes(book("routing_control", common, settings, {FIRST: 100, SECOND: 0})) == []


def test_failover_routing_is_not_for_several_active_regions() -> None:
    """It leads to one."""
    first, *_ = notes(route53({FIRST: 50, SECOND: 50}, ", routing: failover", ", health_check: h"))
    assert first == "public leads to one region at a time, but us-east-1 and eu-west-1 take traffic"


def azure_dns(group: str) -> list[str]:
    """What is said of a name in Azure DNS, in that group, beside a scale set for each region."""
    scale_set = "subscription: 11111111-2222-3333-4444-555555555555, scale_set: llm, resource_group"
    old = 'zone: z., name: a.z., servers: ["192.0.2.1:53"], key_name: k., key_secret: "env://K"'
    new = f"subscription: 11111111-2222-3333-4444-555555555555, resource_group: {group}, zone: a.z, name: b.a.z"
    text = spoilt(
        ("kind: process", "kind: vmss"),
        ('{agent: "http://use1:1"}', f"{{{scale_set}: llm-us, azure_region: eastus}}"),
        ('{agent: "http://euw1:1"}', f"{{{scale_set}: llm-eu, azure_region: westeurope}}"),
        ("kind: rfc2136", "kind: azure_dns"),
        (old, new),
        ("{address: 192.0.2.2}", "{to: [192.0.2.2]}"),
        ("{address: 192.0.2.3}", "{to: [192.0.2.3]}"),
    )
    return [note.sentence for note in loads(text).notes if note.path[-1] == "name"]


def test_a_resource_group_of_a_region_that_is_left() -> None:
    """Azure's global services are changed where their group is."""
    (sentence,) = azure_dns("llm-us")
    assert sentence.startswith("cut_over.name changes Azure DNS in the resource group llm-us, which has what is in us-")
    assert azure_dns("dns") == []
