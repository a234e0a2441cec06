"""How articles are laid out, and which heading stands above them."""

from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE, Issue
from tests.emails import samples


def issue(*titles: str, **given: str) -> Issue:
    made = samples.issue(**given)
    made.articles.clear()
    for title in titles:
        samples.article(made, title, picture_url="https://ledger.example/1.jpg")
    return made


def laid_out(of: Issue, edition: int = EVERY_ARTICLE) -> list[str]:
    return [
        f"{block.heading}/{block.layout}/{' '.join(article.title for article in block.articles)}"
        for block in content_of(of, edition).blocks
    ]


def test_an_editor_s_choice_goes_before_the_place() -> None:
    of = issue("A", "B", "C", "D")
    of.articles[0].layout, of.articles[1].layout, of.articles[2].layout = "text", "brief", "brief"
    of.articles[3].layout = "nonsense"
    assert laid_out(of) == ["/text/A", "/brief/B C", "/picture/D"]


def test_a_section_goes_on_where_its_first_article_is_left_out() -> None:
    of = issue("A", "B", "C", "D")
    of.articles[0].heading, of.articles[2].heading = "City", "Sport"
    assert laid_out(of) == ["City/lead/A", "/picture/B", "Sport/picture/C", "/picture/D"]
    assert laid_out(of, 0b1010) == ["City/lead/B", "Sport/picture/D"]
    assert laid_out(of, 0b0100) == ["Sport/lead/C"]


def test_the_kicker_does_not_repeat_the_heading() -> None:
    of = issue("A", "B")
    of.articles[0].heading, of.articles[0].section, of.articles[1].section = "City", "city", "Transport"
    assert [article.section for article in content_of(of, EVERY_ARTICLE).articles] == ["", "Transport"]


def test_a_brief_has_no_pictures_and_a_single_one_article_in_full() -> None:
    assert laid_out(issue("A", "B", template="brief")) == ["/text/A", "/text/B"]
    of = issue("A", "B", "C", template="single")
    of.articles[0].summary = of.articles[1].summary = "word " * 300
    assert laid_out(of) == ["/lead/A", "/brief/B C"]
    assert len(content_of(of, EVERY_ARTICLE).articles[0].summary) > 1400


def test_the_advertisement_stands_before_the_briefs() -> None:
    of = issue("A", "B", "C")
    of.ad_title = "Kestrel Bank"
    assert content_of(of, EVERY_ARTICLE).advertisement_after == 3
    of.articles[1].layout = of.articles[2].layout = "brief"
    assert content_of(of, EVERY_ARTICLE).advertisement_after == 1
