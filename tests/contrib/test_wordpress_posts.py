"""A real WordPress as a source: found from its front page, and read page after page."""

from datetime import datetime
from typing import Any

import pytest

from mailer.articles import reading
from mailer.articles.discovery import offers
from mailer.articles.kinds import SourceKind
from mailer.articles.reading import Read
from mailer.articles.wordpress import PER_PAGE
from tests.services.wordpress import WordPress, php

pytestmark = pytest.mark.slow

PICTURE = """
    $id = wp_insert_attachment(
        array( 'post_mime_type' => 'image/jpeg', 'post_title' => 'Ferry', 'post_status' => 'inherit' ),
        '2026/11/ferry.jpg'
    );
    update_post_meta( $id, '_wp_attachment_image_alt', 'The ferry & the quay' );
    wp_update_attachment_metadata( $id, array(
        'file' => '2026/11/ferry.jpg', 'width' => 2400, 'height' => 1600,
        'sizes' => array( 'large' => array(
            'file' => 'ferry-1024.jpg', 'width' => 1024, 'height' => 683, 'mime-type' => 'image/jpeg',
        ) ),
    ) );
    return $id;
"""
MANY = """
    for ( $n = 0; $n < %d; $n++ ) {
        wp_insert_post( array( 'post_title' => "Story $n", 'post_status' => 'publish' ) );
    }
"""


def read(url: str, since: datetime | None = None) -> Read:
    found = reading.read(SourceKind.WORDPRESS, url, since=since, allow_private=True, base_url="")
    assert isinstance(found, Read), found
    return found


def test_posts_of_a_real_wordpress_come_in_with_all_that_belongs_to_them(site: WordPress) -> None:
    category = site.run("return wp_insert_term( 'City & Port', 'category' )['term_id'];")
    more: dict[str, Any] = {"post_title": "The ferry’s back & “here”", "post_category": [category]}
    address = site.publish("<p>It runs again.</p><!--more--><p>" + "And on and on. " * 90 + "</p>", **more)
    site.run(f"set_post_thumbnail( url_to_postid( {php(address)} ), ( function () {{ {PICTURE} }} )() );")
    site.publish("<p>For members.</p>", post_title="Members", post_password="x")
    (offer, *_) = offers(site.url, allow_private=True, base_url="")  # type: ignore[misc]
    assert (offer.kind, offer.title, offer.count) == (SourceKind.WORDPRESS, "The Harbour Ledger", 1)
    (entry,) = read(offer.url).feed.entries
    assert (entry.url, entry.title, entry.author) == (address, "The ferry’s back & “here”", "chief")
    assert entry.summary == "It runs again."
    assert (entry.picture_url[-14:], entry.picture_alt) == ("ferry-1024.jpg", "The ferry & the quay")
    assert entry.categories == ("City & Port",)
    assert entry.published_at is not None


def test_what_changed_since_is_read_over_all_its_pages(site: WordPress) -> None:
    site.publish("<p>Old.</p>", post_title="Old", post_date="2020-01-01 10:00:00")
    (offer, *_) = offers(site.url, allow_private=True, base_url="")  # type: ignore[misc]
    since = read(offer.url).since
    assert since is not None
    site.run(MANY % (PER_PAGE + 5))
    found = read(offer.url, since)
    assert {entry.title for entry in found.feed.entries} >= {f"Story {n}" for n in range(PER_PAGE + 5)}
    assert found.since is not None
    assert found.since >= since
