"""`cut_over.routing_control`: flip ARC's routing controls, by their data plane."""

from activities.aws import OnAws
from activities.clients.routing_control import Controls, note_controls, read_controls, turn_controls
from activities.contract import Job
from activities.switching import Switch, Switches
from runbooks.aws.switches import RoutingControlCommon


class CutOverRoutingControl(OnAws, Switch[Controls, Switches]):
    """Sets all controls at once, at whichever of the cluster's five endpoints answers. Needs no control plane."""

    uses = "cut_over.routing_control"
    permissions = (
        "route53-recovery-cluster:GetRoutingControlState",
        "route53-recovery-cluster:UpdateRoutingControlStates",
        "route53-recovery-control-config:ListTagsForResource",
        "route53-recovery-control-config:TagResource",
    )
    Settings = Controls
    view = Switches
    every = 0.2

    @classmethod
    def arns(cls, settings: RoutingControlCommon) -> tuple[str, ...]:
        """The controls, and their panel, whose tag keeps the decision."""
        places = settings.places.values() if isinstance(settings, Controls) else [settings]
        controls = [str(getattr(place, "control")) for place in places]  # noqa: B009 - of one place, or of all
        return (*controls, *dict.fromkeys(control.partition("/routingcontrol/")[0] for control in controls))

    async def _see(self, job: Job[Controls]) -> Switches:
        return await read_controls(job)

    async def _note(self, job: Job[Controls], seen: Switches) -> None:
        del seen
        await note_controls(job)

    async def _turn(self, job: Job[Controls], seen: Switches, on: tuple[str, ...], was: Switches | None) -> None:
        del seen, was
        await turn_controls(job, on)
