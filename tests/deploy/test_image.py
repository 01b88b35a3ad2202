"""The image: pinned, without secrets and without root, and told to be well only when it can work."""

from __future__ import annotations

import json
import re
import shlex
import tomllib

from bot.doctor.database import OLDEST_SERVER
from tests.deploy.places import COMMANDS, COMPOSE, ROOT, SETTINGS, read

STEPS = [
    tuple(line.split(None, 1))
    for line in re.sub(r"\\\n", " ", read("Dockerfile")).splitlines()
    if line.strip() and not line.startswith("#")
]
LAST = STEPS[max(number for number, (word, _) in enumerate(STEPS) if word == "FROM") :]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def given(word: str) -> list[str]:
    return [rest for name, rest in LAST if name == word]


def test_it_has_the_projects_python() -> None:
    (version,) = {rest.split()[0] for word, rest in STEPS if word == "FROM"}
    assert version == "python:3.11-slim"
    assert PROJECT["project"]["requires-python"] == ">=3.11"


def test_everything_installed_is_pinned_by_its_hash_or_built_here() -> None:
    installs = [part for _, rest in STEPS for part in rest.split("&&") if re.search(r"pip (install|wheel)", part)]
    assert len(installs) == 4
    for part in installs:
        assert "--require-hashes" in part or {"--no-deps", "--no-index"} <= set(shlex.split(part)), part
    for name in re.findall(r"-r (\S+)", " ".join(installs)):
        assert (ROOT / name).is_file()


def test_it_runs_without_root_in_a_folder_of_its_own() -> None:
    assert given("USER") == ["touchdesk"]
    assert given("WORKDIR") == ["/srv/touchdesk"]
    volumes = {place.split(":")[1] for place in COMPOSE["services"]["web-1"]["volumes"]}
    assert set(given("VOLUME")) == volumes


def test_it_holds_settings_of_the_network_only() -> None:
    named = set(re.findall(r"\b([A-Z_]+)=", " ".join(given("ENV"))))
    assert named & SETTINGS == {"HTTP_HOST", "HTTP_PORT"}
    assert not [word for word, _ in STEPS if word == "ARG"]


def test_it_is_well_when_it_can_work() -> None:
    (check,) = given("HEALTHCHECK")
    command = json.loads(check[check.index("CMD") + 3 :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert "/readyz" in command[2]
    assert given("EXPOSE") == ["8080"]
    assert "HTTP_PORT=8080" in given("ENV")[0]


def test_it_starts_a_command_that_there_is() -> None:
    assert [json.loads(rest) for rest in given("ENTRYPOINT")] == [list(PROJECT["project"]["scripts"])]
    assert {word for rest in given("CMD") for word in json.loads(rest)} <= COMMANDS


def test_what_is_secret_stays_out_and_what_is_needed_comes_in() -> None:
    left_out = {line.strip() for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()}
    assert {".env", "**/.env", "deploy/tls", "*.db", ".git"} <= left_out
    needed = {*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], "requirements", "README.md"}
    assert not needed & left_out


def test_its_database_is_new_enough() -> None:
    assert int(COMPOSE["services"]["postgres"]["image"].split(":")[1]) >= OLDEST_SERVER
