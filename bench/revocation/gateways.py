"""The gateways that the trial knows. An adapter starts the nodes, creates and disables keys, and knows how to disturb a node."""

import asyncio
import importlib.util
import secrets
import signal
import sys

from network import SERVERS
from portal import PortalNodes, find_obstacle


class Gateway:
    """What an adapter has. README.md says what each method must do. The constructor gets the options of the command line, and starts nothing."""

    faults = {"none": "Nothing happens."}
    nodes: list[tuple[str, int]] = []  # The host and port of each node.
    entrances: list[tuple[str, int]] = []  # Where clients connect: the nodes, or a proxy.
    path = "/"  # A GET of it is answered with 200 if the key is accepted.

    @classmethod
    def find_obstacle(cls, options) -> str | None:
        """Returns why the trial can't be carried out on this machine; None if it can."""

    @classmethod
    def faults_with(cls, options) -> dict[str, str]:
        """Returns the faults that are possible with these options."""
        return cls.faults

    async def start(self): ...
    async def create(self) -> tuple[str, str]: ...  # The ID of a key, and the value of its Authorization header.
    async def disable(self, key: str): ...  # Returns when the gateway says that it is done.
    async def begin(self, fault: str, node: int): ...
    async def end(self, fault: str, node: int): ...
    async def close(self): ...


class TtlCache(Gateway):
    """Nodes that ask a common store for each key and keep the answer for some seconds, as many gateways do."""

    seconds = 5

    def __init__(self, options):
        self._active, self._servers, self._count = set(), [], options.nodes

    async def start(self):
        for _ in range(self._count):
            server = await asyncio.start_server(lambda reader, writer, known={}: self._serve(reader, writer, known), "127.0.0.1", 0)
            self._servers.append(server)
        self.nodes = self.entrances = [server.sockets[0].getsockname()[:2] for server in self._servers]

    async def _serve(self, reader, writer, known):
        loop = asyncio.get_running_loop()
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                key = next((line[15:] for line in head.decode().split("\r\n") if line.startswith("Authorization: ")), "")
                if key not in known or known[key][1] < loop.time():
                    known[key] = (key in self._active, loop.time() + self.seconds)
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"200 OK" if known[key][0] else b"401 Unauthorized"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def create(self):
        key = secrets.token_hex(16)
        self._active.add(key)
        return key, key

    async def disable(self, key):
        self._active.discard(key)

    async def close(self):
        for server in self._servers:
            server.close()


class Portal(Gateway):
    """Nodes of Portal. The calls go to the first node, which is never disturbed."""

    faults = {
        "none": "Nothing happens.",
        "stop": "A node is stopped (SIGSTOP) and resumed 0 to 8 seconds later.",
        "cut": "A node can't reach the database for 0 to 8 seconds.",
        "slow": "Each byte between a node and the database takes 100 ms in each direction. Not with several database servers.",
        "kill": "A node is killed (SIGKILL) and started again 0 to 8 seconds later.",
    }
    path = "/public/v1/contracts"

    @classmethod
    def find_obstacle(cls, options):
        return find_obstacle(options)

    @classmethod
    def faults_with(cls, options):
        return {name: text for name, text in cls.faults.items() if name != "slow" or not (options.standby or options.patroni)}

    def __init__(self, options):
        self._portal = PortalNodes(options, slows="slow" in (options.faults or self.faults_with(options)))
        self.nodes, self.entrances = self._portal.nodes, self._portal.entrances
        self.start, self.create, self.close = self._portal.start, self._portal.create, self._portal.close

    async def disable(self, key):
        await self._portal.call("POST", f"/public/v1/auth/tokens/{key}/deactivate")

    async def begin(self, fault, node):
        if fault == "stop":
            self._portal.signal_node(node, signal.SIGSTOP)
        elif fault == "cut":
            self._portal.network.cut(f"rv{node}", SERVERS)
        elif fault == "slow":
            self._portal.slow(node, 0.1)
        elif fault == "kill":
            self._portal.kill_node(node)

    async def end(self, fault, node):
        if fault == "stop":
            self._portal.signal_node(node, signal.SIGCONT)
        elif fault == "cut":
            self._portal.network.connect(f"rv{node}", SERVERS)
        elif fault == "slow":
            self._portal.slow(node, 0.0)
        elif fault == "kill":
            self._portal.start_node(node)
        await self._portal.ready(node)


ADAPTERS = {"portal": Portal, "ttl-cache": TtlCache}


def load_adapter(path):
    """Returns the only subclass of Gateway that a file defines."""
    specification = importlib.util.spec_from_file_location("adapter", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules["adapter"] = module
    specification.loader.exec_module(module)
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Gateway) and value.__module__ == "adapter"]
    if len(found) != 1:
        raise ValueError(f"{path} must define one subclass of gateways.Gateway, and defines {len(found)}.")
    return found[0]
