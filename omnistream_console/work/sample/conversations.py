"""The conversations of the sample organization: how many stand how, and the story of each.

A story is laid out by the target that governs it today, as shares of it: one that waits for 0.9 of its target is at
risk. What becomes of it is not decided here, the rules fold its facts like any others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from ...sla import timeline as words
from ...sla.matching import PolicyVersion
from .people import BILLING, CORPORATE, DELIVERY, SALES, SUPPORT
from .stories import Story, World

_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

# Where conversations come in, and how often.
_PLACES = (
    ("whatsapp", SALES, 14), ("whatsapp", SUPPORT, 9), ("whatsapp", DELIVERY, 14), ("whatsapp", BILLING, 6),
    ("whatsapp", CORPORATE, 4), ("instagram", SALES, 10), ("instagram", SUPPORT, 4), ("webchat", SALES, 7),
    ("webchat", SUPPORT, 9), ("webchat", DELIVERY, 4), ("email", SUPPORT, 6), ("email", BILLING, 9),
    ("email", CORPORATE, 8), ("email", DELIVERY, 4), ("messenger", BILLING, 3), ("messenger", CORPORATE, 2),
)  # fmt: skip
_UNPROMISED = (("messenger", SALES), ("messenger", SUPPORT), ("messenger", DELIVERY))
_SLOW = (("email", SUPPORT), ("email", BILLING), ("email", CORPORATE), ("email", DELIVERY), ("whatsapp", BILLING))


def _place(world: World, places: Sequence[tuple[str, str, int]] = _PLACES) -> tuple[str, str, PolicyVersion]:
    channel, division, _ = world.random.choices(places, weights=[weight for _, _, weight in places])[0]
    promise = world.promise(channel, division)
    assert promise is not None
    return channel, division, promise


def _first(promise: PolicyVersion) -> timedelta:
    return timedelta(seconds=promise.first_response_secs)


def _whole(promise: PolicyVersion) -> timedelta:
    return timedelta(seconds=promise.resolution_secs)


def _started(world: World, age: timedelta, channel: str, division: str) -> Story:
    """A story that a customer began so long ago, sometimes with the bot's word and, at once, somebody's name on it."""
    story = Story(world, channel, division, world.now - age, unusual=world.chance(0.12))
    if channel in ("whatsapp", "webchat") and world.chance(0.5) and age > 5 * _SECOND:
        story.bot(story.created_at + 2 * _SECOND)
    return story


def _answered(world: World, story: Story, promise: PolicyVersion, until: timedelta, share: float | None = None) -> None:
    """Somebody takes it and answers after a share of the target (in time, unless told), not later than `until`."""
    delay = min(_first(promise) * (world.between(0.1, 0.85) if share is None else share), until)
    story.assign(story.created_at + delay / 2)
    story.reply(story.created_at + delay)


# Under way


def _waiting(world: World, low: float, high: float) -> Story:
    """Nobody has answered yet, after a share of the target; `low` and `high` of 1 are the target itself."""
    channel, division, promise = _place(world)
    age = _first(promise) * world.between(low, high)
    story = _started(world, age, channel, division)
    if world.chance(0.5):
        story.assign(story.created_at + age / 3)
    if world.chance(0.3):
        story.customer(story.created_at + age * 0.6)
    return story


def _ignored(world: World) -> Story:
    """Nobody has answered for days."""
    channel, division, promise = _place(world)
    story = _started(world, _first(promise) + _DAY * world.between(1, 6), channel, division)
    story.customer(story.created_at + _DAY * world.between(0.5, 0.9))
    return story


def _in_hand(world: World, age_of: Callable[[timedelta, PolicyVersion], timedelta]) -> Story:
    """Answered in time and not solved yet."""
    channel, division, promise = _place(world)
    age = age_of(_whole(promise), promise)
    story = _started(world, age, channel, division)
    _answered(world, story, promise, age * 0.9)
    if world.chance(0.7):
        story.talk(story.facts[-1]["at"], story.created_at + age * 0.97, world.random.randrange(1, 3))
    if world.chance(0.3):
        story.note(story.created_at + age * 0.98)
    return story


def _on_track(world: World) -> Story:
    return _in_hand(world, lambda whole, promise: whole * world.between(0.05, 0.55))


def _at_risk(world: World) -> Story:
    return _in_hand(world, lambda whole, promise: whole * world.between(promise.warning_pct / 100 + 0.03, 0.97))


def _overdue(world: World) -> Story:
    return _in_hand(world, lambda whole, promise: whole + _MINUTE * world.between(2, 50))


def _overdue_by_days(world: World) -> Story:
    return _in_hand(world, lambda whole, promise: whole + _DAY * world.between(1, 8))


def _paused(world: World) -> Story:
    """Answered, and now the customer's turn."""
    story = _in_hand(world, lambda whole, promise: whole * world.between(0.2, 0.6))
    last = story.facts[-1]["at"]
    story.status(last + (world.now - last) * 0.3, words.PENDING)
    return story


