"""The command line: 0 done, 1 failed with the reason on stderr, 2 wrong usage; nothing half done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sample_shop import SAMPLE
from tests.bot.conftest import Done, Run

FAQ = """\
- id: returns
  category: orders
  questions:
    en: [How do I return an item?, Can I send my order back?]
    zh-Hans: [怎么退货？]
  answers:
    en: You can return any item within **30** days.
    zh-Hans: 您可以在 30 天内退货。
  form:
    - {slot: order_number, type: text, required: true, ask: {en: Which order?}}
- id: hours
  questions: {en: ["When are you open?"]}
  answers: {en: "From nine to six, \\"every\\" day."}
"""


def write(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content, "utf-8")
    return str(folder / name)


# Usage


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["ask"],
        ["ask", "two", "texts"],
        ["ask", "x", "--nonsense"],
        ["faq", "import"],
        ["faq", "import", "not/there.yaml"],
        ["faq", "nonsense"],
        ["import", "customers", "not/there.csv"],
        ["agent", "add"],
        ["agent", "add", "--name", "Bob", "--telegram", "abc"],
        ["score", "--as-of", "yesterday"],
        ["login-link"],
        ["faq"],
        [],
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(run: Run, shop: Path, words: list[str]) -> None:
    done = run(*words)
    assert done.code == 2
    assert done.err or done.out
    assert not (shop / "shop.db").exists(), "nothing was begun"


@pytest.mark.parametrize("words", [["--help"], ["faq", "--help"], ["ask", "--help"]])
def test_help_is_no_failure(run: Run, words: list[str]) -> None:
    assert run(*words).code == 0


# Settings


def test_without_a_secret_key_nothing_is_done(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    for words in (["migrate"], ["run"], ["ask", "x"]):
        done = run(*words)
        assert done.code == 1
        assert "SECRET_KEY is not set" in done.err
        assert "Traceback" not in done.err
    assert not (shop / "shop.db").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WORKING_HOURS", "Mon-Fri 9-18", "Mon-Fri 9-18"),
        ("WORKING_HOURS", "off", "no opening"),
        ("TIMEZONE", "Europe/Nowhere", "Europe/Nowhere"),
        ("ADMIN_IDS", "1001,bob", "not 'bob'"),
        ("AGENT_IDS", "-5", "not '-5'"),
        ("AGENT_CHAT_ID", "forum", "integer"),
        ("DEFAULT_LANGUAGE", "fr", "zh-Hant"),
        ("DATABASE_URL", "mysql://x/y", "sqlite:///"),
        ("BOT_TOKEN", "nonsense", "BotFather"),
        ("WEBHOOK_SECRET", "sécret", "letters, digits"),
        ("HTTP_PORT", "99999", "65535"),
        ("SEND_RATE", "-1", "greater than or equal to 0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    done = run("migrate")
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith(f"{name}: ")]
    assert words in line
    assert "Traceback" not in done.err


def test_all_mistakes_are_told_at_once_and_no_secret_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TIMEZONE": "Mars", "WORKING_HOURS": "never", "BOT_TOKEN": "canary", "ADMIN_IDS": "x"}.items():
        monkeypatch.setenv(name, value)
    done = run("migrate")
    assert [line.split(":")[0] for line in done.err.splitlines()] == [
        "BOT_TOKEN", "ADMIN_IDS", "TIMEZONE", "WORKING_HOURS",
    ]  # fmt: skip
    assert "canary" not in done.err


@pytest.mark.parametrize(
    ("name", "value"), [("WEBHOOK_URL", "https://shop.example/telegram/webhook"), ("WEBHOOK_SECRET", "abc")]
)
def test_a_webhook_needs_both_its_settings(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    done = run("run")
    assert (done.code, "WEBHOOK_URL and WEBHOOK_SECRET go together" in done.err) == (1, True)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////not/there/shop.db"])
def test_a_database_out_of_reach_is_a_clear_error(run: Run, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    done = run("migrate")
    assert done.code == 1
    assert done.err.startswith("the database is unavailable")
    assert "Traceback" not in done.err


def test_a_file_that_is_no_database_is_a_clear_error(run: Run, shop: Path) -> None:
    write(shop, "shop.db", "this is a letter, not a database" * 100)
    done = run("migrate")
    assert done.code == 1
    assert "not a database" in done.err
    assert "Traceback" not in done.err


def test_migrating_twice_is_fine(run: Run) -> None:
    for _ in range(2):
        assert run("migrate") == Done(0, "sqlite: the schema is current\n", "")


# The FAQ


def test_importing_twice_changes_nothing(run: Run, shop: Path) -> None:
    file = write(shop, "faq.yaml", FAQ)
    assert run("faq", "import", file).out == "faq.yaml: 2 added, 0 changed, 0 unchanged\n"
    assert run("faq", "import", file).out == "faq.yaml: 0 added, 0 changed, 2 unchanged\n"
    write(shop, "faq.yaml", FAQ.replace("**30**", "**60**"))
    assert run("faq", "import", file).out == "faq.yaml: 0 added, 1 changed, 1 unchanged\n"


@pytest.mark.parametrize("kind", ["yaml", "csv", "xlsx"])
def test_what_comes_out_goes_in_unchanged(run: Run, shop: Path, kind: str) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    first, second = shop / f"first.{kind}", shop / f"second.{kind}"
    assert run("faq", "export", str(first)).out == f"first.{kind}: 2 entries\n"
    assert "0 added, 0 changed, 2 unchanged" in run("faq", "import", str(first)).out
    (shop / "shop.db").unlink()
    assert "2 added" in run("faq", "import", str(first)).out
    run("faq", "export", str(second))
    assert first.read_bytes() == second.read_bytes()


def test_from_kind_to_kind_a_shop_loses_nothing(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    run("faq", "export", str(shop / "first.yaml"))
    for kind in ("xlsx", "csv", "yaml"):
        run("faq", "export", str(shop / f"faq.{kind}"))
        (shop / "shop.db").unlink()
        assert "2 added" in run("faq", "import", str(shop / f"faq.{kind}")).out
    assert (shop / "faq.yaml").read_bytes() == (shop / "first.yaml").read_bytes()


def test_a_sheet_without_a_form_column_leaves_the_form(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    sheet = "id;language;question;answer\r\nreturns;en;How do I return an item?;At any time.\r\n"
    assert run("faq", "import", write(shop, "new.csv", sheet)).out == "new.csv: 0 added, 1 changed, 0 unchanged\n"
    run("faq", "export", str(shop / "out.yaml"))
    text = (shop / "out.yaml").read_text("utf-8")
    assert "At any time." in text
    assert "category: orders" in text
    assert "slot: order_number" in text


def test_progress_is_told_on_stderr(run: Run, shop: Path) -> None:
    rows = [f"e-{number},en,What of number {number}?,Answer {number}" for number in range(2500)]
    done = run("faq", "import", write(shop, "large.csv", "\n".join(["id,language,question,answer", *rows])))
    assert done.out == "large.csv: 2500 added, 0 changed, 0 unchanged\n"
    assert "large.csv" in done.err


def test_the_sample_shop_comes_out_as_it_went_in(run: Run, shop: Path) -> None:
    assert run("faq", "import", str(SAMPLE / "faq.yaml")).code == 0
    run("faq", "export", str(shop / "out.yaml"))
    assert "0 added, 0 changed" in run("faq", "import", str(shop / "out.yaml")).out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("faq.yaml", FAQ.replace("id: hours", "id: HOURS!"), "line 11, id"),
        ("faq.yaml", FAQ.replace("questions: {en:", "questions: {fr:"), "line 12, questions.fr"),
        ("faq.yaml", FAQ + "- [not, an, entry]\n", "line 14"),
        ("faq.yaml", "- id: returns\n  questions: {en: [\n", "line "),
        ("faq.yaml", FAQ.replace("  category: orders", "  colour: red"), "line 2, colour"),
        ("faq.csv", "id,category,language,question,answer\nhours,,xx,When?,Now\n", "line 2, language"),
        ("faq.csv", "id,language,question\nhours,en,\n", "line "),
        ("faq.csv", "nothing,of,this\n1,2,3\n", "line 1"),
        ("faq.xlsx", "id,language,question,answer\n", "not a whole .xlsx file"),
        ("faq.txt", "?", "faq.txt"),
        ("faq.yaml", "", "faq.yaml"),
    ],
)
def test_a_broken_file_is_told_by_line_and_field_and_nothing_is_taken_over(
    run: Run, shop: Path, name: str, content: str, told: str
) -> None:
    run("faq", "import", write(shop, "good.yaml", FAQ))
    before = run("faq", "export", str(shop / "before.yaml"))
    done = run("faq", "import", write(shop, name, content))
    assert done.code == 1
    assert told in done.err
    assert "Traceback" not in done.err
    assert run("faq", "export", str(shop / "after.yaml")).out == before.out.replace("before", "after")
    assert (shop / "after.yaml").read_bytes() == (shop / "before.yaml").read_bytes()


# Asking


def test_what_the_bot_would_answer_as_json(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    found = json.loads(run("ask", "how do i return an item", "--json").out)
    assert list(found) == ["decision", "entry_id", "confidence", "answer", "suggestions", "language", "ms"]
    assert (found["decision"], found["entry_id"], found["language"]) == ("answer", "returns", "en")
    assert found["answer"] == "You can return any item within **30** days."
    assert 0 < found["confidence"] <= 1
    assert found["suggestions"] == []
    assert found["ms"] >= 0


def test_what_it_does_not_know_it_does_not_answer(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    found = json.loads(run("ask", "will it rain tomorrow in Taipei", "--json").out)
    assert (found["decision"], found["entry_id"], found["confidence"], found["answer"]) == ("refuse", None, None, None)
    suggested = json.loads(run("ask", "return open item", "--json").out)
    assert all(set(each) == {"entry_id", "confidence"} for each in suggested["suggestions"])
    assert json.loads(run("ask", "", "--json").out)["decision"] == "refuse"


def test_traditional_chinese_is_answered_in_its_script(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    found = json.loads(run("ask", "怎麼退貨？", "--json").out)
    assert (found["language"], found["answer"]) == ("zh-Hant", "您可以在 30 天內退貨。")


def test_an_answer_for_people(run: Run, shop: Path) -> None:
    run("faq", "import", write(shop, "faq.yaml", FAQ))
    assert run("ask", "how do i return an item").out.startswith("You can return any item")
    assert "does not know" in run("ask", "will it rain tomorrow in Taipei").out


def test_asking_does_not_load_the_messenger(shop: Path) -> None:
    program = (
        "import sys\nfrom bot.cli import main\nsys.argv = ['touchdesk', 'ask', 'hello', '--json']\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    print(ended.code, 'aiogram' in sys.modules, "
        "'fastapi' in sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], cwd=shop, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 False False", done.stderr


# People, customers, orders


def test_a_way_in_for_staff_and_for_nobody_else(run: Run) -> None:
    done = run("login-link", "Bob")
    assert done.code == 1
    assert "there is no active agent named 'Bob'" in done.err
    assert run("agent", "add", "--name", "Bob", "--telegram", "900").code == 0
    assert run("admin", "add", "--name", "Ida").code == 0
    link = run("login-link", "Bob").out.strip()
    assert link.startswith("http://127.0.0.1:8080/console/")
    assert link != run("login-link", "Bob").out.strip()


def test_customers_and_orders_go_in_once(run: Run, shop: Path) -> None:
    for what in ("customers", "orders"):
        file = str(SAMPLE / f"{what}.csv")
        first, second = run("import", what, file), run("import", what, file)
        assert first.code == second.code == 0
        assert ", 0 unchanged" in first.out
        assert ": 0 added, 0 changed," in second.out
    scored = run("score", "--as-of", "2026-11-20")
    assert scored.code == 0
    assert scored.out.endswith("customers scored as of 2026-11-20\n")


@pytest.mark.parametrize(
    ("what", "content", "told"),
    [
        ("customers", "customer_id,phone\nC-1,+4915112345678\nC-2,abc\n", "line 3, phone"),
        ("customers", "name\nAnna\n", "line 1, customer_id"),
        ("orders", "order_id,customer_id,date,amount\n1,C-1,2026-13-01,5\n2,C-1,2026-01-01,five\n", "line 2, date"),
        ("orders", "order_id,customer_id,date,amount\n1,C-1,2026-01-01,5\n", "C-1"),
    ],
)
def test_a_broken_row_is_told_by_line_and_field(run: Run, shop: Path, what: str, content: str, told: str) -> None:
    done = run("import", what, write(shop, f"{what}.csv", content))
    assert done.code == 1
    assert told in done.err
    assert "Traceback" not in done.err


def test_another_departments_file_by_its_own_words(run: Run, shop: Path) -> None:
    run("import", "customers", write(shop, "customers.csv", "customer_id\nC-1\n"))
    calls = write(shop, "calls.csv", "Ref;客户编号;Wann;类型\n1;C-1;03/02/2026;电话\n2;C-9;04/02/2026;电话\n")
    refused = run("import", "touchpoints", calls)
    assert refused.code == 1
    assert "line 1, external_id: this column is missing" in refused.err

    said = ("--map", "Ref=external_id", "--map", "Wann=at", "--dates", "dmy")
    refused = run("import", "touchpoints", calls, *said)
    assert refused.code == 1
    assert "line 3, customer_id: there is no customer 'C-9'" in refused.err
    taken = run("import", "touchpoints", calls, *said, "--keep-good")
    assert (taken.code, taken.out) == (0, "calls.csv: 1 added, 0 changed, 0 unchanged, 1 left out\n")
    assert "line 3, customer_id" in taken.err
    again = run("import", "touchpoints", calls, "--dates", "dmy", "--keep-good")
    assert again.out == "calls.csv: 0 added, 0 changed, 1 unchanged, 1 left out\n"


def test_what_is_said_of_a_file_must_make_sense(run: Run, shop: Path) -> None:
    file = write(shop, "customers.csv", "customer_id,Name\nC-1,A\n")
    assert run("import", "customers", file, "--map", "Name").code == 2
    assert run("import", "customers", file, "--dates", "ydm").code == 2
    unknown = run("import", "customers", file, "--map", "Nmae=name")
    assert (unknown.code, unknown.err) == (1, "there is no column 'Nmae'; there are customer_id, Name\n")
    assert run("import", "customers", write(shop, "gb.csv", ""), "--encoding", "utf-9").code == 1
