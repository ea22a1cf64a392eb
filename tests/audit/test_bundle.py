"""Records as folders and as tars: whatever is handed in is read with care."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.bundle import BundleError, read, unpacked
from audit.pack import packed
from audit.record import write
from audit.verify import verify
from tests.audit.bundles import bundle, recorded


def tarred(**members: bytes) -> io.BytesIO:
    """A tar with those members; `a__b` is `a/b`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name.replace("__", "/"))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_a_tar_is_the_record_and_always_the_same(tmp_path: Path) -> None:
    """Written twice it has the same bytes; read again it is intact and has the same files."""
    record = read(bundle(tmp_path))
    file = tmp_path / "record.tar.gz"
    file.write_bytes(packed(record))
    assert packed(record) == file.read_bytes() == packed(read(file))
    assert (record.name, record.files) == (read(file).name, read(file).files)
    assert verify(read(file)).intact


@pytest.mark.parametrize(
    "name", ["../state.json", "/etc__state.json", "a__..__state.json", "a__b__state.json", "state.json"]
)
def test_a_tar_that_leads_elsewhere_is_refused(name: str) -> None:
    """Nothing of it is read, and nothing is written anywhere."""
    with pytest.raises(BundleError, match="is not a plain file in one folder"):
        unpacked(tarred(**{name: b"{}"}), "evil.tar")


def test_a_tar_with_a_link_is_refused() -> None:
    """A link may lead to a file of this machine."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        link = tarfile.TarInfo("a/state.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    stream.seek(0)
    with pytest.raises(BundleError, match="is not a plain file"):
        unpacked(stream, "evil.tar")


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    """A few bytes that unpack to more than any record holds; a size that is only claimed; too many files."""
    bomb = gzip.compress(tarred(a__x=b"\0" * 900_000, a__y=b"\0" * 900_000).getvalue())
    assert len(bomb) < 10_000
    with pytest.raises(BundleError, match="which no record does"):
        unpacked(io.BytesIO(bomb), "bomb.tar.gz", largest=1_000_000)
    with pytest.raises(BundleError, match="which no record does"):
        unpacked(tarred(a__x=b"\0" * 200_000), "large.tar", largest=100_000)
    with pytest.raises(BundleError, match="more than 64 files"):
        unpacked(tarred(**{f"a__{number}": b"" for number in range(65)}), "many.tar")


def test_what_is_no_tar_or_a_half_one_is_told(tmp_path: Path) -> None:
    """In a sentence, whatever the library says."""
    whole = packed(read(bundle(tmp_path)))
    damaged = (whole[:-5000], whole[: len(whole) // 2], b"\x1f\x8b nothing", b"plain text")
    for content in (*damaged, whole[:900] + b"\0" + whole[901:]):
        with pytest.raises(BundleError, match="cut off or damaged"):
            unpacked(io.BytesIO(content), "half.tar.gz")
    with pytest.raises(BundleError, match="it has neither a manifest"):
        unpacked(tarred(a__notes=b"x"), "notes.tar")
    with pytest.raises(BundleError, match="holds 2 folders"):
        unpacked(tarred(a__state=b"x", b__plan=b"x"), "two.tar")


def test_what_is_no_folder_of_a_record_is_told(tmp_path: Path) -> None:
    """Not there, something else, or a folder with links, which are not followed."""
    (tmp_path / "file").write_text("x")
    for name, why in (("nothing", "not there"), ("file", "neither a folder nor a tar"), (".", "is no record")):
        with pytest.raises(BundleError, match=why):
            read(tmp_path / name)
    folder = bundle(tmp_path)
    (folder / "plan.json").unlink()
    (folder / "plan.json").symlink_to("/etc/passwd")
    found = read(folder)
    assert (found.strange, found.files.get("plan.json")) == (("plan.json",), None)
    assert {"plan.json"} == {fault.file for fault in verify(found).faults}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The tar of a small record."""
    state = recorded("failover-refused")[0].state
    return packed(read(write(tmp_path_factory.mktemp("records"), state, "evac: 1\n", None)))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_of_a_tar_is_found(whole: bytes, data: st.DataObject) -> None:
    """A bit that changed, or the rest that is missing: it is refused, or found in the record, or was of no meaning."""
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[at] ^ (1 << data.draw(st.integers(0, 7)))])
    content = whole[:at] + data.draw(st.sampled_from([flipped + whole[at + 1 :], b""]))
    try:
        found = unpacked(io.BytesIO(content), "damaged.tar.gz")
    except BundleError:
        return
    assert verify(found).faults or found.files == unpacked(io.BytesIO(whole), "whole.tar.gz").files
