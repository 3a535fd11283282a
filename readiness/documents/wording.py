"""The words of a readiness report in each of its languages.

They are not taken from the translation catalogue: a report is printed from its snapshot and must come out the same when it is printed again,
whatever a translator has improved since. The words are those of `docs/glossary.md`. In Arabic a figure follows its label, because a
counted noun would change its form with the number; figures are Latin, as on rosters and deeds.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from foundation.i18n import format_date_for


@dataclass(frozen=True)
class Wording:
    """The fixed texts of one language; names in braces are filled by the report."""

    report: str
    page: str
    page_of: str
    levels: tuple[str, ...]
    verdicts: tuple[str, ...]
    level: str
    unknown: str
    out_of: str
    change: str
    percent: str
    months: str
    strengths: dict[str, str]
    sentence: dict[str, str]
    decides: str
    decided: str
    nothing_decides: str
    key_positions: str
    nobody_in: str
    critical_items: str
    critical_requirements: str
    more: str
    facts: dict[str, str]
    held_on_day: str
    held_for_days: str
    areas: dict[str, str]
    before: str
    trends: tuple[str, str, str]
    since: str
    headings: dict[str, str]
    columns: dict[str, str]
    nothing_in_the_way: str
    train: str
    train_unnamed: str
    train_from_outside: str
    no_shortage_of_equipment: str
    no_equipment: str
    falls: str
    stays: str
    nobody_placed: str
    indispensable: str
    names_in_annex: str
    no_indispensable: str
    sign: dict[str, str]
    check: str
    annex: str
    key: str
    critical: str
    any_of: str
    any_of_join: str
    states: dict[str, str]
    bases: dict[str, str]
    no_endings: str
    endings: str
    no_requirements: str
    no_positions: str
    exercises: dict[str, str]
    method: tuple[tuple[str, str], ...]
    rules: dict[str, str]
    limits: str
    limits_months: str
    quality: dict[str, str]
    disclaimer: str
    demonstration: str
    bar_title: str
    comma: str
    colon: str
    semicolon: str


EN = Wording(
    report="Readiness report",
    page="Page",
    page_of="of",
    levels=("Not known", "Ready", "Ready with limits", "Limited", "Not ready"),
    verdicts=(
        "The readiness of the team is not known.",
        "The team is ready.",
        "The team is ready with limits.",
        "The readiness of the team is limited.",
        "The team is not ready.",
    ),
    level="Level {level}: {label}",
    unknown="not known",
    out_of="{part} of {whole}",
    change="{before} → {now} of {whole}",
    percent="{percent}%",
    months="{months} months",
    strengths={"positions": "Positions filled", "on_hand": "Items on hand", "usable": "Items usable"},
    sentence={
        "positions": "{now} of {whole} positions are filled",
        "on_hand": "{now} of {whole} items are on hand",
        "usable": "{now} of {whole} items are usable",
    },
    decides="What decides the level:",
    decided="{area} ({reasons})",
    nothing_decides="No area is below level 1.",
    key_positions="key positions {part} of {whole}",
    nobody_in="nobody in the position: {names}",
    critical_items="too little of critical items: {names}",
    critical_requirements="critical requirements not met: {names}",
    more="and {count} more",
    facts={
        "standard": "Standard", "edition": "Edition", "on": "As of", "hold": "Deployment", "known": "Data recorded by", "agency": "Agency",
        "number": "Snapshot", "code": "Check code", "unit": "Unit", "rules": "Rules", "engine": "Engine",
    },
    held_on_day="on the day itself",
    held_for_days="{days} days from that day",
    areas={
        "P": "People", "S": "Equipment on hand", "R": "Equipment usable", "T": "Training", "X": "Exercise", "D": "Plans and documents",
    },
    before="was level {level}",
    trends=("Better than before", "Same as before", "Worse than before"),
    since="Change since {date}",
    headings={
        "strength": "How much of the team is there", "areas": "Area by area", "way": "What stands in the way", "equipment": "Equipment",
        "last": "How long it lasts", "signatures": "Signatures",
        "A": "Positions", "B": "Certificates and checks that end in the next twelve months", "C": "Equipment",
        "D": "Checklist of the standard", "E": "Method, limits and definitions", "indispensable": "People the team cannot do without",
        "exercises": "Exercises", "limits": "Limits of the levels", "definitions": "Definitions", "quality": "What is not known",
        "origin": "Origin of the figures",
    },
    columns={
        "measure": "Measure", "share": "Share", "figure": "Figure", "positions": "Positions that share one shortage", "position": "Position",
        "need": "Need", "qualified": "Qualified", "short": "Short", "filled": "Filled", "reserve": "Reserve",
        "qualifications": "Qualification asked for", "line": "Line", "on_hand": "On hand", "usable": "Usable", "why": "Why not usable",
        "month": "Month", "day": "Ends on", "qualification": "Qualification", "who": "Person or item", "evidence": "Evidence", "count": "Number",
        "code": "Code", "requirement": "Requirement", "state": "State", "basis": "Basis", "area": "Area", "level": "Level", "before": "Before",
        "held": "Held on", "exercise": "Exercise", "hours": "Hours", "counts": "Counts",
    },
    nothing_in_the_way="Every position is filled; no shortage of people stands in the way.",
    train="Nearest: {name} lacks {missing}",
    train_unnamed="Nearest members lack {missing}",
    train_from_outside="No member is near; new members are needed.",
    no_shortage_of_equipment="All lines of equipment are complete and usable.",
    no_equipment="The standard asks for no equipment.",
    falls="Without renewals the first placing ends on {date}; then {count} of {whole} positions stay filled by those placed today.",
    stays="No certificate of those placed ends within the next twelve months.",
    nobody_placed="Nobody is placed yet.",
    indispensable="People whose loss would leave a position empty: {count}",
    names_in_annex="(names in annex A)",
    no_indispensable="No single loss would leave a position empty.",
    sign={"prepared": "Prepared by", "checked": "Checked by", "approved": "Approved by", "name": "Name, function, date"},
    check="To check: scan, or compare this code at",
    annex="Annex {letter}",
    key="key position",
    critical="critical",
    any_of="or",
    any_of_join=" + ",
    states={"met": "Met", "not_met": "Not met", "not_applicable": "Does not apply", "unknown": "Not known"},
    bases={"published": "published", "planning": "planning figure"},
    no_endings="Nothing ends in the next twelve months.",
    endings="Endings by month",
    no_requirements="The standard has no checklist.",
    no_positions="The standard names no positions.",
    exercises={"counts": "yes", "no": "no"},
    method=(
        ("Level", "The worst area decides. An unmet critical requirement, a critical line of equipment that is short or a mandatory position that nobody fills makes level 4. An area without data is “not known”, which is never counted as met."),
        ("Filled", "The most positions that can be filled at once when each person fills one, qualifies for it and is available for the whole length of the deployment."),
        ("Shortage", "Positions that share one shortage ask for more people than qualify for any of them. The figures prove the gap: no other placing could close it."),
        ("Reserve", "Members who qualify for the position and are not placed in any."),
        ("On hand", "Accepted and in the team’s custody on the day. What is more than a line needs covers no other line."),
        ("Usable", "On hand, in a condition that allows use, with every check in date and nothing expired."),
        ("How long it lasts", "How many of those placed today stay if nothing is renewed. It is a lower bound: a reserve may step in."),
        ("Bars", "Solid is there and counts; pale is there and does not count; hatched is missing; an upright stroke is the last report."),
    ),
    rules={
        "P": "positions filled; key positions counted by themselves as well", "S": "items on hand, line by line",
        "R": "items usable, line by line", "T": "people placed whose required items are all in date",
        "X": "months since the last accepted full exercise", "D": "requirements met, of those that apply",
    },
    limits="level 1 from {0}%, level 2 from {1}%, level 3 from {2}%",
    limits_months="level 1 up to {0}, level 2 up to {1}, level 3 up to {2} months",
    quality={
        "areas": "Areas not known: {names}.", "requirements": "Requirements not known: {count} of {whole}.",
        "none": "Nothing that the standard asks for is unknown.",
    },
    disclaimer="The limits are planning figures of this programme. This report is derived from records; it is no classification, certification or verification by the issuer of the standard.",
    demonstration="Demonstration – invented data",
    bar_title="{part} of {whole}",
    comma=", ",
    colon=": ",
    semicolon=";",
)  # fmt: skip

FR = Wording(
    report="Rapport de préparation",
    page="Page",
    page_of="sur",
    levels=("Non connu", "Prête", "Prête avec réserves", "Limitée", "Non prête"),
    verdicts=(
        "L’état de préparation de l’équipe n’est pas connu.",
        "L’équipe est prête.",
        "L’équipe est prête avec réserves.",
        "La préparation de l’équipe est limitée.",
        "L’équipe n’est pas prête.",
    ),
    level="Niveau {level} : {label}",
    unknown="non connu",
    out_of="{part} sur {whole}",
    change="{before} → {now} sur {whole}",
    percent="{percent} %",
    months="{months} mois",
    strengths={"positions": "Postes pourvus", "on_hand": "Articles disponibles", "usable": "Articles utilisables"},
    sentence={
        "positions": "postes pourvus : {now} sur {whole}",
        "on_hand": "articles disponibles : {now} sur {whole}",
        "usable": "articles utilisables : {now} sur {whole}",
    },
    decides="Ce qui détermine le niveau :",
    decided="{area} ({reasons})",
    nothing_decides="Aucun domaine n’est au-dessous du niveau 1.",
    key_positions="postes clés {part} sur {whole}",
    nobody_in="personne au poste : {names}",
    critical_items="articles critiques en nombre insuffisant : {names}",
    critical_requirements="exigences critiques non satisfaites : {names}",
    more="et {count} de plus",
    facts={
        "standard": "Référentiel", "edition": "Édition", "on": "Situation au", "hold": "Déploiement", "known": "Données enregistrées au",
        "agency": "Organisme", "number": "Instantané", "code": "Code de contrôle", "unit": "Unité", "rules": "Règles", "engine": "Moteur",
    },
    held_on_day="le jour même",
    held_for_days="{days} jours à partir de ce jour",
    areas={
        "P": "Personnel", "S": "Matériel disponible", "R": "Matériel utilisable", "T": "Formation", "X": "Exercice",
        "D": "Plans et documents",
    },
    before="était au niveau {level}",
    trends=("Mieux qu’avant", "Comme avant", "Moins bien qu’avant"),
    since="Évolution depuis le {date}",
    headings={
        "strength": "Ce dont l’équipe dispose", "areas": "Domaine par domaine", "way": "Ce qui fait obstacle", "equipment": "Matériel",
        "last": "Combien de temps cela dure", "signatures": "Signatures",
        "A": "Postes", "B": "Certificats et contrôles qui prennent fin dans les douze mois", "C": "Matériel",
        "D": "Liste de contrôle du référentiel", "E": "Méthode, seuils et définitions",
        "indispensable": "Personnes dont l’équipe ne peut se passer", "exercises": "Exercices", "limits": "Seuils des niveaux",
        "definitions": "Définitions", "quality": "Ce qui n’est pas connu", "origin": "Origine des chiffres",
    },
    columns={
        "measure": "Mesure", "share": "Part", "figure": "Chiffre", "positions": "Postes touchés par le même manque", "position": "Poste",
        "need": "Requis", "qualified": "Qualifiés", "short": "Manque", "filled": "Pourvus", "reserve": "Réserve",
        "qualifications": "Qualification exigée", "line": "Ligne", "on_hand": "Dispon.", "usable": "Utilis.", "why": "Pourquoi inutilisable",
        "month": "Mois", "day": "Fin le", "qualification": "Qualification", "who": "Personne ou article", "evidence": "Preuve",
        "count": "Nombre", "code": "Code", "requirement": "Exigence", "state": "État", "basis": "Base", "area": "Domaine", "level": "Niveau",
        "before": "Avant", "held": "Tenu le", "exercise": "Exercice", "hours": "Heures", "counts": "Compte",
    },
    nothing_in_the_way="Tous les postes sont pourvus ; aucun manque de personnel ne fait obstacle.",
    train="Le plus proche : {name}, sans {missing}",
    train_unnamed="Membres les plus proches : sans {missing}",
    train_from_outside="Aucun membre n’en est proche ; il faut de nouveaux membres.",
    no_shortage_of_equipment="Toutes les lignes de matériel sont complètes et utilisables.",
    no_equipment="Le référentiel n’exige aucun matériel.",
    falls="Sans renouvellement, une première affectation prend fin le {date} ; il reste alors {count} postes sur {whole} pourvus par les personnes affectées aujourd’hui.",
    stays="Aucun certificat des personnes affectées ne prend fin dans les douze mois.",
    nobody_placed="Personne n’est encore affecté.",
    indispensable="Personnes dont la perte laisserait un poste vide : {count}",
    names_in_annex="(noms à l’annexe A)",
    no_indispensable="Aucune perte isolée ne laisserait un poste vide.",
    sign={"prepared": "Établi par", "checked": "Vérifié par", "approved": "Approuvé par", "name": "Nom, fonction, date"},
    check="Pour vérifier : scannez, ou comparez ce code sur",
    annex="Annexe {letter}",
    key="poste clé",
    critical="critique",
    any_of="ou",
    any_of_join=" + ",
    states={"met": "Satisfaite", "not_met": "Non satisfaite", "not_applicable": "Sans objet", "unknown": "Non connue"},
    bases={"published": "publié", "planning": "valeur de planification"},
    no_endings="Rien ne prend fin dans les douze mois.",
    endings="Échéances par mois",
    no_requirements="Le référentiel n’a pas de liste de contrôle.",
    no_positions="Le référentiel ne nomme aucun poste.",
    exercises={"counts": "oui", "no": "non"},
    method=(
        ("Niveau", "Le domaine le plus faible décide. Une exigence critique non satisfaite, une ligne de matériel critique incomplète ou un poste obligatoire que personne n’occupe donne le niveau 4. Un domaine sans données est « non connu » et n’est jamais compté comme satisfait."),
        ("Pourvus", "Le plus grand nombre de postes qui peuvent être pourvus à la fois quand chaque personne en occupe un seul, y est qualifiée et reste disponible pendant toute la durée du déploiement."),
        ("Manque", "Les postes touchés par le même manque demandent plus de personnes qu’il n’y en a de qualifiées pour l’un d’eux. Les chiffres prouvent l’écart : aucune autre affectation ne le comblerait."),
        ("Réserve", "Membres qualifiés pour le poste et affectés à aucun."),
        ("Disponible", "Accepté et sous la garde de l’équipe ce jour-là. Ce qui dépasse le besoin d’une ligne n’en couvre aucune autre."),
        ("Utilisable", "Disponible, en état de servir, tous les contrôles à jour et rien de périmé."),
        ("Combien de temps cela dure", "Combien des personnes affectées aujourd’hui restent si rien n’est renouvelé. C’est un minimum : une réserve peut prendre la place."),
        ("Barres", "Plein : présent et compté ; pâle : présent mais non compté ; hachuré : manquant ; trait vertical : dernier rapport."),
    ),
    rules={
        "P": "postes pourvus ; les postes clés sont aussi comptés à part", "S": "articles disponibles, ligne par ligne",
        "R": "articles utilisables, ligne par ligne", "T": "personnes affectées dont tout ce qui est exigé est en cours de validité",
        "X": "mois depuis le dernier exercice complet accepté", "D": "exigences satisfaites parmi celles qui s’appliquent",
    },
    limits="niveau 1 dès {0} %, niveau 2 dès {1} %, niveau 3 dès {2} %",
    limits_months="niveau 1 jusqu’à {0}, niveau 2 jusqu’à {1}, niveau 3 jusqu’à {2} mois",
    quality={
        "areas": "Domaines non connus : {names}.", "requirements": "Exigences non connues : {count} sur {whole}.",
        "none": "Rien de ce que demande le référentiel n’est inconnu.",
    },
    disclaimer="Les seuils sont des valeurs de planification de ce programme. Ce rapport est déduit des enregistrements ; il ne vaut ni classification, ni certification, ni vérification par l’éditeur du référentiel.",
    demonstration="Démonstration – données inventées",
    bar_title="{part} sur {whole}",
    comma=", ",
    colon=" : ",
    semicolon=" ;",
)  # fmt: skip

AR = Wording(
    report="تقرير الجاهزية",
    page="صفحة",
    page_of="من",
    levels=("غير معروف", "جاهز", "جاهز بقيود", "جاهزية محدودة", "غير جاهز"),
    verdicts=(
        "جاهزية الفريق غير معروفة.",
        "الفريق جاهز.",
        "الفريق جاهز بقيود.",
        "جاهزية الفريق محدودة.",
        "الفريق غير جاهز.",
    ),
    level="المستوى {level}: {label}",
    unknown="غير معروف",
    out_of="{part} من {whole}",
    change="{before} ← {now} من {whole}",
    percent="{percent}%",
    months="عدد الأشهر {months}",
    strengths={"positions": "الوظائف المشغولة", "on_hand": "القطع المتوفرة", "usable": "القطع الصالحة"},
    sentence={
        "positions": "الوظائف المشغولة {now} من {whole}",
        "on_hand": "القطع المتوفرة {now} من {whole}",
        "usable": "القطع الصالحة {now} من {whole}",
    },
    decides="ما يحدد المستوى:",
    decided="{area} ({reasons})",
    nothing_decides="لا يوجد مجال دون المستوى 1.",
    key_positions="الوظائف الرئيسية {part} من {whole}",
    nobody_in="وظائف لا يشغلها أحد: {names}",
    critical_items="نقص في قطع حرجة: {names}",
    critical_requirements="متطلبات حرجة غير مستوفاة: {names}",
    more="وغيرها {count}",
    facts={
        "standard": "المعيار", "edition": "الإصدار", "on": "الوضع في", "hold": "الإيفاد", "known": "البيانات المسجلة حتى", "agency": "الجهة",
        "number": "اللقطة", "code": "رمز التحقق",
        "unit": "الوحدة", "rules": "القواعد", "engine": "المحرك",
    },
    held_on_day="في اليوم نفسه",
    held_for_days="لمدة {days} من الأيام ابتداء من ذلك اليوم",
    areas={
        "P": "الأفراد", "S": "المعدات المتوفرة", "R": "المعدات الصالحة", "T": "التدريب", "X": "التمرين", "D": "الخطط والوثائق",
    },
    before="كان المستوى {level}",
    trends=("أفضل من قبل", "كما كان", "أسوأ من قبل"),
    since="التغير منذ {date}",
    headings={
        "strength": "ما يتوفر للفريق", "areas": "المجالات", "way": "ما يحول دون الجاهزية", "equipment": "المعدات",
        "last": "إلى متى يدوم ذلك", "signatures": "التوقيعات",
        "A": "الوظائف", "B": "الشهادات والفحوص التي تنتهي خلال الاثني عشر شهرا القادمة", "C": "المعدات",
        "D": "قائمة متطلبات المعيار", "E": "المنهج والحدود والتعريفات", "indispensable": "أفراد لا يستغني عنهم الفريق",
        "exercises": "التمارين", "limits": "حدود المستويات", "definitions": "تعريفات", "quality": "ما هو غير معروف",
        "origin": "مصدر الأرقام",
    },
    columns={
        "measure": "المقياس", "share": "النسبة", "figure": "الرقم", "positions": "وظائف يجمعها نقص واحد", "position": "الوظيفة",
        "need": "المطلوب", "qualified": "المؤهلون", "short": "النقص", "filled": "المشغول", "reserve": "الاحتياط",
        "qualifications": "المؤهل المطلوب", "line": "البند", "on_hand": "المتوفر", "usable": "الصالح", "why": "سبب عدم الصلاحية",
        "month": "الشهر", "day": "ينتهي في", "qualification": "المؤهل", "who": "الشخص أو القطعة", "evidence": "الدليل", "count": "العدد",
        "code": "الرمز", "requirement": "المتطلب", "state": "الحالة", "basis": "الأساس", "area": "المجال", "level": "المستوى",
        "before": "سابقا", "held": "أقيم في", "exercise": "التمرين", "hours": "الساعات", "counts": "محتسب",
    },
    nothing_in_the_way="كل الوظائف مشغولة، ولا نقص في الأفراد يحول دون الجاهزية.",
    train="الأقرب: {name}، ينقصه {missing}",
    train_unnamed="ينقص أقرب الأعضاء إليها {missing}",
    train_from_outside="لا عضو قريب منها، ويلزم أعضاء جدد.",
    no_shortage_of_equipment="كل بنود المعدات مكتملة وصالحة للاستعمال.",
    no_equipment="لا يطلب المعيار معدات.",
    falls="دون تجديد ينتهي أول تعيين في {date}، ويبقى مشغولا بمن عينوا اليوم من الوظائف {count} من {whole}.",
    stays="لا تنتهي شهادة أي ممن عينوا خلال الاثني عشر شهرا القادمة.",
    nobody_placed="لم يعين أحد بعد.",
    indispensable="أفراد يترك غياب أي منهم وظيفة شاغرة: {count}",
    names_in_annex="(الأسماء في الملحق أ)",
    no_indispensable="لا يترك غياب فرد واحد وظيفة شاغرة.",
    sign={"prepared": "أعده", "checked": "راجعه", "approved": "اعتمده", "name": "الاسم والصفة والتاريخ"},
    check="للتحقق: امسح الرمز أو قارنه في الموقع",
    annex="الملحق {letter}",
    key="وظيفة رئيسية",
    critical="حرج",
    any_of="أو",
    any_of_join=" + ",
    states={"met": "مستوفى", "not_met": "غير مستوفى", "not_applicable": "لا ينطبق", "unknown": "غير معروف"},
    bases={"published": "منشور", "planning": "رقم تخطيطي"},
    no_endings="لا ينتهي شيء خلال الاثني عشر شهرا القادمة.",
    endings="ما ينتهي في كل شهر",
    no_requirements="ليس للمعيار قائمة متطلبات.",
    no_positions="لا يسمي المعيار وظائف.",
    exercises={"counts": "نعم", "no": "لا"},
    method=(
        ("المستوى", "يحدده أضعف المجالات. ويصبح المستوى 4 إذا لم يستوف متطلب حرج أو نقص بند حرج من المعدات أو خلت وظيفة إلزامية. والمجال الذي لا بيانات عنه «غير معروف»، ولا يحتسب مستوفى أبدا."),
        ("المشغول", "أكبر عدد من الوظائف يمكن شغله معا على أن يشغل كل شخص وظيفة واحدة هو مؤهل لها ومتاح طوال مدة الإيفاد."),
        ("النقص", "الوظائف التي يجمعها نقص واحد تتطلب أفرادا أكثر من المؤهلين لأي منها. والأرقام تثبت النقص، فلا توزيع آخر يسده."),
        ("الاحتياط", "أعضاء مؤهلون للوظيفة ولم يعينوا في أي وظيفة."),
        ("المتوفر", "ما قبله الفريق وهو في عهدته في ذلك اليوم. وما زاد على حاجة بند لا يغطي بندا آخر."),
        ("الصالح", "المتوفر الذي تسمح حالته باستعماله وفحوصه سارية ولم تنته صلاحيته."),
        ("إلى متى يدوم ذلك", "عدد من يبقى ممن عينوا اليوم إذا لم يجدد شيء. وهو حد أدنى، فقد يحل الاحتياط محلهم."),
        ("الأشرطة", "الممتلئ متوفر ومحتسب، والباهت متوفر غير محتسب، والمخطط ناقص، والخط القائم هو التقرير السابق."),
    ),
    rules={
        "P": "الوظائف المشغولة، وتحسب الوظائف الرئيسية وحدها أيضا", "S": "القطع المتوفرة بندا بندا", "R": "القطع الصالحة بندا بندا",
        "T": "المعينون الذين سرت كل متطلباتهم", "X": "الأشهر منذ آخر تمرين كامل مقبول", "D": "المتطلبات المستوفاة مما ينطبق",
    },
    limits="المستوى 1 من {0}%، المستوى 2 من {1}%، المستوى 3 من {2}%",
    limits_months="المستوى 1 حتى {0}، المستوى 2 حتى {1}، المستوى 3 حتى {2} شهرا",
    quality={
        "areas": "مجالات غير معروفة: {names}.", "requirements": "متطلبات غير معروفة: {count} من {whole}.",
        "none": "لا مجهول مما يطلبه المعيار.",
    },
    disclaimer="الحدود أرقام تخطيطية لهذا البرنامج. وهذا التقرير مستخلص من السجلات، ولا يعد تصنيفا ولا اعتمادا ولا تحققا من جهة إصدار المعيار.",
    demonstration="نسخة للعرض – بيانات مختلقة",
    bar_title="{part} من {whole}",
    comma="، ",
    colon=": ",
    semicolon="؛",
)  # fmt: skip

WORDINGS = {"en": EN, "fr": FR, "ar": AR}

ANNEX_LETTERS = {"en": "ABCDE", "fr": "ABCDE", "ar": "أبجده"}


def write_date(language: str, day: date) -> str:
    """Write a date with its month in words and Latin figures."""
    return format_date_for(language, day)


def write_percent(language: str, percent: Decimal) -> str:
    """Write a percentage cut, never rounded up: 89.97 must not read as the 90 that it is not."""
    cut = percent.quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    figure = str(cut.to_integral_value() if cut == cut.to_integral_value() else cut)
    return WORDINGS[language].percent.format(percent=figure.replace(".", ",") if language == "fr" else figure)
