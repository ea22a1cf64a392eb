"""The score: what is proved counts, less with time; what is unknown counts nothing."""

from hypothesis import given
from hypothesis import strategies as st

from runbooks.readiness import DAY, HALF_LIFE, WEIGHTS, Finding, Grade, Topic, report, score

NOW = 1_000_000_000.0


def finding(topic: Topic = Topic.PLAN, grade: Grade = Grade.OK, **changes: object) -> Finding:
    """Something that was seen now."""
    return Finding.model_validate({"topic": topic, "grade": grade, "sentence": "s", "proven_at": NOW, **changes})


def test_all_that_is_proved_now_is_a_hundred() -> None:
    """A topic's findings share its weight; a topic without any is left out."""
    made = report("llm", "c", NOW, [finding(topic) for topic in (Topic.DRILL, Topic.PLAN, Topic.PLAN)])
    assert (made.ready, made.score) == (True, 100)
    assert [(f.topic, f.weight) for f in made.findings] == [(Topic.PLAN, 7.5), (Topic.PLAN, 7.5), (Topic.DRILL, 15.0)]


def test_it_halves_with_each_half_life() -> None:
    """A report that nobody has renewed says less every week."""
    made = report("llm", "c", NOW, [finding(topic) for topic in Topic])
    assert [score(made, NOW + weeks * HALF_LIFE) for weeks in range(3)] == [100, 50, 25]


def test_what_has_a_half_life_of_its_own_lasts_longer() -> None:
    """A drill proves for months what a reading proves for days."""
    made = report("llm", "c", NOW, [finding(half_life=90 * DAY)])
    assert [score(made, NOW + days * DAY) for days in (0, 7, 90)] == [100, 95, 50]


def test_unknown_counts_nothing_and_a_warning_half() -> None:
    """And bad counts nothing either."""
    grades = {grade: report("llm", "c", NOW, [finding(grade=grade)]) for grade in Grade}
    assert {g: r.score for g, r in grades.items()} == {Grade.OK: 100, Grade.WARN: 50, Grade.BAD: 0, Grade.UNKNOWN: 0}
    assert {grade: made.ready for grade, made in grades.items()} == {
        Grade.OK: True,
        Grade.WARN: True,
        Grade.BAD: False,
        Grade.UNKNOWN: False,
    }


def test_what_was_never_proved_counts_nothing() -> None:
    """However good it looks."""
    assert report("llm", "c", NOW, [finding(proven_at=None)]).score == 0
    assert report("llm", "c", NOW, []).score == 0


def test_every_topic_weighs() -> None:
    """They are parts of a hundred."""
    assert (set(Topic), 100) == (set(WEIGHTS), sum(WEIGHTS.values()))


findings = st.lists(st.builds(finding, st.sampled_from(Topic), st.sampled_from(Grade)), max_size=20)


@given(findings, st.floats(0, 1e9), st.floats(0, 1e9))
def test_time_never_makes_it_better(found: list[Finding], one: float, other: float) -> None:
    """From 0 to 100, and only downwards."""
    made = report("llm", "c", NOW, found)
    early, late = sorted((one, other))
    assert 0 <= score(made, NOW + late) <= score(made, NOW + early) <= 100
