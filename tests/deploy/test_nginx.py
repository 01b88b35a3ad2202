"""What nginx lets through: our streams at once, our bodies in full, no post twice, nobody's word for who they are.

Read as text everywhere, and tried with a real nginx where one is installed.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientResponse, ClientSession, TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi.routing import APIRoute

from console import chat, conversation_page, queue_page
from console.body_limit import LARGEST_BATCH, LARGEST_BODY, LARGEST_UPLOAD
from tests.deploy.places import read

CONFIG = read("nginx.conf")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""
needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed")
KILO = {"k": 1024, "m": 1024 * 1024}


def location(path: str) -> str:
    """The block of this head."""
    start = CONFIG.index(f"location {path} {{")
    return CONFIG[start : CONFIG.index("}", start)]


def bytes_of(block: str) -> int:
    number, unit = re.findall(r"client_max_body_size (\d+)([km]);", block)[0]
    return int(number) * KILO[unit]


def streams() -> list[str]:
    """Every path under which a page stays connected."""
    routes = [route for part in (chat, queue_page, conversation_page) for route in part.router.routes]
    return [route.path for route in routes if isinstance(route, APIRoute) and route.path.endswith("/events")]


def test_streams_and_nothing_else_pass_unbuffered() -> None:
    (pattern,) = re.findall(r"location ~ (\S+) \{", CONFIG)
    found = streams()
    assert len(found) == 3
    assert all(re.match(pattern, path.replace("{contact_id}", "17")) for path in found)
    assert not re.match(pattern, "/chat/messages")
    assert CONFIG.count("proxy_buffering off;") == location(f"~ {pattern}").count("proxy_buffering off;") == 1


def test_bodies_may_be_as_large_as_the_program_takes() -> None:
    assert bytes_of(CONFIG) == LARGEST_BODY
    assert bytes_of(location("= /chat/messages")) == LARGEST_UPLOAD
    assert bytes_of(location("/api/")) == LARGEST_BATCH


def test_no_post_is_repeated_and_nothing_is_logged_of_an_address() -> None:
    assert re.findall(r"^ *proxy_next_upstream (.*);", CONFIG, re.MULTILINE) == ["error timeout"]
    assert set(re.findall(r"access_log (\S+);", CONFIG)) == {"off"}
    assert set(re.findall(r"error_log \S+ (\w+);", CONFIG)) == {"crit"}
    assert "keepalive " not in re.sub(r"#.*", "", CONFIG)


class Web:
    """One web behind nginx that notes what reaches it."""

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[str] = []
        self.headers: Mapping[str, str] = {}
        self.cuts = False
        self.go_on = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.seen.append(request.method)
        self.headers = request.headers
        if self.cuts and request.transport:
            request.transport.close()
        if request.path.endswith("/events"):
            return await self._stream(request)
        return web.Response(text=str(self.port))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b"event: first\n\n")
        await self.go_on.wait()
        return stream

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=LARGEST_UPLOAD + 1)
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port or 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            self.go_on.set()
            await runner.cleanup()


class Front(NamedTuple):
    """nginx with our file, and the two webs behind it."""

    url: str
    client: ClientSession
    webs: tuple[Web, Web]

    async def call(self, method: str, path: str, **rest: Any) -> ClientResponse:
        async with self.client.request(method, self.url + path, **rest) as answer:
            await answer.read()
            return answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def self_signed(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.example")])
    serial, until = x509.random_serial_number(), now + timedelta(days=1)
    signed = x509.CertificateBuilder(name, name, key.public_key(), serial, now, until).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def configured(folder: Path, port: int, webs: tuple[Web, Web]) -> Path:
    """Our file with machines, ports and folders of the test's in the places of its own; the first web is gone."""
    ports = [free_port(), *(each.port for each in webs)]
    servers = "".join(f"server 127.0.0.1:{each} fail_timeout=1s;" for each in ports)
    ours = re.sub(r"(upstream touchdesk \{).*?\n\}", rf"\1{servers}}}", CONFIG, flags=re.DOTALL)
    ours = re.sub(r" *listen \[::\]:.*\n", "", ours)
    ours = ours.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    ours = ours.replace("listen 443", f"listen 127.0.0.1:{port}")
    ours = ours.replace("/etc/nginx/tls", str(folder)).replace("/var/log/nginx", str(folder))
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    own = f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
    file = folder / "nginx.conf"
    file.write_text(f"{own} events {{}} http {{ {places}\n{ours} }}", "utf-8")
    return file


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    self_signed(tmp_path)
    webs, port = (Web(), Web()), free_port()
    trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
    trust.check_hostname = False
    async with webs[0].running(), webs[1].running(), ClientSession(connector=TCPConnector(ssl=trust)) as client:
        file = configured(tmp_path, port, webs)
        nginx = await asyncio.create_subprocess_exec(NGINX, "-c", str(file), stdout=DEVNULL, stderr=PIPE)
        try:
            await listening(port, nginx)
            yield Front(f"https://127.0.0.1:{port}", client, webs)
        finally:
            if nginx.returncode is None:
                nginx.terminate()
            await nginx.communicate()


async def listening(port: int, nginx: asyncio.subprocess.Process) -> None:
    for _ in range(100):
        assert nginx.returncode is None
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise AssertionError("nginx does not listen")


@needs_nginx
async def test_an_event_comes_before_the_stream_ends(front: Front) -> None:
    for path in ("/chat/events", "/console/events", "/console/c/17/events"):
        async with front.client.get(front.url + path) as answer:
            assert await asyncio.wait_for(answer.content.readline(), 3) == b"event: first\n"


@needs_nginx
async def test_nobody_says_themselves_who_they_are(front: Front) -> None:
    claims = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "http"}
    await front.call("GET", "/chat", headers=claims)
    (reached,) = (each for each in front.webs if each.seen)
    assert reached.headers["X-Forwarded-For"] == "127.0.0.1"
    assert reached.headers["X-Forwarded-Proto"] == "https"
    assert reached.headers["Host"] == front.url.removeprefix("https://")


@needs_nginx
async def test_a_web_that_is_gone_is_passed_over(front: Front) -> None:
    """By posts too: nothing was sent to the one that is gone."""
    answers = [await front.call("POST", "/telegram/webhook", data=b"{}") for _ in range(6)]
    assert {answer.status for answer in answers} == {200}
    assert all(each.seen for each in front.webs)


@needs_nginx
@pytest.mark.parametrize(("method", "asked"), [("POST", 1), ("GET", 2)])
async def test_only_what_may_be_asked_twice_is_asked_of_another(front: Front, method: str, asked: int) -> None:
    """Both webs hang up when they have read the request."""
    for each in front.webs:
        each.cuts = True
    assert (await front.call(method, "/telegram/webhook")).status == 502
    assert sum(len(each.seen) for each in front.webs) == asked


@needs_nginx
async def test_figures_are_not_for_outside(front: Front) -> None:
    assert (await front.call("GET", "/metrics")).status == 404
    assert not [each.seen for each in front.webs if each.seen]


@needs_nginx
@pytest.mark.parametrize(
    ("path", "limit"), [("/console/x", LARGEST_BODY), ("/chat/messages", LARGEST_UPLOAD), ("/api/v1/x", LARGEST_BATCH)]
)
async def test_a_body_passes_up_to_its_limit(front: Front, path: str, limit: int) -> None:
    assert (await front.call("POST", path, data=BytesIO(bytes(limit)))).status == 200
    assert (await front.call("POST", path, data=BytesIO(bytes(limit + 1)))).status == 413
