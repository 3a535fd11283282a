"""The codes of standards and of equipment as words on paper: categories, units, and why an item cannot be used.

A code that is not here is printed as it is written, without its underscores: a new standard must not stop a report.
"""

CATEGORIES: dict[str, dict[str, str]] = {
    "base_of_operations": {"en": "Base of operations", "ar": "قاعدة العمليات", "fr": "Base d’opérations"},
    "breaching": {"en": "Breaching", "ar": "الاختراق", "fr": "Percement"},
    "communications": {"en": "Communications", "ar": "الاتصالات", "fr": "Communications"},
    "computing": {"en": "Computing", "ar": "الحوسبة", "fr": "Informatique"},
    "cutting": {"en": "Cutting", "ar": "القطع", "fr": "Découpe"},
    "documents": {"en": "Documents", "ar": "الوثائق", "fr": "Documents"},
    "hazmat": {"en": "Hazardous materials", "ar": "المواد الخطرة", "fr": "Matières dangereuses"},
    "lifting": {"en": "Lifting", "ar": "الرفع", "fr": "Levage"},
    "medical": {"en": "Medical", "ar": "المعدات الطبية", "fr": "Médical"},
    "mortuary": {"en": "Mortuary", "ar": "حفظ الجثث", "fr": "Mortuaire"},
    "network": {"en": "Network", "ar": "الشبكات", "fr": "Réseau"},
    "power": {"en": "Power", "ar": "الطاقة", "fr": "Énergie"},
    "ppe": {"en": "Personal protection", "ar": "الوقاية الشخصية", "fr": "Protection individuelle"},
    "rope": {"en": "Rope", "ar": "الحبال", "fr": "Cordes"},
    "search": {"en": "Search", "ar": "البحث", "fr": "Recherche"},
    "shelter": {"en": "Shelter", "ar": "الإيواء", "fr": "Abri"},
    "shoring": {"en": "Shoring", "ar": "التدعيم", "fr": "Étaiement"},
    "storage": {"en": "Storage", "ar": "التخزين", "fr": "Stockage"},
    "tools": {"en": "Tools", "ar": "الأدوات", "fr": "Outils"},
    "transport": {"en": "Transport", "ar": "النقل", "fr": "Transport"},
    "waste": {"en": "Waste", "ar": "النفايات", "fr": "Déchets"},
    "water": {"en": "Water", "ar": "المياه", "fr": "Eau"},
}

UNITS: dict[str, dict[str, str]] = {
    "each": {"en": "", "ar": "", "fr": ""},
    "bed": {"en": "bed", "ar": "سرير", "fr": "lit"},
    "cache": {"en": "cache", "ar": "مخزون", "fr": "lot"},
    "day of stock": {"en": "day of stock", "ar": "مخزون يوم", "fr": "jour de stock"},
    "file": {"en": "file", "ar": "ملف", "fr": "dossier"},
    "fleet plan": {"en": "fleet plan", "ar": "خطة أسطول", "fr": "plan de parc"},
    "form": {"en": "form", "ar": "نموذج", "fr": "formulaire"},
    "full cache": {"en": "full cache", "ar": "مخزون كامل", "fr": "lot complet"},
    "hour of supply": {"en": "hour of supply", "ar": "إمداد ساعة", "fr": "heure d’alimentation"},
    "kit": {"en": "kit", "ar": "طقم", "fr": "kit"},
    "kit-day": {"en": "kit-day", "ar": "طقم لليوم", "fr": "kit-jour"},
    "litre": {"en": "litre", "ar": "لتر", "fr": "litre"},
    "litre per day": {"en": "litre per day", "ar": "لتر في اليوم", "fr": "litre par jour"},
    "pair": {"en": "pair", "ar": "زوج", "fr": "paire"},
    "pallet": {"en": "pallet", "ar": "منصة نقالة", "fr": "palette"},
    "person-day": {"en": "person-day", "ar": "فرد لليوم", "fr": "personne-jour"},
    "person-set": {"en": "set for a person", "ar": "مجموعة للفرد", "fr": "jeu par personne"},
    "place": {"en": "place", "ar": "مكان", "fr": "place"},
    "set": {"en": "set", "ar": "مجموعة", "fr": "jeu"},
    "shelter": {"en": "shelter", "ar": "مأوى", "fr": "abri"},
    "system": {"en": "system", "ar": "نظام", "fr": "système"},
    "table": {"en": "table", "ar": "طاولة", "fr": "table"},
    "tent": {"en": "tent", "ar": "خيمة", "fr": "tente"},
    "test": {"en": "test", "ar": "اختبار", "fr": "test"},
    "vehicle": {"en": "vehicle", "ar": "مركبة", "fr": "véhicule"},
}

REASONS: dict[str, dict[str, str]] = {
    "case_open": {"en": "case open", "ar": "بلاغ مفتوح", "fr": "dossier ouvert"},
    "condition": {"en": "condition", "ar": "الحالة", "fr": "état"},
    "expired": {"en": "expired", "ar": "منتهي الصلاحية", "fr": "périmé"},
    "inspection_failed": {"en": "inspection failed", "ar": "لم يجتز الفحص", "fr": "contrôle échoué"},
    "inspection_overdue": {"en": "inspection overdue", "ar": "فحص متأخر", "fr": "contrôle en retard"},
    "other": {"en": "other reason", "ar": "سبب آخر", "fr": "autre motif"},
}


def word_of(words: dict[str, dict[str, str]], code: str, language: str) -> str:
    """Give the word for a code, or the code itself as words."""
    return words[code][language] if code in words else code.replace("_", " ")
