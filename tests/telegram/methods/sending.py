"""sendMessage, sendPhoto and their kin; copyMessage, forwardMessage, sendChatAction."""

from __future__ import annotations

import time

from tests.telegram.calls import Call, Upload
from tests.telegram.chats import GENERAL_TOPIC, Chat, Message, Wire
from tests.telegram.errors import bad_request
from tests.telegram.files import SHAPES
from tests.telegram.keyboards import read_keyboard
from tests.telegram.methods.registry import method
from tests.telegram.methods.wording import read_caption, read_text
from tests.telegram.world import World

ACTIONS = frozenset({"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
                     "upload_document", "choose_sticker", "find_location", "record_video_note",
                     "upload_video_note"})  # fmt: skip
CAPTIONED = frozenset({"photo", "document", "voice", "audio", "video", "animation"})


@method("sendMessage")
def send_message(world: World, call: Call) -> object:
    chat = world.reachable(call)
    return _deliver(world, chat, call, read_text(call)).wire


def _send_media(kind: str) -> None:
    @method("send" + kind.title().replace("_", ""))
    def send(world: World, call: Call) -> object:
        chat = world.reachable(call)
        body = {kind: _media(world, call, kind, call.params.get(kind))}
        if kind in CAPTIONED:
            body |= read_caption(call)
        return _deliver(world, chat, call, body).wire


for _kind in SHAPES:
    _send_media(_kind)


@method("sendMediaGroup")
def send_media_group(world: World, call: Call) -> object:
    chat = world.reachable(call)
    items = call.structure("media") or []
    if not 2 <= len(items) <= 10:
        raise bad_request("wrong number of media in the album: must be from 2 to 10")
    bodies = []
    for item in items:
        part = Call(call.method, {"caption": item.get("caption"), "parse_mode": item.get("parse_mode")}, call.files)
        bodies.append({item["type"]: _media(world, call, item["type"], item["media"]), **read_caption(part)})
    album = f"album-{chat.id}-{chat.last_id}"
    return [_deliver(world, chat, call, {**body, "media_group_id": album}).wire for body in bodies]


@method("sendLocation")
def send_location(world: World, call: Call) -> object:
    place = {name: float(call.text(name) or 0) for name in ("latitude", "longitude")}
    return _deliver(world, world.reachable(call), call, {"location": place}).wire


@method("sendContact")
def send_contact(world: World, call: Call) -> object:
    person = {name: call.text(name) for name in ("phone_number", "first_name")}
    return _deliver(world, world.reachable(call), call, {"contact": person}).wire


@method("copyMessage")
def copy_message(world: World, call: Call) -> object:
    chat, source = world.reachable(call), _source(world, call, "message to copy not found")
    body = source.content
    if not body:
        raise bad_request("message can't be copied")
    if "caption" in call.params and "text" not in body:
        body = {k: v for k, v in body.items() if not k.startswith("caption")} | read_caption(call)
    return {"message_id": _deliver(world, chat, call, body).id}


@method("forwardMessage")
def forward_message(world: World, call: Call) -> object:
    chat, source = world.reachable(call), _source(world, call, "message to forward not found")
    if not source.content:
        raise bad_request("message can't be forwarded")
    origin = {"type": "user", "sender_user": source.wire["from"], "date": source.wire["date"]}
    return _deliver(world, chat, call, {**source.content, "forward_origin": origin}).wire


@method("sendChatAction")
def send_chat_action(world: World, call: Call) -> object:
    chat = world.reachable(call)
    thread_id = call.integer("message_thread_id")
    if thread_id != GENERAL_TOPIC:
        chat.open_thread(thread_id)
    if call.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def _source(world: World, call: Call, missing: str) -> Message:
    message = world.reachable(call, "from_chat_id").find(call.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


def _media(world: World, call: Call, kind: str, given: object) -> object:
    upload = _upload(call, kind, given)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        return world.files.add(kind, upload).media()
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    reference = str(given)
    if reference.startswith(("http://", "https://")):
        return world.files.add(kind, Upload(reference.rpartition("/")[2], "image/jpeg", reference.encode())).media()
    file = world.files.find(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return file.media()


def _upload(call: Call, kind: str, given: object) -> Upload | None:
    if given is None:
        return call.files.get(kind)
    reference = str(given)
    if not reference.startswith("attach://"):
        return None
    upload = call.files.get(reference.removeprefix("attach://"))
    if upload is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return upload


def _deliver(world: World, chat: Chat, call: Call, body: Wire) -> Message:
    chat.check_may_send()
    keyboard = read_keyboard(call)
    reply_to = _replied(chat, call)
    thread_id = chat.open_thread(call.integer("message_thread_id"))
    if thread_id is None and reply_to is not None:
        thread_id = chat.open_thread(reply_to.thread_id or 0)
    if world.meter is not None:
        world.meter.admit(chat.id, is_group=chat.is_group, now=time.monotonic())
    return world.post(chat, world.bot, body, thread_id=thread_id, reply_to=reply_to, keyboard=keyboard)


def _replied(chat: Chat, call: Call) -> Message | None:
    given = call.structure("reply_parameters") or {}
    wanted = given.get("message_id") or call.integer("reply_to_message_id")
    if not wanted:
        return None
    message = chat.find(int(wanted))
    lenient = given.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message
