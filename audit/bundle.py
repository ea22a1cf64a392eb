"""A record in memory: the files of a folder, or of a tar of one. Whatever it is read from, it is read with care.

BundleError    it is no record, or one that must not be read: the message says why
"""

import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from audit.chain import Entry
from audit.measures import Measures, measures
from audit.seal import MANIFEST
from runbooks.reports import ReportCall
from runbooks.runs import RunState

LARGEST = 256 * 1024 * 1024
"""Bytes of a whole record: Temporal ends a run long before its history is as large."""
MOST = 64
"""Files of a record."""
TARS = (".tar", ".tar.gz", ".tgz")
_HEADER = 4096
"""Bytes that a file needs in a tar besides its content, at most."""


class BundleError(ValueError):
    """It cannot be read as a record."""


@dataclass(frozen=True)
class Bundle:
    """A record: its name, and the content of each file. `strange` names what is no plain file."""

    name: str
    files: dict[str, bytes]
    strange: tuple[str, ...] = ()
    where: str = ""

    def state(self) -> RunState | None:
        """The run as it ended; None when this is not the record of a run, or it cannot be read."""
        try:
            return RunState.model_validate_json(self.files["state.json"])
        except (KeyError, ValidationError):
            return None

    def report(self) -> ReportCall | None:
        """The drill, readiness report, restore test or evacuation; None when this is none, or it cannot be read."""
        try:
            return ReportCall.model_validate_json(self.files["report.json"])
        except (KeyError, ValidationError):
            return None

    def measured(self) -> Measures | None:
        """What was measured; worked out anew where the record is older than measures."""
        try:
            return Measures.model_validate_json(self.files["measures.json"])
        except (KeyError, ValidationError):
            state = self.state()
            return None if state is None else measures(state)

    def journal(self) -> Iterator[Entry]:
        """The entries that can be read."""
        for line in self.files.get("journal.jsonl", b"").splitlines():
            try:
                yield Entry.model_validate_json(line)
            except ValidationError:
                continue


def read(path: Path) -> Bundle:
    """The record in that folder or tar. Raises BundleError."""
    try:
        if path.is_dir():
            return _folder(path)
        if path.is_file() and path.name.endswith(TARS):
            with path.open("rb") as stream:
                return unpacked(stream, str(path))
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise BundleError(message) from None
    what = "neither a folder nor a tar of one" if path.exists() else "not there"
    message = f"{path} is {what}: a record is a folder with a {MANIFEST}"
    raise BundleError(message)


def of_files(name: str, files: dict[str, bytes], where: str) -> Bundle:
    """The record of files that were read elsewhere. Raises BundleError when it is none."""
    if not {MANIFEST, "journal.jsonl", "state.json", "report.json"} & set(files):
        message = f"{where} is no record: it has neither a {MANIFEST} nor a state.json"
        raise BundleError(message)
    return Bundle(name=name, files=files, where=where)


def _folder(path: Path) -> Bundle:
    """Links are not followed: what they lead to is not in the record."""
    files: dict[str, bytes] = {}
    strange: list[str] = []
    left = LARGEST
    for number, entry in enumerate(sorted(path.iterdir())):
        if number >= MOST:
            raise BundleError(_too_many(str(path)))
        if entry.is_symlink() or not entry.is_file():
            strange.append(entry.name)
            continue
        left -= entry.stat().st_size
        if left < 0:
            raise BundleError(_too_large(str(path)))
        files[entry.name] = entry.read_bytes()
    found = of_files(path.resolve().name, files, str(path))
    return Bundle(found.name, files, tuple(strange), str(path))


def unpacked(stream: IO[bytes], where: str, largest: int = LARGEST) -> Bundle:
    """The record in a tar, plain or gzipped; nothing is written anywhere. Raises BundleError."""
    limited = _Limited(_plain(stream), largest + MOST * _HEADER, where)
    try:
        with tarfile.open(fileobj=limited, mode="r|") as tar:
            folders, files = _members(tar, where, largest)
        limited.drain()
    except BundleError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        message = f"{where} cannot be read as a tar: it is cut off or damaged ({error})"
        raise BundleError(message) from None
    if len(folders) != 1:
        message = f"{where} holds {len(folders)} folders: a record's tar holds one"
        raise BundleError(message)
    return of_files(folders.pop(), files, where)


def _members(tar: tarfile.TarFile, where: str, largest: int) -> tuple[set[str], dict[str, bytes]]:
    """The names of the folders, and the files."""
    folders: set[str] = set()
    files: dict[str, bytes] = {}
    for member in tar:
        folder, name = _place(member, where)
        folders.add(folder)
        if member.isdir():
            continue
        if name in files:
            message = f"{where} has {name} twice: it is no tar of `evac audit export`"
            raise BundleError(message)
        if len(files) >= MOST:
            raise BundleError(_too_many(where))
        if member.size > largest:
            raise BundleError(_too_large(where))
        content = tar.extractfile(member)
        files[name] = b"" if content is None else content.read()
    return folders, files


def _place(member: tarfile.TarInfo, where: str) -> tuple[str, str]:
    """The folder and the name of a member. Raises BundleError for whatever is not a plain file in one folder."""
    parts = PurePosixPath(member.name).parts
    plain = member.isreg() and len(parts) == 2 or member.isdir() and len(parts) == 1  # noqa: PLR2004, RUF021 - folder/file
    if not plain or ".." in parts or member.name.startswith("/"):
        message = f"{where} is refused: {member.name!r} in it is not a plain file in one folder"
        raise BundleError(message)
    return parts[0], parts[-1]


def _plain(stream: IO[bytes]) -> IO[bytes]:
    """The stream without its compression."""
    import gzip  # noqa: PLC0415 - only for what is compressed

    start = stream.read(2)
    stream.seek(0)
    return gzip.open(stream, "rb") if start == b"\x1f\x8b" else stream  # type: ignore[return-value]  # a GzipFile reads


class _Limited(io.RawIOBase):
    """Reads no more than so many bytes, however small what they were compressed to is."""

    def __init__(self, stream: IO[bytes], left: int, where: str) -> None:
        self._stream = stream
        self._left = left
        self._where = where

    def read(self, size: int = -1) -> bytes:
        found = self._stream.read(min(size if size >= 0 else self._left + 1, self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise BundleError(_too_large(self._where))
        return found

    def drain(self) -> None:
        """Read to the end, where the checksum of what was compressed stands. Raises OSError, EOFError, zlib.error."""
        while rest := self.read(1 << 16):
            if rest.strip(b"\0"):
                message = "there is something after its end"
                raise OSError(message)

    def readable(self) -> bool:
        return True


def _too_large(where: str) -> str:
    return f"{where} is refused: it holds more than {LARGEST // 1024 // 1024} MB, which no record does"


def _too_many(where: str) -> str:
    return f"{where} is refused: it holds more than {MOST} files, which no record does"
