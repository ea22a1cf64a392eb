"""Whether the store of the records keeps them as long as it is said to (`EVAC_RECORDS_LOCKED`). Blocks."""

from urllib.parse import urlsplit

from activities.clients.object_lock import RetentionUnknownError, default_retention
from runbooks.durations import duration
from worker.settings import Settings

_HOW = "give the bucket a default retention (S3 Object Lock, mode COMPLIANCE)"


def why_not_locked(settings: Settings) -> str | None:
    """Why records can be removed from the store before that time, and what to do; None when they cannot.

    Raises RetentionUnknownError for stores that cannot be asked, and when S3 does not tell.
    """
    wanted, url = settings.records_locked, settings.records_store
    if wanted is None:
        return None
    if url is None:
        return "EVAC_RECORDS_LOCKED is set and EVAC_RECORDS_STORE is not, so records are copied nowhere: set both"
    parts = urlsplit(url)
    if parts.scheme == "file":
        return f"{url} is a folder, which keeps nothing from being removed: use a bucket"
    if parts.scheme != "s3":
        message = f"{parts.scheme}:// cannot be asked for it from here: look at the retention in its own pages"
        raise RetentionUnknownError(message)
    found = default_retention(parts.netloc)
    said = f"records are to be kept for {duration(wanted)}"
    if found is None:
        return f"the bucket {parts.netloc} has no default retention, and {said}: {_HOW}"
    if found.seconds < wanted:
        return f"the bucket {parts.netloc} keeps records for {duration(found.seconds)} only, and {said}: {_HOW}"
    if found.mode != "COMPLIANCE":
        privileged = "whoever may bypass governance can remove them"
        return f"the bucket {parts.netloc} keeps records in the mode {found.mode}, and {privileged}: {_HOW}"
    return None
