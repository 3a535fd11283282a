"""Invented people: the 24 nominees of the acceptance story, and as many others as a demonstration wants.

Pure data, the same on every run, so that the demo, the tests and the benchmarks speak of the same people. Every name is
made up; addresses end in `.example`, telephone numbers are of the kind kept for fiction. The order of `STORY_PEOPLE` is
the order of nomination.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.names import fold_latin


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One person as an agency would enter him or her. `agencies` are codes; the first is the one that nominates."""

    given_names: str
    family_name: str
    native_name: str
    birth_date: date
    nationality: str
    document_number: str
    document_expires_on: date
    email: str
    phone: str
    languages: tuple[str, ...]
    rank: str
    agencies: tuple[str, ...] = ()
    document_type: str = "passport"

    @property
    def document_issuer(self) -> str:
        """The country that issued the document: that of the nationality."""
        return self.nationality


def _nominee(
    number: int,
    given: str,
    family: str,
    native: str,
    born: str,
    rank: str,
    *agencies: str,
    languages: str = "ar en",
) -> InventedPerson:
    birth_date = date.fromisoformat(born)
    return InventedPerson(
        given_names=given,
        family_name=family,
        native_name=native,
        birth_date=birth_date,
        nationality="JO",
        document_number=f"N{4_180_000 + number * 1_373}",
        document_expires_on=date(2028 + number % 5, 1 + number % 12, 1 + number),
        email=f"{fold_latin(given).split()[0]}.{fold_latin(family).replace(' ', '')}{number:02d}@cpd.example",
        phone=f"+962 6 555 {1_200 + number * 17:04d}",
        languages=tuple(languages.split()),
        rank=rank,
        agencies=agencies or ("CPD",),
    )


STORY_PEOPLE: tuple[InventedPerson, ...] = (
    _nominee(1, "Rami Nabil", "Al-Khatib", "رامي نبيل الخطيب", "1987-04-23", "Captain"),
    _nominee(
        2, "Lina Yousef", "Haddad", "لينا يوسف حداد", "1991-11-08", "First Lieutenant", languages="ar en fr"
    ),
    _nominee(3, "Ahmad Khalil", "Mansour", "أحمد خليل منصور", "1990-02-14", "Sergeant"),
    _nominee(4, "Ahmad Khalil", "Mansour", "أحمد خليل منصور", "1984-09-30", "Staff Sergeant"),
    _nominee(5, "Muhammad Samir", "Al-Tamimi", "محمد سمير التميمي", "1992-06-17", "Corporal"),
    _nominee(6, "Hana Ibrahim", "Saleh", "هناء إبراهيم صالح", "1983-03-19", "Physician", "CPD", "UHO"),
    _nominee(7, "Omar Fawzi", "Darwish", "عمر فوزي درويش", "1988-12-25", "Captain"),
    _nominee(8, "Abd al-Rahman", "Qasim", "عبد الرحمن قاسم", "1993-07-02", "Paramedic"),
    _nominee(9, "Maha Adnan", "Shahin", "مها عدنان شاهين", "1989-10-13", "Nurse"),
    _nominee(10, "Tariq Ziad", "Obeidat", "طارق زياد عبيدات", "1986-01-27", "Second Lieutenant"),
    _nominee(11, "Salma Wael", "Nasser", "سلمى وائل ناصر", "1994-05-05", "Paramedic"),
    _nominee(12, "Bilal Hisham", "Awad", "بلال هشام عوض", "1990-08-21", "Sergeant"),
    _nominee(13, "Dina Marwan", "Khoury", "دينا مروان خوري", "1987-02-03", "Nurse", languages="ar en fr"),
    _nominee(14, "Firas Jamil", "Hijazi", "فراس جميل حجازي", "1985-06-29", "Major"),
    _nominee(15, "Nour al-Din Salim", "Barakat", "نور الدين سليم بركات", "1992-03-16", "Corporal"),
    _nominee(16, "Rana Issam", "Al-Masri", "رنا عصام المصري", "1991-09-11", "First Lieutenant"),
    _nominee(17, "Yazan Majid", "Al-Rawashdeh", "يزن ماجد الرواشدة", "1995-04-30", "Private"),
    _nominee(18, "Sawsan Kamal", "Bader", "سوسن كمال بدر", "1984-11-22", "Nurse"),
    _nominee(19, "Anas Rashid", "Hammouri", "أنس راشد حموري", "1989-07-14", "Paramedic"),
    _nominee(20, "Laith Ghassan", "Zoubi", "ليث غسان زعبي", "1993-12-09", "Sergeant"),
    _nominee(21, "Widad Murad", "Ayoub", "وداد مراد أيوب", "1986-08-18", "Captain"),
    _nominee(22, "Karim Sabri", "Tahan", "كريم صبري طحان", "1990-05-31", "Corporal"),
    _nominee(23, "Asma Fadel", "Jaber", "أسماء فاضل جابر", "1991-01-20", "Second Lieutenant"),
    _nominee(24, "Mazen Anwar", "Sharif", "مازن أنور شريف", "1988-10-06", "Staff Sergeant"),
)

