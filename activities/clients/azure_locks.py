"""Resource locks, which people set so that nothing is changed: looked at before anything is.

https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from activities.clients.azure import Azure
from activities.errors import StepError
from runbooks.steps import ErrorType

READS = "Microsoft.Authorization/locks/read"
"""The permission that a look at them needs."""


async def refuse_locked(there: Azure, scope: str, *, deletes: bool = False) -> None:
    """Raises StepError (wrong-state) when a lock on that resource, or on what holds it, forbids the change."""
    found = await there.pages("locks", "management_locks.list_by_scope", scope.strip("/"), filter="atScope()")
    barring = [one for one in found if deletes or one["properties"]["level"] == "ReadOnly"]
    if not barring:
        return
    lock = barring[0]
    notes = (lock["properties"].get("notes") or "nobody has noted why").rstrip(".")
    at = str(lock["id"]).partition("/providers/Microsoft.Authorization/")[0]
    sentence = (
        f"The lock {lock['name']} ({lock['properties']['level']}, on {at}: {notes}) forbids it: nothing was changed; "
        "have whoever set it remove it, then say retry."
    )
    raise StepError(ErrorType.WRONG_STATE, sentence, {"lock": str(lock["id"])})
