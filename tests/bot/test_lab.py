"""The laboratory at the command line, on a store with questions that customers asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.lab import explanation_text
from bot.lab_commands import BAR_FROM, bar
from bot.lab_findings import finding_text
from bot.tables import short, table
from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, FaqDraft, FaqQuestion, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from faq.findings import EXAMPLES, Finding, Kind, Severity
from faq.matcher import Matcher
from faq.normalise import normalise
from faq.occlusion import MOST_PARTS, explain
from support.knowledge.snapshots import content_of
from tests.bot.conftest import Run

FAQ = """\
- id: returns
  questions:
    en: [How do I return an item?, Can I send my order back?]
  answers: {en: Within 30 days.}
- id: delivery
  questions:
    en: [What does delivery cost?, Are there shipping fees?]
  answers: {en: Nothing.}
"""
COLLIDING = """\
- id: refund
  questions:
    en: [how do I return an item, When do I get my money?]
  answers: {en: Soon.}
"""
GIFTS = """\
- id: gifts
  questions:
    en: [Do you wrap gifts?, Is there gift wrapping?]
  answers: {en: Gladly.}
"""
NOW = datetime.now(UTC)


@dataclass
class Past:
    """A question that somebody asked, `days` ago."""

    text: str
    decision: str = "refuse"
    days: float = 1
    outcome: str | None = None
    entry_id: str | None = None
    agent_answer: str | None = None


def remember(shop: Path, *questions: Past) -> None:
    """Each was asked by another customer."""

    async def go() -> None:
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        async with store.unit() as unit:
            for past in questions:
                _add(unit, past)
        await store.close()

    asyncio.run(go())


def _add(unit: Unit, past: Past) -> None:
    customer, contact, words = new_id(), new_id(), new_id()
    at = NOW - timedelta(days=past.days)
    unit.add(Customer(id=customer, name="", created_at=at, attributes={}))
    unit.add(
        ContactPoint(
            id=contact, customer_id=customer, channel="web", address=str(contact), state="active", created_at=at
        )
    )
    unit.add(_touchpoint(words, contact, at, "customer", past.text))
    reply = new_id() if past.agent_answer else None
    if reply:
        unit.add(_touchpoint(reply, contact, at, "agent", past.agent_answer))
    unit.add(
        FaqQuestion(
            id=new_id(),
            contact_point_id=contact,
            touchpoint_id=words,
            at=at,
            language="en",
            text=past.text,
            normal=normalise(past.text),
            decision=past.decision,
            entry_id=past.entry_id,
            outcome=past.outcome,
            outcome_touchpoint_id=reply,
        )
    )


def _touchpoint(id_: int, contact: int, at: datetime, author: str, text: str | None) -> Touchpoint:
    way = "in" if author == "customer" else "out"
    return Touchpoint(
        id=id_, contact_point_id=contact, at=at, channel="web", direction=way, author=author, kind="text", text=text
    )


def draft(shop: Path, entry: FaqEntry) -> None:
    async def go() -> None:
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        async with store.unit() as unit:
            unit.add(FaqDraft(entry_id=entry.id, content=content_of(entry), at=NOW))
        await store.close()

    asyncio.run(go())


@pytest.fixture
def faq(shop: Path, run: Run) -> Path:
    """A shop with a small FAQ."""
    (shop / "faq.yaml").write_text(FAQ, "utf-8")
    assert run("faq", "import", "faq.yaml").code == 0
    return shop


# An empty store


@pytest.mark.parametrize("words", ["check", "replay", "gaps"])
def test_an_empty_store_says_what_to_do(run: Run, words: str) -> None:
    done = run("faq", words)
    assert done.code == 0
    assert "touchdesk faq import FILE" in done.out
    as_json = run("faq", words, "--json")
    assert as_json.code == 0
    json.loads(as_json.out)
    assert "touchdesk faq import FILE" in as_json.err


def test_explaining_on_an_empty_store_says_what_to_do(run: Run) -> None:
    done = run("ask", "How do I return an item?", "--explain")
    assert done.code == 0
    assert "touchdesk faq import FILE" in done.out


def test_without_questions_there_is_nothing_to_replay(faq: Path, run: Run) -> None:
    assert "No customer's question is kept yet" in run("faq", "replay").out
    assert "No open gaps" in run("faq", "gaps").out


@pytest.mark.parametrize(
    "words",
    [
        ("faq", "replay", "--answer", "1.5"),
        ("faq", "replay", "--since", "0"),
        ("faq", "replay", "no-such-file.yaml"),
        ("faq", "check", "no-such-file.yaml"),
        ("faq", "gaps", "--limit", "0"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


# check


def test_a_sound_faq_passes(faq: Path, run: Run) -> None:
    done = run("faq", "check")
    assert done.code == 0
    assert "2 entries checked: 0 errors" in done.out


def test_a_file_is_checked_as_if_it_were_imported_and_is_not(faq: Path, run: Run) -> None:
    (faq / "new.yaml").write_text(COLLIDING, "utf-8")
    done = run("faq", "check", "new.yaml")
    assert done.code == 1
    assert "ERRORS\n  refund  “how do I return an item” also stands in returns" in done.out
    assert "3 entries checked: 1 error," in done.out
    assert run("faq", "check").code == 0


def test_findings_as_json(faq: Path, run: Run) -> None:
    (faq / "new.yaml").write_text(COLLIDING, "utf-8")
    done = run("faq", "check", "new.yaml", "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["entries"] == 3
    first = told["findings"][0]
    assert (first["kind"], first["entry_id"], first["severity"]) == ("same_wording", "refund", "error")
    assert first["facts"]["other"] == "returns"


def test_drafts_are_checked_before_they_are_published(faq: Path, run: Run) -> None:
    assert run("faq", "check", "--drafts").code == 1  # there are none
    draft(faq, FaqEntry("gifts", {"en": ("Do you wrap gifts?",)}))
    done = run("faq", "check", "--drafts")
    assert done.code == 1
    assert "gifts  has no answer" in done.out


def test_every_kind_of_finding_has_words() -> None:
    facts = {
        "wording": "a\nb", "other": "", "other_wording": "c", "n": 2, "of": 3, "examples": ["x"] * EXAMPLES,
        "by": "human", "others": ["one", "two", "three", "four"], "language": "en", "slot": "size",
        "problem": "is broken",
    }  # fmt: skip
    for kind in Kind:
        text = finding_text(Finding(kind, "e", Severity.HINT, facts))
        assert text
        assert "\n" not in text


# replay


def test_a_file_is_replayed_before_it_is_imported(faq: Path, run: Run) -> None:
    remember(faq, Past("Do you wrap gifts?"), Past("do you wrap gifts"), Past("How do I return an item?", "answer"))
    (faq / "new.yaml").write_text(GIFTS, "utf-8")
    done = run("faq", "replay", "new.yaml")
    assert done.code == 0
    rows = {tuple(line.split()) for line in done.out.splitlines()}
    assert ("answered", "1", "(33.3%)", "3", "(100.0%)") in rows
    assert ("refused", "2", "(66.7%)", "0", "(0.0%)") in rows
    assert "2 questions would be treated otherwise" in done.out
    assert "refuse  →  answer gifts  “do you wrap gifts”" in done.out.replace("Do", "do").replace("?", "")
    assert "gifts" not in run("faq", "replay").out


def test_drafts_are_replayed(faq: Path, run: Run) -> None:
    remember(faq, Past("Do you wrap gifts?"))
    draft(faq, FaqEntry("gifts", {"en": ("Do you wrap gifts?",)}, {"en": "Gladly."}))
    changes = json.loads(run("faq", "replay", "--drafts", "--json").out)["changes"]
    assert [(c["before"]["decision"], c["after"]["entry_id"], c["count"]) for c in changes] == [("refuse", "gifts", 1)]


def test_other_thresholds_and_a_known_wrong_answer(faq: Path, run: Run) -> None:
    remember(
        faq,
        Past("How do I return an item?", "answer", outcome="not_helped", entry_id="returns"),
        Past("how can I return the item", "answer"),
    )
    told = json.loads(run("faq", "replay", "--answer", "1", "--suggest", "1", "--json").out)
    assert (told["before"]["answered"], told["after"]["answered"]) == (2, 1)
    assert told["after"]["contradicted"] == 1
    assert told["before"]["expected_wrong"] > told["after"]["expected_wrong"] == 0
    doubt = next(line for line in run("faq", "replay").out.splitlines() if "did not help" in line)
    assert "“How do I return an item?”" in doubt


def test_since_and_limit_leave_older_questions_out(faq: Path, run: Run) -> None:
    remember(faq, Past("Do you wrap gifts?", days=40), Past("What does delivery cost?", days=3), Past("tea?", days=1))
    counts = [
        json.loads(run("faq", "replay", "--json", *words).out)["questions"]
        for words in ([], ["--since", "30"], ["--limit", "1"])
    ]
    assert counts == [3, 2, 1]


@pytest.mark.parametrize(("total", "told"), [(BAR_FROM, ""), (BAR_FROM + 1, "checking\n")])
def test_long_work_shows_how_far_it_is(capsys: pytest.CaptureFixture[str], total: int, told: str) -> None:
    with bar("checking") as progress:
        progress(1, total)
        progress(total, total)
    assert capsys.readouterr() == ("", told)


# gaps


ENGRAVING = (
    Past("Can you engrave my name?", days=2),
    Past("can you engrave a name", outcome="agent", agent_answer="Yes, for 9 €."),
)


def test_gaps_are_told_with_an_agents_answer(faq: Path, run: Run) -> None:
    remember(faq, *ENGRAVING, Past("Is there a job for me?", days=3))
    out = run("faq", "gaps").out
    assert out.startswith("2 people, 2 questions, last")
    assert "a colleague answered: Yes, for 9 €." in out
    assert "job" in out.split("\n\n")[1]
    assert [gap["people"] for gap in json.loads(run("faq", "gaps", "--json").out)] == [2, 1]
    assert len(json.loads(run("faq", "gaps", "--limit", "1", "--json").out)) == 1


def test_drafts_are_refused_until_they_are_answered(faq: Path, run: Run) -> None:
    remember(faq, *ENGRAVING, Past("Is there a job for me?", days=3))
    done = run("faq", "gaps", "--drafts", "gaps.yaml", "--json")
    assert done.code == 0
    assert "2 drafts" in done.err
    refused = run("faq", "import", "gaps.yaml")
    assert refused.code == 1
    assert "answers.en" in refused.err
    text = (faq / "gaps.yaml").read_text("utf-8")
    (faq / "gaps.yaml").write_text(text.replace("en: ''", "en: Not now."), "utf-8")
    assert "2 added" in run("faq", "import", "gaps.yaml").out
    assert "No open gaps" in run("faq", "gaps").out


def test_drafts_never_overwrite_a_file(faq: Path, run: Run) -> None:
    remember(faq, *ENGRAVING)
    done = run("faq", "gaps", "--drafts", "faq.yaml")
    assert (done.code, done.out) == (1, "")
    assert done.err == "faq.yaml exists already and is left as it is: name another file, or move it away first\n"
    assert (faq / "faq.yaml").read_text("utf-8") == FAQ


# explain


def test_an_answer_is_explained(faq: Path, run: Run) -> None:
    out = run("ask", "how can I return this item", "--explain").out
    assert "returns: " in out
    assert "How do I return an item?" in out
    weights = {
        line.split()[-1]: line.split()[0] for line in out.split("Parts of the question\n")[1].splitlines() if line
    }
    assert float(weights["return"]) > float(weights["can"])
    told = json.loads(run("ask", "how can I return this item", "--explain", "--json").out)
    why = told["explanation"][0]
    assert (why["entry_id"], why["confidence"]) == ("returns", pytest.approx(told["confidence"], abs=1e-3))
    assert [part["text"] for part in why["parts"]] == ["how", "can", "I", "return", "this", "item"]
    assert "explanation" not in json.loads(run("ask", "how can I return this item", "--json").out)


def test_chinese_is_explained_and_a_long_question_is_cut() -> None:
    entry = FaqEntry("returns", {"zh-Hans": ["怎么退货？"]}, {"zh-Hans": "三十天内"})
    matcher = Matcher.build([entry])
    why = explain(matcher, "returns", "怎麼退貨")
    assert [part.text for part in why.parts] == list("怎麼退貨")
    assert "怎么退货？" in explanation_text(why)
    assert len(explain(matcher, "returns", "退货 " * 1000).parts) == MOST_PARTS


def test_columns_are_as_wide_as_they_look() -> None:
    assert table([("退货", "1"), ("ab", "22")], right=(1,)) == ["退货   1", "ab    22"]
    assert table([]) == []
    assert short("a\x1b[2J\nb" + "c" * 100, 10) == "a [2J bcc…"


@pytest.mark.parametrize("command", ["check", "replay"])
def test_a_file_and_the_drafts_cannot_both_be_meant(faq: Path, run: Run, command: str) -> None:
    (faq / "new.yaml").write_text(GIFTS, "utf-8")
    done = run("faq", command, "new.yaml", "--drafts")
    assert done.code == 2
    assert "name one" in done.err
