"""A Python program and its credential provider in a simulated Azure: what happens when a day passes and IMDS fails.

pip install azure-simulator wasmtime pytest
pytest examples/test-your-app/python
"""

import os
import time
from typing import Callable

from azure_simulator import Simulator
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record

PROVIDER = os.environ.get("AZURE_IDENTITY_WASM", "azure-identity.wasm")
INTERFACE = "azure:identity/token-credential@0.2.0"
DAY = 24 * 3600


def test_tokens_last_a_day_without_the_metadata_service() -> None:
    clock = Clock()
    with Simulator() as azure:
        environment = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": azure.url}
        get_token = provider(environment, clock)

        token = get_token("https://vault.azure.net/.default")
        assert token.tag == "ok" and token.payload.source == "managed-identity/imds"
        [request] = azure.requests()
        assert request["token"]["aud"] == "https://vault.azure.net"

        # The token lives for 24 hours, and its renewal fails.
        azure.inject("imds", "400")
        clock.move(DAY - 600)
        assert get_token("https://vault.azure.net/.default").payload.token == token.payload.token
        clock.move(DAY)
        assert get_token("https://vault.azure.net/.default").tag == "err"

        # The service recovers, on the same day as the provider.
        azure.end_faults()
        azure.advance(f"{DAY}s")
        assert get_token("https://vault.azure.net/.default").tag == "ok"
        assert azure.unexpected() == []


class Clock:
    """The component's time of day, which a test moves ahead."""

    ahead = 0

    def move(self, ahead: int) -> None:
        self.ahead = ahead
        # Between two calls within a second of the monotonic clock, which goes on by itself, the provider does not read it.
        time.sleep(1)

    def now(self, _: Store) -> Record:
        time_of_day = Record()
        time_of_day.seconds = int(time.time()) + self.ahead
        time_of_day.nanoseconds = 0
        return time_of_day


def provider(environment: dict[str, str], clock: Clock) -> Callable[[str], Record]:
    """An instance of the provider with this environment and clock: its function get-token."""
    engine = Engine()
    linker = Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    linker.allow_shadowing = True
    with linker.root() as root, root.add_instance("wasi:clocks/wall-clock@0.2.4") as wall_clock:
        wall_clock.add_func("now", clock.now)
    wasi = WasiConfig()
    wasi.env = list(environment.items())
    store = Store(engine)
    store.set_wasi(wasi)
    store.set_wasi_http()
    instance = linker.instantiate(store, Component.from_file(engine, PROVIDER))
    interface = instance.get_export_index(store, INTERFACE)
    function = instance.get_func(store, instance.get_export_index(store, "get-token", interface))

    def get_token(scope: str) -> Record:
        request = Record()
        request.scopes, request.options, request.claims = [scope], [], None
        setattr(request, "tenant-id", None)
        setattr(request, "enable-cae", False)
        result = function(store, request)
        function.post_return(store)
        return result

    return get_token
