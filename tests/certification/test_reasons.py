"""Every reason has its sentence, and the sentence has every value it needs."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from certification import reasons as certification_reasons
from certification.eligibility import EligibilityReason
from curriculum import reasons as curriculum_reasons
from curriculum.outcomes import OutcomeReason, judge_attempt
from curriculum.schemes import AssessmentKind, AssessmentScheme, ItemScheme, Measure
from curriculum.texts import LocalText
from curriculum.verdicts import Reason
from foundation import i18n

PAPER = AssessmentScheme(
    code="WP",
    title=LocalText("Written paper", "الاختبار الكتابي", "Épreuve écrite"),
    kind=AssessmentKind.WRITTEN,
    pass_mark=Decimal("70.00"),
    items=(ItemScheme("score", measure=Measure.PERCENT),),
)


@pytest.fixture
def english() -> Flask:
    app = Flask(__name__)
    i18n.init_app(app)
    return app


def test_every_code_has_a_sentence_and_no_code_is_used_twice() -> None:
    assert set(curriculum_reasons.SENTENCES) == set(OutcomeReason)
    with_gates = {*certification_reasons.SENTENCES, *certification_reasons.BY_GATE}
    assert with_gates == set(EligibilityReason)
    assert not with_gates & set(OutcomeReason)


def test_fail_is_told_with_title_score_and_mark_in_the_readers_language(english: Flask) -> None:
    reasons = judge_attempt(PAPER, {"score": Decimal("68.0")}).reasons
    with english.app_context():
        assert certification_reasons.sentences_of(reasons, language="en") == [
            "Written paper: 68 percent, and the pass mark is 70 percent."
        ]
        assert curriculum_reasons.sentences_of(reasons, language="fr")[0].startswith("Épreuve écrite")


def test_gate_is_named_in_its_sentence_with_the_date_in_words(english: Flask) -> None:
    ended = Reason.of(EligibilityReason.GATE_ENDED, gate="medical", valid_until=date(2026, 11, 12))
    still_open = Reason.of(EligibilityReason.GATE_OPEN, gate="vetting")
    with english.app_context():
        assert certification_reasons.sentence(ended, language="en") == (
            "The medical clearance ended on 12 November 2026, before the course did."
        )
        assert certification_reasons.sentence(still_open, language="en") == "The vetting gate is not cleared."
