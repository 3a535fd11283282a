"""The domains of training, named in every language: they are printed on certificates, so they are data, not translations."""

from collections.abc import Mapping

DOMAIN_NAMES: Mapping[str, Mapping[str, str]] = {
    "usar": {
        "en": "Urban search and rescue",
        "ar": "البحث والإنقاذ في المناطق الحضرية",
        "fr": "Recherche et sauvetage en milieu urbain",
    },
    "mass_casualty": {
        "en": "Mass-casualty response",
        "ar": "الاستجابة للإصابات الجماعية",
        "fr": "Réponse aux afflux massifs de victimes",
    },
    "medical": {"en": "Emergency medicine", "ar": "طب الطوارئ", "fr": "Médecine d'urgence"},
    "cyber": {
        "en": "Cyber-incident response",
        "ar": "الاستجابة للحوادث السيبرانية",
        "fr": "Réponse aux incidents cyber",
    },
    "coordination": {"en": "Coordination", "ar": "التنسيق", "fr": "Coordination"},
    "logistics": {"en": "Logistics", "ar": "الإمداد", "fr": "Logistique"},
    "instruction": {"en": "Instruction", "ar": "إعداد المدربين", "fr": "Formation de formateurs"},
    "common": {"en": "Common core", "ar": "المهارات الأساسية المشتركة", "fr": "Tronc commun"},
}
