"""Headless Chromium over its debugging pipe: what a page asks for, says and shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), "")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
# The browser reads commands from descriptor 3 and answers on 4, as `--remote-debugging-pipe` says.
LAUNCH = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(read, 3), os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
COMPLAINTS = ("error", "warning", "assert")


class Browser:
    """One page in one browser process, which reaches this machine only.

    Attributes:
        requests: Every URL that the page asked for.
        complaints: Console errors and warnings, and exceptions.
    """

    def __init__(self, url: str, width: int, *, dark: bool = False) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._count = 0
        self._session = ""
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read, to_browser = os.pipe()
        from_browser, write = os.pipe()
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(read), str(write), *command],
            pass_fds=(read, write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read)
        os.close(write)
        self._commands = os.fdopen(to_browser, "wb", buffering=0)
        self._answers = os.fdopen(from_browser, "rb")

        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Network", "Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.use_colors("dark" if dark else "light")
        self.call("Page.navigate", url=url)

    def call(self, method: str, **params: Any) -> Any:
        """Send a command and give its result; what the page does meanwhile is kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer["method"], answer["params"])

    def use_colors(self, scheme: str) -> None:
        """Have the reader's system prefer `light` or `dark`."""
        preferred = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[preferred])

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, evaluated as if the reader had clicked."""
        options = {"returnByValue": True, "userGesture": True}
        result = self.call("Runtime.evaluate", expression=expression, **options)
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true, for 20 seconds at most."""
        deadline = time.monotonic() + 20
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, (expression, self.complaints)
            time.sleep(0.05)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._commands.close()
        self._answers.close()
        self._profile.cleanup()

    def _message(self) -> bytes:
        message = b""
        while not message.endswith(b"\0"):
            byte = self._answers.read(1)
            assert byte, "the browser ended"
            message += byte
        return message[:-1]

    def _note(self, method: str, params: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif (
            method == "Runtime.exceptionThrown"
            or (method == "Log.entryAdded" and params["entry"]["level"] in COMPLAINTS)
            or (method == "Runtime.consoleAPICalled" and params["type"] in COMPLAINTS)
        ):
            self.complaints.append(json.dumps(params))
