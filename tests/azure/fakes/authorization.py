"""Management locks: https://learn.microsoft.com/rest/api/resources/management-locks."""

from tests.azure.arm import Answer, Arm, Asked, Provider, Refusal, Serve


class Authorization(Provider):
    """Locks, as the test has set them (`arm.locks`: by scope, the level)."""

    namespace = "Microsoft.Authorization"
    versions = frozenset({"2020-05-01"})

    def routes(self) -> dict[tuple[str, str], Serve]:
        """The list of those at a scope, and above it."""
        return {("GET", "locks"): self._list}

    @staticmethod
    def _list(arm: Arm, asked: Asked) -> Answer:
        if asked.query.get("$filter", "") != "atScope()":
            raise Refusal(501, "NotInTheFake", "locks below a scope")
        found = [
            {
                "id": f"{scope}/providers/Microsoft.Authorization/locks/kept",
                "name": "kept",
                "type": "Microsoft.Authorization/locks",
                "properties": {"level": level, "notes": "kept by the test"},
            }
            for scope, level in arm.locks.items()
            if f"{asked.scope}/".lower().startswith(f"{scope}/".lower())
        ]
        return Answer(200, {"value": found})
