"""Installs the stacks under target/issuers, each from its own registry, at the versions that the repository pins.

Nothing is installed on the machine itself: npm's packages without their scripts, PyPI's wheels into an environment, and Debian's
packages unpacked, after apt has verified them.
"""

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target/issuers"


class Missing(RuntimeError):
    """A stack that could not be installed."""


def _run(command, **more):
    done = subprocess.run(command, text=True, capture_output=True, **more)
    if done.returncode != 0:
        raise Missing(f"{' '.join(map(str, command))[:200]}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def npm():
    """The folder whose node_modules has the packages of package-lock.json, with the servers of this folder beside it."""
    place = TARGET / "npm"
    lock = (HERE / "package-lock.json").read_text()
    installed = place / "installed.json"
    if not installed.exists() or installed.read_text() != lock:
        if not shutil.which("npm"):
            raise Missing("npm is not installed")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place)
        installed.write_text(lock)
    for server in [*HERE.glob("servers/*.mjs"), *HERE.glob("servers/*.cjs")]:
        shutil.copy(server, place)
    return place


def npm_version(package):
    return json.loads((npm() / "node_modules" / package / "package.json").read_text())["version"]


def python():
    """The interpreter of the environment that has the packages of scripts/pinned/issuers.txt, with their hashes."""
    _run([ROOT / "scripts/venv", "issuers", "target/issuers/python"], cwd=ROOT)
    return TARGET / "python/bin/python"


def python_version(package):
    ask = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return _run([python(), "-c", ask]).strip()


def debian():
    """The folder in which Debian's packages of debian.txt are unpacked."""
    place, archives = TARGET / "debian", TARGET / "archives"
    names = [line for line in (HERE / "debian.txt").read_text().splitlines() if line and not line.startswith("#")]
    installed = place / "installed.txt"
    if not installed.exists() or installed.read_text().split() != names:
        if not shutil.which("apt-get"):
            raise Missing("apt-get is not installed: these stacks are Debian's packages")
        for folder in (place, archives):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        try:
            _run(["apt-get", "download", "-qq", *names], cwd=archives)
        except Missing as missing:
            raise Missing(f"{missing} (is it Debian 12, and was `apt-get update` run?)") from missing
        for archive in sorted(archives.glob("*.deb")):
            _run(["dpkg-deb", "--extract", archive, place])
        installed.write_text("\n".join(names))
    return place


def debian_version(package):
    """The version of the unpacked software, without Debian's own part, such as 2.16.1 of 2.16.1+ds-deb12u10."""
    debian()
    archive = next(iter((TARGET / "archives").glob(f"{package}_*.deb")), None)
    if archive is None:
        raise Missing(f"no archive of {package}")
    full = _run(["dpkg-deb", "--field", archive, "Version"]).strip()
    return full.split(":")[-1].split("-")[0].split("+")[0]


def debian_libraries():
    """The variables by which programs find the unpacked libraries."""
    place = debian()
    library = f"{place}/usr/lib/x86_64-linux-gnu"
    perl = next(Path(f"{library}/perl5").glob("5.*"), None)
    return {
        "LD_LIBRARY_PATH": f"{library}:{place}/usr/lib",
        "PERL5LIB": f"{place}/usr/share/perl5:{perl}",
    }
