"""Readers of feeds and calendars in another language than ours: packages of npm, fetched by npm and run by node.

``feedsmith`` reads Atom, RSS and JSON Feed, ``ical.js`` (that of Thunderbird) reads calendars.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

PACKAGES = ("feedsmith@3.0.1", "ical.js@2.2.1")
INSTALL = "apt-get install nodejs npm"
_READ_FEED = """
import { parseFeed } from "feedsmith";
process.stdout.write(JSON.stringify(parseFeed(await text())));
"""
_READ_CALENDAR = """
import ICAL from "ical.js";
const calendar = new ICAL.Component(ICAL.parse(await text()));
const events = calendar.getAllSubcomponents("vevent").map((one) => {
  const event = new ICAL.Event(one);
  return {
    uid: event.uid, summary: event.summary, description: event.description, sequence: event.sequence,
    location: event.location, start: event.startDate.toJSDate().toISOString(), whole_day: event.startDate.isDate,
    status: one.getFirstPropertyValue("status"), url: one.getFirstPropertyValue("url"),
    names: one.getAllProperties().map((property) => property.name),
  };
});
process.stdout.write(JSON.stringify({ name: calendar.getFirstPropertyValue("x-wr-calname"), events }));
"""
_TEXT = """
async function text() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
"""


def missing() -> str | None:
    """Say what the readers cannot be run for want of; None when all is there."""
    lacking = [program for program in ("node", "npm") if shutil.which(program) is None]
    return f"{' and '.join(lacking)} not found: {INSTALL}" if lacking else None


class NodeReaders:
    """The readers, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, code in (("feed", _READ_FEED), ("calendar", _READ_CALENDAR)):
            (folder / f"{name}.mjs").write_text(code + _TEXT)

    def fetch(self) -> None:
        """Install the packages; raises CalledProcessError where they cannot be had."""
        options = ["--prefix", str(self.folder), "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
        subprocess.run(["npm", "install", "--silent", *options, *PACKAGES], check=True, stdin=subprocess.DEVNULL)

    def _run(self, script: str, body: bytes) -> Any:
        command = ["node", str(self.folder / f"{script}.mjs")]
        return json.loads(subprocess.run(command, input=body, check=True, capture_output=True, timeout=60).stdout)

    def read_feed(self, body: bytes) -> tuple[str, dict[str, Any]]:
        """Return the format that the reader found, and what it read."""
        found = self._run("feed", body)
        return found["format"], found["feed"]

    def read_calendar(self, body: bytes) -> dict[str, Any]:
        """Return the calendar's name and its events."""
        read: dict[str, Any] = self._run("calendar", body)
        return read
