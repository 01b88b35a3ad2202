"""Sending, editing and answering, with Telegram's refusals."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from tests.telegram.conftest import Bot
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram

LONGEST = "x" * 4096


@pytest.fixture
def anna(tg: FakeTelegram) -> Person:
    anna = tg.user(101, "Anna", language_code="en")
    anna.start()
    return anna


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Yes", **button}]]}


async def test_a_dialogue_with_buttons_reads_as_one(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    anna.say("how often do I descale")
    markup = {"inline_keyboard": [[{"text": "That helped", "callback_data": "ok:1"}]]}
    await bot.call("sendMessage", chat_id=101, text="Every two months.", reply_markup=markup)
    (answer,) = await anna.hears()
    assert (answer.text, answer.labels) == ("Every two months.", ["That helped"])
    press = anna.press("That helped")
    query = (await bot.updates())[-1]["callback_query"]
    assert (query["id"], query["data"], query["message"]["message_id"]) == (press, "ok:1", answer.id)
    await bot.call("answerCallbackQuery", callback_query_id=press, text="Good")
    assert anna.answers() == [{"text": "Good", "alert": False, "url": ""}]
    assert tg.transcript(anna) == ["C: /start", "C: how often do I descale", "T: Every two months. [That helped]"]


async def test_pressing_what_is_not_there_names_what_is(bot: Bot, anna: Person) -> None:
    await bot.call("sendMessage", chat_id=101, text="?", reply_markup=keyboard(callback_data="y"))
    with pytest.raises(AssertionError, match=r"no button \[No\]; there are: \[Yes\]"):
        anna.press("No")


async def test_waiting_in_vain_shows_the_dialogue(anna: Person) -> None:
    with pytest.raises(AssertionError, match="C: /start"):
        await anna.hears(timeout=0.02)
    with pytest.raises(AssertionError, match="has not written to Anna"):
        await anna.last()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": " \u200b\u2060\n"}, "message text is empty"),
        ({"text": LONGEST + "x"}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "a", "reply_markup": keyboard(callback_data="ж" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keyboard(callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keyboard()}, "Text buttons are unallowed"),
        ({"text": "a", "reply_markup": keyboard(url="http://localhost/x")}, "Wrong HTTP URL"),
        ({"text": "a", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
        ({"text": "<3", "parse_mode": "HTML"}, "can't parse entities: Unsupported start tag"),
        ({"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "<b>a</i>", "parse_mode": "HTML"}, "can't parse entities: Unmatched end tag"),
        ({"text": "a</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag"),
        ({"text": "a.", "parse_mode": "MarkdownV2"}, "can't parse entities: Character '.' is reserved"),
        ({"text": "*a", "parse_mode": "MarkdownV2"}, "can't parse entities: Can't find end of Bold entity"),
        ({"text": "snake_case", "parse_mode": "Markdown"}, "can't parse entities: Can't find end of Italic entity"),
        ({"text": "a", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "a", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
        ({"text": "a", "message_thread_id": 5}, "message thread not found"),
    ],
)
async def test_bad_messages_are_refused(bot: Bot, anna: Person, params: dict[str, Any], words: str) -> None:
    code, description = await bot.refused("sendMessage", chat_id=101, **params)
    assert code == 400
    assert description.startswith("Bad Request: ")
    assert words in description
    assert anna.unheard() == []


async def test_the_longest_text_passes_and_markup_does_not_count(bot: Bot, anna: Person) -> None:
    sent = await bot.call("sendMessage", chat_id=101, text=f"<b>{LONGEST}</b>", parse_mode="HTML")
    assert sent["text"] == LONGEST
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


@pytest.mark.parametrize(
    ("mode", "markup", "text", "entities"),
    [
        ("HTML", "a &lt;<i>😀b</i> &amp;&copy;", "a <😀b &&copy;", [{"type": "italic", "offset": 3, "length": 3}]),
        (
            "html",
            '<a href="https://e.org/?a=1&amp;b=2">x</a>',
            "x",
            [{"type": "text_link", "offset": 0, "length": 1, "url": "https://e.org/?a=1&b=2"}],
        ),
        ("MarkdownV2", r"*b* \. `a*b`", "b . a*b", [
            {"type": "bold", "offset": 0, "length": 1}, {"type": "code", "offset": 4, "length": 3},
        ]),
        ("MarkdownV2", "[x](https://e.org/a_b)", "x", [
            {"type": "text_link", "offset": 0, "length": 1, "url": "https://e.org/a_b"},
        ]),
    ],
)  # fmt: skip
async def test_markup_becomes_text_and_entities(
    bot: Bot, anna: Person, *, mode: str, markup: str, text: str, entities: list[dict[str, Any]]
) -> None:
    sent = await bot.call("sendMessage", chat_id=101, text=markup, parse_mode=mode)
    assert (sent["text"], sent["entities"]) == (text, entities)


async def test_text_is_trimmed_and_entities_outside_it_are_dropped(bot: Bot, anna: Person) -> None:
    marks = [{"type": "bold", "offset": 0, "length": 4}, {"type": "italic", "offset": 3, "length": 99}]
    sent = await bot.call("sendMessage", chat_id=101, text="  word ", entities=marks)
    assert (sent["text"], sent["entities"]) == ("word", [{"type": "bold", "offset": 0, "length": 2}])


async def test_who_cannot_be_reached(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.user(102, "Never")
    assert await bot.refused("sendMessage", chat_id=102, text="a") == (400, "Bad Request: chat not found")
    assert await bot.refused("sendMessage", chat_id=999, text="a") == (400, "Bad Request: chat not found")
    anna.block()
    assert await bot.refused("sendMessage", chat_id=101, text="a") == (403, "Forbidden: bot was blocked by the user")
    with pytest.raises(AssertionError, match="Anna cannot write"):
        anna.say("psst")
    anna.unblock()
    await bot.call("sendMessage", chat_id=101, text="a")
    standings = [update["my_chat_member"]["new_chat_member"]["status"] for update in (await bot.updates())[1:]]
    assert standings == ["kicked", "member"]
    anna.deactivate()
    assert await bot.refused("sendMessage", chat_id=101, text="a") == (403, "Forbidden: user is deactivated")


async def test_wrong_token_and_unknown_method(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    assert await bot.refused("sendFlowers") == (404, "Not Found: method not found")
    tg.token = "42:WRONG"
    assert await bot.refused("getMe") == (401, "Unauthorized")


async def test_replies_find_their_message_or_may_do_without(bot: Bot, anna: Person) -> None:
    asked = anna.say("question")
    sent = await bot.call("sendMessage", chat_id=101, text="a", reply_parameters={"message_id": asked})
    assert sent["reply_to_message"]["text"] == "question"
    anna.delete(asked)
    lenient = {"message_id": asked, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await bot.call("sendMessage", chat_id=101, text="a", reply_parameters=lenient)


async def test_edits_keep_their_history_and_refuse_to_change_nothing(bot: Bot, anna: Person) -> None:
    markup = keyboard(callback_data="y")
    sent = await bot.call("sendMessage", chat_id=101, text="one", reply_markup=markup)
    where = {"chat_id": 101, "message_id": sent["message_id"]}
    code, words = await bot.refused("editMessageText", **where, text="one", reply_markup=markup)
    assert (code, words[:41]) == (400, "Bad Request: message is not modified: spe")
    edited = await bot.call("editMessageText", **where, text="two")
    assert (edited["text"], "reply_markup" in edited) == ("two", False)
    shown = await anna.last()
    assert (shown.text, shown.edits, shown.labels) == ("two", ["one"], [])
    await bot.call("editMessageReplyMarkup", **where, reply_markup=markup)
    assert (await anna.last()).labels == ["Yes"]
    assert await bot.refused("editMessageText", **where, text=LONGEST + "x") == (400, "Bad Request: MESSAGE_TOO_LONG")
    hers = anna.say("mine")
    words = "Bad Request: message can't be edited"
    assert await bot.refused("editMessageText", chat_id=101, message_id=hers, text="x") == (400, words)
    await bot.call("deleteMessage", **where)
    words = "Bad Request: message to edit not found"
    assert await bot.refused("editMessageText", **where, text="x") == (400, words)
    assert await bot.refused("deleteMessage", **where) == (400, "Bad Request: message to delete not found")
    assert [seen.deleted for seen in anna.messages()] == [False, True, False]


async def test_an_old_press_can_no_longer_be_answered(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    press = anna.press_data("forged")
    assert (await bot.updates())[-1]["callback_query"]["data"] == "forged"
    tg.expire_presses()
    code, words = await bot.refused("answerCallbackQuery", callback_query_id=press)
    assert code == 400
    assert "query is too old" in words


async def test_media_is_uploaded_sent_again_by_id_copied_and_downloaded(
    tg: FakeTelegram, bot: Bot, anna: Person
) -> None:
    form = FormData()
    form.add_field("chat_id", "101")
    form.add_field("photo", "attach://picture")
    form.add_field("caption", "look")
    form.add_field("picture", b"the picture", filename="p.jpg", content_type="image/jpeg")
    async with ClientSession() as session, session.post(f"{tg.url}/bot{tg.token}/sendPhoto", data=form) as response:
        sent = (await response.json())["result"]
    file_id = sent["photo"][-1]["file_id"]
    assert sent["caption"] == "look"
    assert await bot.call("copyMessage", chat_id=101, from_chat_id=101, message_id=sent["message_id"]) == {
        "message_id": sent["message_id"] + 1
    }
    copied = await anna.last()
    assert (copied.media, copied.file_id, copied.text) == ("photo", file_id, "look")
    await bot.call("sendPhoto", chat_id=101, photo=file_id)
    words = "Bad Request: can't use file of type Photo as Document"
    assert await bot.refused("sendDocument", chat_id=101, document=file_id) == (400, words)
    too_long = await bot.refused("sendPhoto", chat_id=101, photo=file_id, caption="x" * 1025)
    assert too_long == (400, "Bad Request: message caption is too long")
    path = (await bot.call("getFile", file_id=file_id))["file_path"]
    async with ClientSession() as session, session.get(f"{tg.url}/file/bot{tg.token}/{path}") as response:
        assert await response.read() == b"the picture"
    async with ClientSession() as session, session.get(f"{tg.url}/file/bot{tg.token}/photos/none") as response:
        assert response.status == 404


async def test_big_files_and_unknown_files_are_not_handed_out(bot: Bot, anna: Person) -> None:
    anna.document(size=21 * 1024 * 1024)
    file_id = (await bot.updates())[-1]["message"]["document"]["file_id"]
    assert await bot.refused("getFile", file_id=file_id) == (400, "Bad Request: file is too big")
    code, words = await bot.refused("getFile", file_id="nonsense")
    assert (code, words) == (400, "Bad Request: wrong file_id or the file is temporarily unavailable")


async def test_an_upload_over_fifty_megabytes_is_413(tg: FakeTelegram, anna: Person) -> None:
    form = FormData()
    form.add_field("chat_id", "101")
    form.add_field("document", BytesIO(bytes(50 * 1024 * 1024 + 1)), filename="big.bin")
    async with ClientSession() as session, session.post(f"{tg.url}/bot{tg.token}/sendDocument", data=form) as response:
        assert (response.status, (await response.json())["description"]) == (413, "Request Entity Too Large")


async def test_a_reply_keyboard_is_pressed_by_writing_its_label(bot: Bot, anna: Person) -> None:
    markup = {"keyboard": [["My order"]], "resize_keyboard": True}
    sent = await bot.call("sendMessage", chat_id=101, text="menu", reply_markup=markup)
    assert "reply_markup" not in sent
    anna.press("My order")
    assert (await bot.updates())[-1]["message"]["text"] == "My order"
