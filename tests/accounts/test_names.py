"""Names: what is one, what folds alike, what might be one person and what is not."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.demo.people import STORY_PEOPLE, invent_people
from accounts.names import (
    Likeness,
    LikenessIndex,
    NameFault,
    find_latin_fault,
    find_native_fault,
    fold_latin,
    fold_native,
    judge_likeness,
    latin_key,
    name_key,
    native_key,
    normalise_name,
    passport_spelling,
)

LATIN_WORDS = st.sampled_from(
    [
        "Mohammed", "Muhammad", "Ahmad", "Ahmed", "Hassan", "Husayn", "Al-Masri", "El", "Masry", "Abd", "al", "Rahman",
        "Abdulrahman", "Nour", "Eddine", "Salah", "Omar", "Umar", "Youssef", "Yusuf", "Ben", "Bint", "Haddad", "Khoury",
        "O'Brien", "Müller", "Şahin", "Ngũgĩ", "Jean-Luc", "J.", "Suharto", "Mary", "Ann", "Maryann",
    ]
)  # fmt: skip
LATIN_NAMES = st.lists(LATIN_WORDS, min_size=1, max_size=5).map(" ".join)
NAMES = st.one_of(
    LATIN_NAMES, st.text(max_size=30), st.text(alphabet="محمدعبلاهإأآىيةكیکﻻ ـًّ\u0627\u0644", max_size=20)
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Mohammed Ali", "Muhammad Ali"),
        ("Mohamed Ali", "Mohd Ali"),
        ("Abd al Rahman Hassan", "Abdulrahman Hasan"),
        ("Abdurrahman Hassan", "Abderrahmane Hassan"),
        ("Abdullah Omar", "Abd Allah Umar"),
        ("Abdessamad Alami", "Abd es-Samad Alami"),
        ("Ahmad Al-Masri", "Ahmed El Masry"),
        ("Ahmad Almasri", "Ahmed Al Masri"),
        ("Nasreen Khoury", "Nasrin Khouri"),
        ("Youssef Haddad", "Yusuf Hadad"),
        ("Nour al-Din Saleh", "Noureddine Saleh"),
        ("Nour Eddine Ben Ali", "Nuruddin Ali"),
        ("Abu Bakr Diallo", "Aboubakr Diallo"),
        ("Achraf Cherif", "Ashraf Sharif"),
        ("Walid Daoud", "Waleed Dawood"),
        ("Fatma Zahra", "Fatimah Zahra"),
        ("Gamal Hosny", "Jamal Husni"),
        ("Osman Taha", "Othman Taha"),
        ("Qasim Amin", "Kassem Amine"),
        ("Müller Jörg", "Mueller Joerg"),
        ("Mary Ann Smith", "Maryann Smith"),
        ("محمد حسن", "Mohammed Hassan"),
        ("عبد الرحمن خالد", "Abdulrahman Khaled"),
    ],
)
def test_transliterations_of_one_name_are_alike(a: str, b: str) -> None:
    assert judge_likeness(a, b) is Likeness.TRANSLITERATION


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hassan Al-Masri", "Hussein Al-Masri"),
        ("Salah Aziz", "Saleh Aziz"),
        ("Ahmed Ali", "Mohamed Ali"),
        ("Ahmed Ali", "Hamed Ali"),
        ("Mahmoud Ali", "Mohammed Ali"),
        ("Sami Nasser", "Samir Nasser"),
        ("Amina Khalil", "Amin Khalil"),
        ("Karim Said", "Karima Said"),
        ("Khalil Omar", "Khalid Omar"),
        ("Jamal Aziz", "Jamil Aziz"),
        ("Nadia Omar", "Nada Omar"),
        ("محمد حسن", "محمد حسين"),
        ("صلاح علي", "صالح علي"),
    ],
)
def test_names_of_brothers_and_sisters_are_different(a: str, b: str) -> None:
    assert judge_likeness(a, b) is Likeness.DIFFERENT


def test_order_and_missing_part_are_named() -> None:
    assert judge_likeness("Haddad Youssef", "Yusuf Haddad") is Likeness.ORDER
    assert judge_likeness("Layla Ahmad Khalil", "Leila Khalil") is Likeness.MISSING_PART
    assert judge_likeness("Suharto", "Suharto") is Likeness.SAME
    assert judge_likeness("Ahmad", "Ahmad Khalil Mansour") is Likeness.DIFFERENT


def test_native_names_fold_letter_forms_and_marks() -> None:
    assert fold_native("أحْمَد") == fold_native("احمد")
    assert fold_native("فاطمة") == fold_native("فاطمه")
    assert fold_native("هدى") == fold_native("هدي")
    assert fold_native("محمـــد") == fold_native("محمد")
    assert fold_native("بلاﻝ") == fold_native("بلال")
    assert fold_native("عثمان لغاری") == fold_native("عثمان لغاري")
    assert fold_native("صلاح") != fold_native("صالح")
    assert fold_native("Ёлка") == fold_native("елка")
    assert fold_native("कमल") != fold_native("कमला")
    assert native_key("عبد الله حسن") == native_key("عبدالله حسن")


def test_latin_names_fold_case_accents_and_punctuation() -> None:
    assert fold_latin("  O'Brien-Łukasz  ") == "obrien lukasz"
    assert fold_latin("IŞIL Weiß Ægir") == "isil weiss aegir"
    assert latin_key("Al-Masri", "Ahmad") == "ahmad al masri"
    assert name_key("Al-Masri", "Ahmad") == name_key("ahmad al masri")


@given(NAMES)
@example("ﷺ")
@example("ẞ\u0345")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_latin(fold_latin(text)) == fold_latin(text)
    assert fold_native(fold_native(text)) == fold_native(text)
    assert native_key(native_key(text)) == native_key(text)
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(st.lists(LATIN_WORDS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_name_key_does_not_depend_on_order(words: list[str], shuffler: random.Random) -> None:
    shuffled = words[:]
    shuffler.shuffle(shuffled)
    assert name_key(" ".join(words)) == name_key(*shuffled)


@settings(max_examples=300)
@given(NAMES, NAMES)
def test_likeness_is_symmetric(a: str, b: str) -> None:
    assert judge_likeness(a, b) is judge_likeness(b, a)


@given(LATIN_NAMES)
def test_a_latin_name_is_the_same_as_itself_in_capitals(name: str) -> None:
    assert judge_likeness(name, name.upper()) is Likeness.SAME


@settings(max_examples=60, deadline=None)
@given(st.lists(LATIN_NAMES, min_size=30, max_size=60), LATIN_NAMES)
def test_the_index_finds_every_name_that_is_alike(names: list[str], asked: str) -> None:
    index = LikenessIndex()
    for name in names:
        index.add(name)
    alike = {position for position, name in enumerate(names) if judge_likeness(name, asked).is_alike}
    assert alike <= set(index.candidates(asked))


def test_passport_spelling_follows_the_table_of_doc_9303() -> None:
    assert passport_spelling("Müller") == "MUELLER"
    assert passport_spelling("Þórdís Æsa") == "THORDIS AESA"
    assert passport_spelling("García Peña") == "GARCIA PENA"
    assert passport_spelling("Ångström Weiß") == "AANGSTROEM WEISS"
    assert passport_spelling("Işıl Gül-Şen") == "ISIL GUEL-SEN"
    assert passport_spelling("O'Hara") == "OHARA"
    assert passport_spelling("Nguyễn") == "NGUYEN"
    assert passport_spelling("محمد") is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("Al-Khatib", None),
        ("O’Brien", None),
        ("Nguyễn", None),
        ("St. John", None),
        ("\u200fAhmad\u200f", None),
        ("", NameFault.EMPTY),
        ("أحمد", NameFault.NOT_LATIN),
        ("Иван", NameFault.NOT_LATIN),
        ("Аhmad", NameFault.NOT_LATIN),  # the first letter is Cyrillic
        ("Ahmad2", NameFault.FORBIDDEN_CHARACTER),
        ("Ahm\u202ead", NameFault.BIDI_OVERRIDE),
        ("Ahm\u2066ad", NameFault.BIDI_OVERRIDE),
        ("Ahm\x07ad", NameFault.CONTROL_CHARACTER),
        ("Ahmad\nAli", NameFault.CONTROL_CHARACTER),
        ("Ah\u200bmad", NameFault.CONTROL_CHARACTER),
        ("=cmd", NameFault.FORMULA),
        ("-.-", NameFault.FORMULA),
        ("..", NameFault.NO_LETTER),
        ("A" * 121, NameFault.TOO_LONG),
        ("Z" + "\u0301" * 12, NameFault.FORBIDDEN_CHARACTER),
    ],
)
def test_latin_names_are_checked(name: str, fault: NameFault | None) -> None:
    assert find_latin_fault(name) is fault


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("أحمد خليل", None),
        ("عائشہ\u200cصدیقی", None),
        ("山田 太郎", None),
        ("ひなた 山田", None),
        ("Élodie Lefèvre", None),
        ("أحمد Khalil", NameFault.MIXED_SCRIPTS),
        ("أحمد\u202e", NameFault.BIDI_OVERRIDE),
        ("أحمد ٣", NameFault.FORBIDDEN_CHARACTER),
        ("\u200cأحمد", NameFault.CONTROL_CHARACTER),
    ],
)
def test_native_names_are_checked(name: str, fault: NameFault | None) -> None:
    assert find_native_fault(name) is fault


def test_invented_people_have_sound_names_and_documents_of_their_own() -> None:
    people = [*STORY_PEOPLE, *invent_people(3_000)]
    faults = [
        person
        for person in people
        if find_latin_fault(person.given_names)
        or find_latin_fault(person.family_name)
        or find_native_fault(person.native_name)
    ]
    assert faults == []
    assert len({person.document_number for person in people}) == len(people)
    assert len({person.email for person in people}) == len(people)
    assert all(person.email.endswith(".example") for person in people)
