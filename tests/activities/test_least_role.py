"""The least custom role for a runbook on Azure: nothing but what it asks, and nowhere but where."""

import pytest

from activities.catalog import CATALOG
from activities.least_role import Role, roles
from runbooks.load import loads
from runbooks.models import Runbook
from tests.runbooks.documents import SMALL, spoilt

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
_DELETES = "Microsoft.DBforPostgreSQL/flexibleServers/delete"
IDENTITY = "99999999-2222-3333-4444-555555555555"
VMSS = """\
  llm:
    kind: vmss
    replicas: {us-east-1: 5, eu-west-1: 2}
    common: {subscription: "SUBSCRIPTION", scale_set: llm, match: {of: 24h-maximum}}
    settings:
      us-east-1: {azure_region: eastus, resource_group: llm-us}
      eu-west-1: {azure_region: westeurope, resource_group: llm-eu, identity: "IDENTITY"}
checks:"""
POSTGRES = """\
  rows:
    kind: azure_postgres
    common: {subscription: "SUBSCRIPTION", standalone: STANDALONE}
    settings:
      us-east-1: {azure_region: eastus, resource_group: llm-us, server: llm-us}
      eu-west-1: {azure_region: westeurope, resource_group: llm-eu, server: llm-eu}
checks:"""


def azure_text() -> str:
    """The small runbook with a scale set in two groups, asked as two identities."""
    return spoilt(("checks:", VMSS.replace("SUBSCRIPTION", SUBSCRIPTION).replace("IDENTITY", IDENTITY)))


def book() -> Runbook:
    """That runbook."""
    return loads(azure_text()).runbook


def _scale_set(group: str) -> str:
    where = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    return f"{where}/providers/Microsoft.Compute/virtualMachineScaleSets/llm"


def own_of(identity: str | None) -> Role:
    """The role of that identity for what it changes: the one that holds a write."""
    return next(one for one in roles(book()) if one.identity == identity and _writes(one))


def _writes(role: Role) -> bool:
    return any(action.endswith("/write") for action in role.document["Actions"])


def test_each_identity_has_a_role_of_its_own() -> None:
    """It is assigned at the resource itself, and holds what the technologies declare."""
    named, own = own_of(IDENTITY), own_of(None)
    assert _scale_set("llm-eu") in named.scopes
    assert own.scopes == (_scale_set("llm-us"),)
    wide = {action for one in roles(book()) if one.identity is None for action in one.document["Actions"]}
    assert wide == set(CATALOG["scale.vmss"].permissions)


def test_whole_groups_and_subscriptions_are_only_read() -> None:
    """What has no narrower place is a role of its own there: nothing can be changed by it."""
    readers = {
        one.scopes: one.document["Actions"] for one in roles(book()) if one.identity is None and not _writes(one)
    }
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    assert readers == {
        (subscription,): ["Microsoft.Compute/locations/usages/read", "Microsoft.Compute/skus/read"],
        (f"{subscription}/resourceGroups/llm-us",): [
            "Microsoft.Compute/virtualMachines/read",
            "Microsoft.Insights/autoscalesettings/read",
            "Microsoft.Insights/metrics/read",
        ],
    }
    unmatched = roles(loads(azure_text().replace(", match: {of: 24h-maximum}", "")).runbook)
    assert not [one for one in unmatched if "Microsoft.Insights/metrics/read" in one.document["Actions"]]
    names = [one.document["Name"] for one in roles(book())]
    assert len(names) == len(set(names))


def test_a_role_is_defined_for_the_groups_alone() -> None:
    """A custom role cannot be defined at a resource, and needs no whole subscription."""
    own = own_of(None)
    assert own.document["AssignableScopes"] == [f"/subscriptions/{SUBSCRIPTION}/resourceGroups/llm-us"]
    assert (own.document["NotActions"], own.document["DataActions"]) == ([], [])


@pytest.mark.parametrize(("standalone", "groups"), [("false", []), ("true", ["llm-us", "llm-eu"])])
def test_a_whole_group_is_named_only_where_a_server_is_made_in_it(standalone: str, groups: list[str]) -> None:
    """Both servers; a role at their groups is wanted where each failover has a new replica made."""
    text = POSTGRES.replace("SUBSCRIPTION", SUBSCRIPTION).replace("STANDALONE", standalone)
    (role,) = roles(loads(spoilt(("checks:", text))).runbook)
    where = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    servers = {
        f"{where}/{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{group}" for group in ("llm-us", "llm-eu")
    }
    assert set(role.scopes) == servers | {f"{where}/{group}" for group in groups}
    assert not [action for action in role.document["Actions"] if action.startswith("Microsoft.Network/")]


def test_the_right_to_delete_servers_is_where_backups_are_restored_alone() -> None:
    """And only where a backup is declared: the server itself is looked at."""
    text = POSTGRES.replace("SUBSCRIPTION", SUBSCRIPTION).replace("STANDALONE", "false")
    text = text.replace("server: llm-eu}", "server: llm-eu, restore_group: drills}").replace(
        "checks:", "    backup: {}\nchecks:"
    )
    found = roles(loads(spoilt(("checks:", text))).runbook)
    deletes = {scope for one in found for scope in one.scopes if _DELETES in one.document["Actions"]}
    where = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    assert deletes == {f"{where}/drills", f"{where}/llm-us"}
    assert len({one.document["Name"] for one in found}) == len(found)
    asked = {action for one in found for action in one.document["Actions"]}
    joins = {action for action in CATALOG["restore.azure_postgres"].permissions if "/join/" in action}
    assert asked >= set(CATALOG["restore.azure_postgres"].permissions) - joins


def test_a_runbook_that_asks_nothing_of_azure_needs_no_role() -> None:
    """Then there is none."""
    assert roles(loads(SMALL).runbook) == ()


def test_secrets_are_read_at_their_vaults_alone() -> None:
    """By a role of data actions of its own: where a vault is, its name does not say."""
    text = azure_text().replace('"env://DB"', '"azure-keyvault://evac-kv/db#password"')
    *others, vault = roles(loads(text).runbook)
    assert {one.vaults for one in others} == {()}
    assert (vault.identity, vault.scopes, vault.vaults) == (None, (), ("evac-kv",))
    assert vault.document["Actions"] == []
    assert vault.document["DataActions"] == ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]
    assert vault.document["AssignableScopes"] == [f"/subscriptions/{SUBSCRIPTION}"]


def test_a_name_in_azure_dns_needs_nothing_on_records_of_other_types() -> None:
    """The zone's own type is what the runbook says."""
    name = f"""\
  public:
    kind: azure_dns
    common: {{subscription: "{SUBSCRIPTION}", resource_group: dns, zone: example.com, name: api.example.com}}
    settings:
      us-east-1: {{to: [192.0.2.1]}}
      eu-west-1: {{to: [192.0.2.2]}}
checks:"""
    (role,) = roles(loads(spoilt(("checks:", name))).runbook)
    records = {action for action in role.document["Actions"] if "/dnsZones/" in action}
    assert records == {f"Microsoft.Network/dnsZones/{what}" for what in ("read", "A/read", "A/write")}
    assert role.scopes == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com",
    )


def test_service_health_is_read_of_the_subscription_and_nothing_else_there() -> None:
    """By a role of its own."""
    check = f"  - {{kind: azure_service_health, subscription: {SUBSCRIPTION}, azure_region: '{{site}}'}}\n"
    (role,) = roles(loads(f"{SMALL}{check}").runbook)
    assert role.scopes == (f"/subscriptions/{SUBSCRIPTION}",)
    assert role.document["Actions"] == ["Microsoft.ResourceHealth/events/read"]
