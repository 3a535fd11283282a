"""Files that are kept: written once, named by their own hash, in a folder or a bucket, through one library.

The key of an object is the SHA-256 of its bytes, so two writers of the same bytes agree, a second write is a
success and a damaged object is found when it is read. obstore links a local file into place in one step but
never asks the disk to keep it (measured: no fsync at all), so that is done here: a certificate's row must not
outlive its file in a power cut.
"""

import hashlib
import logging
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import obstore
from flask import Flask, current_app
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, MemoryStore, from_url

log = logging.getLogger("ijaza.storage")

_EXTENSION = "ijaza_storage"
_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})(\.[a-z0-9]{1,10}){0,2}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,10}){0,2}")
_PROBE = b"Ijaza can write and read here.\n"


class MissingObject(LookupError):
    """There is no object of this key."""


class DamagedObject(Exception):
    """An object's bytes are not those its key names; restore it from a backup."""


@dataclass(frozen=True)
class StoredObject:
    """What a row remembers of a stored object: `key`, the hexadecimal SHA-256 and the size in bytes."""

    key: str
    sha256: str
    size: int


class Storage:
    """Objects under one address: a folder, `memory://`, or `s3://bucket/prefix` (credentials in AWS_*)."""

    def __init__(self, url: str) -> None:
        self._root: Path | None = None
        if url == "memory://":
            self._store: Any = MemoryStore()
        elif "://" in url and not url.startswith("file://"):
            self._store = from_url(url)
        else:
            self._root = Path(url.removeprefix("file://")).resolve()
            self._root.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(self._root)

    def put(self, data: bytes, *, suffix: str) -> StoredObject:
        """Keep the bytes under a key made of their hash and `suffix` (as '.pdf'); return when they are safe."""
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a file suffix: {suffix!r}")
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"{sha256[:2]}/{sha256[2:4]}/{sha256}{suffix}"
        try:
            obstore.put(self._store, key, data, mode="create")
        except AlreadyExistsError:
            self._confirm(key, data)
        self._make_durable(key)
        return StoredObject(key=key, sha256=sha256, size=len(data))

    def get(self, key: str) -> bytes:
        """Return an object's bytes; raise MissingObject, or DamagedObject when they are not what the key says."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise MissingObject(key)
        try:
            data = bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            raise MissingObject(key) from None
        if hashlib.sha256(data).hexdigest() != match["sha256"]:
            log.error("object %s is damaged", key)
            raise DamagedObject(key)
        return data

    def exists(self, key: str) -> bool:
        """Return whether there is an object of this key; says nothing about its bytes."""
        if _KEY.fullmatch(key) is None:
            return False
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def probe(self) -> bool:
        """Write and read back a small object of constant content; raise whatever stands in the way."""
        return self.get(self.put(_PROBE, suffix=".txt").key) == _PROBE

    def _confirm(self, key: str, data: bytes) -> None:
        """Check what stands there already; a file torn by a power cut is replaced by the bytes at hand."""
        try:
            self.get(key)
        except DamagedObject:
            obstore.put(self._store, key, data, mode="overwrite")

    def _make_durable(self, key: str) -> None:
        """Ask the disk to keep a local file and its name: the file first, then each folder up to the root."""
        if self._root is None:
            return
        path = self._root / key
        _sync(path)
        for folder in path.parents:
            _sync(folder)
            if folder == self._root:
                break


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def init_app(app: Flask, *, storage_url: str) -> None:
    """Say where the application's storage is; it is opened at first use, after a server has forked its processes."""
    app.extensions[_EXTENSION] = cache(lambda: Storage(storage_url))


def put(data: bytes, *, suffix: str) -> StoredObject:
    """Keep the bytes in the application's storage; see Storage.put."""
    return _storage().put(data, suffix=suffix)


def get(key: str) -> bytes:
    """Return an object of the application's storage; see Storage.get."""
    return _storage().get(key)


def exists(key: str) -> bool:
    """Return whether the application's storage has the object."""
    return _storage().exists(key)


def probe() -> bool:
    """Write and read back a small object, for `/readyz`; see Storage.probe."""
    return _storage().probe()


def _storage() -> Storage:
    return cast("Storage", current_app.extensions[_EXTENSION]())
