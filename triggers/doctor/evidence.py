"""Whether records can be signed, and copied to where they are kept."""

from activities.errors import StepError
from activities.sealing import key_behind
from audit.pending import pending
from audit.signing import KeyFault, key_id
from audit.store import Store, StoreError
from triggers.doctor.findings import Case, Finding, aside, bad, ok, warn

_TRIAL = b"evac doctor"


async def signing(case: Case) -> list[Finding]:
    """The key can be had, and signs: tried with words that are no record."""
    reference = case.settings.signing_key
    if reference is None:
        return [ok("signing", "Records are not signed (EVAC_SIGNING_KEY is not set).")]

    def _try() -> str:
        key = key_behind(reference)
        key.envelope(_TRIAL)
        return key_id(key.public)

    try:
        found = await aside(_try)
    except (StepError, KeyFault) as error:
        why = str(error).rstrip(".")
        return [bad("signing", f"Records would be written unsigned: {why}.", "Mend EVAC_SIGNING_KEY, or its key.")]
    return [ok("signing", f"Records are signed with the key {found[:16]}.")]


async def copies(case: Case) -> list[Finding]:
    """The store answers and lets us in; every record that is here is there. Nothing is written to it."""
    url = case.settings.records_store
    if url is None:
        return [ok("copies", "Records are kept on this machine only (EVAC_RECORDS_STORE is not set).")]
    there = Store(url)
    try:
        await aside(there.look)
    except StoreError as error:
        told = f"Records cannot be copied: {str(error).rstrip('.')}."
        return [bad("copies", told, "Give this machine its cloud's credentials and a way there; or mend the address.")]
    waiting = await aside(lambda: len(pending(case.settings.records, url)))
    if waiting:
        many = "record is" if waiting == 1 else "records are"
        return [warn("copies", f"{url} answers; {waiting} {many} not there yet.", "evac audit push")]
    return [ok("copies", f"{url} answers, and every record is there.")]
