"""The search attributes of Evac's workflows. `ALL` is what a Temporal namespace must have registered before a run.

An unregistered one blocks a run's first task for ever, so the embedded server and the tests register `ALL`.
"""

from temporalio.common import SearchAttributeKey

EVAC_RUNBOOK = SearchAttributeKey.for_keyword("EvacRunbook")
EVAC_PROCEDURE = SearchAttributeKey.for_keyword("EvacProcedure")
EVAC_SOURCE = SearchAttributeKey.for_keyword("EvacSource")
EVAC_TARGET = SearchAttributeKey.for_keyword("EvacTarget")
EVAC_PHASE = SearchAttributeKey.for_keyword("EvacPhase")
EVAC_OUTCOME = SearchAttributeKey.for_keyword("EvacOutcome")

ALL: tuple[SearchAttributeKey[str], ...] = (
    EVAC_RUNBOOK,
    EVAC_PROCEDURE,
    EVAC_SOURCE,
    EVAC_TARGET,
    EVAC_PHASE,
    EVAC_OUTCOME,
)
