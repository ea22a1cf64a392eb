"""The shipped modules: formatted, documented, validated, and of one shape."""

import os
import subprocess
from typing import Any

import pytest
import yaml

from tests.terraform.library import BEGIN, LIBRARY, MODULES, blocks, parsed, table
from tests.terraform.modules import NEEDED, PROGRAM

SIZED = [module for module in MODULES if "standby_size" in blocks(module, "variable")]
EACH = pytest.mark.parametrize("module", MODULES)


def test_all_modules_are_there() -> None:
    """What the README lists."""
    assert MODULES == [
        "aks-gpu",
        "azure-gpu-vmss",
        "ec2-gpu-asg",
        "eks-gpu",
        "multi-cloud",
        "secrets",
        "state-backend/azurerm",
        "state-backend/gcs",
        "state-backend/s3",
    ]
    text = (LIBRARY / "README.md").read_text()
    assert [module for module in MODULES if f"({module}/README.md)" not in text] == []


@NEEDED
def test_all_files_are_formatted() -> None:
    """As `terraform fmt` would write them."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [PROGRAM, "fmt", "-check", "-recursive", str(LIBRARY)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@EACH
def test_every_file_is_read_by_an_hcl_parser(module: str) -> None:
    """Not by Terraform alone."""
    assert all(parsed(path) for path in (LIBRARY / module).glob("*.tf"))


@EACH
def test_the_readme_lists_inputs_and_outputs(module: str) -> None:
    """`python -m tests.terraform.library` writes its tables anew."""
    assert (LIBRARY / module / "README.md").read_text().partition(BEGIN)[2] == "\n" + table(module)


@pytest.mark.parametrize("module", SIZED)
def test_a_size_is_a_variable_that_is_checked_and_an_output(module: str) -> None:
    """What scale.terraform drives, and what it reads."""
    variable = blocks(module, "variable")["standby_size"]
    assert variable["type"].strip("${}") == "number"
    assert "validation" in variable
    assert "standby_size" in blocks(module, "output")


def workflow() -> dict[str, Any]:
    """The file for users of GitHub Actions."""
    document: dict[str, Any] = yaml.safe_load((LIBRARY.parent / "github" / "terraform.yml").read_text())
    return document


def test_the_workflow_plans_pull_requests_and_applies_main() -> None:
    """Format, validate, plan, apply, and the runbooks are checked; nothing is applied for a pull request."""
    jobs = workflow()["jobs"]
    ran = {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert "terraform fmt -check -recursive" in ran["validate"]
    assert " validate\n" in ran["validate"]
    assert "evac validate" in ran["validate"]
    assert jobs["plan"]["if"] == "github.event_name == 'pull_request'"
    assert "apply" not in ran["plan"]
    assert "github.ref == 'refs/heads/main'" in jobs["apply"]["if"]
    assert "apply.tfplan" in ran["apply"]
    assert all(job.get("needs", "validate") == "validate" for job in jobs.values())
    assert workflow()["permissions"] == {"contents": "read", "id-token": "write", "pull-requests": "write"}
