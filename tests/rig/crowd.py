"""Many customers with questions, some with an agent who writes to them, and a memory of all that was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tests.rig.checks import Said
from tests.rig.shop import AGENT, FORUM
from tests.telegram.client import Telegram
from tests.telegram.group import Group
from tests.telegram.people import Person
from tests.telegram.waiting import until

FIRST_CUSTOMER, FIRST_GUEST = 1_000, 100_000
HUMAN = "a human please"
TOPICS_SECONDS = 60.0


class Crowd:
    """`asked` are questions with their answers: all customers ask them all, in turn. `guests` have an agent."""

    def __init__(self, telegram: Telegram, asked: Sequence[tuple[str, str]], customers: int, guests: int = 0) -> None:
        self.telegram, self.said = telegram, Said()
        self._group: Group = telegram.group(FORUM, "Agents", forum=True)
        self._agent: Person = telegram.user(AGENT, "Bob", language_code="en")
        people = [_person(telegram, FIRST_CUSTOMER + i, "Customer") for i in range(customers)]
        self._guests = [_person(telegram, FIRST_GUEST + i, "Guest") for i in range(guests)]
        self._turns = ((person, question) for question in asked for person in people)
        self._topics: Iterator[tuple[Person, int]] = iter(())

    async def meet(self) -> None:
        """The guests ask for a human and get their topics, while the bot runs."""
        for guest in self._guests:
            self._hand_over(guest)
            self.said.by_agents[guest.id] = []
        await until(lambda: len(self._group.topics) == len(self._guests) or None, TOPICS_SECONDS, self._complaint)
        threads = [topic.thread_id for topic in self._group.topics]
        names = [topic.name for topic in self._group.topics]
        of_guests = [(guest, threads[_place(guest.name, names)]) for guest in self._guests]
        self._topics = ((guest, thread) for _ in iter(int, 1) for guest, thread in of_guests)

    def speak(self, count: int) -> int:
        """So many customers ask their next question, and an agent says a word to a guest; returns how many updates."""
        asking = list(islice(self._turns, count))
        for person, (question, answer) in asking:
            person.say(question)
            self.said.words.setdefault(person.id, []).append(question)
            self.said.answers.setdefault(person.id, []).append(answer)
        return len(asking) + sum(self._help(guest, thread) for guest, thread in islice(self._topics, 1))

    def ask_for_a_human(self) -> None:
        """One more guest, to whom nobody writes."""
        guest = _person(self.telegram, FIRST_GUEST + len(self._guests), "Guest")
        self._guests.append(guest)
        self._hand_over(guest)

    def _hand_over(self, guest: Person) -> None:
        self.said.words[guest.id] = [HUMAN]
        guest.say(HUMAN)

    def _help(self, guest: Person, thread: int) -> int:
        words = self.said.by_agents[guest.id]
        words.append(f"word {len(words) + 1} for {guest.name}")
        self._agent.say_in(self._group, thread, words[-1])
        return 1

    def _complaint(self) -> str:
        return f"{len(self._group.topics)} topics for {len(self._guests)} guests"


def _person(telegram: Telegram, user_id: int, kind: str) -> Person:
    return telegram.user(user_id, f"{kind} {user_id}", language_code="en")


def _place(name: str, names: Sequence[str]) -> int:
    return next(place for place, topic in enumerate(names) if name in topic)
