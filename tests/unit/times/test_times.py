"""Times are read right or not at all."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.times import ORDERS, Unit, UnreadableTime, as_iso, read_instant, read_number, read_text
from bridge.times.zones import OFFSETS

THREE_PM = datetime(2026, 3, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc_hour"),
    [
        ("2026-03-04T15:00:00Z", 15),
        ("2026-03-04T15:00:00.123456789Z", 15),
        ("2026-03-04t15:00:00z", 15),
        ("2026-03-04 15:00:00 UTC", 15),
        ("2026-03-04 15:00:00 +0000 UTC", 15),
        ("2026-03-04T15:00:00+02:00", 13),
        ("2026-03-04T15:00:00 +02:00", 13),
        ("2026-03-04T15:00:00\u221205:00", 20),
        ("2026-03-04T15:00-05:00", 20),
        ("2026-03-04 15:00 -0500", 20),
        ("20260304T150000Z", 15),
        ("2026-03-04T15:00:00+01:00[Europe/Berlin]", 14),
        ("2026-03-04 15:00 Europe/Berlin", 14),
        ("March 4, 2026 3:00 PM UTC+2", 13),
        ("March 4, 2026 3:00\u202fPM GMT+2", 13),
        ("March 4, 2026 3:00 p.m. GMT-05:00", 20),
        ("March 4, 2026 3:00 PM UTC + 5:30", 9.5),
        ("March 4, 2026 3:00 PM EST", 20),
        ("March 4, 2026 3:00 PM CET", 14),
        ("March 4, 2026 3pm GMT", 15),
        ("March 4, 2026 at 3:00 PM GMT (Coordinated Universal Time)", 15),
        ("Wed Mar 04 2026 15:00:00 GMT+0200 (CEST)", 13),
        ("Wed Mar 04 2026 15:00:00 GMT+0200 (Central European Summer Time)", 13),
        ("Wed, 04 Mar 2026 15:00:00 GMT", 15),
        ("Wednesday, 04-Mar-26 15:00:00 GMT", 15),
        ("Wed Mar  4 15:00:00 UTC 2026", 15),
        ("Wed Mar 04 15:00:00 +0000 2026", 15),
        ("04/Mar/2026:15:00:00 +0000", 15),
        ("15:00, Wednesday, March 4, 2026 CET", 14),
        ("15:00 UTC+2 on March 4, 2026", 13),
        ("2026-03-04 15:00:00 +0530 IST", 9.5),
        ("4. März 2026 um 15:00 Uhr MEZ", 14),
        ("3/13/2026 3:00:00 PM -05:00", 24 * 9 + 20),
        ("/Date(1772636400000)/", 15),
        ("/Date(1772636400123+0200)/", 15),
        ("\\/Date(1772636400000-0500)\\/", 15),
    ],
)
def test_a_time_with_a_zone_is_the_instant_that_is_meant(written: str, utc_hour: float) -> None:
    day = datetime(2026, 3, 4, tzinfo=UTC)
    assert read_text(written, None).astimezone(UTC).replace(microsecond=0) == day + timedelta(hours=utc_hour)
    at = read_instant(written, Unit.ISO)
    assert at is not None
    assert at // 1000 == int((day + timedelta(hours=utc_hour)).timestamp())


@pytest.mark.parametrize(
    "written",
    [
        *("2026-03-04 15:00", "2026-03-04 3:00 PM", "2026/03/04 15:00:00", "20260304150000", "4 mars 2026 15h00"),
        *("3:00 PM, March 4th, 2026", "15:00 2026-03-04", "PM 3:00 March 4, 2026", "le 4 mars 2026 à 15:00"),
        *(
            "4 de marzo de 2026, 3:00 p. m.",
            "2026年3月4日 15:00",
            "2026年3月4日 下午3:00",
            "2026年3月4日 15時00分",
            "2026年3月4日15时00分",
            "2026年3月4日 下午3点",
            "2026. 3. 4. 오후 3:00",
        ),
        *("4 березня 2026 року 15:00", "4 marca 2026 roku, godz. 15:00"),
        *(
            "4. března 2026 v 15:00",
            "4 Mart 2026 saat 15:00",
            "4 Μαρτίου 2026 στις 15:00",
            "4. mars 2026 klokken 15:00",
        ),
        *(
            "4 марта 2026 15:00",
            "4 марта 2026 г. 15:00",
            "4 Mart 2026 15:00",
            "4. března 2026 15:00",
            "středa 4. března 2026 15:00",
        ),
        *("2026-03-04 15 h 00", "4 mars 2026 à 15 h 00", "4. März 2026, 15.00 Uhr"),
        *("am 4. März 2026 um 15 Uhr", "Wed 04/03/2026 15:00", "２０２６-０３-０４ １５:００"),
    ],
)
def test_a_time_without_a_zone_is_what_the_clock_showed(written: str) -> None:
    assert read_text(written, None) == THREE_PM.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("March 4, 2026 3:00 PM IST", "bad_date"),
        ("March 4, 2026 3:00 PM CST", "bad_date"),
        ("March 4, 2026 3:00 PM PST", "bad_date"),
        ("March 4, 2026 3:00 PM BST", "bad_date"),
        ("March 4, 2026 3:00 PM AST", "bad_date"),
        ("March 4, 2026 3:00 PM (local time)", "bad_date"),
        ("March 4, 2026 3:00 PM Mars/Base", "bad_date"),
        ("2026-03-04T15:00:00+02:00[Europe/Berlin]", "bad_date"),
        ("2026-03-04 15:00:00 GMT (BST)", "bad_date"),
        ("2026-11-01 01:30 America/New_York", "bad_date"),
        ("2026-03-08 02:30 America/New_York", "bad_date"),
        ("2026-03-04+02:00", "bad_date"),
        ("2026-03-04T15:00:00 02:00", "bad_date"),
        ("2026-03-04T15:00:00+25:00", "bad_date"),
        ("2026-03-04 09:00-10:00", "ambiguous_date"),
        ("March 4, 2026 13:00 - 14:00", "bad_date"),
        ("March 4, 2026 3:00-05:00 PM", "ambiguous_date"),
        ("March 4, 2026 9:00 AM - 10:00 AM", "bad_date"),
        ("Tue 4 March 2026", "bad_date"),
        ("Mon 03/04/2026", "bad_date"),
        ("03/04/2026 3:00 PM", "ambiguous_date"),
        ("3:00 PM 03/04/2026", "ambiguous_date"),
        ("3/4-2026", "ambiguous_date"),
        ("4 listopad 2026", "ambiguous_date"),
        ("4 March 26", "ambiguous_date"),
        ("24/12/26", "ambiguous_date"),
        ("12:00 am 4. März 2026", "ambiguous_date"),
        ("15:00 PM March 4, 2026", "bad_date"),
        ("2026-03-04 24:30", "bad_date"),
        ("13.4.2026 15.30", "bad_date"),
        ("March 4", "bad_date"),
        ("March 2026", "bad_date"),
        ("3:00 PM", "bad_date"),
        ("0000-00-00 00:00:00", "bad_date"),
        ("0001-01-01T00:00:00", "bad_date"),
        ("2026-02-30", "bad_date"),
        ("soon", "bad_date"),
        ("", "bad_date"),
        ("4 March 2026" + " " * 100, "bad_date"),
    ],
)
def test_what_could_be_another_time_is_left_out(written: str, code: str) -> None:
    with pytest.raises(UnreadableTime) as error:
        read_text(written, None)
    assert error.value.code == code


def test_an_ambiguous_abbreviation_is_what_the_zone_asked_for_calls_itself() -> None:
    written = "March 4, 2026 3:00 PM IST"
    assert read_text(written, ZoneInfo("Asia/Kolkata")).utcoffset() == timedelta(hours=5.5)
    assert read_text(written, ZoneInfo("Asia/Jerusalem")).utcoffset() == timedelta(hours=2)
    with pytest.raises(UnreadableTime):
        read_text(written, ZoneInfo("Europe/Dublin"))  # which is at GMT in March
    late = read_text("2026-11-01 01:30 CST", ZoneInfo("America/Chicago"))
    assert late.astimezone(UTC) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


def test_the_order_decides_where_nothing_else_does() -> None:
    assert read_text("03/04/2026", None, "day_first").month == 4
    assert read_text("03/04/2026", None, "month_first").month == 3
    assert read_text("2026/03/04", None, "day_first").month == 3
    with pytest.raises(UnreadableTime):
        read_text("13/04/2026", None, "month_first")
    with pytest.raises(UnreadableTime):
        read_text("Wed 03/04/2026", None, "day_first")  # that day is a Friday


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1772636400", 1772636400),
        ("1772636400.5", 1772636400.5),
        ("1772636400500", 1772636400.5),
        ("1772636400500000", 1772636400.5),
        ("1772636400500000000", 1772636400.5),
        ("-1772636400", -1772636400),
    ],
)
def test_the_size_of_a_number_shows_what_it_counts(text: str, seconds: float) -> None:
    moment = read_number(text)
    assert moment is not None
    assert moment.timestamp() == seconds


@pytest.mark.parametrize("text", ["17726364005", "202603041500", "99999999999999"])
def test_a_number_that_is_no_time_is_left_out(text: str) -> None:
    with pytest.raises(UnreadableTime):
        read_number(text)


def test_every_abbreviation_has_had_one_offset_everywhere_since_2000() -> None:
    """What the IANA database says; German MEZ and MESZ are not in it."""
    found: dict[str, set[float]] = {}
    for name in available_timezones():
        zone = ZoneInfo(name)
        for days in range(0, 27 * 365, 40):
            moment = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days)).astimezone(zone)
            offset = moment.utcoffset()
            assert offset is not None
            found.setdefault(moment.tzname() or "", set()).add(offset / timedelta(hours=1))
    for name, hours in OFFSETS.items():
        assert found.get(name, {hours}) == {hours}, name


MOMENTS = st.integers(31_536_000, 4_070_908_800).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.one_of(
    st.sampled_from(
        (
            *("UTC", "Asia/Kolkata", "Asia/Kathmandu", "Europe/London", "Europe/Dublin", "America/New_York"),
            *("America/Chicago", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Manila", "Asia/Tokyo"),
        )
    ).map(ZoneInfo),
    st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)
DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%y", "%m/%d/%y", "%B %d, %Y", "%d %b %Y"),
    *("%d-%b-%y", "%a %m/%d/%Y", "%A, %d.%m.%y", "%a, %d %b %Y", "%b %d %Y", "%Y%m%d", "%a %b %d %Y", "%y-%m-%d"),
)
CLOCKS = ("%H:%M:%S", "%I:%M:%S %p", "%I:%M:%S%p", "%H:%M:%S.%f", "%H:%M", "%I:%M %p", "%I %p", "%Hh%M")
OFFSET_FORMS = ("%z", " %z", "%:z", " %:z", " GMT%z", " UTC%:z", " (GMT%:z)", " %Z", " (%Z)", " %z (%Z)", "")
STARTS = {"day_first": ("%d",), "month_first": ("%m",), "year_first": ("%y", "%Y")}
PATTERNS = (
    "{day} {clock}{zone}",
    "{day}T{clock}{zone}",
    "{clock}{zone}, {day}",
    "{clock} {day}{zone}",
    "{day}, {clock}{zone}",
)


def rendered(moment: datetime, day: str, clock: str, form: str, pattern: str) -> str:
    offset = moment.strftime("%z")[:5]
    zone = form.replace("%:z", f"{offset[:3]}:{offset[3:]}").replace("%z", offset).replace("%Z", moment.tzname() or "")
    return pattern.format(day=moment.strftime(day), clock=moment.strftime(clock), zone=zone)


@given(
    moment=MOMENTS,
    zone=ZONES,
    day=st.sampled_from(DAYS),
    clock=st.sampled_from(CLOCKS),
    form=st.sampled_from(OFFSET_FORMS),
    pattern=st.sampled_from(PATTERNS),
    order=st.sampled_from(("", *ORDERS)),
)
@example(THREE_PM, timezone(timedelta(hours=2)), DAYS[0], CLOCKS[0], " UTC%:z", PATTERNS[0], "")
@example(datetime(1977, 3, 27, 16, tzinfo=UTC), ZoneInfo("Asia/Manila"), DAYS[0], CLOCKS[0], " %Z", PATTERNS[0], "")
def test_a_rendered_instant_is_read_as_itself_or_not_at_all(
    moment: datetime, zone: timezone | ZoneInfo, day: str, clock: str, form: str, pattern: str, order: str
) -> None:
    """With the order that the text has, or with none: who writes another order asks for another day."""
    named = form not in ("", " %Z", " (%Z)")
    aware = moment.astimezone(zone)
    text = rendered(aware, day, clock, form, pattern)
    if order and not day.startswith(STARTS[order]):
        order = ""
    try:
        read = read_text(text, zone, order)
    except UnreadableTime:
        return
    if read.tzinfo is None:
        assert not named, text
        assert all(part in (aware.replace(tzinfo=None).timetuple()[:5]) for part in read.timetuple()[:4]), text
        read = read.replace(tzinfo=zone, fold=aware.fold)
    unit = 3600 if clock == "%I %p" else 60 if "%S" not in clock else 1
    assert abs(read - aware) < timedelta(seconds=unit), text


@given(moment=MOMENTS, zone=ZONES)
def test_the_forms_of_programs_are_read(moment: datetime, zone: timezone | ZoneInfo) -> None:
    aware = moment.astimezone(zone)
    at = int(aware.timestamp()) * 1000
    offset = f"{aware:%z}"[:5]
    for text in (
        aware.isoformat(),
        aware.isoformat(" "),
        as_iso(at),
        format_datetime(aware),
        f"{aware:%a %b %d %Y %H:%M:%S} GMT{offset} (Somewhere Standard Time)",
        f"{aware:%Y-%m-%d %H:%M:%S} UTC{offset[:3]}:{offset[3:]}",
        f"{aware:%A, %B %d, %Y at %I:%M:%S %p} GMT{offset}",
    ):
        assert read_instant(text, Unit.ISO) == at, text


@pytest.mark.parametrize("host", ["America/New_York", "Asia/Kolkata", "Europe/Dublin", "Pacific/Auckland", "UTC"])
def test_the_hosts_own_zone_says_nothing(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", host)
    time.tzset()
    try:
        assert read_instant("2026-03-04 15:00", Unit.ISO) == 1772636400000
        assert read_instant("March 4, 2026 3:00 PM EST", Unit.ISO) == 1772636400000 + 5 * 3600_000
        assert read_instant("March 4, 2026 3:00 PM IST", Unit.ISO) is None
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("value", [True, None, [1], "", "x" * 10_000, float("nan"), 1e300, "9" * 30, "\ud800", -1])
@pytest.mark.parametrize("unit", list(Unit))
def test_no_value_makes_the_reader_fail(value: object, unit: Unit) -> None:
    assert read_instant(value, unit) is None


@given(st.text(max_size=120))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    read_instant(text, Unit.AUTO)
