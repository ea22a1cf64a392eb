"""`evac permissions`: the policies on stdout, and nothing else there."""

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.activities.test_least_policy import ECS, ROLE
from tests.activities.test_least_role import IDENTITY, azure_text
from tests.runbooks.documents import SMALL, spoilt
from triggers.cli.main import app

RUNNER = CliRunner()
WORKER = "arn:aws:iam::123456789012:role/worker"


def file(folder: Path, text: str = "") -> str:
    """A runbook's file."""
    path = folder / "shop.yaml"
    path.write_text(text or spoilt(("checks:", ECS.replace("ROLE", ROLE))))
    return str(path)


def test_a_person_reads_every_identity(tmp_path: Path) -> None:
    """Each under a line that says whose it is, and the trust that the roles need."""
    shown = RUNNER.invoke(app, ["permissions", "aws", file(tmp_path), "--role-trust", WORKER])
    assert shown.exit_code == 0
    heads = [line for line in shown.stdout.splitlines() if line.startswith("#")]
    assert heads == ["# The worker's own identity", f"# {ROLE}", f"# The trust policy of {ROLE}"]


def test_a_program_reads_one_document(tmp_path: Path) -> None:
    """As IAM takes it: of the worker, of a role, or a role's trust."""
    given = file(tmp_path)
    documents = [
        json.loads(RUNNER.invoke(app, ["permissions", "aws", given, "--json", *more]).stdout)
        for more in ([], ["--role", ROLE], ["--role", ROLE, "--role-trust", WORKER])
    ]
    own, role, trust = (one["Statement"] for one in documents)
    assert {"DetectEcsScaleEcs", "TakeOnRoles", "ReadSecrets"} <= {one["Sid"] for one in own}
    assert {"TakeOnRoles", "ReadSecrets"} & {one["Sid"] for one in role} == set()
    assert trust[0]["Principal"] == {"AWS": WORKER}


def test_a_role_that_it_does_not_take_on_is_said(tmp_path: Path) -> None:
    """With those that it does."""
    shown = RUNNER.invoke(app, ["permissions", "aws", file(tmp_path), "--role", "arn:aws:iam::1:role/x"])
    assert shown.exit_code == 2
    assert f"its roles: {ROLE}" in " ".join(shown.stderr.split())


def test_a_runbook_without_aws_is_said_to_be_one(tmp_path: Path) -> None:
    """And as JSON it is a policy of nothing."""
    given = file(tmp_path, SMALL)
    assert RUNNER.invoke(app, ["permissions", "aws", given]).stdout == "shop asks nothing of AWS.\n"
    assert json.loads(RUNNER.invoke(app, ["permissions", "aws", given, "--json"]).stdout)["Statement"] == []


def test_a_policy_that_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    """On stderr; the policy is written all the same."""
    steps = "".join(
        f"  - {{name: step-{number}, uses: run.aws_lambda, before: cut_over, "
        f"settings: {{aws_region: eu-west-1, function: {'f' * 60}{number}}}}}\n"
        for number in range(70)
    )
    given = file(tmp_path, spoilt(("checks:", f"steps:\n{steps}checks:")))
    shown = RUNNER.invoke(app, ["permissions", "aws", given, "--json"])
    assert json.loads(shown.stdout)["Statement"]
    assert "a managed policy has at most 6144" in " ".join(shown.stderr.split())


def test_a_person_reads_where_a_role_of_azure_is_assigned(tmp_path: Path) -> None:
    """Each identity's role, under the resources that it is for."""
    shown = RUNNER.invoke(app, ["permissions", "azure", file(tmp_path, azure_text())])
    assert shown.exit_code == 0
    heads = {line for line in shown.stdout.splitlines() if line.startswith("# ") and not line.startswith("# /")}
    assert heads == {
        f"# The managed identity {IDENTITY}; assign the role at:",
        "# The worker's own identity; assign the role at:",
    }
    assert "Microsoft.Compute/virtualMachineScaleSets/write" in shown.stdout


def test_a_program_reads_the_roles_of_azure(tmp_path: Path) -> None:
    """Each beside the places at which it must be assigned."""
    shown = RUNNER.invoke(app, ["permissions", "azure", file(tmp_path, azure_text()), "--json"])
    found = json.loads(shown.stdout)
    assert {frozenset(one) for one in found} == {frozenset({"assign_at", "role"})}
    assert len({one["role"]["Name"] for one in found}) == len(found)


def test_a_runbook_that_asks_nothing_of_azure_says_so(tmp_path: Path) -> None:
    """Nothing is written that could be taken for a role."""
    shown = RUNNER.invoke(app, ["permissions", "azure", file(tmp_path, SMALL)])
    assert "asks nothing of Azure" in shown.stdout + shown.stderr
    assert "Actions" not in shown.stdout
