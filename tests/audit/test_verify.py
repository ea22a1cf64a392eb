"""Any change of a record is found, and where. On real records, signed and not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import seal
from audit.bundle import Bundle, read
from audit.chain import chain
from audit.record import write
from audit.signing import KeyFault, generate, signing_key
from audit.verify import verify
from tests.audit.bundles import bundle, recorded

PRIVATE, PUBLIC = generate()


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A signed record."""
    return read(bundle(tmp_path_factory.mktemp("records"), sealing=seal.Sealing(signing_key(PRIVATE))))


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A record without a key."""
    return read(bundle(tmp_path_factory.mktemp("records")))


def changed(record: Bundle, name: str, content: bytes) -> Bundle:
    """The record with another content of one file."""
    return replace(record, files={**record.files, name: content})


def lines_of(record: Bundle) -> list[bytes]:
    """The journal's lines."""
    return record.files["journal.jsonl"].splitlines(keepends=True)


def faults(record: Bundle, key: str | None = None) -> list[str]:
    """What is found, in sentences."""
    return [str(fault) for fault in verify(record, key).faults]


def test_an_untouched_record_is_intact(signed: Bundle, unsigned: Bundle) -> None:
    """Whether it is signed, and with whose key, is said."""
    assert verify(signed, PUBLIC).sentence.endswith(f"signed with your key {verify(signed).signed_by[:16]}")
    assert "which you have not given (--key) to compare" in verify(signed).sentence
    assert "unsigned" in verify(unsigned).sentence
    assert [] == faults(signed) == faults(signed, PUBLIC) == faults(unsigned)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_byte_of_any_file_is_found(signed: Bundle, unsigned: Bundle, data: st.DataObject) -> None:
    """Changed, removed or put in: the file is named."""
    record = data.draw(st.sampled_from([signed, unsigned]))
    name = data.draw(st.sampled_from(sorted(record.files)))
    content = record.files[name]
    at = data.draw(st.integers(0, len(content) - 1))
    byte = bytes([(content[at] + data.draw(st.integers(1, 255))) % 256])
    after = data.draw(st.sampled_from([byte + content[at + 1 :], content[at + 1 :], byte + content[at:]]))
    if content[:at] + after == content:  # a byte was put in beside its like, and so on
        return
    found = faults(changed(record, name, content[:at] + after))
    assert any(one.startswith(f"{name}: ") for one in found) or name in {seal.MANIFEST, seal.SIGNER}
    assert found


@pytest.mark.parametrize("name", [seal.MANIFEST, seal.SIGNATURE, seal.SIGNER])
def test_every_byte_of_what_vouches_for_the_rest_is_found(tmp_path: Path, name: str) -> None:
    """Each single byte, also where base64 and JSON have several texts for the same."""
    call, _ = recorded("failover-refused")
    small = call.state.model_copy(update={"events": ()})
    record = read(write(tmp_path, small, "evac: 1\n", None, seal.Sealing(signing_key(PRIVATE))))
    content = record.files[name]
    for at in range(len(content)):
        assert faults(changed(record, name, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])), at


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_file_cut_off_is_found(signed: Bundle, data: st.DataObject) -> None:
    """At any place."""
    name = data.draw(st.sampled_from(sorted(signed.files)))
    at = data.draw(st.integers(0, len(signed.files[name]) - 1))
    assert faults(changed(signed, name, signed.files[name][:at]))


@pytest.mark.parametrize("key", [None, PUBLIC])
def test_any_file_removed_or_added_is_found(signed: Bundle, key: str | None) -> None:
    """And named, whichever it is."""
    for name in signed.files:
        left = {other: content for other, content in signed.files.items() if other != name}
        assert any(f"{name}: it is missing" in one for one in faults(replace(signed, files=left), key)), name
    assert faults(changed(signed, "notes.txt", b"x"), key) == ["notes.txt: it was added: the manifest does not name it"]
    linked = replace(signed, strange=("state.json.lnk",))
    assert faults(linked, key) == ["state.json.lnk: it is no plain file: a record has no links or folders"]


