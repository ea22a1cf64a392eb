"""A record as one file: a gzipped tar that has the same bytes whenever and wherever it is made."""

import gzip
import io
import tarfile

from audit.bundle import Bundle


def packed(bundle: Bundle) -> bytes:
    """The record as a tar.gz: names in order, no times, no owners."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(bundle.files):
            member = tarfile.TarInfo(f"{bundle.name}/{name}")
            member.size = len(bundle.files[name])
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(bundle.files[name]))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)
