"""What makes an index follow another one, or stop it; and what keeps what was there before.

https://docs.opensearch.org/latest/tuning-your-cluster/replication-plugin/api/
https://docs.opensearch.org/latest/api-reference/index-apis/clone/
"""

from activities.clients.opensearch_rules import roles
from activities.clients.opensearch_wire import Json, Method, Wire
from activities.errors import StepError
from runbooks.aws.opensearch import KEPT_PREFIX, OpensearchSettings
from runbooks.steps import ErrorType

_THERE_ALREADY = "use same index again"
_NOTHING_TO_STOP = "No replication in progress"


async def start(there: Wire, settings: OpensearchSettings, name: str, alias: str, *, guarded: bool) -> None:
    """Have it follow the leader's index of the same name. Raises StepError.

    What another run, or a rule, has started meanwhile is well: whether it follows is looked at next.
    """
    body = {"leader_alias": alias, "leader_index": name, **roles(settings, guarded=guarded)}
    try:
        await _order(there, "PUT", f"/_plugins/_replication/{name}/_start", body)
    except StepError as error:
        if _THERE_ALREADY not in error.sentence:
            raise


async def stop(there: Wire, name: str) -> None:
    """Have it follow nobody: it is an index like others then, and takes writes. Raises StepError.

    What has been stopped meanwhile is well.
    """
    try:
        await _order(there, "POST", f"/_plugins/_replication/{name}/_stop", {})
    except StepError as error:
        if _NOTHING_TO_STOP not in error.sentence:
            raise


def kept_name(name: str, epoch: int) -> str:
    """What the index is kept as, by that decision."""
    return f"{KEPT_PREFIX}{epoch}-{name}"


async def keep(there: Wire, name: str, epoch: int) -> None:
    """Clone a blocked index, unless it is cloned already; then delete it, once the two are equal. Raises StepError.

    A clone shares the files of what it is cloned from: it takes a moment, and hardly any space.
    """
    kept = kept_name(name, epoch)
    try:
        await _order(there, "PUT", f"/{name}/_clone/{kept}?wait_for_active_shards=1", {})
    except StepError as error:
        if error.kind is not ErrorType.CONFLICT:  # an earlier attempt has made it
            raise
    counts = (await there.ask(f"/{name},{kept}/_stats/docs?level=shards&ignore_unavailable=true")).get("indices", {})
    found = [counts.get(one, {}).get("primaries", {}).get("docs") for one in (name, kept)]
    if found[0] is None or found[0] != found[1]:
        sentence = f"{kept} is not yet, or not, what {name} is: {found[1]} and {found[0]}. Nothing was deleted."
        raise StepError(ErrorType.NOT_YET, sentence)
    await _order(there, "DELETE", f"/{name}")


async def _order(there: Wire, method: Method, path: str, body: Json | None = None) -> None:
    """What is refused for its state, or is not there any more, another run may have done: it is looked at again."""
    try:
        await there.change(method, path, body)
    except StepError as error:
        if error.kind not in (ErrorType.WRONG_STATE, ErrorType.NOT_FOUND):
            raise
        raise StepError(ErrorType.NOT_YET, error.sentence, error.evidence) from None
