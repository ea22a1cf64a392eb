"""A plan for a person who has to say yes to it: the words of `runbooks/render.py`, coloured on a terminal."""

from rich.text import Text

from runbooks.plan import Plan
from runbooks.render import Part, plan_lines

_STYLES = {
    Part.TITLE: "bold",
    Part.LOSS: "bold red",
    Part.REFUSED: "bold yellow",
    Part.ACCEPTED: "yellow",
    Part.NOTE: "dim",
}


def plan_view(plan: Plan) -> Text:
    """Everything that an approver must know, the most important first."""
    return Text("\n").join(
        Text(str(line), style="magenta" if line.final else _STYLES.get(line.part, "")) for line in plan_lines(plan)
    )