# Already on record when the sheet arrives; the physician is known through the university hospital, and serves both.
STORY_KNOWN = (STORY_PEOPLE[0], STORY_PEOPLE[5], STORY_PEOPLE[13])
STORY_PHYSICIAN = STORY_PEOPLE[5]
STORY_NAMESAKES = (STORY_PEOPLE[2], STORY_PEOPLE[3])

_Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Land:
    """Where invented people come from: names as (Latin, native), languages, ranks, the letters of the passport number."""

    country: str
    domain: str
    languages: tuple[str, ...]
    given: _Names
    family: _Names
    ranks: tuple[str, ...]
    prefix: str
    has_fathers_name: bool = False  # of the given names, every other is a man's


def _same(names: str) -> _Names:
    """Return names whose Latin spelling is the native one."""
    return tuple((name, name) for name in names.split(", "))


def _pairs(names: str) -> _Names:
    return tuple((latin, native) for latin, native in (pair.split("=") for pair in names.split(", ")))


_LANDS: tuple[_Land, ...] = (
    _Land(
        "JO", "cpd.example", ("ar", "en"),
        _pairs(
            "Sami=سامي, Huda=هدى, Ziyad=زياد, Rim=ريم, Nader=نادر, Ghada=غادة, Basil=باسل, Suha=سهى, Waleed=وليد, "
            "Iman=إيمان, Faris=فارس, Amal=أمل, Hatim=حاتم, Nadia=نادية, Khalid=خالد, Zeina=زينة, Murad=مراد, Arwa=أروى, "
            "Ihab=إيهاب, Lubna=لبنى, Sufyan=سفيان, Hiba=هبة, Adham=أدهم"
        ),
        _pairs(
            "Al-Hourani=الحوراني, Qudah=قضاة, Tarawneh=طراونة, Salameh=سلامة, Najjar=نجار, Asfour=عصفور, Al-Omari=العمري, "
            "Batayneh=بطاينة, Sabbagh=صباغ, Halabi=حلبي, Dajani=دجاني, Al-Sayegh=الصايغ, Ghanem=غانم, Rifai=رفاعي, "
            "Kilani=كيلاني, Hamdan=حمدان, Abbadi=عبادي, Shawish=شاويش, Maaitah=معايطة"
        ),
        ("Captain", "Sergeant", "Paramedic", "Engineer"), "N", has_fathers_name=True,
    ),
    _Land(
        "SN", "bnsp.example", ("fr", "wo"),
        _same(
            "Aminata, Ousmane, Fatou, Élodie, Moussa, Awa, Cheikh, Mariama, Ibrahima, Khady, Benoît, Ndèye, Mamadou, "
            "Sokhna, Pape, Adèle, Alioune, Coumba, Théodore, Bineta, Modou, Rokhaya, Joël"
        ),
        _same(
            "Diallo, Ndiaye, Faye, Sarr, Mbaye, Gomis, Cissé, Thiam, Bâ, Sène, Diatta, Kébé, Guèye, Lô, Mendy, Tall, "
            "Sagna, Niang, Diémé"
        ),
        ("Capitaine", "Sergent", "Infirmier", "Adjudant"), "A",
    ),
    _Land(
        "TR", "afet.example", ("tr", "en"),
        _pairs(
            "Ayse=Ayşe, Mehmet=Mehmet, Gulsen=Gülşen, Cagri=Çağrı, Isil=Işıl, Omer=Ömer, Sule=Şule, Ugur=Uğur, Elif=Elif, "
            "Baris=Barış, Zeynep=Zeynep, Emre=Emre, Nilufer=Nilüfer, Kaan=Kaan, Tugba=Tuğba, Selcuk=Selçuk, Derya=Derya, "
            "Hakan=Hakan, Pinar=Pınar, Serkan=Serkan, Burcu=Burcu, Volkan=Volkan, Irmak=Irmak"
        ),
        _pairs(
            "Yilmaz=Yılmaz, Ozturk=Öztürk, Celik=Çelik, Sahin=Şahin, Koc=Koç, Aydin=Aydın, Gunes=Güneş, Kilic=Kılıç, "
            "Aslan=Aslan, Dogan=Doğan, Cetin=Çetin, Korkmaz=Korkmaz, Ince=İnce, Toprak=Toprak, Ucar=Uçar, Bulut=Bulut, "
            "Simsek=Şimşek, Erdem=Erdem, Tas=Taş"
        ),
        ("Team leader", "Technician", "Paramedic", "Engineer"), "U",
    ),
    _Land(
        "PK", "rescue.example", ("ur", "en"),
        _pairs(
            "Imran=عمران, Ayesha=عائشہ, Bilal=بلال, Hina=حنا, Kamran=کامران, Saima=صائمہ, Fahad=فہد, Nida=ندا, Usman=عثمان, "
            "Rabia=رابعہ, Shahid=شاہد, Mehwish=مہوش, Zahid=زاہد, Sadia=سعدیہ, Adeel=عدیل, Farah=فرح, Naveed=نوید, Uzma=عظمیٰ, "
            "Waqas=وقاص, Bushra=بشریٰ, Junaid=جنید, Sana=ثنا, Tahir=طاہر"
        ),
        _pairs(
            "Qureshi=قریشی, Chaudhry=چوہدری, Baig=بیگ, Siddiqui=صدیقی, Awan=اعوان, Mirza=مرزا, Rana=رانا, Butt=بٹ, "
            "Khattak=خٹک, Gillani=گیلانی, Rajput=راجپوت, Durrani=درانی, Memon=میمن, Abbasi=عباسی, Niazi=نیازی, Bhatti=بھٹی, "
            "Farooqi=فاروقی, Yousafzai=یوسفزئی, Leghari=لغاری"
        ),
        ("Rescuer", "Shift in-charge", "Medical technician", "Diver"), "P",
    ),
    _Land(
        "ID", "bpbd.example", ("id", "en"),
        _same(
            "Budi, Siti, Agus, Dewi, Wayan, Putri, Joko, Ratna, Bambang, Sri, Hendra, Ayu, Ketut, Rina, Slamet, Indah, "
            "Yusuf, Lestari, Made, Wulan, Teguh, Melati, Fajar"
        ),
        _same(
            "Santoso, Wijaya, Hidayat, Nugroho, Pratama, Kusuma, Saputra, Lubis, Siregar, Hasibuan, Wibowo, Setiawan, "
            "Handayani, Permana, Harahap, Gunawan, Suryadi, Maulana, Tanjung"
        ),
        ("Komandan regu", "Anggota", "Perawat", "Teknisi"), "C",
    ),
    _Land(
        "CO", "gestion.example", ("es", "en"),
        _same(
            "Camila, Andrés, Lucía, Julián, Sofía, Mateo, Ángela, Íñigo, Valeria, Tomás, Inés, Sebastián, Nuria, Óscar, "
            "Pilar, Joaquín, Adriana, Rubén, Marisol, Héctor, Beatriz, Álvaro, Ximena"
        ),
        _same(
            "Muñoz, Gutiérrez, Peña, Rincón, Cárdenas, Ibáñez, Quintero, Zúñiga, Moreno, Ospina, Bermúdez, Arango, Lozano, "
            "Villegas, Patiño, Salcedo, Restrepo, Nariño, Cuéllar"
        ),
        ("Teniente", "Bombero", "Enfermera", "Ingeniero"), "AR",
    ),
    _Land(
        "KE", "ndmu.example", ("en", "sw"),
        _same(
            "Grace, Peter, Mercy, Daniel, Faith, Samuel, Ruth, Kevin, Esther, Brian, Naomi, Victor, Hannah, Dennis, Joyce, "
            "Collins, Sarah, Moses, Agnes, Felix, Lydia, Amos, Irene"
        ),
        _same(
            "Mwangi, Otieno, Wanjiru, Kiprono, Achieng, Njoroge, Mutua, Chebet, Omondi, Kamau, Wekesa, Barasa, Kilonzo, "
            "Cherono, Muthoni, O'Hara, Hassan-Ali, St. John, Rotich"
        ),
        ("Inspector", "Constable", "Clinical officer", "Technician"), "BK",
    ),
)  # fmt: skip

