"""What a kind of resource is: its verbs, its settings, and what the planner may count on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runbooks.steps import Verb
from runbooks.values import Model


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    `abilities` are data: `weights` = can split traffic unequally; `metered` = a cloud's database, whose changes take
    minutes, and whose lag is told by a metric once a minute. `regional` names the settings that a region gives (None:
    any); a public name has one zone and one set of servers for all regions.
    Two regions whose `identity` settings are all equal are the same thing twice: a copying mistake.
    """

    name: str
    verbs: frozenset[Verb]
    settings: type[Model]
    abilities: frozenset[str] = frozenset()
    regional: frozenset[str] | None = None
    identity: tuple[str, ...] = ()
    undoes: frozenset[Verb] = frozenset()
    """The verbs whose acts can be undone exactly: each has an activity `<verb>.<kind>.undo`."""
    wants: Mapping[Verb, str] = field(default_factory=dict)
    """The optional setting without which a verb cannot be done in a region."""
    weighs: tuple[str, str] | None = None
    """Public names that can split traffic unequally only so: a common setting, and its value."""
    single: tuple[str, str] | None = None
    """Public names that lead to one region at a time: a common setting, and its value. Abilities: `one-region`: all."""
    name_of: tuple[str, ...] = ()
    """Data stores: the settings that, joined by `:`, are the name by which a primary knows this standby."""

    @property
    def holds_data(self) -> bool:
        """It has one writer, which must move."""
        return Verb.PROMOTE in self.verbs

    def can_weigh(self, common: Mapping[str, object]) -> bool:
        """A public name with these settings can split traffic unequally."""
        return "weights" in self.abilities if self.weighs is None else self._is_set(self.weighs, common)

    def leads_to_one(self, common: Mapping[str, object]) -> bool:
        """A public name with these settings leads to one region at a time."""
        return "one-region" in self.abilities if self.single is None else self._is_set(self.single, common)

    def _is_set(self, wanted: tuple[str, str], common: Mapping[str, object]) -> bool:
        setting, value = wanted
        return common.get(setting, self.settings.model_fields[setting].default) == value


def known_as(kind: Kind, settings: Mapping[str, object]) -> str:
    """The name by which a primary knows the standby of these settings; empty when none is given."""
    fields = kind.settings.model_fields
    defaults = {key: "" if fields[key].is_required() else fields[key].default for key in kind.name_of}
    parts = [str(settings.get(key, defaults[key])) for key in kind.name_of]
    return ":".join(parts) if all(parts) else ""
