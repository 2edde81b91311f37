"""A folder of one run: a key and its certificate, processes on loopback, and what they gave."""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

# How the service is registered at every stack, and the application that gets tokens.
AUDIENCE = "https://studio.corp.example"
ACS = f"{AUDIENCE}/saml"
CLIENT, SECRET = "portal", "secret-of-portal"
REDIRECT = "https://portal.corp.example/callback"
START = 60


@dataclass
class Capture:
    """A token or a response of a stack, and the flags by which `studio-acs verify` knows the stack."""

    text: str
    is_token: bool
    flags: dict = field(default_factory=dict)


def token(text, said, audience):
    """A token, with the flags that the issuer's discovery document gives."""
    flags = {"token-issuer": said["issuer"], "token-jwks": said["jwks_uri"], "token-audience": audience}
    return Capture(text, True, flags)


class Place:
    """The folder and the processes of one stack. They end with it."""

    def __init__(self, name, binary):
        self.name, self.binary = name, binary
        self.temporary = tempfile.TemporaryDirectory(prefix=f"studio-acs-{name}-")
        self.folder = Path(self.temporary.name)
        self.processes = []
        self.key, self.certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=issuer of a test", "-days", "30"]
        subprocess.run([*command, "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        self.stop()
        self.temporary.cleanup()

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def sp_metadata(self):
        """Our metadata, as the program writes it."""
        words = [self.binary, "metadata", "--format", "xml", "--audience", AUDIENCE, "--acs-url", ACS]
        return self.write("sp.xml", self.run([str(word) for word in words], {}))

    def run(self, command, environment):
        """Runs a command to its end, and returns what it wrote."""
        done = subprocess.run(command, cwd=self.folder, env={**os.environ, **environment}, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
        return done.stdout

    def start(self, command, environment=None, ready=None, cwd=None):
        """Starts a server, and waits until it answers; with `ready`, until it has that page."""
        log = (self.folder / "server.log").open("ab")
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd or self.folder,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        self.processes.append(process)
        end = time.monotonic() + START
        while time.monotonic() < end and process.poll() is None:
            try:
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.url + (ready or "/"), timeout=30):
                    return
            except urllib.error.HTTPError as error:
                error.close()
                if ready is None:
                    return
                time.sleep(0.1)
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer: {self.log()[-3000:]}")

    def log(self):
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
