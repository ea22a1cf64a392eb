"""Where records are copied to: a folder, S3, Azure Blob or Google Cloud Storage, by obstore. Written once, never over.

StoreError    the store does not answer, does not let us in, or holds something else under that name
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from audit.bundle import LARGEST, MOST, Bundle, BundleError, of_files
from audit.seal import MANIFEST

SCHEMES = {
    "file": "file:///folder",
    "s3": "s3://bucket/prefix",
    "az": "az://container/prefix",
    "gs": "gs://bucket/prefix",
}
_WITHIN = timedelta(seconds=20)
_RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
"""Here it only bridges a hiccup: whoever pushes comes again, for as long as it takes."""


class StoreError(Exception):
    """The store cannot be used now; the message says why."""


def is_store(text: str) -> bool:
    """It looks like the address of something in a store."""
    return urlsplit(text).scheme in SCHEMES


def why_no_store(url: str) -> str | None:
    """Why that is no address of a store, as a sentence; None when it is one."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        return f"{url!r} is no store: write one of {', '.join(SCHEMES.values())}"
    if parts.username or parts.password or parts.query:
        return f"a store's address holds no credentials and no options: write {SCHEMES[parts.scheme]}"
    if parts.scheme == "file":
        return None if parts.path.startswith("/") and not parts.netloc else f"write {SCHEMES['file']}"
    return None if parts.netloc else f"{url!r} names no bucket or container: write {SCHEMES[parts.scheme]}"


class Store:
    """One store. Credentials are the cloud's own: its environment variables, its files, its instance's role."""

    def __init__(self, url: str) -> None:
        why = why_no_store(url)
        if why is not None:
            raise StoreError(why)
        self.url = url.rstrip("/")
        self._opened: Any = None

    def put(self, place: str, bundle: Bundle) -> None:
        """Copy the record, its manifest last: where that is, all is. What is there already must be the same.

        Raises StoreError.
        """
        for name in sorted(bundle.files, key=lambda name: (name == MANIFEST, name)):
            self._put(f"{place}/{name}", bundle.files[name])

    def get(self, place: str) -> Bundle:
        """The record at that place. Raises StoreError, BundleError."""
        where = f"{self.url}/{place}"
        files: dict[str, bytes] = {}
        left = LARGEST
        for path, size in self._list(place):
            left -= size
            if left < 0 or len(files) >= MOST:
                message = f"{where} is refused: it holds more than any record does"
                raise BundleError(message)
            name = path.removeprefix(f"{place}/")
            content = self._get(path)
            if content is not None:
                files[name] = content
        if not files:
            message = f"{where} holds no record"
            raise BundleError(message)
        return of_files(place.rpartition("/")[2], files, where)

    def differs(self, place: str, bundle: Bundle) -> str | None:
        """Why the store has not exactly this record, as a sentence; None when every byte was read back.

        Raises StoreError.
        """
        for name, content in bundle.files.items():
            found = self._get(f"{place}/{name}")
            if found != content:
                return f"{name} {'is missing there' if found is None else 'is another one there'}"
        return None

    def look(self) -> None:
        """Does it answer, and does it let us in? Nothing is written. Raises StoreError."""
        parts = urlsplit(self.url)
        if parts.scheme == "file":
            folder = Path(parts.path)
            there = next(place for place in (folder, *folder.parents) if place.exists())
            if not os.access(there, os.W_OK) or not there.is_dir():
                message = f"{self.url} cannot be used now: nothing can be written in {there}"
                raise StoreError(message)
            return
        with self._asked() as (obstore, opened):
            next(iter(obstore.list(opened, chunk_size=1)), None)

    def _put(self, path: str, content: bytes) -> None:
        with self._asked() as (obstore, opened):
            try:
                obstore.put(opened, path, content, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                if self._get(path) != content:
                    message = f"{self.url}/{path} is there already, and is another one: nothing was written over it"
                    raise StoreError(message) from None

    def _get(self, path: str) -> bytes | None:
        with self._asked() as (obstore, opened):
            try:
                return bytes(obstore.get(opened, path).bytes())
            except (obstore.exceptions.NotFoundError, FileNotFoundError):
                return None

    def _list(self, place: str) -> list[tuple[str, int]]:
        with self._asked() as (obstore, opened):
            return [(str(one["path"]), int(one["size"])) for some in obstore.list(opened, place) for one in some]

    @contextmanager
    def _asked(self) -> Iterator[tuple[Any, Any]]:
        """The library and the store. Whatever goes wrong becomes a StoreError with one line of why."""
        try:
            import obstore  # noqa: PLC0415 - an extra
            import obstore.exceptions  # noqa: PLC0415 - as above
        except ModuleNotFoundError:
            message = "stores need the packages of evac[audit]: pip install 'evac[audit]'"
            raise StoreError(message) from None
        try:
            if self._opened is None:
                self._opened = _opened(self.url)
            yield obstore, self._opened
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            message = f"{self.url} cannot be used now: {first[:300].rstrip()}"
            raise StoreError(message) from None


def _opened(url: str) -> Any:  # noqa: ANN401 - one of obstore's stores
    """Plain HTTP is spoken with this machine only."""
    from obstore.store import LocalStore, from_url  # noqa: PLC0415 - an extra

    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(prefix=Path(parts.path), mkdir=True)
    options: Any = {"timeout": _WITHIN, "connect_timeout": _WITHIN, "allow_http": _is_local_endpoint()}
    more: Any = {"aws_checksum_algorithm": "SHA256"} if parts.scheme == "s3" else {}
    return from_url(url, client_options=options, retry_config=_RETRY, **more)


def _is_local_endpoint() -> bool:
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
    return urlsplit(endpoint).hostname in {"127.0.0.1", "localhost", "::1"}
