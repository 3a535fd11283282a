"""Starting quickly: `./ijaza serve` has two seconds, so what only some requests or the worker need is loaded by them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW_TO_LOAD = {
    "aiohttp",
    "alembic",
    "openpyxl",
    "pikepdf",
    "PIL",
    "pydyf",
    "pyhanko",
    "weasyprint",
    "zxcvbn",
}


def test_application_starts_without_the_libraries_that_are_slow_to_load() -> None:
    script = "import sys, wsgi; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(loaded.stdout.split()) & SLOW_TO_LOAD == set()
