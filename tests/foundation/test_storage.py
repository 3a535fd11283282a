"""Stored objects: named by their bytes, written once, checked when read, on the disk before anybody relies on them."""

import hashlib
from pathlib import Path

import pytest
from flask import Flask

from foundation import storage
from foundation.storage import DamagedObject, MissingObject, Storage

BYTES = b"%PDF-1.7 a certificate"
SHA256 = hashlib.sha256(BYTES).hexdigest()
KEY = f"{SHA256[:2]}/{SHA256[2:4]}/{SHA256}.pdf"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "kept") if request.param == "folder" else "memory://")


def test_an_object_is_named_by_its_bytes_and_comes_back(store: Storage) -> None:
    stored = store.put(BYTES, suffix=".pdf")

    assert (stored.key, stored.sha256, stored.size) == (KEY, SHA256, 22)
    assert store.get(KEY) == BYTES
    assert store.exists(KEY)


def test_writing_the_same_bytes_again_is_a_success(store: Storage) -> None:
    assert store.put(BYTES, suffix=".pdf") == store.put(BYTES, suffix=".pdf")


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", KEY.replace(".pdf", "/../x"), "aa/bb/cc.pdf", f"{KEY}\n"]
)
def test_a_key_that_is_none_is_missing(store: Storage, key: str) -> None:
    assert not store.exists(key)
    with pytest.raises(MissingObject):
        store.get(key)


def test_an_object_that_was_never_written_is_missing(store: Storage) -> None:
    assert not store.exists(KEY)
    with pytest.raises(MissingObject):
        store.get(KEY)


@pytest.mark.parametrize("suffix", ["pdf", ".PDF", "/../x", ".a/b", "..", ".pdf\n"])
def test_a_suffix_cannot_lead_elsewhere(store: Storage, suffix: str) -> None:
    with pytest.raises(ValueError):
        store.put(BYTES, suffix=suffix)


def test_a_damaged_object_is_found_and_mended_by_the_right_bytes(tmp_path: Path) -> None:
    store = Storage(str(tmp_path))
    store.put(BYTES, suffix=".pdf")
    (tmp_path / KEY).write_bytes(BYTES[:10])

    with pytest.raises(DamagedObject):
        store.get(KEY)
    store.put(BYTES, suffix=".pdf")
    assert store.get(KEY) == BYTES


def test_file_and_folders_are_on_the_disk_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    real = storage._sync

    def sync(path: Path) -> None:
        real(path)
        synced.append(path)

    monkeypatch.setattr(storage, "_sync", sync)
    store = Storage(str(tmp_path / "kept"))
    root = tmp_path / "kept"

    store.put(BYTES, suffix=".pdf")
    assert synced == [root / KEY, (root / KEY).parent, (root / KEY).parent.parent, root]
    synced.clear()
    # The writer before may have died between linking the file and syncing it.
    store.put(BYTES, suffix=".pdf")
    assert synced[0] == root / KEY


def test_the_application_keeps_objects_where_it_was_told(bare_app: Flask, tmp_path: Path) -> None:
    key = storage.put(BYTES, suffix=".pdf").key

    assert (tmp_path / "storage" / key).read_bytes() == BYTES
    assert storage.get(key) == BYTES
    assert storage.exists(key)
    assert storage.probe()
    assert storage.probe()
