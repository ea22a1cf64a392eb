"""Which alerts a runbook listens to, and what it does about them (`triggers:`)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from runbooks.values import Model, Seconds, Slug

ANY = "any"
"""As `alert`: every endpoint of every source."""

AlertMode = Literal["propose", "approve", "automatic"]
"""How a run that alerts started is decided.

`propose`: at least one person must say yes, whatever the policy says, and silence is a no. `approve`: as the policy
says. `automatic`: nobody is asked.
"""


class AlertRule(Model):
    """Alerts that match are evidence that `from` is in trouble; enough of it, for long enough, starts a run.

    `alert` is a source (`alertmanager`), one endpoint of it (`alertmanager/prod`), or `any`. Every line of `match` must
    hold: labels, and `severity`, `title`, `region`, each an exact text or a `~regular expression` of the whole of it.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    alert: str
    match: dict[str, str] = {}
    start: Literal["failover", "switchover"] = "failover"
    source: str = Field(alias="from")
    """The region that is left: its name, or `{labels.<label>}` or `{region}` of the alert."""
    regions: dict[str, Slug] = {}
    """From the source's words for regions to the runbook's, where they differ."""
    mode: AlertMode = "propose"
    needs: Annotated[int, Field(ge=1, le=10)] = 1
    """So many endpoints must fire for the same region."""
    dwell: Seconds = Field(default=0.0, alias="for")
    """So long they must."""
    on_resolved: Literal["keep", "stop"] = "keep"
    """`stop`: once all of its alerts are resolved, the run that they started is stopped, if it still can be undone."""
