"""The plugin in a real WordPress: what it prints, and where."""

import pytest

from tests.contrib.markup import Found, forms, modules, read
from tests.services.wordpress import WordPress, php

pytestmark = pytest.mark.slow

SCRIPT = "http://127.0.0.1:9/e/1.js"
FOUR = "".join(f"<!-- wp:paragraph --><p>Paragraph {n}.</p><!-- /wp:paragraph -->\n" for n in range(1, 5))
QUOTE = (
    "<!-- wp:quote --><blockquote class='wp-block-quote'><p>Said.</p><p>And said.</p></blockquote><!-- /wp:quote -->"
)
SHORTCODE = "<!-- wp:shortcode -->[post_signup]<!-- /wp:shortcode -->"
ALLOWED = {"post-signup", "form", "h2", "p", "fieldset", "legend", "label", "input", "button", "small", "a"}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>"


def only_form(html: str) -> Found:
    (form,) = forms(html)
    return form


def before_form(html: str) -> str:
    return html.partition("<post-signup")[0].rstrip().rpartition("</p>")[0].rpartition(">")[2]


def test_the_shortcode_is_a_plain_form_that_works_by_itself(site: WordPress) -> None:
    form = only_form(site.get(site.publish('[post_signup newsletter="evening" form="story" language="az"]')))
    (plain,) = form.all("form")
    assert plain.attributes["action"] == "http://127.0.0.1:9/s/evening"
    assert plain.attributes["method"] == "post"
    assert form.fields()["form"] == "story"
    (email,) = [field for field in form.all("input") if field.attributes["type"] == "email"]
    assert {"name": "email", "required": "", "autocomplete": "email"}.items() <= email.attributes.items()
    (label,) = form.all("label")
    assert label.attributes["for"] == email.attributes["id"]
    assert len(form.all("button")) == 1


def test_the_block_is_the_same_form_with_its_own_words(site: WordPress) -> None:
    block = (
        '<!-- wp:postroom/signup {"heading":"The harbour, before breakfast","wording":"Send it.","align":"wide"} /-->'
    )
    form = only_form(site.get(site.publish(block)))
    assert {"wp-block-postroom-signup", "alignwide"} <= set(form.attributes["class"].split())
    assert [heading.text for heading in form.all("h2")] == ["The harbour, before breakfast"]
    assert form.fields()["wording"] == "Send it."
    assert form.all("small")[0].text.startswith("Send it.")


def test_three_forms_share_one_script_and_no_id(site: WordPress) -> None:
    html = site.get(site.publish(f"[post_signup]\n\n{SHORTCODE}\n\n<!-- wp:postroom/signup /-->"))
    found = forms(html)
    assert len(found) == 3
    ids = [field.attributes["id"] for form in found for field in form.all("input") if "id" in field.attributes]
    assert len(set(ids)) == 3
    (script,) = modules(html, SCRIPT)
    assert script.attributes["type"] == "module"


def test_a_page_without_a_form_loads_nothing(site: WordPress) -> None:
    html = site.get(site.publish(FOUR))
    assert "post-signup" not in html
    assert "127.0.0.1:9" not in html
    assert "postroom-signup" not in html


def test_a_site_that_has_not_chosen_shows_nothing(site: WordPress) -> None:
    site.choose(service="", place="end")
    assert "post-signup" not in site.get(site.publish(SHORTCODE))


@pytest.mark.parametrize(
    ("number", "content", "before"),
    [
        (2, FOUR, "Paragraph 2."),
        (2, QUOTE + FOUR, "Paragraph 2."),
        (9, FOUR, "Paragraph 4."),
        (2, "One.\n\nTwo.\n\nThree.", "Two."),
        (1, "<script>document.write('<div><p>no</p>')</script>" + FOUR, "Paragraph 1."),
    ],
    ids=["second", "not in a quote", "short article", "without blocks", "not in a script"],
)
def test_a_form_stands_after_the_paragraph_that_was_chosen(
    site: WordPress, number: int, content: str, before: str
) -> None:
    site.choose(place="paragraph", paragraph=number)
    html = site.get(site.publish(content))
    only_form(html)
    assert before_form(html) == before


