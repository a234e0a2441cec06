import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.articles.language import language_of

AZERBAIJANI = "Şəhər tramvayı otuz ildən sonra yenidən limana qayıdır, sakinlər sevinirlər"
RUSSIAN = "Городской трамвай возвращается в порт после тридцати лет перерыва"
ARABIC = "الترام يعود إلى الميناء بعد ثلاثين عاما من التوقف والسكان سعداء"
CHINESE = "三十年后，城市有轨电车重新开到港口，居民们非常高兴，市长也来了"
ENGLISH = "The tram returns to the harbour after thirty years, and the residents are happy"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (AZERBAIJANI, "az"),
        (RUSSIAN, "ru"),
        (ARABIC, "ar"),
        (CHINESE, "zh"),
        (ENGLISH, "en"),
        ("החשמלית חוזרת לנמל אחרי שלושים שנה והתושבים שמחים מאוד", "he"),
        ("Tram", ""),
        ("2:1", ""),
        ("", ""),
    ],
)
def test_what_is_not_declared_is_detected_where_the_words_tell(text: str, language: str) -> None:
    assert language_of("", text) == language


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("ru", ENGLISH, "en"),
        ("en-GB", RUSSIAN, "ru"),
        ("en", CHINESE, "zh"),
        ("ru", "Apple представила iPhone 17 Pro Max и часы, которые измеряют давление", "ru"),
        ("de", ENGLISH, "de"),  # the letters do not say that it is none
        ("az", RUSSIAN, "az"),  # it is written in several scripts
        ("ru", "iPhone 17 Pro Max", "ru"),  # too few letters to say
        ("sw", ENGLISH, "sw"),
        ("en", "ሰላም ለዓለም " * 10, "en"),  # of a script that we do not know
    ],
)
def test_a_declaration_is_believed_unless_the_letters_forbid_it(declared: str, text: str, language: str) -> None:
    assert language_of(declared, text) == language


@given(st.text(max_size=200), st.sampled_from(["", "en", "zh-Hans"]))
def test_no_text_is_too_strange(text: str, declared: str) -> None:
    language_of(declared, text + "\x00\x85\ud800\ufffe")
