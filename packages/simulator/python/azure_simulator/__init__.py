"""A simulated Azure on loopback, for tests.

The program ``azure-simulator`` runs for as long as a test needs it::

    from azure_simulator import Simulator

    def test_my_app():
        with Simulator() as azure:
            run_my_app(environment=azure.environment)
            assert [request["status"] for request in azure.requests()] == [200]
            azure.inject("imds", "503")   # the metadata service fails from now on
            azure.advance("24h")          # new tokens begin and end a day later
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

__all__ = ["Simulator", "program"]


class Simulator:
    """A simulated Azure on a free port of 127.0.0.1, until it is closed. Its arguments are those of the program.

    ``url`` is the address of every service, ``environment`` the variables that point a credential to it.
    """

    def __init__(self, *arguments: str) -> None:
        command = [program(), "--listen", "127.0.0.1:0", "--json", "--quiet", *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        greeting = self._process.stdout.readline()
        if not greeting:
            raise RuntimeError(f"azure-simulator ended with {self._process.wait()}")
        started = json.loads(greeting)
        self.url: str = f"http://{started['address']}"
        self.environment: dict[str, str] = started["environment"]

    def requests(self) -> list[dict[str, Any]]:
        """What was asked so far, oldest first, without secrets: who (``client-id``), what, and the answer."""
        return self._send("/simulator/requests")

    def unexpected(self) -> list[str]:
        """The requests that no service expects; a test that asserts that there are none notices a wrong address."""
        return [f"{it['method']} {it['uri']}" for it in self.requests() if not it["expected"]]

    def inject(self, service: str, fault: str) -> None:
        """Makes a service fail from now on, e.g. ``inject("imds", "503,times=2")``; ``all`` is every service."""
        self._send("/simulator/faults", {"service": service, "fault": fault})

    def end_faults(self, service: str = "all") -> None:
        """Ends the faults of a service."""
        self._send("/simulator/faults", {"service": service, "fault": None})

    def advance(self, duration: str) -> None:
        """Moves the simulator's clock forward, e.g. by ``"24h"``. The app's own clock stays."""
        self._send("/simulator/clock", {"advance": duration})

    def close(self) -> None:
        """Ends the program."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, path: str, body: Any = None) -> Any:
        headers = {"content-type": "application/json", "x-azure-simulator": "1"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        # Without a proxy: the simulator is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode().strip()) from None
        return json.loads(text) if text else None


def program() -> str:
    """The path of the program: that of this environment, or one on the path."""
    folders = [os.path.dirname(sys.executable), os.environ.get("PATH", "")]
    found = shutil.which("azure-simulator", path=os.pathsep.join(folders))
    if found is None:
        raise FileNotFoundError("azure-simulator is neither beside this Python nor on the path")
    return found
