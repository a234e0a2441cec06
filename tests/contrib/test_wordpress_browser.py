"""A reader under an article, and an editor at one, in a real browser before a real WordPress."""

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription
from tests.services.wordpress import PASSWORD, WordPress
from tests.subscriptions.making import make_newsletter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

STORY = "".join(f"<!-- wp:paragraph --><p>Paragraph {n} of the story.</p><!-- /wp:paragraph -->\n" for n in range(1, 5))


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_reader_signs_up_under_an_article(
    browser: Browser, site: WordPress, live: str, session: Session, newsletter: Newsletter, width: int
) -> None:
    site.choose(service=live, place="end")
    address = site.publish(STORY)
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page.goto(address)
    page.get_by_role("textbox", name="Your e-mail").fill("mara@ledger.example")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="One more step").wait_for()
    assert page.url == address
    subscription = session.scalars(select(Subscription)).one()
    assert subscription.newsletter_id == newsletter.id
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_a_reader_signs_up_without_javascript(
    browser: Browser, site: WordPress, live: str, session: Session, newsletter: Newsletter
) -> None:
    site.choose(service=live, place="paragraph", paragraph=2)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(site.publish(STORY))
    page.get_by_role("textbox", name="Your e-mail").fill("mara@ledger.example")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="One more step").wait_for()
    assert page.url == f"{live}/s/morning"
    assert len(session.scalars(select(Subscription)).all()) == 1
    context.close()


def log_in(browser: Browser, site: WordPress) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(f"{site.url}/wp-login.php")
    page.get_by_label("Username or Email Address").fill("chief")
    page.locator("#user_pass").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.wait_for_url(f"{site.url}/wp-admin/")
    return page


def test_an_administrator_sees_that_the_service_answers(
    browser: Browser, site: WordPress, live: str, newsletter: Newsletter
) -> None:
    page = log_in(browser, site)
    page.goto(f"{site.url}/wp-admin/options-general.php?page=postroom-signup")
    page.get_by_label("Address of the service").fill(live)
    page.get_by_label("At the end of each article").check()
    page.get_by_label("Uncategorized").fill("sport")
    page.get_by_role("button", name="Save Changes").click()
    page.get_by_text("The service answers. The form says “Morning Briefing”.").wait_for()
    page.goto(site.publish(STORY))
    assert page.get_by_role("checkbox", name="Sport").is_checked()
    assert not page.get_by_role("checkbox", name="City").is_checked()
    page.close()


def test_an_editor_puts_the_block_into_an_article_with_its_own_words(
    browser: Browser, site: WordPress, live: str, newsletter: Newsletter
) -> None:
    site.choose(service=live)
    page = log_in(browser, site)
    page.goto(f"{site.url}/wp-admin/post-new.php?post_title=By+hand")
    page.locator(".editor-post-publish-panel__toggle").wait_for()
    page.evaluate(INSERT)
    page.evaluate(SELECT)
    canvas = "iframe[name=editor-canvas]"  # not in WordPress 6.1
    article = page.frame_locator(canvas) if page.locator(canvas).count() else page
    preview = article.locator("post-signup h2")  # inert: it has no role
    preview.filter(has_text="Morning Briefing").wait_for()
    page.get_by_role("button", name="Own words").click()
    page.get_by_label("Heading").fill("The harbour, before breakfast")
    preview.filter(has_text="The harbour, before breakfast").wait_for()
    address = page.evaluate(PUBLISH)
    stored = site.run("return get_posts()[0]->post_content;")
    assert stored == '<!-- wp:postroom/signup {"heading":"The harbour, before breakfast"} /-->'
    page.goto(address)
    page.get_by_role("heading", name="The harbour, before breakfast").wait_for()
    assert page.locator("post-signup").evaluate("form => form.shadowRoot !== null")
    page.close()


INSERT = """() => {
    const { data, blocks } = wp;
    data.dispatch("core/preferences").set("core/edit-post", "welcomeGuide", false);
    data.dispatch("core/block-editor").insertBlocks(blocks.createBlock("postroom/signup"));
}"""

SELECT = """() => {
    const { data } = wp;
    data.dispatch("core/block-editor").selectBlock(data.select("core/block-editor").getBlockOrder()[0]);
    data.dispatch("core/edit-post").openGeneralSidebar("edit-post/block");
}"""

PUBLISH = """async () => {
    wp.data.dispatch("core/editor").editPost({ status: "publish" });
    await wp.data.dispatch("core/editor").savePost();
    return wp.data.select("core/editor").getPermalink();
}"""
