from datetime import timedelta
from typing import Any

from mailer.articles.health import Health, State
from mailer.delivery.models import DeliveryState
from mailer.digests.models import IssueState
from mailer.newsletters.flood import Flood
from mailer.ops.alerts import FEW_STRANGERS, MOST_FEEDS, raise_alerts
from mailer.ops.backlog import Owed
from mailer.ops.clocks import Feed
from mailer.ops.pipeline import Count, Progress
from mailer.ops.workers import BEAT, Sign, Signs
from mailer.subscriptions.leaving_reasons import Strangers
from tests.ops.making import MINUTE, NOW

AT_WORK = Signs(Sign(BEAT, NOW, True), (Sign("one", NOW, True),))


def heads(**given: Any) -> list[str]:
    quiet: dict[str, Any] = {
        "broker_away": False,
        "signs": AT_WORK,
        "owed": Owed(0, None, 0, 0),
        "issues": [],
        "feeds": [],
        "floods": {},
        "strangers": [],
        "now": NOW,
    }
    return [alert.head for alert in raise_alerts(**{**quiet, **given})]


def progress(**counts: Count) -> Progress:
    states = {DeliveryState[name.upper()]: count for name, count in counts.items()}
    return Progress(1, "Morning Brief", "", IssueState.SENDING.value, 100, NOW - 9 * MINUTE, NOW - 9 * MINUTE, states)


def feed(number: int, failures: int, state: State = State.FAILING) -> Feed:
    health = Health(state, "It answers 503.", "", "")
    return Feed(number, "Morning Brief", f"Feed {number}", "", NOW, NOW - MINUTE, NOW, failures, health)


def test_a_house_at_work_is_quiet() -> None:
    assert heads() == []
    assert heads(owed=Owed(3, NOW - MINUTE, 0, 2), feeds=[feed(1, 1)]) == []
    assert heads(issues=[progress(accepted=Count(90, 90, 90, NOW), refused=Count(1, 1, 1, NOW))]) == []


def test_no_worker_is_said_once_and_not_blamed_on_the_clock() -> None:
    assert heads(signs=Signs(None, ())) == ["No worker has been seen"]
    assert heads(signs=Signs(None, (Sign("one", NOW, True),))) == ["The clock stands still"]


def test_broker_and_relay_are_named() -> None:
    down = Signs(AT_WORK.beat, AT_WORK.workers, relay_down=True)
    assert heads(broker_away=True, signs=down) == ["The broker is away", "The relay cannot be reached"]


def test_failures_are_a_pattern_only_among_many_messages() -> None:
    assert heads(issues=[progress(accepted=Count(5, 5, 5, NOW), refused=Count(5, 5, 5, NOW))]) == []
    many = progress(accepted=Count(80, 80, 80, NOW), refused=Count(20, 20, 20, NOW))
    assert heads(issues=[many]) == ["20 of the last 100 messages failed"]


def test_readers_who_wait_come_before_doubts_and_feeds() -> None:
    found = heads(
        owed=Owed(12, NOW - 3 * MINUTE, 0, 0),
        issues=[progress(queued=Count(50), uncertain=Count(1, 0, 0, NOW - timedelta(hours=1)))],
        feeds=[feed(1, 2)],
    )
    assert found == [
        "12 letters to readers wait",
        "Morning Brief stands still",
        "Morning Brief: 1 delivery is uncertain",
        "“Feed 1” cannot be read",
    ]


def test_a_flood_is_said_with_its_form_its_rate_and_its_end() -> None:
    flood = Flood(3, "sport-page", "Morning Brief", NOW + 15 * MINUTE)
    quiet: dict[str, Any] = {"broker_away": False, "signs": AT_WORK, "owed": Owed(0, None, 0, 0), "now": NOW}
    (alert,) = raise_alerts(**quiet, issues=[], feeds=[], floods={flood: 4211}, strangers=[])
    assert (alert.level, alert.head) == ("warn", "Morning Brief: 4,211 sign-ups a minute through the form “sport-page”")
    assert "Until 07:15 UTC" in alert.text
    assert heads(floods={flood: 0}) == ["Morning Brief: too many sign-ups through the form “sport-page”"]


def test_a_form_that_brings_in_strangers_is_named() -> None:
    found = heads(strangers=[Strangers("Morning Brief", "story", FEW_STRANGERS), Strangers("Morning Brief", "main", 1)])
    assert found == ["Morning Brief: 3 who left this week say that they never signed up"]


def test_many_failing_feeds_are_summed_up() -> None:
    found = heads(feeds=[feed(number, 9) for number in range(MOST_FEEDS + 3)])
    assert len(found) == MOST_FEEDS + 1
    assert found[-1] == "3 more feeds need a look"


def test_feeds_that_are_held_or_quiet_are_said_too() -> None:
    ill = [feed(1, 0, State.STALE), feed(2, 1), feed(3, 0, State.HELD), feed(4, 0, State.FINE)]
    assert heads(feeds=ill) == ["“Feed 3” is held", "“Feed 1” has nothing new"]
