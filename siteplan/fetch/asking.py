"""Asking Overpass with manners: in turn, not too often, not for ever.

A server that is busy is asked again later, after twice the time at each failure, give or take a
quarter so that many who wait do not come back at once; one that says when it has room is asked
then. Meanwhile the next one in the list is asked.
https://dev.overpass-api.de/overpass-doc/en/preface/commons.html
"""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

from siteplan.errors import Defect, InputError, Text
from siteplan.fetch.answers import OK, TOO_MANY, check_answer
from siteplan.fetch.sending import Answer, AnswerError, LargeAnswerError, Patience, send

TRIES = 5  # of one query, at each endpoint
FIRST_WAIT_S = 2.0
JITTER = 0.25
LONGEST_WAIT_S = 120.0  # that a server may tell us to wait; then it is asked all the same
ANSWER_S = 420.0  # for all of one answer: its computing and its transfer
STATUS_S = 20.0
SLOT_FREE = re.compile(rb"^\s*[1-9]\d* slots? available now", re.MULTILINE)
SLOT_AFTER = re.compile(rb"^Slot available after: [^,\n]*, in (-?\d{1,6}) seconds", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, as far as waiting goes.

    Attributes
    ----------
    now
        Seconds that only go forward.
    sleep
        Waits for some seconds.
    seed
        Of the irregularity of waits.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    seed: int = 0


@dataclass(slots=True)
class Asker:
    """Asks several endpoints, until a deadline.

    Attributes
    ----------
    endpoints
        Addresses of interpreters, the preferred one first.
    deadline
        When to give up, by the clock.
    clock
        What the time is taken from.
    tell
        Is told of waits.
    ready
        When each endpoint may be asked again.
    """

    endpoints: tuple[str, ...]
    deadline: float
    clock: Clock
    tell: Callable[[Text], None]
    ready: dict[str, float] = field(default_factory=dict)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.clock.seed)  # noqa: S311  # no secret

    def ask(self, query: str) -> bytes:
        """Return whole OpenStreetMap data that answer a query.

        Raises
        ------
        LargeAnswerError
            If it asks for more than Overpass grants one query.
        InputError
            If no endpoint answers in time, with what the last words of each were.
        """
        failures: dict[str, Text] = {}
        tries = dict.fromkeys(self.endpoints, 0)
        while waiting := [url for url in self.endpoints if tries[url] < TRIES]:
            now = self.clock.now()
            url = min(waiting, key=lambda url: max(self.ready.get(url, now), now))
            self._wait(self.ready.get(url, now) - now, failures)
            tries[url] += 1
            try:
                answer = send(url, query, self._be_patient(ANSWER_S))
                if answer.status == TOO_MANY:
                    self._put_off(url, self._ask_when(url, answer))
                check_answer(answer)
            except LargeAnswerError:
                raise
            except AnswerError as error:
                failures[url] = error.reason
                self._put_off(url, self._back_off(tries[url]))
            else:
                return answer.body
        raise self._give_up(failures)

    def _wait(self, wait_s: float, failures: dict[str, Text]) -> None:
        """Wait, unless the deadline comes first."""
        rest_s = self.deadline - self.clock.now()
        if rest_s <= 0 or wait_s > rest_s:
            raise self._give_up(failures)
        if wait_s > 0:
            seconds = f"{wait_s:.0f}"
            self.tell(Text(f"等待 {seconds} 秒再试", f"waiting {seconds} s to try again"))
            self.clock.sleep(wait_s)

    def _be_patient(self, most_s: float) -> Patience:
        return Patience(max(0.0, min(most_s, self.deadline - self.clock.now())))

    def _back_off(self, tries: int) -> float:
        wait_s = FIRST_WAIT_S * 2.0 ** (tries - 1)
        return wait_s * self.chance.uniform(1 - JITTER, 1 + JITTER)

    def _put_off(self, url: str, wait_s: float) -> None:
        later = self.clock.now() + wait_s
        self.ready[url] = max(self.ready.get(url, later), later)

    def _ask_when(self, url: str, refused: Answer) -> float:
        """Return in how many seconds a server has room: as it said, or as its status says."""
        if refused.retry_after.isdecimal():
            return min(float(refused.retry_after), LONGEST_WAIT_S)
        try:
            status = send(urljoin(url, "status"), None, self._be_patient(STATUS_S))
        except AnswerError:
            return 0.0
        if status.status != OK or SLOT_FREE.search(status.body):
            return 0.0
        waits = [float(wait) for wait in SLOT_AFTER.findall(status.body)]
        return min(max(0.0, min(waits, default=0.0)), LONGEST_WAIT_S)

    def _give_up(self, failures: dict[str, Text]) -> InputError:
        nothing = Text("规定时间内没有回答", "no answer in the time there was")
        remedy = Text(
            "已下载的部分已保留，稍后再运行即可继续；也可加大 --timeout，或用 --overpass 换服务器",
            "What was downloaded is kept: run it again later to go on; or allow more with"
            " --timeout, or name another server with --overpass",
        )
        told = {url: failures.get(url, nothing) for url in (failures or self.endpoints)}
        return InputError(*(Defect(url, reason, remedy) for url, reason in told.items()))
