"""Properties of the passing rules on random schemes, judged by ``outcome_judge``."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from curriculum.outcomes import judge_assessment, judge_attempt
from curriculum.schemes import (
    AssessmentKind,
    AssessmentScheme,
    AttemptRecord,
    Counting,
    ItemScheme,
    Level,
    Measure,
    Outcome,
)
from curriculum.texts import LocalText
from tests.curriculum.outcome_judge import tell_assessment, tell_attempt

WORDS = LocalText("Station", "محطة", "Atelier")
SHARES = st.lists(st.decimals(0, 1, places=2), min_size=2, max_size=5).map(sorted)


@st.composite
def schemes(draw: st.DrawFn) -> AssessmentScheme:
    shares = draw(SHARES)
    failing = draw(st.integers(0, len(shares)))
    scale = tuple(Level(n, WORDS, share, n <= failing) for n, share in enumerate(shares, start=1))
    items = []
    for n in range(draw(st.integers(1, 8))):
        timed = draw(st.booleans())
        items.append(
            ItemScheme(
                f"I{n}",
                draw(st.decimals("0.1", 9, places=1)),
                draw(st.booleans()),
                Measure.BOUNDED if timed else Measure.LEVEL,
                at_most=Decimal(draw(st.integers(10, 90))) if timed else None,
            )
        )
    return AssessmentScheme(
        code="A",
        title=WORDS,
        kind=AssessmentKind.TIMED_DRILL,
        pass_mark=draw(st.decimals(0, 100, places=1)),
        items=tuple(items),
        scale=scale,
        max_attempts=draw(st.integers(1, 3)),
        counting=draw(st.sampled_from(Counting)),
    )


@st.composite
def marked(draw: st.DrawFn, scheme: AssessmentScheme) -> dict[str, Decimal]:
    marks = {}
    for item in scheme.items:
        if item.measure is Measure.LEVEL:
            marks[item.code] = Decimal(draw(st.integers(0, len(scheme.scale))))
        elif draw(st.booleans()):
            marks[item.code] = Decimal(draw(st.integers(0, 100)))
    return marks


@st.composite
def attempts_of(draw: st.DrawFn, scheme: AssessmentScheme) -> list[AttemptRecord]:
    numbers = draw(st.permutations(range(1, draw(st.integers(1, 5)) + 1)))
    return [
        AttemptRecord(n, draw(marked(scheme)), date(2026, 11, n), n, draw(st.booleans())) for n in numbers
    ]


@given(data=st.data(), scheme=schemes())
def test_attempt_agrees_with_the_second_telling(data: st.DataObject, scheme: AssessmentScheme) -> None:
    marks = data.draw(marked(scheme))
    judgement = judge_attempt(scheme, marks)
    outcome, exact = tell_attempt(scheme, marks)
    assert judgement.outcome == outcome
    assert (judgement.reasons == ()) is (outcome == "competent")
    assert 0 <= exact - Fraction(judgement.score_percent) < Fraction(1, 10)


@given(data=st.data(), scheme=schemes())
def test_assessment_agrees_with_the_second_telling(data: st.DataObject, scheme: AssessmentScheme) -> None:
    attempts = data.draw(attempts_of(scheme))
    assert judge_assessment(scheme, attempts).outcome == tell_assessment(scheme, attempts)


@given(data=st.data(), scheme=schemes())
def test_better_mark_never_takes_competence_away(data: st.DataObject, scheme: AssessmentScheme) -> None:
    attempts = data.draw(attempts_of(scheme))
    position = data.draw(st.integers(0, len(attempts) - 1))
    item = data.draw(st.sampled_from(scheme.items))
    before = attempts[position]
    mark = before.marks.get(item.code)
    if item.measure is Measure.BOUNDED:
        better = Decimal(0) if mark is None else mark // 2
    else:
        better = Decimal(len(scheme.scale)) if mark is None else min(mark + 1, Decimal(len(scheme.scale)))
    after = AttemptRecord(
        before.number,
        {**before.marks, item.code: better},
        before.observed_on,
        before.evaluator_id,
        before.signed,
    )
    improved = [*attempts[:position], after, *attempts[position + 1 :]]
    assert (
        judge_attempt(scheme, after.marks).score_percent >= judge_attempt(scheme, before.marks).score_percent
    )
    if judge_assessment(scheme, attempts).outcome is Outcome.COMPETENT:
        assert judge_assessment(scheme, improved).outcome is Outcome.COMPETENT


@given(data=st.data(), scheme=schemes())
def test_failed_critical_item_is_never_competent(data: st.DataObject, scheme: AssessmentScheme) -> None:
    judgement = judge_attempt(scheme, data.draw(marked(scheme)))
    if judgement.failed_critical:
        assert judgement.outcome is Outcome.NOT_YET_COMPETENT


@given(data=st.data(), scheme=schemes())
def test_order_of_marks_and_of_attempts_changes_nothing(
    data: st.DataObject, scheme: AssessmentScheme
) -> None:
    attempts = data.draw(attempts_of(scheme))
    turned = [
        AttemptRecord(
            one.number, dict(reversed(one.marks.items())), one.observed_on, one.evaluator_id, one.signed
        )
        for one in reversed(attempts)
    ]
    assert judge_assessment(scheme, turned) == judge_assessment(scheme, attempts)


@given(data=st.data(), scheme=schemes())
def test_attempts_beyond_the_last_allowed_never_count(data: st.DataObject, scheme: AssessmentScheme) -> None:
    attempts = data.draw(attempts_of(scheme))
    signed = sorted((one for one in attempts if one.signed), key=lambda one: one.number)
    assert judge_assessment(scheme, attempts) == judge_assessment(scheme, signed[: scheme.max_attempts])
