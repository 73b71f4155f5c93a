"""The programs that Zeef is measured against: where they are, how they come here, and what to do where they cannot.

They are peers of the benchmark only and no dependency of anything. What a package manager of a language can build goes into
target/peers; programs of the system are asked for by name and never installed from here.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from measuring import note

CZKAWKA_VERSION = "12.0.2"
FAISS_VERSION = "1.15.1"


class Peers:
    """Finds peers, and remembers which are missing and how to get them."""

    def __init__(self, folder, *, may_install):
        self._folder = folder
        self._may_install = may_install
        # Name of the peer -> how to install it.
        self.missing = {}

    def of_system(self, program, package):
        """Finds a program of the system, or gives None."""
        path = shutil.which(program)
        if path is None:
            self.missing[program] = f"apt install {package}"
        return path

    def czkawka(self):
        """Finds czkawka_cli, building it once, or gives None."""
        program = self._folder / "bin" / "czkawka_cli"
        command = ["cargo", "install", "--quiet", "--locked", f"czkawka_cli@{CZKAWKA_VERSION}", "--root", self._folder]
        environment = {**os.environ, "CARGO_TARGET_DIR": os.fspath(self._folder / "build")}
        return self._made("czkawka_cli", program, [command], environment)

    def faiss_python(self):
        """Finds a Python that has faiss, making it once, or gives None."""
        venv = self._folder / "venv"
        python = venv / "bin" / "python"
        commands = [
            [sys.executable, "-m", "venv", venv],
            [python, "-m", "pip", "install", "--quiet", f"faiss-cpu=={FAISS_VERSION}"],
        ]
        found = self._made("faiss-cpu", venv / "installed", commands, os.environ)
        return python if found else None

    def sqlite_lookup(self):
        """Compiles sqlite_lookup.c, or gives None."""
        source = pathlib.Path(__file__).with_name("sqlite_lookup.c")
        program = self._folder / "sqlite_lookup"
        if program.exists() and program.stat().st_mtime < source.stat().st_mtime:
            program.unlink()
        command = ["cc", "-O2", "-o", program, source, "-lsqlite3"]
        return self._made("sqlite_lookup (apt install build-essential libsqlite3-dev)", program, [command], os.environ)

    def _made(self, name, proof, commands, environment):
        if proof.exists():
            return proof
        spelled = " && ".join(" ".join(os.fspath(part) for part in command) for command in commands)
        if not self._may_install:
            self.missing[name] = spelled
            return None
        note(f"installing the peer {name}, once: {spelled}")
        self._folder.mkdir(parents=True, exist_ok=True)
        for command in commands:
            try:
                done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
            except OSError as error:
                self.missing[name] = f"{spelled} (failed here: {error.strerror})"
                return None
            if done.returncode != 0:
                self.missing[name] = f"{spelled} (failed here with code {done.returncode})"
                return None
        if not proof.exists():
            proof.touch()
        return proof
