"""Copying records to a store: written once, confirmed byte by byte, never removed here before that. S3 is moto's."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from audit.bundle import BundleError, read
from audit.pending import old, pending, places, push, receipt
from audit.shelf import found
from audit.store import Store, StoreError, why_no_store
from audit.verify import verify
from tests.audit.bundles import bundle

FOR_EVER = float("inf")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket of a real server on this machine; the environment says how it is reached."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    reached = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in reached}
    os.environ.update(reached)
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="records")
    yield "s3://records/evac"
    for name, value in before.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value
    server.stop()


@pytest.fixture(params=["s3", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of each kind that can be had here, empty."""
    if request.param == "file":
        return f"file://{tmp_path}/store"
    return f"{request.getfixturevalue('s3')}/{tmp_path.name}"


def test_a_record_is_copied_once_and_is_intact_there(tmp_path: Path, url: str) -> None:
    """Pushed again nothing is done; read from the store it is as it was written."""
    records = tmp_path / "records"
    folder = bundle(records)
    store = Store(url)
    (place,) = pending(records, url)
    assert [(place, None)] == [(one.place, one.why_not) for one in push(records, store)]
    assert list(push(records, store)) == []
    kept = receipt(records, place)
    assert kept is not None
    assert (url, []) == (kept.url, pending(records, url))
    there = found(records, f"{url}/{place}")
    assert read(folder).files == there.files
    assert verify(there).intact
    assert [place] == places(records)
    assert [place] == pending(records, "s3://elsewhere")


def test_what_was_cut_off_midway_is_taken_up(tmp_path: Path, url: str) -> None:
    """A worker died while copying: what is there already is not written again, and the rest is."""
    records = tmp_path / "records"
    record = read(bundle(records))
    (place,) = places(records)
    some = dict(list(record.files.items())[:3])
    Store(url).put(place, type(record)(record.name, some))
    assert [one.why_not for one in push(records, Store(url))] == [None]
    assert Store(url).differs(place, record) is None


def test_nothing_is_ever_written_over(tmp_path: Path, url: str) -> None:
    """Something else under that name stays, and is told; the record stays pending."""
    records = tmp_path / "records"
    record = read(bundle(records))
    (place,) = places(records)
    Store(url).put(place, type(record)(record.name, {"state.json": b"{}"}))
    with pytest.raises(StoreError, match="is another one: nothing was written over it"):
        list(push(records, Store(url)))
    assert Store(url).get(place).files["state.json"] == b"{}"
    assert [place] == pending(records, url)


def test_a_record_that_was_changed_is_not_copied(tmp_path: Path, url: str) -> None:
    """The store keeps what it has for ever: it must not be a forgery."""
    records = tmp_path / "records"
    folder = bundle(records)
    (folder / "state.json").write_text("{}")
    (one,) = push(records, Store(url))
    assert one.why_not is not None
    assert one.why_not.startswith("NOT as it was written: 1 fault; state.json: it was changed")
    with pytest.raises(BundleError, match="holds no record"):
        Store(url).get(one.place)


def test_only_what_the_store_has_may_go(tmp_path: Path, url: str) -> None:
    """Not before it was copied; not when the store's copy has since become another; not what is young."""
    records = tmp_path / "records"
    bundle(records)
    bundle(records, "failover-aborted")
    first, second = places(records)
    store = Store(url)
    why = "the store has not confirmed it: `evac audit push`"
    assert [(first, why), (second, why)] == [(one.place, one.why_kept) for one in old(records, store, FOR_EVER)]
    list(push(records, store))
    assert [one.why_kept for one in old(records, store, FOR_EVER)] == [None, None]
    assert list(old(records, store, 0.0)) == []
    (records / second / "plan.json").write_text("{}")
    kept = [one.why_kept for one in old(records, store, FOR_EVER)]
    assert kept == [None, "the store's is not the same: plan.json is another one there"]


def test_a_store_that_does_not_answer_is_told(tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a line, without the library's insides; and a bucket that is not there."""
    bundle(tmp_path)
    with pytest.raises(StoreError, match="s3://nobody/x cannot be used now"):
        list(push(tmp_path, Store("s3://nobody/x")))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StoreError, match=r"cannot be used now: [^\n]*$"):
        list(push(tmp_path, Store(s3)))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://bucket", None),
        ("s3://bucket/a/b", None),
        ("gs://bucket/a", None),
        ("az://container/a", None),
        ("file:///records", None),
        ("file://records", "write file:///folder"),
        ("s3:///a", "names no bucket or container"),
        ("ftp://x/y", "is no store: write one of file:///folder, s3://bucket/prefix"),
        ("records", "is no store"),
        ("s3://key:secret@bucket/a", "holds no credentials"),
        ("s3://bucket/a?region=x", "holds no credentials and no options"),
    ],
)
def test_addresses_of_stores(url: str, why: str | None) -> None:
    """What is none is told with what to write instead. Azure and Google Cloud are not tried further than this."""
    found = why_no_store(url)
    assert (found is None) == (why is None)
    assert why is None or why in str(found)
