"""What holds of every timeline, tried on many: laws of the fold rather than examples of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from omnistream_console.sla import timeline as words
from omnistream_console.sla.breaches import Breach, settle
from omnistream_console.sla.clocks import FIRST_RESPONSE, PAUSED, RUNNING, UNSTOPPED, Clock, standing
from omnistream_console.sla.folding import derive
from omnistream_console.sla.matching import Governance, PolicyVersion, Rulebook
from omnistream_console.sla.timeline import CREATED, STATUSES, UNDERWAY, Fact, order
from tests.sla.stories import LONG_AGO, NINE, SALES, SUPPORT, always, policy

SECOND = timedelta(seconds=1)
HORIZON = 300  # seconds of a story, small enough for things to meet

places = st.sampled_from([None, SALES, SUPPORT])
channels = st.sampled_from(["email", "whatsapp"])
instants = st.integers(0, HORIZON)


@st.composite
def facts(draw: st.DrawFn, after: int = 0) -> Fact:
    kind = draw(st.sampled_from([kind for kind in words.KINDS if kind != CREATED]))
    rest: dict[str, Any] = {}
    if kind == words.STATUS:
        rest["status"] = draw(st.sampled_from(STATUSES))
    if kind == words.TRANSFER:
        rest["division_id"], rest["channel"] = draw(places), draw(st.none() | channels)
    at = NINE + draw(st.integers(after, HORIZON)) * SECOND
    return Fact(kind, at, at, seq=draw(st.none() | st.integers(0, 3)), **rest)


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """A conversation: its creation, then facts of any kind, heard at once or late."""
    opened_by = draw(st.sampled_from([words.BY_CUSTOMER, words.BY_AGENT]))
    told = [Fact(CREATED, NINE, NINE, channel=draw(channels), division_id=draw(places), opened_by=opened_by)]
    told += draw(st.lists(facts(), max_size=12))
    late = draw(st.lists(st.booleans(), min_size=len(told), max_size=len(told)))
    # Names in the order of the list: identity is the last thing that decides the order.
    return [
        replace(fact, id=str(n), heard_at=fact.at + (HORIZON * SECOND if delay and n else timedelta(0)))
        for n, (fact, delay) in enumerate(zip(told, late, strict=True))
    ]


@st.composite
def promises(draw: st.DrawFn, number: int) -> PolicyVersion:
    return policy(
        number,
        channel=draw(st.none() | channels),
        division_id=draw(places),
        priority=draw(st.integers(0, 1)),
        first_response_secs=draw(st.integers(1, HORIZON)),
        resolution_secs=draw(st.integers(1, 2 * HORIZON)),
        warning_pct=draw(st.integers(1, 100)),
    )


@st.composite
def rulebooks(draw: st.DrawFn) -> list[PolicyVersion]:
    held = [draw(promises(number)) for number in range(1, draw(st.integers(0, 3)) + 1)]
    return [*held, replace(draw(promises(9)), is_default=True, channel=None, division_id=None)]


@st.composite
def governances(draw: st.DrawFn) -> Governance:
    """Policies that were edited up to three times while a story was told; each edit counts the versions up."""
    books = [(LONG_AGO, draw(rulebooks()))]
    for version, at in enumerate(sorted(draw(st.sets(instants, max_size=3))), start=2):
        edited = draw(rulebooks()) if draw(st.booleans()) else []
        books.append((NINE + at * SECOND, [replace(one, version=version) for one in edited]))
    return Governance([(since, Rulebook(held)) for since, held in books])


def shuffled(told: Sequence[Fact], seed: int) -> list[Fact]:
    return random.Random(seed).sample(told, len(told))


@given(stories(), governances(), st.integers())
def test_the_clocks_are_the_same_in_whatever_order_facts_arrive(
    told: list[Fact], governance: Governance, seed: int
) -> None:
    assert derive(shuffled(told, seed), governance) == derive(told, governance)


@given(stories(), governances())
def test_due_and_warning_stand_in_order(told: list[Fact], governance: Governance) -> None:
    for clock in derive(told, governance):
        assert clock.started_at <= clock.governed_from
        if clock.due_at is not None:
            assert clock.governed_from <= clock.due_at
            assert clock.due_at >= clock.started_at + clock.threshold_secs * SECOND
        if clock.warning_at is not None:
            assert clock.governed_from <= clock.warning_at
            assert clock.due_at is None or clock.warning_at < clock.due_at
        if clock.stopped_at is not None:
            assert clock.stopped_at >= clock.started_at


@given(stories(), governances())
def test_a_running_clock_is_due_when_its_threshold_is_counted_or_when_its_promise_was_made(
    told: list[Fact], governance: Governance
) -> None:
    for clock in derive(told, governance):
        if clock.state != RUNNING or clock.due_at is None or clock.running_since is None:
            continue
        if clock.due_at >= clock.running_since and clock.due_at > clock.governed_from:
            over = clock.elapsed(clock.due_at) - clock.threshold_secs
            # A due that fell between a pause and its end is moved to the end.
            assert over == 0 or clock.due_at == clock.running_since


@given(stories(), governances(), instants, instants)
def test_elapsed_never_goes_back(told: list[Fact], governance: Governance, one: int, other: int) -> None:
    sooner, later = sorted((one, other))
    for clock in derive(told, governance):
        assert 0 <= clock.elapsed(NINE + sooner * SECOND) <= clock.elapsed(NINE + later * SECOND)


def counted_by_hand(told: Sequence[Fact], kind: str, now: int) -> int | None:
    """The seconds that count, one by one: a second walk, by a machine that knows nothing of stretches."""
    timeline = sorted(told, key=order)
    created = next(fact for fact in timeline if fact.kind == CREATED)
    start = 0
    if kind == FIRST_RESPONSE:
        wrote = [fact.at for fact in timeline if fact.kind == words.CUSTOMER_MESSAGE]
        if created.opened_by == words.BY_AGENT:
            if not wrote:
                return None
            start = (min(wrote) - NINE) // SECOND
    replies = {
        (fact.at - NINE) // SECOND
        for fact in timeline
        if fact.kind == words.AGENT_REPLY and fact.at >= NINE + start * SECOND
    }
    changes, said = {}, "open"  # the status from each second on at which it changed
    for fact in timeline:
        if fact.kind == words.STATUS and fact.status is not None and fact.status != said:
            said = changes[(fact.at - NINE) // SECOND] = fact.status
    counted, status, answered = 0, "open", False
    for second in range(now):
        status = changes.get(second, status)
        if kind == FIRST_RESPONSE:
            answered = answered or second in replies
            # Written to an ended conversation, the wait begins all the same and lasts until the next status.
            counts = (
                second >= start
                and not answered
                and (status in UNDERWAY or not any(start <= s <= second for s in changes))
            )
        else:
            counts = status == "open"
        counted += counts
    return counted


@given(stories(), instants)
def test_elapsed_is_what_is_counted_second_by_second(told: list[Fact], now: int) -> None:
    clocks = {clock.kind: clock for clock in derive(told, always(policy()))}
    for kind in (FIRST_RESPONSE, "resolution"):
        # From the end of the story on: before it, a clock that will stop has not been derived from what will be.
        end = HORIZON + now
        expected = counted_by_hand(told, kind, end)
        assert (kind in clocks) == (expected is not None)
        if expected is not None:
            assert clocks[kind].elapsed(NINE + end * SECOND) == expected


@given(stories(), instants, st.integers(1, HORIZON), promises(9))
def test_pausing_never_makes_due_earlier(told: list[Fact], at: int, length: int, promise: PolicyVersion) -> None:
    promise = replace(promise, channel=None, division_id=None)
    open_ = [fact for fact in told if fact.kind != words.STATUS]
    pause, end = (
        Fact(words.STATUS, NINE + when * SECOND, NINE, id=f"pause {when}", status=status)
        for when, status in ((at, "pending"), (at + length, "open"))
    )
    for plain, paused in zip(
        derive(open_, always(promise)), derive([*open_, pause, end], always(promise)), strict=True
    ):
        assert plain.due_at is not None
        assert paused.due_at is not None
        moved_by = paused.due_at - plain.due_at
        assert moved_by in (timedelta(0), length * SECOND)
        if plain.kind == FIRST_RESPONSE or plain.due_at < pause.at:
            assert moved_by == timedelta(0)


@given(stories(), governances(), st.integers(1, HORIZON), st.booleans())
def test_matching_again_never_moves_a_start_nor_what_was_counted(
    told: list[Fact], governance: Governance, at: int, to_sales: bool
) -> None:
    moved = Fact(words.TRANSFER, NINE + at * SECOND, NINE, id="moved", division_id=SALES if to_sales else SUPPORT)
    before = {clock.kind: clock for clock in derive(told, governance)}
    now = NINE + 3 * HORIZON * SECOND
    for clock in derive([*told, moved], governance):
        if (other := before.get(clock.kind)) is not None:
            assert clock.started_at == other.started_at
            if "unjudged" not in (clock.state, other.state):
                assert clock.elapsed(now) == other.elapsed(now)


@given(stories(), rulebooks())
def test_a_stop_at_or_before_due_is_never_late(told: list[Fact], held: list[PolicyVersion]) -> None:
    stay = [fact for fact in told if fact.kind != words.TRANSFER]
    for clock in derive(stay, always(*held)):
        if clock.stopped_at is None or clock.due_at is None:
            continue
        reopened = sum(fact.kind == words.STATUS for fact in stay) > 1
        if clock.stopped_at <= clock.due_at:
            # Due is a limit of the whole life: not past at the last stop, it was not past at an earlier one.
            assert clock.breached_at is None
        elif not reopened:
            assert clock.breached_at == clock.due_at


@given(stories(), governances(), facts(after=1), st.integers(1, 100))
def test_a_fact_after_the_stop_leaves_the_clock_as_it_is(
    told: list[Fact], governance: Governance, extra: Fact, after: int
) -> None:
    for clock in derive(told, governance):
        if clock.stopped_at is None:
            continue
        at = max(clock.stopped_at, max(fact.at for fact in told)) + after * SECOND
        later = replace(extra, at=at, heard_at=at, id="later")
        ends = clock.kind != FIRST_RESPONSE or clock.state == "unanswered"
        # Reopening is the one thing that lets a stopped clock run on; a clock without a verdict has no stop of its own.
        assume(not (ends and later.kind == words.STATUS and later.status in UNDERWAY))
        assume(clock.state != "unjudged")
        again = next(other for other in derive([*told, later], governance) if other.kind == clock.kind)
        assert again == clock


@given(stories(), governances(), st.integers(1, 100), rulebooks())
def test_an_edit_after_the_stop_leaves_the_clock_as_it_is(
    told: list[Fact], governance: Governance, after: int, held: list[PolicyVersion]
) -> None:
    end = max(max(since for since, _ in governance.books), max(fact.heard_at for fact in told)) + after * SECOND
    edited = Governance([*governance.books, (end, Rulebook([replace(one, version=99) for one in held]))])
    after_edit = {clock.kind: clock for clock in derive(told, edited)}
    for clock in derive(told, governance):
        if clock.state not in (*UNSTOPPED, "unjudged"):
            assert after_edit[clock.kind] == clock


STATUS_ORDER = ("ok", "warning", "breached")


@given(stories(), governances(), instants)
def test_the_board_agrees_with_the_clocks(told: list[Fact], governance: Governance, at: int) -> None:
    now = NINE + (HORIZON + at) * SECOND  # when all is known that is told
    unstopped = [clock for clock in derive(told, governance) if clock.state in UNSTOPPED]
    shown = standing(unstopped).status(now)
    if not unstopped:
        assert shown == "none"
        return
    worst = max((clock.status(now) for clock in unstopped), key=STATUS_ORDER.index)
    if worst != "breached" and all(clock.state == PAUSED for clock in unstopped):
        assert shown == "paused"
    else:
        assert shown == worst


def recorded_by(clocks: Sequence[Clock], on_record: dict[str, Breach], now: int) -> dict[str, Breach]:
    found = settle(clocks, on_record, NINE + now * SECOND)
    return {**on_record, **{breach.clock: breach for breach in found.breaches}}


@given(stories(), governances(), st.lists(instants, min_size=1, max_size=6).map(sorted))
def test_looking_more_often_records_the_same(told: list[Fact], governance: Governance, looks: list[int]) -> None:
    """The clocks that all facts show, settled at the end only, or at many instants before."""
    clocks = derive(told, governance)
    end = 4 * HORIZON
    once = recorded_by(clocks, {}, end)
    often: dict[str, Breach] = {}
    for look in looks:
        often = recorded_by(clocks, often, look)
    often = recorded_by(clocks, often, end)
    assert {kind: breach.breached_at for kind, breach in once.items()} == {
        kind: breach.breached_at for kind, breach in often.items() if not breach.retracted
    }


@given(stories(), governances(), st.integers())
def test_hearing_facts_one_by_one_ends_where_hearing_them_at_once_does(
    told: list[Fact], governance: Governance, seed: int
) -> None:
    """Whatever was recorded and retracted on the way: what stands at the end is what the whole timeline shows."""
    end = 4 * HORIZON
    heard: list[Fact] = told[:1]
    on_record = recorded_by(derive(heard, governance), {}, end)
    for fact in shuffled(told[1:], seed):
        heard = [*heard, fact]
        on_record = recorded_by(derive(heard, governance), on_record, end)
    stands = {kind for kind, breach in on_record.items() if not breach.retracted}
    assert stands == set(recorded_by(derive(told, governance), {}, end))
