"""Photos, documents and voice messages in the agents' forum: to the agents, to the customer, and into FILES_DIR."""

from sqlalchemy import select

from crm_store.models import StoredFile, TicketEvent
from tests.dialogues.conftest import REGULAR, Shop
from tests.telegram.people import PICTURE
from tests.telegram.seen import Seen

VOICE, RECEIPT, LABEL = b"OggS a long story", b"%PDF-1.7 a receipt", b"%PDF-1.7 a label"


def shown(messages: list[Seen]) -> list[tuple[str | None, str | None, str]]:
    return [(seen.media, seen.file_id, seen.text) for seen in messages if seen.media]


async def test_files_travel_both_ways_and_are_kept(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    nia.photo("here it leaks")
    nia.document("receipt.pdf", RECEIPT)
    nia.voice(VOICE)
    await nia.hears(3)
    await shop.settled()
    sent = [message for message in nia.messages() if message.media]
    assert shown(shop.group.messages(topic)) == [
        ("photo", sent[0].file_id, "Nia: here it leaks"),
        ("document", sent[1].file_id, "Nia:"),
        ("voice", sent[2].file_id, "Nia:"),
    ]

    bob.document_in(shop.group, topic, "label.pdf", LABEL, caption="Print this")
    bob.photo_in(shop.group, topic)
    bob.voice_in(shop.group, topic, VOICE)
    bob.send_in(shop.group, topic, {"sticker": bob.file("sticker", b"RIFF")})
    heard = await nia.hears(4)
    by_bob = [message for message in shop.group.messages(topic) if message.media and not message.by_bot]
    assert shown(heard) == [
        ("document", by_bob[0].file_id, "Print this"),
        ("photo", by_bob[1].file_id, ""),
        ("voice", by_bob[2].file_id, ""),
    ]
    await shop.settled()
    assert "This kind of message cannot reach the customer." in shop.in_topic(topic)
    assert not nia.unheard()

    kept = await shop.rows(select(StoredFile).order_by(StoredFile.id))
    contents = [(shop.settings.files_dir / file.path).read_bytes() for file in kept]
    assert contents == [PICTURE, RECEIPT, VOICE, LABEL, PICTURE, VOICE]
    assert [file.name for file in kept] == [None, "receipt.pdf", None, "label.pdf", None, None]
    kinds = [touchpoint.kind for touchpoint in await shop.ledger(nia) if (touchpoint.payload or {}).get("attachment")]
    assert kinds == ["photo", "document", "voice", "document", "photo", "voice"]


async def test_a_photo_from_before_the_request_reaches_the_agents_with_it(shop: Shop) -> None:
    mei = shop.customer(REGULAR, "Mei")
    mei.photo()
    mei.photo()
    await mei.hears(1)
    mei.say("leaks at the group head")
    (confirmed,) = await mei.hears(1)
    assert "2 photos" in confirmed.text
    topic = await shop.topic()
    sent = [message.file_id for message in mei.messages() if message.media]
    assert [file_id for _, file_id, _ in shown(shop.group.messages(topic))] == sent
    added = await shop.rows(select(TicketEvent).where(TicketEvent.kind == "added"))
    assert len(added) == 3


async def test_a_photo_goes_with_the_wish_for_a_human(shop: Shop) -> None:
    nia = shop.customer()
    nia.photo()
    await nia.hears(1)
    topic = await shop.handed_over(nia)
    assert [media for media, _, _ in shown(shop.group.messages(topic))] == ["photo"]


async def test_a_file_name_cannot_lead_out_of_the_folder(shop: Shop) -> None:
    nia = shop.customer()
    nia.document("../../etc/passwd\u202etxt.exe", RECEIPT, caption="what is this")
    await nia.hears(1)
    await shop.settled()
    (file,) = await shop.rows(select(StoredFile))
    assert file.name == "passwd txt.exe"
    assert (shop.settings.files_dir / file.path).resolve().is_relative_to(shop.settings.files_dir.resolve())


async def test_a_file_that_is_too_large_keeps_its_words(shop: Shop) -> None:
    nia = shop.customer()
    topic = await shop.handed_over(nia)
    nia.document("film.pdf", RECEIPT, caption="the whole film", size=30 * 1024 * 1024)
    await nia.hears(1)
    await shop.settled()
    assert shown(shop.group.messages(topic))[0][2] == "Nia: the whole film"
    (file,) = await shop.rows(select(StoredFile))
    assert (file.path, file.error) == (None, "too large to be fetched")
    assert not shop.tg.calls("getFile")
