"""Who looks at the console, and what they may do there. Pages and the API ask; `login.py` and `tokens.py` prove.

Role        may
viewer      look at everything, and download evidence
operator    also hold, resume, retry, abort, stop an evacuation, engage the kill switch, and start drills, readiness
            reports and restore tests
approver    also approve, reject, accept, skip, confirm and veto, which the run judges; let an evacuation go on
admin       also start what moves the traffic, evacuations too, and release the kill switch
"""

from enum import IntEnum

from runbooks.values import Model


class ConsoleRole(IntEnum):
    """Each may what those before it may."""

    VIEWER = 1
    OPERATOR = 2
    APPROVER = 3
    ADMIN = 4


class Visitor(Model):
    """Somebody whom a door of the console has proved. `name`, `proof` and `groups` go into decisions and triggers."""

    name: str
    proof: str
    groups: tuple[str, ...] = ()
    role: ConsoleRole = ConsoleRole.VIEWER

    def why_not(self, needed: ConsoleRole) -> str | None:
        """Why the visitor may not do what that role may, or None."""
        if self.role >= needed:
            return None
        return f"{self.name} is {self.role.name.lower()} here, and this needs {needed.name.lower()}"
