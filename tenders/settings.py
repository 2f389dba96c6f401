"""The only module that reads the environment: one frozen Settings, made once and passed in."""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tenders.errors import BadSettings

MIN_SECRET = 32
# A source of a policy of content (CSP 3, section 2.3.1), but none that lets in everybody: no bare star, no bare scheme.
# A star stands for what is under a name of two labels or more.
_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SITE = re.compile(rf"https?://(?:\*\.{_LABEL}\.)?{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?")


class Settings(BaseSettings):
    """Every setting, by its name after ``TENDERS_``; a file ``.env`` beside the process may hold them too."""

    model_config = SettingsConfigDict(env_prefix="TENDERS_", env_file=".env", frozen=True, extra="ignore")

    home: Path = Field(default=Path("var"), description="Where the embedded store, index and raw bodies live.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in home.")
    search_url: str = Field(default="", description="tantivy:PATH or https://…/NAME; empty: in home.")
    raw_url: str = Field(default="", description="fsspec URL of the raw bodies; empty: in home.")
    mail_url: str = Field(
        default="console:", description="console:, maildir:PATH, smtp://user:pw@host:port, sendgrid:."
    )
    base_url: str = Field(default="http://127.0.0.1:8000", description="The public address that links begin with.")
    secret: SecretStr | None = Field(default=None, description="Signs links; 32 characters or more.")
    mail_from: str = Field(default="Tenderwatch <alertes@localhost>", description="The sender of every mail.")
    sendgrid_api_key: SecretStr | None = Field(default=None, description="Needed by sendgrid:.")
    sendgrid_host: str = Field(default="https://api.sendgrid.com", description="The SendGrid API's address.")
    crawl_contact: str = Field(
        default="",
        description="Where who runs this can be reached, by sites it crawls and by readers: an address or a page.",
    )
    allow_loopback: bool = Field(default=False, description="Let crawls reach this machine (demo and tests only).")
    boamp_url: str = Field(default="https://www.boamp.fr", description="Where the BOAMP source is asked.")
    source_urls: dict[str, str] = Field(
        default={}, description='Where other sources are asked than at home: {"ebourgogne": "https://..."}.'
    )
    feeds: str = Field(default="", description="Feeds to read: jura=competition:https://..., each by its own name.")
    sources: str = Field(default="", description="The sources to walk, by name; empty: those that are on by default.")
    crawl_delay: float = Field(default=0, ge=0, description="Seconds between two requests, where a source has fewer.")
    crawl_hours: str = Field(default="", description="The hours in which platforms may be walked, in Paris: 20-7.")
    embed_on: str = Field(
        default="", description="The sites that may show the observatory's widget in a frame: https://www.example.org."
    )
    real_data: Path | None = Field(default=None, description="A folder of real notices for the tests that want them.")

    @field_validator("embed_on")
    @classmethod
    def _name_sites(cls, sites: str) -> str:
        for site in sites.split():
            if not _SITE.fullmatch(site):
                raise ValueError(
                    f"{site[:80]!r} is no site: write scheme and host alone, with spaces between sites, such as "
                    "https://www.example.org https://*.example.fr"
                )
        return " ".join(sites.split())

    @property
    def database(self) -> str:
        """The URL of the store."""
        return self.database_url or f"sqlite:///{self.home / 'tenders.db'}"

    @property
    def search(self) -> str:
        """The URL of the search engine."""
        return self.search_url or f"tantivy:{self.home / 'index'}"

    @property
    def raw(self) -> str:
        """The fsspec URL of the raw bodies."""
        return self.raw_url or str(self.home / "raw")

    def signing_key(self) -> str:
        """Return the secret that signs links; the first use makes one in ``home`` and keeps it there (mode 600)."""
        if self.secret is not None:
            key = self.secret.get_secret_value()
            if len(key) < MIN_SECRET:
                raise BadSettings(f"TENDERS_SECRET has {len(key)} characters: give it {MIN_SECRET} or more")
            return key
        path = self.home / "secret"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(MIN_SECRET))
        try:
            os.link(draft, path)  # fails when another process was first: then its secret is the one
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text().strip()

    def environment(self) -> dict[str, str]:
        """Return the environment for a child process that is to have these same settings."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        secret = {name: value.get_secret_value() for name, value in said.items() if isinstance(value, SecretStr)}
        plain = {name: _text(value) for name, value in said.items()}
        return {**os.environ, **{f"TENDERS_{name.upper()}": value for name, value in (plain | secret).items()}}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(int(value) if isinstance(value, bool) else value)


def load_settings() -> Settings:
    """Read the settings; raises BadSettings with the setting's name and what is wrong."""
    try:
        return Settings()
    except ValueError as problem:
        raise BadSettings(f"a setting cannot be used: {problem}") from None
