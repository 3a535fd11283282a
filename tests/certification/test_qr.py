import subprocess
from pathlib import Path

import pytest

from certification.qr import draw_qr

LINK = "https://certificates.service.example/verify/JQEXWA651TY4XNEAHG23CHJSZNAK"


def _read_back(link: str, digits: str, folder: Path) -> str:
    """Draw the strokes module by module into a picture and let zbar read it."""
    drawing = draw_qr(link, digits=digits)
    side = drawing.modules + 8
    rows = [["255"] * side for _ in range(side)]
    for stroke in drawing.path.split("M")[1:]:
        place, length = stroke.split("h")
        column, row = place.split(" ")
        for offset in range(int(length)):
            rows[int(float(row))][int(column) + offset] = "0"
    enlarged = [" ".join(value for value in row for _ in range(4)) for row in rows for _ in range(4)]
    picture = folder / "qr.pgm"
    picture.write_text(f"P2 {side * 4} {side * 4} 255\n" + "\n".join(enlarged) + "\n")
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_the_link_is_read_in_capitals(tmp_path: Path) -> None:
    assert _read_back(LINK, "", tmp_path) == LINK.upper()


def test_digits_follow_the_link_behind_a_hash(tmp_path: Path) -> None:
    assert _read_back(LINK, "0123456789" * 40, tmp_path) == LINK.upper() + "#" + "0123456789" * 40


def test_the_link_stays_small_enough_for_telephones() -> None:
    assert draw_qr(LINK).modules <= 37


@pytest.mark.parametrize(
    ("link", "digits"), [("", ""), ("https://x.example/?q=1", ""), (LINK, "12a"), (LINK, "١٢")]
)
def test_what_cannot_be_packed_is_refused(link: str, digits: str) -> None:
    with pytest.raises(ValueError, match="characters|digits"):
        draw_qr(link, digits=digits)