def _paused_for_days(world: World) -> Story:
    """The customer's turn since long ago: the pause is longer than the target."""
    channel, division, promise = _place(world)
    story = _started(world, _whole(promise) * 0.5 + _DAY * world.between(1, 7), channel, division)
    _answered(world, story, promise, _DAY)
    story.status(story.facts[-1]["at"] + _whole(promise) * 0.2, words.PENDING)
    return story


def _paused_too_late(world: World) -> Story:
    """Handed to the customer after the target had passed."""
    story = _in_hand(world, lambda whole, promise: whole + _MINUTE * world.between(30, 90))
    story.status(world.now - _MINUTE * world.between(1, 20), words.PENDING)
    return story


def _parked(world: World) -> Story:
    """Set to pending before anybody answered: the first response goes on counting."""
    story = _waiting(world, 0.2, 0.7)
    story.status(world.now - (world.now - story.facts[-1]["at"]) * 0.5, words.PENDING)
    return story


def _reached_out(world: World) -> Story:
    """Begun by an agent; the customer has not written."""
    channel, division, promise = _place(world)
    return Story(
        world, channel, division, world.now - _whole(promise) * world.between(0.1, 0.7), opened_by=words.BY_AGENT
    )


def _reached_out_heard_back(world: World) -> Story:
    """Begun by an agent; now the customer waits for an answer."""
    channel, division, promise = _place(world)
    story = Story(world, channel, division, world.now - _whole(promise) * 0.6, opened_by=words.BY_AGENT)
    story.customer(world.now - min(_first(promise) * world.between(0.2, 1.4), _whole(promise) * 0.5))
    return story


def _reopened(world: World) -> Story:
    """Solved days ago, and back since a little while."""
    channel, division, promise = _place(world)
    story = _started(world, _DAY * world.between(2, 7), channel, division)
    _answered(world, story, promise, _DAY)
    solved = story.created_at + _whole(promise) * world.between(0.3, 0.6)
    story.status(solved, words.RESOLVED)
    story.comes_back(world.now - min(_whole(promise) * world.between(0.05, 0.5), (world.now - solved) * 0.9))
    if world.chance(0.5):
        story.reply(world.now - (world.now - story.facts[-1]["at"]) * 0.5)
    return story


def _transferred(world: World) -> Story:
    """Begun with one division, handed to another, whose policy takes it from there."""
    channel, division, promise = _place(world)
    age = _whole(promise) * world.between(0.2, 0.9)
    story = _started(world, age, channel, division)
    _answered(world, story, promise, age * 0.4)
    target = world.random.choice([other for other in (BILLING, CORPORATE, SUPPORT) if other != division])
    moved = story.facts[-1]["at"] + (world.now - story.facts[-1]["at"]) * 0.5
    if story.channel != "messenger":
        story.transfer(moved, division=target)
        story.assign(moved + (world.now - moved) * 0.5)
    return story


def _unpromised(world: World) -> Story:
    """Where no policy takes it."""
    channel, division = world.random.choice(_UNPROMISED)
    story = _started(world, _DAY * world.between(0.02, 3), channel, division)
    if world.chance(0.5):
        story.assign(story.created_at + 20 * _MINUTE)
        story.reply(story.created_at + 25 * _MINUTE)
    return story


def _found_a_promise(world: World) -> Story:
    """Begun where no policy takes it, gone on over a channel that has one."""
    channel, division = world.random.choice(_UNPROMISED)
    story = _started(world, _MINUTE * world.between(60, 180), channel, division)
    story.transfer(world.now - _MINUTE * world.between(1, 4), channel="whatsapp")
    return story


# Ended


