"""Which articles readers take for one. The hard cases are of the kinds that the captured feeds hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.articles.fingerprint import Telling, are_alike, words

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WIRE = (
    "PORT ASTER - The old tram line to the harbour opens again on Saturday after thirty years, the city council said, "
    "and rides will be free on the first weekend for everybody who brings a bicycle."
)
TRAM = Telling("Harbour tram to run again after thirty years", WIRE, "ledger.example", NOON)


def elsewhere(title: str, summary: str = WIRE) -> Telling:
    return Telling(title, summary, "herald.example", NOON + timedelta(hours=2))


@pytest.mark.parametrize(
    "other",
    [
        elsewhere("Harbour tram to run again after thirty years"),
        elsewhere("HARBOUR TRAM to run again, after thirty years!"),
        elsewhere("Harbour tram to run again after thirty years | Port Aster Herald"),
        elsewhere("Harbour tram to run again after thirty years", ""),
        elsewhere("Old line opens on Saturday", WIRE),
        elsewhere("Old line opens on Saturday", WIRE[:110]),
        elsewhere("Old line opens on Saturday", WIRE.replace("PORT ASTER - ", "").replace("city council", "town hall")),
    ],
)
def test_two_outlets_print_one_report(other: Telling) -> None:
    assert are_alike(TRAM, other, one_source=False)
    assert are_alike(other, TRAM, one_source=False)
    assert TRAM.prints & other.prints


@pytest.mark.parametrize(
    ("title", "new_title", "summary"),
    [
        (
            "Şəhər tramvayı otuz ildən sonra qayıdır",
            "Köhnə xətt şənbə günü açılır",
            "Limana gedən köhnə tramvay xətti şənbə günü otuz ildən sonra yenidən açılır, şəhər şurası belə bildirib",
        ),
        (
            "Трамвай возвращается в порт",
            "Старая линия откроется в субботу",
            "Старая трамвайная линия в порт откроется в субботу после тридцати лет перерыва, сообщил городской совет",
        ),
        (
            "الترام يعود إلى الميناء",
            "الخط القديم يفتح يوم السبت",
            "يفتح خط الترام القديم إلى الميناء يوم السبت بعد ثلاثين عاما من التوقف كما أعلن مجلس المدينة",
        ),
        (
            "三十年后有轨电车重返港口",
            "旧线路周六开通",
            "市议会表示，通往港口的旧有轨电车线路将于周六重新开通，第一个周末免费乘坐",
        ),
    ],
)
def test_one_report_is_known_again_in_any_script(title: str, new_title: str, summary: str) -> None:
    one, same_title = replace(TRAM, title=title, summary=summary), elsewhere(title.upper(), "")
    same_words = elsewhere(new_title, summary[:-3])
    for other in (same_title, same_words):
        assert are_alike(one, other, one_source=False)
        assert one.prints & other.prints


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Weather for Monday", "Weather for Tuesday"),
        ("Council approves budget for new schools", "Council rejects budget for new schools"),
        ("Trial of the mayor, day 12", "Trial of the mayor, day 13"),
        ("Ukraine: what happened on day 300 of the war", "Ukraine: what happened on day 301 of the war"),
        ("How censors changed our values: part (II)", "Reporters in shackles: what censors do (III)"),
        ("网络审查拖了经济后腿（下）", "新闻业戴着镣铐跳舞（上）"),
        ("Live: fire in the harbour", "Live: flood in the harbour"),
        ("网络管制的危害（一）", "网络管制的危害（二）"),
        ("نشرة الأخبار ليوم الاثنين", "نشرة الأخبار ليوم الثلاثاء"),
        ("节目重温：科技脉搏（粤语）", "节目重温：欧洲纵横（粤语）"),
    ],
)
@pytest.mark.parametrize("summary", ["", WIRE])
def test_a_series_is_many_articles_even_across_outlets(one: str, other: str, summary: str) -> None:
    assert not are_alike(replace(TRAM, title=one, summary=summary), elsewhere(other, summary), one_source=False)


@pytest.mark.parametrize(
    "other",
    [
        elsewhere("Harbour tram to run again after thirty years", "The fish market closes in May. " * 4),
        elsewhere("Harbour tram to run again after thirty years with 3 dead", ""),
        elsewhere("Ferry to the islands is late", "The ferry to the islands was late again, the harbour said."),
        elsewhere("", ""),
    ],
)
def test_other_reports_stay_apart(other: Telling) -> None:
    assert not are_alike(TRAM, other, one_source=False)


@pytest.mark.parametrize("word", ["Weather", "Horoscope for today", "天气预报"])
def test_a_headline_of_few_words_says_too_little(word: str) -> None:
    assert not are_alike(replace(TRAM, title=word, summary=""), elsewhere(word, ""), one_source=False)


def test_a_live_report_moves_on_under_one_headline() -> None:
    first = Telling("Live: fire in the harbour", "Smoke over the old quay, three engines are there.", "ledger.example")
    second = replace(first, summary="The quay is closed until tomorrow, the fire brigade says at noon.")
    assert not are_alike(first, second, one_source=True)
    dated = replace(first, published_at=NOON)
    assert not are_alike(dated, replace(dated, published_at=NOON + timedelta(minutes=9)), one_source=True)


def test_one_outlet_repeats_an_article_only_word_for_word() -> None:
    again = replace(TRAM, title=TRAM.title.upper())
    assert are_alike(TRAM, again, one_source=True)
    undated = replace(again, published_at=None)
    assert are_alike(TRAM, undated, one_source=True)
    assert not are_alike(TRAM, replace(TRAM, title="Old line opens on Saturday"), one_source=True)
    assert not are_alike(replace(undated, summary=""), replace(undated, summary=""), one_source=True)


def test_the_outlet_counts_not_the_feed_it_came_with() -> None:
    column = replace(TRAM, title="Column of the day", published_at=None)
    assert not are_alike(column, replace(column, title="Voices"), one_source=False)  # one site
    assert not are_alike(column, replace(elsewhere("Voices"), published_at=None), one_source=True)  # one feed


def test_words_are_the_same_however_they_are_spelled() -> None:
    assert words("Élan, «Straße»  ﬁve") == words("elan strasse five")
    assert words("مُدِيـنَة") == words("مدينة")
    assert words("电车。 Tram") == ("电", "车", "tram")


@given(st.text(max_size=120), st.text(max_size=200))
def test_any_text_has_a_few_prints_that_a_database_keeps(title: str, summary: str) -> None:
    prints = Telling(title, summary, "ledger.example").prints
    assert len(prints) <= 7
    assert all(0 <= value < 1 << 63 for value in prints)