_FIRST_BIRTH_DATE = date(1972, 1, 9)
_BIRTH_SPAN_DAYS = 11_300


def invent_people(count: int, *, start: int = 0) -> Iterator[InventedPerson]:
    """Yield invented people number `start` and following: always the same ones, no two of one document.

    The lands take turns; names repeat after some hundred people a land, birth dates and documents do not.
    """
    for number in range(start, start + count):
        land = _LANDS[number % len(_LANDS)]
        turn = number // len(_LANDS)
        given = land.given[turn % len(land.given)]
        family = land.family[(turn * 7 + turn // len(land.given)) % len(land.family)]
        father = land.given[(turn * 5 + 3) % 12 * 2] if land.has_fathers_name else ("", "")
        latin_given = f"{given[0]} {father[0]}".strip()
        yield InventedPerson(
            given_names=latin_given,
            family_name=family[0],
            native_name=" ".join(part for part in (given[1], father[1], family[1]) if part),
            birth_date=_FIRST_BIRTH_DATE + timedelta(days=number * 4_093 % _BIRTH_SPAN_DAYS),
            nationality=land.country,
            document_number=f"{land.prefix}{6_100_000 + number * 137}",
            document_expires_on=date(2027 + number % 9, 1 + number % 12, 1 + number % 28),
            email=f"{fold_latin(given[0])}.{fold_latin(family[0]).replace(' ', '')}{number}@{land.domain}",
            phone=f"+{990_555_000_000 + number}",
            languages=land.languages,
            rank=land.ranks[turn % len(land.ranks)],
        )


def invent_people_of(country: str, count: int, *, start: int = 0) -> Iterator[InventedPerson]:
    """Yield invented people of one land, those after its first `start`."""
    place = next(place for place, land in enumerate(_LANDS) if land.country == country)
    for turn in range(start, start + count):
        yield from invent_people(1, start=place + turn * len(_LANDS))


MORE_PEOPLE: tuple[InventedPerson, ...] = tuple(invent_people(154))
