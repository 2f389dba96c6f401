"""A real Elasticsearch for the tests: fetched by Maven, started on loopback in a folder of its own, stopped again.

It runs with users and TLS, as an unprivileged user, from the official server of Maven Central (few modules in it, so
what works here works in a full distribution). ``TENDERS_TEST_ELASTICSEARCH_URL`` names another server to use.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import pbkdf2_hmac
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VERSION = "8.19.9"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
INSTALL = "apt-get install maven openjdk-17-jre-headless"
URL = "TENDERS_TEST_ELASTICSEARCH_URL"
USER = "tenderwatch"
# No more than infra/elasticsearch.md tells an operator to give (there: to the service's own names).
_ROLE = f"""{USER}:
  cluster: [monitor]
  indices:
    - names: ["*"]
      privileges: [all]
"""
_NOBODY = 65534
_UP_SECONDS = 120


def missing() -> str | None:
    """Say what a server cannot be started for want of; None when all is there."""
    lacking = [program for program in ("mvn", "java") if shutil.which(program) is None]
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        lacking.append("setpriv")
    return f"{' and '.join(lacking)} not found: {INSTALL}" if lacking else None


def _fetch(folder: Path) -> Path:
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    with zipfile.ZipFile(folder / f"elasticsearch-{VERSION}.zip") as packed:
        for member in packed.infolist():
            path = Path(packed.extract(member, folder))
            if member.external_attr >> 16 & 0o100:
                path.chmod(0o755)
    return folder / f"elasticsearch-{VERSION}"


def _hashed(secret: str) -> str:
    """A password as the server's file of users keeps it, without starting a Java of its own for that."""
    salt = secrets.token_bytes(32)
    derived = pbkdf2_hmac("sha512", secret.encode(), salt, 10_000, 32)
    return f"{{PBKDF2}}10000${b64encode(salt).decode()}${b64encode(derived).decode()}"


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key and a certificate for 127.0.0.1 that signs itself; returns (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "http.crt", folder / "http.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@dataclass
class ElasticsearchServer:
    """A server in a folder; `secure` gives it a user and TLS. Its data stays over a stop or a kill."""

    folder: Path
    secure: bool = True
    heap: str = "1g"
    port: int = field(default_factory=_free_port)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Fetch the server and write its configuration."""
        self.folder.chmod(0o755)
        home = self.home = _fetch(self.folder)
        settings = {
            "discovery.type": "single-node",
            "http.host": "127.0.0.1",
            "transport.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": _free_port(),
            "path.data": self.folder / "data",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "xpack.security.autoconfiguration.enabled": "false",
            "xpack.security.enrollment.enabled": "false",
            "xpack.security.enabled": str(self.secure).lower(),
        }
        (self.folder / "data").mkdir()
        if self.secure:
            certificate, key = make_certificate(home / "config")
            (self.folder / "ca.crt").write_bytes(certificate.read_bytes())
            settings |= {
                "xpack.security.http.ssl.enabled": "true",
                "xpack.security.http.ssl.certificate": certificate.name,
                "xpack.security.http.ssl.key": key.name,
            }
        lines = (f"{name}: {value}\n" for name, value in settings.items())
        (home / "config" / "elasticsearch.yml").write_text("".join(lines))
        if self.secure:
            (home / "config" / "users").write_text(f"{USER}:{_hashed(self.secret)}\n")
            (home / "config" / "users_roles").write_text(f"{USER}:{USER}\n")
            (home / "config" / "roles.yml").write_text(_ROLE)
        if os.geteuid() == 0:
            for path in (home, self.folder / "data"):
                subprocess.run(["chown", "-R", f"{_NOBODY}:{_NOBODY}", str(path)], check=True)

    def _run(self) -> subprocess.Popen[bytes]:
        java = Path(shutil.which("java") or "java").resolve().parent.parent
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "ES_JAVA_HOME": str(java),
            "ES_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
        }
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        command = [*(as_nobody if os.geteuid() == 0 else []), str(self.home / "bin" / "elasticsearch")]
        with (self.folder / "elasticsearch.out").open("ab") as log:
            return subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def url(self, name: str, *, secret: str | None = None) -> str:
        """The TENDERS_SEARCH_URL of an index name on this server."""
        if not self.secure:
            return f"http://127.0.0.1:{self.port}/{name}"
        signed = f"{USER}:{quote(secret or self.secret)}@"
        return f"https://{signed}127.0.0.1:{self.port}/{name}?ca={quote(str(self.folder / 'ca.crt'))}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        from indexer.elastic_door import open_door
        from tenders.errors import TendersError

        self.process = self._run()
        door, until = open_door(self.url("any")), time.monotonic() + _UP_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, f"it ended at once: see {self.folder}"
            with suppress(TendersError), door.asking():
                if door.client.cluster.health(wait_for_status="yellow", timeout="5s")["status"] != "red":
                    return
            time.sleep(0.3)
        raise AssertionError(f"no answer within {_UP_SECONDS} seconds: see {self.folder}")

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server and wait for it."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        process, self.process = self.process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            process.wait(60)


@contextmanager
def running_server(*, secure: bool = True, heap: str = "1g") -> Iterator[ElasticsearchServer]:
    """A server in a temporary folder, stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="elasticsearch-", ignore_cleanup_errors=True) as folder:
        server = ElasticsearchServer(Path(folder), secure, heap)
        server.prepare()
        try:
            server.start()
            yield server
        finally:
            server.stop()
