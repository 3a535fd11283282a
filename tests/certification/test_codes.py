import secrets
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.codes import ALPHABET, group_code, new_code, normalise_code

CODE = "JQEXWA651TY4XNEAHG23CHJSZNAK"


def test_a_code_carries_at_least_128_random_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def choose(symbols: Sequence[str]) -> str:
        drawn.append(len(symbols))
        return symbols[0]

    monkeypatch.setattr(secrets, "choice", choose)
    new_code()

    assert drawn == [32] * 26  # five bits each


def test_codes_differ_and_survive_being_written_for_people() -> None:
    codes = {new_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(normalise_code(group_code(code)) == code for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "JQEX-WA65-1TY4-XNEA-HG23-CHJS-ZNAK",
        "jqex wa65 lty4 xnea hg23 chjs znak",
        " jqexWA65iTY4xneaHG23chjsZNAK\n",
        "JQEX–WA65—1TY4_XNEA.HG23 CHJS‑ZNAK",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert normalise_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "JQEX", CODE + "0", "U" + CODE[1:], "é" + CODE[1:], "'; DROP TABLE--" * 2]
)
def test_what_is_no_code_is_told_apart(typed: str) -> None:
    assert normalise_code(typed) is None


@given(position=st.integers(0, 27), symbol=st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(position: int, symbol: str) -> None:
    typed = CODE[:position] + symbol + CODE[position + 1 :]

    assert normalise_code(typed) == (CODE if typed == CODE else None)


@given(position=st.integers(0, 24))
def test_two_neighbours_swapped_are_always_noticed(position: int) -> None:
    typed = CODE[:position] + CODE[position + 1] + CODE[position] + CODE[position + 2 :]

    assert normalise_code(typed) == (CODE if typed == CODE else None)
