"""Reads files out of packages of the npm registry, for the scripts that keep slimmed copies of them here."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package, with the digest that the registry and everybody's lock files have for it."""

    name: str
    version: str
    integrity: str

    def __str__(self) -> str:
        return f"npm {self.name} {self.version}"


def read_member(package: Package, member: str) -> bytes:
    """Fetch the package with the npm of this machine and answer one file of it. Raises when the digest is another."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(f"There is no npm, which fetches {package}.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [npm, "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True, capture_output=True
        )
        (archive,) = Path(folder).glob("*.tgz")
        check_integrity(archive.read_bytes(), package)
        with tarfile.open(archive) as content:
            file = content.extractfile(f"package/{member}")
            if file is None:
                raise SystemExit(f"{package} has no file {member}.")
            return file.read()


def check_integrity(content: bytes, package: Package) -> None:
    """Raise SystemExit when the archive is not the one that is pinned."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != package.integrity:
        raise SystemExit(f"{package} is {found}, not the {package.integrity} that is pinned.")
