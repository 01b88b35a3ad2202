"""The bot itself, its chats and their members, and files."""

from __future__ import annotations

from tests.telegram.calls import Call
from tests.telegram.chats import Chat, Wire
from tests.telegram.errors import bad_request
from tests.telegram.methods.registry import method
from tests.telegram.world import World

ADMIN_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories", "can_pin_messages", "can_manage_topics", "can_send_welcome_messages",
)  # fmt: skip
MEMBER_RIGHTS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics",
    "can_react_to_messages", "can_edit_tag",
)  # fmt: skip
REMEMBERED = ("setMyCommands", "deleteMyCommands", "setMyName", "setMyDescription", "setMyShortDescription",
              "setChatMenuButton", "setMyDefaultAdministratorRights")  # fmt: skip


@method("getMe")
def get_me(world: World, call: Call) -> object:
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return world.bot | abilities


@method("getChat")
def get_chat(world: World, call: Call) -> object:
    chat = world.reachable(call)
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    return chat.wire | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


@method("getChatMember")
def get_chat_member(world: World, call: Call) -> object:
    chat = world.reachable(call)
    user_id = call.integer("user_id")
    if user_id == world.bot["id"]:
        return member(world.bot, chat.status)
    if user_id not in world.users:
        raise bad_request("user not found")
    status = "member" if user_id == chat.id else chat.members.get(user_id, "left")
    return member(world.users[user_id], status)


@method("getChatAdministrators")
def get_chat_administrators(world: World, call: Call) -> object:
    chat = world.reachable(call)
    people = [
        member(world.users[who], rank) for who, rank in chat.members.items() if rank in {"administrator", "creator"}
    ]
    return people + ([member(world.bot, chat.status)] if chat.status == "administrator" else [])


@method("leaveChat")
def leave_chat(world: World, call: Call) -> object:
    chat = world.reachable(call)
    if not chat.is_group:
        raise bad_request("chat is not a group")
    _leave(world, chat)
    return True


def _leave(world: World, chat: Chat) -> None:
    old, chat.status = chat.status, "left"
    push_standing(world, chat, old, by=world.bot)


def push_standing(world: World, chat: Chat, old: str, by: Wire) -> None:
    """Tells the bot that its own standing in a chat has changed (my_chat_member)."""
    change = {
        "chat": chat.wire,
        "from": by,
        "date": int(world.clock()),
        "old_chat_member": member(world.bot, old),
        "new_chat_member": member(world.bot, chat.status),
    }
    world.queue.push("my_chat_member", change, lane=chat.id)


def member(user: Wire, status: str) -> Wire:
    """A ChatMember object; `status` as in Chat.status or as Telegram names it."""
    if status == "creator":
        return {"user": user, "status": "creator", "is_anonymous": False}
    if status == "administrator":
        return {"user": user, "status": "administrator", **dict.fromkeys(ADMIN_RIGHTS, True)}
    if status == "muted":
        rights = dict.fromkeys(MEMBER_RIGHTS, False)
        return {"user": user, "status": "restricted", "is_member": True, "until_date": 0, **rights}
    if status in {"blocked", "kicked", "deactivated"}:
        return {"user": user, "status": "kicked", "until_date": 0}
    if status in {"never", "left", "deleted"}:
        return {"user": user, "status": "left"}
    return {"user": user, "status": "member"}


@method("getFile")
def get_file(world: World, call: Call) -> object:
    file = world.files.to_download(call.text("file_id"))
    return {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size, "file_path": file.path}


@method("getMyCommands")
def get_my_commands(world: World, call: Call) -> object:
    return (world.settings.get("setMyCommands") or {}).get("commands", [])


def _remember(name: str) -> None:
    @method(name)
    def remember(world: World, call: Call) -> object:
        world.settings[name] = {key: _decoded(call, key) for key in call.params}
        return True


def _decoded(call: Call, key: str) -> object:
    value = call.text(key)
    return call.structure(key) if value.startswith(("[", "{")) else value


for _name in REMEMBERED:
    _remember(_name)
