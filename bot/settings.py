"""Every setting, read from the environment or .env in one place. Mistakes are told all at once, by name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crm_store.store import database_url
from support.words.language import LANGUAGES
from support.working_hours import WorkingHours
from workers.api import TELEGRAM, bot_id_of
from workers.pacing import Rates


class BadSettingsError(ValueError):
    """One or several settings cannot be used; each line names one."""

    def __init__(self, error: ValidationError) -> None:
        lines = []
        for problem in error.errors(include_url=False, include_input=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            words = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {words}" if name else words)
        super().__init__("\n".join(lines))


class Settings(BaseSettings):
    """See .env.example for what each is for."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    bot_token: SecretStr | None = None
    telegram_api_base: str = TELEGRAM
    database_url: str = "sqlite:///touchdesk.db"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    agent_chat_id: int | None = None
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    agent_ids: Annotated[tuple[int, ...], NoDecode] = ()
    shop_name: str = "Touchdesk"
    default_language: str = "en"
    timezone: str = "UTC"
    working_hours: str | None = None
    public_url: str | None = None
    metrics_token: SecretStr | None = Field(None, min_length=16)
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65535)
    secret_key: SecretStr | None = None
    faq_file: Path | None = None
    faq_answer: float | None = Field(None, ge=0, le=1)
    faq_suggest: float | None = Field(None, ge=0, le=1)
    faq_margin: float | None = Field(None, ge=0, le=1)
    files_dir: Path = Path("files")
    send_rate: float = Field(30, ge=0)
    send_rate_chat: float = Field(1, ge=0)
    send_rate_group: float = Field(20, ge=0)

    @field_validator("admin_ids", "agent_ids", mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if wrong := [part for part in parts if not part.isdecimal()]:
            raise ValueError(f"Telegram ids are numbers separated by commas, not {wrong[0]!r}")
        return tuple(map(int, parts))

    @field_validator("default_language")
    @classmethod
    def _language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"must be one of {', '.join(sorted(LANGUAGES))}")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        database_url(value)
        return value

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            bot_id_of(value.get_secret_value())
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else "x"
        if not all(c.isascii() and (c.isalnum() or c in "_-") for c in text) or len(text) > 256:
            raise ValueError("may hold letters, digits, _ and - only, 256 at the most (Telegram's rule)")
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        WorkingHours.parse(None, value)
        return value

    @field_validator("working_hours")
    @classmethod
    def _hours(cls, value: str | None) -> str | None:
        """Hours that never open would let every promise of an answer fail."""
        WorkingHours.parse(value, "UTC").next_opening(datetime.now(UTC))
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if bool(self.webhook_url) != bool(self.webhook_secret):
            raise ValueError(
                "WEBHOOK_URL and WEBHOOK_SECRET go together: give both for a webhook, none for long polling"
            )
        return self

    @property
    def token(self) -> str | None:
        return self.bot_token.get_secret_value() if self.bot_token else None

    @property
    def rates(self) -> Rates:
        return Rates(overall=self.send_rate, chat=self.send_rate_chat, group_per_minute=self.send_rate_group)

    @property
    def base_url(self) -> str:
        """Where people reach the web pages."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")


def read_settings(**overrides: Any) -> Settings:
    """Raises BadSettingsError with a line for each wrong setting."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise BadSettingsError(error) from None