def _ended(world: World, first: tuple[float, float], whole: tuple[float, float], *, unpromised: bool = False) -> Story:
    """Answered and solved after shares of the targets, on some day of the last two weeks."""
    if unpromised:
        channel, division = world.random.choice(_UNPROMISED)
        promise = world.promise("whatsapp", division)
        assert promise is not None
    else:
        channel, division, promise = _place(world)
    answer = _first(promise) * world.between(*first)
    solved = max(_whole(promise) * world.between(*whole), answer * 1.1)
    created = world.daytime(world.random.randrange(14))
    created = min(created, world.now - solved - _MINUTE * world.between(5, 600))
    story = _started(world, world.now - created, channel, division)
    story.assign(created + answer * 0.4)
    story.reply(created + answer)
    story.talk(created + answer, created + solved * 0.9, world.random.randrange(3))
    if world.chance(0.25):
        story.note(created + solved * 0.95)
    story.status(created + solved, words.RESOLVED)
    closing = created + solved + 2 * _DAY
    if closing < world.now and world.chance(0.6):
        story.status(closing, words.CLOSED)
    return story


def _kept(world: World) -> Story:
    return _ended(world, (0.08, 0.9), (0.05, 0.8))


def _answered_late(world: World) -> Story:
    return _ended(world, (1.1, 5), (0.2, 0.8))


def _solved_late(world: World) -> Story:
    return _ended(world, (0.1, 0.9), (1.05, 1.9))


def _all_late(world: World) -> Story:
    return _ended(world, (1.2, 6), (1.1, 2.2))


def _ended_unpromised(world: World) -> Story:
    return _ended(world, (0.2, 0.9), (0.1, 0.8), unpromised=True)


def _never_answered(world: World) -> Story:
    """Solved by the customer, or not worth an answer."""
    channel, division, promise = _place(world)
    age = _DAY * world.between(1, 13)
    story = _started(world, age, channel, division)
    story.status(story.created_at + _first(promise) * world.between(0.4, 3), words.RESOLVED)
    return story


def _solved_twice(world: World) -> Story:
    """Solved, back the next day, solved again; the time in between is nobody's."""
    channel, division, promise = _place(world)
    story = _started(world, _DAY * world.between(6, 12), channel, division)
    _answered(world, story, promise, _DAY)
    solved = story.created_at + _whole(promise) * world.between(0.2, 0.4)
    story.status(solved, words.RESOLVED)
    back = solved + _DAY * world.between(0.4, 1.2)
    story.comes_back(back)
    story.reply(back + _whole(promise) * 0.1)
    story.status(back + _whole(promise) * world.between(0.15, 0.8), words.RESOLVED)
    return story


def _waited_for_the_customer(world: World) -> Story:
    """Solved after a pause longer than its target, and yet in time."""
    channel, division, promise = _place(world)
    story = _started(world, _DAY * world.between(9, 13), channel, division)
    _answered(world, story, promise, _DAY)
    asked = story.created_at + _whole(promise) * 0.3
    story.status(asked, words.PENDING)
    back = asked + _whole(promise) + _DAY * world.between(0.2, 1.5)
    story.comes_back(back)
    story.reply(back + _whole(promise) * 0.1)
    story.status(back + _whole(promise) * 0.3, words.RESOLVED)
    return story


def _heard_late(world: World) -> Story:
    """Answered in time, which became known when the breach was on record already: it is retracted."""
    channel, division, promise = _place(world)
    story = _started(world, _DAY * world.between(2, 9), channel, division)
    story.assign(story.created_at + _first(promise) * 0.3)
    story.reply(story.created_at + _first(promise) * 0.7, heard_at=story.created_at + _first(promise) * 1.2)
    story.status(story.created_at + max(_first(promise) * 1.4, _whole(promise) * 0.3), words.RESOLVED)
    return story


def _urgent(world: World) -> Story:
    return _waiting(world, 0.85, 0.97)


# How many of each; a target missed by minutes is told apart from one that has been lost for days.
MIX: Sequence[tuple[int, Callable[[World], Story]]] = (
    (22, lambda world: _waiting(world, 0.03, 0.5)),
    (8, _urgent),
    (9, lambda world: _waiting(world, 1.1, 2.5)),
    (6, _ignored),
    (26, _on_track),
    (10, _at_risk),
    (9, _overdue),
    (7, _overdue_by_days),
    (15, _paused),
    (6, _paused_for_days),
    (4, _paused_too_late),
    (4, _parked),
    (6, _reached_out),
    (4, _reached_out_heard_back),
    (8, _reopened),
    (9, _transferred),
    (6, _unpromised),
    (3, _found_a_promise),
    (130, _kept),
    (32, _answered_late),
    (26, _solved_late),
    (10, _all_late),
    (6, _ended_unpromised),
    (12, _never_answered),
    (12, _solved_twice),
    (8, _waited_for_the_customer),
    (4, _heard_late),
)


def stories(world: World) -> list[Story]:
    """All of them, the oldest first."""
    told = [tell(world) for number, tell in MIX for _ in range(number)]
    return sorted(told, key=lambda story: story.created_at)
