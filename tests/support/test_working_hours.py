from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.working_hours import EXAMPLE, NeverOpenError, UnknownTimeZoneError, WorkingHours, WorkingHoursError

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = WorkingHours.parse(EXAMPLE, "Europe/Berlin")

moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minute: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
hours = st.sampled_from(
    [EXAMPLE, "", "Mon-Sun 22:00-06:00", "Sun 01:30-02:30", "Mon-Sun 00:00-24:00", "Tue 09:00-09:05", "Fri"]
)
zones = st.sampled_from(["Europe/Berlin", "America/Havana", "Asia/Taipei", "Australia/Lord_Howe"])


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (berlin(20, 8, 59), False),
        (berlin(20, 9), True),
        (berlin(20, 12, 30), False),
        (berlin(20, 13, 30), True),
        (berlin(20, 18), False),
        (berlin(21, 13, 59), True),
        (berlin(22, 11), False),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), True),
    ],
)
def test_open_within_the_hours(at: datetime, expected: bool) -> None:
    assert SHOP.is_open(at) is expected


def test_next_opening_is_now_while_open() -> None:
    assert SHOP.next_opening(berlin(20, 10)) == berlin(20, 10)


def test_next_opening_skips_lunch_night_and_sunday() -> None:
    assert SHOP.next_opening(berlin(20, 13)) == berlin(20, 13, 30)
    assert SHOP.next_opening(berlin(20, 20)) == berlin(21, 10)
    assert SHOP.next_opening(berlin(21, 14)) == berlin(23, 9)


def test_next_opening_is_told_in_the_shops_time() -> None:
    opening = SHOP.next_opening(datetime(2026, 11, 20, 20, tzinfo=UTC))
    assert opening.isoformat() == "2026-11-21T10:00:00+01:00"


def test_deadline_spans_breaks() -> None:
    assert SHOP.add(berlin(20, 12), timedelta(hours=1)) == berlin(20, 14)
    assert SHOP.add(berlin(20, 17), timedelta(hours=6)) == berlin(23, 10)
    assert SHOP.add(berlin(22, 12), timedelta(0)) == berlin(23, 9)


def test_deadline_years_ahead() -> None:
    rare = WorkingHours.parse("Tue 09:00-09:05", "Asia/Taipei")
    far = rare.add(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=25))
    assert rare.minutes_between(datetime(2026, 1, 1, tzinfo=UTC), far) == 25 * 60


def test_negative_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        SHOP.add(berlin(20, 12), timedelta(minutes=-1))


def test_minutes_between_counts_only_open_time() -> None:
    assert SHOP.minutes_between(berlin(20, 12), berlin(20, 14)) == 60
    assert SHOP.minutes_between(berlin(20, 17), berlin(23, 9, 30)) == 60 + 240 + 30
    assert SHOP.minutes_between(berlin(20, 14), berlin(20, 12)) == 0


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_hours_always_open(text: str | None) -> None:
    always = WorkingHours.parse(text, "Asia/Taipei")
    at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert always.is_open(at)
    assert always.next_opening(at) == at
    assert always.add(at, timedelta(days=3000)) == at + timedelta(days=3000)
    assert always.minutes_between(at, at + timedelta(days=1)) == 24 * 60


@pytest.mark.parametrize(
    "text",
    ["monday-Friday 9:00-18:00", "Mo-Fr 09:00-18:00", "Mon–Fri 09:00–18:00", "Mon，Tue，Wed，Thu，Fri 09:00-18:00"],
)
def test_other_ways_to_write_it(text: str) -> None:
    office = WorkingHours.parse(text, "Europe/Berlin")
    assert office.is_open(berlin(20, 17, 59))
    assert office.next_opening(berlin(20, 18)) == berlin(23, 9)


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ("Mon-Fri nine to five", "Mon-Fri nine to five"),
        ("Mon-Fri 09:00-18:00; Sat 25:00-26:00", "Sat 25:00-26:00"),
        ("Mon-Xyz 09:00-18:00", "Mon-Xyz 09:00-18:00"),
    ],
)
def test_faulty_text_is_named_beside_an_example(text: str, faulty: str) -> None:
    with pytest.raises(WorkingHoursError) as caught:
        WorkingHours.parse(text, "Europe/Berlin")
    assert caught.value.faulty == faulty
    assert repr(faulty) in str(caught.value)
    assert EXAMPLE in str(caught.value)


def test_the_example_can_be_read() -> None:
    assert SHOP.text == EXAMPLE


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "../etc/passwd", ""])
def test_unknown_time_zone(timezone: str) -> None:
    with pytest.raises(UnknownTimeZoneError, match="Asia/Taipei"):
        WorkingHours.parse(EXAMPLE, timezone)


@pytest.mark.parametrize("text", ["off", "2020 Mon 09:00-10:00", "Mon 09:00-10:00 unknown"])
def test_never_open_ends(text: str) -> None:
    never = WorkingHours.parse(text, "Europe/Berlin")
    assert not never.is_open(berlin(20, 12))
    assert never.minutes_between(berlin(20, 12), berlin(23, 12)) == 0
    with pytest.raises(NeverOpenError, match="no opening"):
        never.next_opening(berlin(20, 12))
    with pytest.raises(NeverOpenError):
        never.add(berlin(20, 12), timedelta(hours=1))


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SHOP.is_open(berlin(20, 12).replace(tzinfo=None))


def test_clock_set_forward_shortens_the_night_shift() -> None:
    night = WorkingHours.parse("Sat 22:00-06:00", "Europe/Berlin")
    evening = datetime(2026, 3, 28, 22, tzinfo=BERLIN)
    assert night.minutes_between(evening, evening + timedelta(days=1)) == 7 * 60
    assert night.add(evening, timedelta(hours=6)) == datetime(2026, 3, 29, 5, tzinfo=BERLIN)


def test_clock_set_back_lengthens_the_night_shift() -> None:
    night = WorkingHours.parse("Sat 22:00-06:00", "Europe/Berlin")
    evening = datetime(2026, 10, 24, 22, tzinfo=BERLIN)
    assert night.minutes_between(evening, evening + timedelta(days=1)) == 9 * 60
    assert night.add(evening, timedelta(hours=5)).isoformat() == "2026-10-25T02:00:00+01:00"


def test_both_passes_of_the_repeated_hour_are_judged() -> None:
    always = WorkingHours.parse(None, "Europe/Berlin")
    for fold in (0, 1):
        repeated = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold)
        assert always.is_open(repeated)
        assert always.next_opening(repeated) is repeated


@given(text=hours, zone=zones, at=moments, minutes=st.integers(1, 600))
def test_a_deadline_holds_exactly_its_working_time(text: str, zone: str, at: datetime, minutes: int) -> None:
    worked = WorkingHours.parse(text, zone)
    due = worked.add(at, timedelta(minutes=minutes))
    assert worked.minutes_between(at, due) == minutes


@given(text=hours, zone=zones, at=moments)
def test_next_opening_is_the_first_open_moment(text: str, zone: str, at: datetime) -> None:
    worked = WorkingHours.parse(text, zone)
    opening = worked.next_opening(at)
    assert opening >= at
    assert worked.is_open(opening)
    assert worked.minutes_between(at, opening) == 0
    assert worked.is_open(at) is (opening == at)
