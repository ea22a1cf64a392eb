import logging
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from lab.manager import running
from lab.regions import kill
from lab.topology import Lab, LabSpec
from tests.activities.calls import ACTIVE, STANDBY, perform, postgres, powered, public_name, queue


async def told(uses: str, settings: dict[str, Any]) -> str:
    """All that Temporal would keep of a call."""
    try:
        return (await perform(uses, settings)).model_dump_json()
    except ApplicationError as error:
        return f"{error.message} {error.details} {error.__cause__!r}"


def secrets_of(lab: Lab) -> list[str]:
    """The values of all the lab's secrets."""
    return [path.read_text().strip() for path in lab.secret("x").parent.iterdir()]


async def test_no_secret_is_told_or_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Every technology that uses one, on living and dead regions, with all logs of all libraries on."""
    parts = frozenset({"postgres", "queue", "power", "dns"})
    kept = ""
    async with running(LabSpec(home=tmp_path / "lab", parts=parts)) as lab:
        with caplog.at_level(logging.DEBUG):
            for uses in ("detect.postgres", "fence.postgres.check", "promote.postgres.check", "verify.sql"):
                for region in (ACTIVE, STANDBY):
                    kept += await told(uses, postgres(lab, region))
            for uses in ("detect.rfc2136", "cut_over.rfc2136", "verify.dns"):
                kept += await told(uses, public_name(lab, STANDBY, [ACTIVE]))
            for uses in ("detect.nats", "verify.nats", "fence.nats", "promote.nats"):
                for region in (ACTIVE, STANDBY):
                    kept += await told(uses, queue(lab, region))
            for uses in ("salvage.nats", "reseed.nats", "catch_up.nats", "compare.nats"):
                kept += await told(uses, queue(lab, ACTIVE, follows=STANDBY))
            kept += await told("fence.postgres", powered(lab, ACTIVE))
            await kill(lab, ACTIVE)
            kept += await told("fence.postgres", powered(lab, ACTIVE))
            kept += await told("promote.postgres", postgres(lab, STANDBY))
            kept += await told("fence.nats", queue(lab, ACTIVE, power=True))
            kept += await told("detect.nats", queue(lab, STANDBY) | {"user": "nobody"})
            kept += await told("detect.postgres", postgres(lab, STANDBY) | {"user": "nobody"})
        found = [value for value in secrets_of(lab) if value in kept or value in caplog.text]
        assert len(secrets_of(lab)) >= 5
    assert "vector-db" in kept
    assert found == []
