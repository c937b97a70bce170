"""Environments of their own for tests: made by uv, of a Python of choice, from wheels of ours."""

import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin


def uv(*arguments):
    done = subprocess.run([find_uv_bin(), *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build_wheel(source, folder):
    """Build the wheel of a package's source into a folder that holds no other of its name."""
    build = ("build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable)
    uv(*build, "--out-dir", str(folder), str(source))


def make_environment(folder, python, constraints, *requirements):
    """Make an environment, with everything at the versions that a file constrains."""
    uv("venv", "--quiet", "--python", str(python), str(folder))
    install = ("pip", "install", "--quiet", "--python", str(folder), "--no-verify-hashes")
    uv(*install, "--no-build", "--constraint", str(constraints), *map(str, requirements))


def runnable(python):
    """Find an interpreter such as `python3.12`, or None where there is none.

    Version managers leave commands behind that start nothing.
    """
    kept = (f".pyenv/versions/*/bin/{python}", f".local/share/uv/python/*/bin/{python}")
    found = [it for pattern in kept for it in sorted(Path.home().glob(pattern))]
    for candidate in filter(None, [shutil.which(python), *found]):
        asked = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
        if asked.returncode == 0:
            return str(candidate)
    return None
