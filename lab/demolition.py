"""Takes a lab down: every process of it, then every file, `lab.json` last so that an interrupted `down` can go on."""

import shutil
from pathlib import Path

from lab.disk import clear_remains, scratch_of
from lab.errors import LabError
from lab.processes import Processes
from lab.topology import LAB_FILE, OUTSIDE, Lab


def demolish(lab: Lab) -> None:
    """End everything that belongs to the lab, and remove it. Nothing in it is worth a graceful end."""
    processes = Processes(lab)
    places = {OUTSIDE, *(region.name for region in lab.regions), *(entry.place for entry in processes.entries())}
    processes.kill_place(*places)
    for region in lab.regions:
        clear_remains(lab.pgdata(region.name))
        clear_remains(scratch_of(lab.pgdata(region.name)))
    _remove(lab.data)
    for path in lab.home.iterdir():
        if path.name != LAB_FILE:
            _remove(path)
    _remove(lab.home)
    _remove_empty_parents(lab.home)


def _remove(path: Path) -> None:
    """Remove a file, or a folder with all in it; whoever removes it at the same time is welcome."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    if path.exists():
        message = f"{path} could not be removed. Remove what is in the way, then say `evac lab down` again."
        raise LabError(message)


def _remove_empty_parents(home: Path) -> None:
    """The folders that `up` made for the default home: `.evac/lab`, when nothing else is in them."""
    for parent, name in ((home.parent, "lab"), (home.parent.parent, ".evac")):
        if parent.name != name:
            return
        try:
            parent.rmdir()
        except OSError:
            return
