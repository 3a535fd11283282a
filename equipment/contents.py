"""What a deed says, as it is frozen: one JSON document, hashed in its canonical form. Pure."""

import hashlib
import json
from typing import Any

SCHEMA = "deed/1"


def canonical(content: dict[str, Any]) -> bytes:
    """Return the bytes that are hashed: JSON with sorted keys and no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def compute_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()