def test_an_edited_entry_is_named_by_its_number(unsigned: Bundle) -> None:
    """Also where the digests were made to fit again, which a person with an editor and patience can do."""
    lines = lines_of(unsigned)
    lines[7] = lines[7].replace(b"completed", b"succeeded")
    forged = b"".join(lines)
    assert "journal.jsonl: entry 7 was changed" in faults(changed(unsigned, "journal.jsonl", forged))
    manifest = json.loads(unsigned.files[seal.MANIFEST])
    manifest["files"]["journal.jsonl"] = seal.digest(forged)
    again = seal.manifest(manifest["files"], manifest["journal_head"]).encode()
    both = changed(changed(unsigned, "journal.jsonl", forged), seal.MANIFEST, again)
    assert faults(both) == ["journal.jsonl: entry 7 was changed"]


def test_entries_cut_out_swapped_or_cut_off_are_found(unsigned: Bundle) -> None:
    """Each with its number."""
    lines = lines_of(unsigned)
    cut = b"".join(lines[:4] + lines[5:])
    assert "journal.jsonl: entry 4 is missing: 5 stands in its place" in faults(changed(unsigned, "journal.jsonl", cut))
    swapped = b"".join([*lines[:2], lines[3], lines[2], *lines[4:]])
    found = faults(changed(unsigned, "journal.jsonl", swapped))
    assert "journal.jsonl: entry 2 is missing: 3 stands in its place" in found
    short = b"".join(lines[:-1])
    assert "journal.jsonl: the end of the chain is missing" in faults(changed(unsigned, "journal.jsonl", short))
    half = b"".join(lines)[:-9]
    assert any(one == f"journal.jsonl: entry {len(lines) - 1} is cut off" for one in _of(unsigned, half))


def _of(record: Bundle, journal: bytes) -> list[str]:
    return faults(changed(record, "journal.jsonl", journal))


def test_a_record_written_anew_as_a_whole_is_found_by_its_signature(signed: Bundle, unsigned: Bundle) -> None:
    """Digests and chain fit, since whoever wrote it anew made them; the key they have not."""
    entries = chain([{"kind": "told", "at": 1.0, "text": "nothing happened"}])
    journal = "".join(f"{entry.model_dump_json()}\n" for entry in entries).encode()
    files = {**signed.files, "journal.jsonl": journal}
    digests = {name: seal.digest(text) for name, text in files.items() if name not in {seal.MANIFEST, seal.SIGNATURE}}
    files[seal.MANIFEST] = seal.manifest(digests, entries[-1].hash).encode()
    forged = replace(signed, files=files)
    assert faults(forged) == ["signature.json: it signs other files than those of this record"]
    assert faults(unsigned, PUBLIC) == ["signature.json: it is missing: the record is unsigned"]


def test_another_key_is_not_yours(signed: Bundle) -> None:
    """Who signs with a key of their own is found by whoever gives the right one; what is no key is said."""
    _, other = generate()
    (found,) = faults(signed, other)
    assert found.startswith("signature.json: it was signed with another key")
    with pytest.raises(KeyFault, match="not an Ed25519 public key"):
        verify(signed, "secret")


def test_a_record_of_the_first_release_is_read(tmp_path: Path) -> None:
    """Its manifest has no format, its journal only sentences."""
    entries = chain([{"at": 1.0, "text": "one", "step": ""}])
    journal = "".join(f"{entry.model_dump_json()}\n" for entry in entries).encode()
    digests = {"journal.jsonl": seal.digest(journal)}
    manifest = seal.old_manifest(digests, entries[-1].hash).encode()
    old = Bundle("old", {"journal.jsonl": journal, seal.MANIFEST: manifest}, where=str(tmp_path))
    assert faults(old) == []
    assert faults(changed(old, seal.MANIFEST, manifest.replace(b'{\n  "files"', b'{\n  "format": 1,\n  "files"'))) == [
        "manifest.json: it was changed: it is not as Evac writes it"
    ]
