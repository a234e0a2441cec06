"""Tasks of breaking news: the way of every issue, on a queue and in a lane that no issue can fill."""

from datetime import UTC, datetime

from mailer.delivery import sweep
from mailer.delivery.fanout import fan_out as fan_out_issue
from mailer.delivery.lanes import BREAKING, lane
from mailer.queue import Job, enqueue
from worker import app
from worker.app import celery, session
from worker.tasks.delivery import look_back, run


@celery.task(name=Job.FAN_OUT_BREAKING.value)
def fan_out(issue_id: int) -> None:
    """Fix who gets it, then ring for its own lane, and for the others: what is urgent goes first there too."""
    with session() as s:
        size = fan_out_issue(s, issue_id, datetime.now(UTC))
        s.commit()
    if size is not None:
        enqueue(Job.SEND_BREAKING)
        for _ in range(app.settings.send_lanes):
            enqueue(Job.SEND)


@celery.task(name=Job.SEND_BREAKING.value)
def send() -> None:
    """Send the breaking news that is due, while its lane is free. Ringing more often than needed is harmless."""
    with lane(app.settings.data_dir, 1, BREAKING) as folder:
        if folder is None:
            return
        up = run(folder, urgent=True)
    if look_back(up, sweep.has_urgent):
        enqueue(Job.SEND_BREAKING)