@pytest.mark.parametrize("theme", ["twentytwentythree", "plain"])
def test_a_form_stands_at_the_end_in_every_kind_of_theme(site: WordPress, theme: str) -> None:
    site.run(f"switch_theme( '{theme}' );")
    site.choose(place="end")
    html = site.get(site.publish(FOUR))
    only_form(html)
    assert before_form(html) == "Paragraph 4."
    assert len(modules(html, SCRIPT)) == 1


def test_of_an_article_in_pages_the_last_one_has_the_form(site: WordPress) -> None:
    site.choose(place="end")
    address = site.publish("One.<!--nextpage-->Two.")
    assert forms(site.get(address)) == []
    assert before_form(site.get(f"{address}&page=2")) == "Two."


@pytest.mark.parametrize("content", [SHORTCODE, "<!-- wp:postroom/signup /-->"], ids=["shortcode", "block"])
def test_an_article_that_holds_a_form_gets_no_second_one(site: WordPress, content: str) -> None:
    site.choose(place="paragraph", paragraph=1)
    html = site.get(site.publish(FOUR + content))
    only_form(html)
    assert before_form(html) == "Paragraph 4."


def test_only_articles_themselves_get_a_form(site: WordPress) -> None:
    site.choose(place="end")
    site.publish(FOUR)
    assert forms(site.get(site.publish(FOUR, post_type="page"))) == []
    assert forms(site.get(site.publish(FOUR, post_password="secret"))) == []
    assert forms(site.get(site.url)) == []
    assert forms(site.get(f"{site.url}/?s=Paragraph")) == []
    assert "post-signup" not in site.get(f"{site.url}/?rest_route=/wp/v2/posts")
    site.run("switch_theme( 'plain' );")
    assert forms(site.get(site.url)) == []


def test_kinds_of_content_are_chosen(site: WordPress) -> None:
    site.choose(place="end", post_types=["page"])
    only_form(site.get(site.publish(FOUR, post_type="page")))
    assert forms(site.get(site.publish(FOUR))) == []


def test_feeds_get_no_form_and_a_link_where_an_editor_put_one(site: WordPress) -> None:
    site.choose(place="end")
    site.publish(FOUR)
    assert "127.0.0.1:9" not in site.get(f"{site.url}/?feed=rss2")
    site.publish('[post_signup heading="Before breakfast"]')
    feed = site.get(f"{site.url}/?feed=rss2")
    assert "<post-signup" not in feed
    assert '<a href="http://127.0.0.1:9/f/morning?form=main&#038;full=1">Before breakfast: Sign up</a>' in feed


@pytest.mark.parametrize("name", ["newsletter", "form", "topics", "language", "heading", "text", "button", "wording"])
def test_nothing_an_author_writes_leaves_its_place(site: WordPress, name: str) -> None:
    code = f"return \\Postroom\\Signup\\form( array( '{name}' => {php(HOSTILE)} ) );"
    form = only_form(site.run(code))
    assert form.names() <= ALLOWED
    attributes = {name for tag in ALLOWED for element in form.all(tag) for name in element.attributes}
    assert [name for name in attributes if name.startswith("on")] == []
    if name in ("heading", "text", "button", "wording"):
        assert HOSTILE in form.text


def test_hostile_blocks_and_shortcodes_are_harmless_on_the_page(site: WordPress) -> None:
    heading = r"\u0022\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"
    block = f'<!-- wp:postroom/signup {{"heading":"{heading}","topics":["x"]}} /-->'
    shortcode = "[post_signup heading=\"&quot;&gt;<script>alert(2)</script>\" button='<img src=x onerror=alert(3)>']"
    html = site.get(site.publish(f"{block}\n\n{shortcode}"))
    assert len(forms(html)) == 2
    for form in forms(html):
        assert form.names() <= ALLOWED
    assert [script for script in read(html).all("script") if "alert(" in script.text] == []
