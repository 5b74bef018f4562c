"""Where npm's frappe-js-sdk is, and a process of Node that drives it.

The package goes to a folder outside the project (`SYNCPROOF_NODE`, or the user's cache) the first time that it is wanted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "frappe-js-sdk@1.14.1"
DRIVER = Path(__file__).parent / "erpnext_js_sdk.mjs"


class Unavailable(Exception):
    """Why the SDK cannot be driven on this machine."""


def sdk_folder() -> Path:
    """A folder with the package in its node_modules. Raises Unavailable."""
    if shutil.which("node") is None:
        raise Unavailable("needs Node (Debian: nodejs)")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("SYNCPROOF_NODE") or cache / "syncproof" / PACKAGE)
    if not (folder / "node_modules" / "frappe-js-sdk").is_dir():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    """Beside its place first, so that of two test processes each finds all of it or nothing."""
    if shutil.which("npm") is None:
        raise Unavailable(f"needs npm, or {PACKAGE} in {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        (Path(made) / "package.json").write_text("{}", encoding="utf-8")
        command = ["npm", "install", "--prefix", made, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180, cwd=made)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable(f"npm could not install {PACKAGE}: {error}") from None
        if not (folder / "node_modules").is_dir():
            shutil.copytree(made, folder, dirs_exist_ok=True, symlinks=True)


class Rejected(Exception):
    """The SDK's promise was rejected; `error` is what with."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error.get("message") or error))
        self.error = error


class Node:
    """One process, one call at a time."""

    def __init__(self, folder: Path) -> None:
        command = ["node", "--no-warnings", str(DRIVER), str(folder)]
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def call(self, app: dict[str, Any], part: str, verb: str, args: list[Any]) -> Any:
        """What the promise resolved to. Raises Rejected."""
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        told.write(json.dumps({"app": app, "part": part, "verb": verb, "args": args}) + "\n")
        told.flush()
        answer = json.loads(heard.readline())
        if "error" in answer:
            raise Rejected(answer["error"])
        return answer["ok"]

    def close(self) -> None:
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()


class App:
    """`FrappeApp` as Python calls it: `app.db("getDoc", "Customer", "ACME")`."""

    def __init__(self, node: Node, url: str, token: str | None = None, kind: str = "token", *, jar: bool = False) -> None:
        self._node, self._app = node, {"url": url, "token": token, "kind": kind, "jar": jar}

    def auth(self, verb: str, *args: Any) -> Any:
        return self._node.call(self._app, "auth", verb, list(args))

    def db(self, verb: str, *args: Any) -> Any:
        return self._node.call(self._app, "db", verb, list(args))

    def call(self, verb: str, *args: Any) -> Any:
        return self._node.call(self._app, "call", verb, list(args))

    def file(self, verb: str, *args: Any) -> Any:
        return self._node.call(self._app, "file", verb, list(args))
