import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.articles.text import heading, line, plain, says_something, shorten


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>Fish &amp; chips&nbsp;<b>to</b>day</p>", "Fish & chips today"),
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("a<script>alert(1)</script>b<style>p{color:red}</style>c", "abc"),
        ("<script>never closed", ""),
        ("<svg><style>x</style><text>y</text></svg>z", "z"),
        ("<figure><img src=x><figcaption>Photo: Mara</figcaption></figure><p>The tram.</p>", "The tram."),
        ("&lt;b&gt; stays as written", "<b> stays as written"),
        ("&amp;lt; is decoded once", "&lt; is decoded once"),
        ("<!-- note --><![CDATA[x]]>seen", "seen"),
        ("text <a href='https://x.example", "text"),
        ("\x00\ufeffa\x0bb\ud800", "a b"),
        ("The worldâ€™s â€œbiggestâ€\x9d show â€“ openâ€¦", "The world’s “biggest” show – open…"),
        ("  many \n\t spaces  ", "many spaces"),
    ],
)
def test_html_becomes_words(markup: str, words: str) -> None:
    assert plain(markup) == words


def test_a_bare_less_than_does_not_swallow_the_rest_of_a_title() -> None:
    assert heading("Why 5<7 and a<b matter") == "Why 5<7 and a<b matter"
    assert heading("<b>Bold</b> <i>claim</i>") == "Bold claim"


def test_a_short_text_stays_whole() -> None:
    assert shorten("The tram is back.") == "The tram is back."


def test_a_long_text_ends_with_its_last_whole_sentence() -> None:
    text = "The tram is back on its old line. " * 4 + "It runs every ten minutes until midnight. " * 8
    cut = shorten(text)
    assert cut.endswith("until midnight.")
    assert 100 < len(cut) <= 300


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Der Rat stimmt zu. " * 3 + "Das teilte Dr. Weber am Abend nach einer sehr langen Sitzung mit " * 3, "zu."),
        ("He said yes to it. " * 3 + "The U.S. government did not comment on what it had been asked " * 3, "it."),
        ("他们来了。" * 10 + "这是一个没有句号的很长的句子" * 20, "他们来了。"),
        ("هل وصل القطار إلى المدينة؟ " * 3 + "قال المتحدث باسم البلدية إن القطار " * 9, "المدينة؟"),
    ],
)
def test_a_sentence_ends_where_its_language_ends_it(text: str, end: str) -> None:
    assert shorten(text, 100).endswith(end)


def test_without_a_sentence_it_ends_with_a_word() -> None:
    cut = shorten("tramway " * 100, 100)
    assert cut == ("tramway " * 12).strip() + "…"


def test_a_script_without_spaces_is_cut_between_letters() -> None:
    cut = shorten("ที่นี่ไม่มีช่องว่าง" * 30, 100)
    assert len(cut) <= 100
    assert cut.endswith("…")


def test_wide_characters_take_the_room_of_two() -> None:
    assert len(shorten("港口城市的电车今天恢复运行" * 40, 100)) <= 50


def test_a_block_without_a_full_stop_ends_like_a_sentence() -> None:
    text = (
        "The president's speech stirred applause while others showed disguised contempt\n" + "He promised unity " * 30
    )
    assert shorten(text, 200) == "The president's speech stirred applause while others showed disguised contempt"


@pytest.mark.parametrize("end", ["[…]", "[...]", "...", "…", " […]"])
def test_an_ellipsis_of_the_source_becomes_one_character(end: str) -> None:
    assert shorten("The tram is back and" + end) == "The tram is back and…"


@pytest.mark.parametrize(
    "text", ["", "...", "—", "https://ledger.example/a?b=c", "https://a.example https://b.example"]
)
def test_dots_and_addresses_say_nothing(text: str) -> None:
    assert not says_something(text)


def test_words_say_something() -> None:
    assert says_something("See https://ledger.example")
    assert says_something("电车")


@given(st.text(max_size=500), st.integers(min_value=20, max_value=300))
def test_whatever_comes_in_what_comes_out_is_one_storable_line(text: str, limit: int) -> None:
    cut = shorten(line(text), limit)
    assert len(cut) <= limit
    assert "\n" not in cut
    cut.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Two sites are in danger\nFindings run counter to views",
            "Two sites are in danger · Findings run counter to views",
        ),
        ("It is over.\n“Never,” he said.”\nThen he left", "It is over. “Never,” he said.” Then he left"),
        ("A line that was\nwrapped by hand", "A line that was wrapped by hand"),
        ("٢٤ قتيلا\nبيان الوزارة", "٢٤ قتيلا · بيان الوزارة"),
    ],
)
def test_points_of_a_list_do_not_run_into_each_other(text: str, expected: str) -> None:
    assert shorten(text) == expected
