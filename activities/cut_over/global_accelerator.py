"""`cut_over.global_accelerator`: open and shut the traffic dials of Global Accelerator's endpoint groups."""

from activities.aws import OnAws
from activities.clients.accelerator import Dials, DialView, accelerator_of, note_on_accelerator, read_dials, turn_dials
from activities.clients.aws import aws
from activities.contract import Job
from activities.switching import Switch
from runbooks.aws.switches import AcceleratorCommon


class CutOverGlobalAccelerator(OnAws, Switch[Dials, DialView]):
    """Opens the dials of the regions that serve, then shuts the others; waits until the accelerator is DEPLOYED."""

    uses = "cut_over.global_accelerator"
    permissions = (
        "globalaccelerator:DescribeAccelerator",
        "globalaccelerator:DescribeEndpointGroup",
        "globalaccelerator:ListTagsForResource",
        "globalaccelerator:TagResource",
        "globalaccelerator:UpdateEndpointGroup",
    )
    Settings = Dials
    view = DialView
    every = 1.0
    atomic = False

    @classmethod
    def arns(cls, settings: AcceleratorCommon) -> tuple[str, ...]:
        """The endpoint groups, and the accelerator, whose tag keeps the decision."""
        places = settings.places.values() if isinstance(settings, Dials) else [settings]
        groups = [str(getattr(place, "endpoint_group")) for place in places]  # noqa: B009 - of one place, or of all
        return (*groups, *dict.fromkeys(accelerator_of(group) for group in groups))

    async def _see(self, job: Job[Dials]) -> DialView:
        return await read_dials(aws(job), job.settings)

    async def _note(self, job: Job[Dials], seen: DialView) -> None:
        del seen
        await note_on_accelerator(aws(job), job.settings, job.call.epoch)

    async def _turn(self, job: Job[Dials], seen: DialView, on: tuple[str, ...], was: DialView | None) -> None:
        await turn_dials(aws(job), job.settings, seen, on, was)
