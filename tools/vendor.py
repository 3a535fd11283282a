"""Other people's browser files, brought in once, checked by hash, and named with their licence.

    python -m tools.vendor add NAME@VERSION --into FOLDER FILE...    fetch a package of the npm registry, keep these files
    python -m tools.vendor verify                                    do the kept files still match their lock?

Neither running nor testing needs npm: the files are committed. Each vendor folder has a `lock.json` with the package's
integrity as the registry states it, its licence, and the SHA-256 of every kept file.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.services import ROOT

FOLDERS = (ROOT / "static" / "vendor", ROOT / "tests" / "vendor")
LICENCE_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE")


class VendorError(Exception):
    """A package is not what it should be; the message says how."""


def add(package: str, files: Sequence[str], into: Path) -> Path:
    """Fetch a package given as name@version, check it, keep the named files and its licence; return their folder."""
    name, _, version = package.rpartition("@")
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--json", "--pack-destination", folder, package],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        stated = json.loads(packed.stdout)[0]
        if (stated["name"], stated["version"]) != (name, version):
            raise VendorError(f"asked for {package}, got {stated['name']}@{stated['version']}")
        archive = next(Path(folder).glob("*.tgz"))
        check_integrity(archive.read_bytes(), _registry_integrity(package))
        kept, about = _read(archive, files)
    target = into / f"{name.replace('/', '-').lstrip('@')}-{version}"
    for file, content in kept.items():
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lock = _read_lock(into)
    lock[target.name] = {
        "package": package,
        "licence": about["license"],
        "integrity": stated["integrity"],
        "files": {file: hashlib.sha256(content).hexdigest() for file, content in sorted(kept.items())},
    }
    (into / "lock.json").write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return target


def _registry_integrity(package: str) -> str:
    command = ["npm", "view", package, "dist.integrity"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def check_integrity(content: bytes, integrity: str) -> None:
    """Compare an archive with what the registry states (`sha512-…`); raise VendorError when they differ."""
    algorithm, _, expected = integrity.partition("-")
    if algorithm != "sha512":
        raise VendorError(f"the integrity {integrity!r} is not a sha512")
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != expected:
        raise VendorError("the archive is not the one that the registry states")


def _read(archive: Path, files: Sequence[str]) -> tuple[dict[str, bytes], dict[str, Any]]:
    with tarfile.open(archive) as tar:
        names = {
            member.name.removeprefix("package/"): member for member in tar.getmembers() if member.isfile()
        }
        licences = [name for name in LICENCE_NAMES if name in names][:1]
        missing = [file for file in files if file not in names] or ([] if licences else ["a licence"])
        if missing:
            raise VendorError(f"the package has no {', '.join(missing)}")

        def content(name: str) -> bytes:
            file = tar.extractfile(names[name])
            assert file is not None
            return file.read()

        return {name: content(name) for name in [*files, *licences]}, json.loads(content("package.json"))


def _read_lock(folder: Path) -> dict[str, Any]:
    path = folder / "lock.json"
    lock: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return lock


def find_faults(folder: Path) -> Iterator[str]:
    """Yield each file that is missing, changed, or in the folder without being locked."""
    lock = _read_lock(folder)
    locked = {
        f"{name}/{file}": digest for name, entry in lock.items() for file, digest in entry["files"].items()
    }
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        "lock.json"
    }
    for file in sorted(locked.keys() | present):
        if file not in present:
            yield f"{file} is missing"
        elif file not in locked:
            yield f"{file} is not in lock.json"
        elif hashlib.sha256((folder / file).read_bytes()).hexdigest() != locked[file]:
            yield f"{file} was changed"


def main(arguments: Sequence[str]) -> int:
    """Add a package or verify what is there; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.vendor")
    tasks = parser.add_subparsers(dest="task", required=True)
    adding = tasks.add_parser("add")
    adding.add_argument("package", metavar="NAME@VERSION")
    adding.add_argument("--into", type=Path, required=True)
    adding.add_argument("files", nargs="+", metavar="FILE")
    tasks.add_parser("verify")
    options = parser.parse_args(arguments)
    if options.task == "add":
        try:
            print(add(options.package, options.files, options.into))
        except VendorError as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    faults = [f"{folder.relative_to(ROOT)}/{fault}" for folder in FOLDERS for fault in find_faults(folder)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
