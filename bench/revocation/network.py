"""Network namespaces on two bridges: one between clients, the proxy and the nodes, and one between the nodes and their servers."""

import asyncio
import os
import signal
import subprocess

CLIENTS, SERVERS = "rvc", "rvd"
ADDRESSES = {CLIENTS: "10.99.0", SERVERS: "10.98.0"}


def run(*command, check=True):
    subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)


class Network:
    """Its names are fixed, so a machine runs one trial at a time. What an earlier one left is removed."""

    def __init__(self):
        self._namespaces = []

    def start(self):
        for bridge, address in ADDRESSES.items():
            run("ip", "link", "del", bridge, check=False)
            run("ip", "link", "add", bridge, "type", "bridge")
            run("ip", "addr", "add", f"{address}.1/24", "dev", bridge)
            run("ip", "link", "set", bridge, "up")

    def add(self, namespace, number, *bridges):
        """Adds a namespace that has this number as the last part of its address on each bridge."""
        self._remove(namespace)
        run("ip", "netns", "add", namespace)
        self._namespaces.append(namespace)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        for bridge in bridges:
            run("ip", "link", "del", bridge + namespace, check=False)  # The kernel removes a namespace some time later.
            run("ip", "link", "add", bridge + namespace, "type", "veth", "peer", "name", bridge, "netns", namespace)
            run("ip", "-n", namespace, "addr", "add", f"{ADDRESSES[bridge]}.{number}/24", "dev", bridge)
            run("ip", "-n", namespace, "link", "set", bridge, "up")
            run("ip", "link", "set", bridge + namespace, "up")
            self.connect(namespace, bridge)

    def cut(self, namespace, bridge):
        """Drops every packet. The namespace doesn't learn of it, as behind a switch that fails."""
        run("ip", "link", "set", bridge + namespace, "nomaster")

    def connect(self, namespace, bridge):
        run("ip", "link", "set", bridge + namespace, "master", bridge)

    def start_process(self, namespace, log, *command, environment=None):
        with open(log, "ab") as output:
            return subprocess.Popen(["ip", "netns", "exec", namespace, *command], env=environment, stdout=output, stderr=output)

    def kill(self, namespace):
        """Kills all processes of a namespace at once, as a power failure does."""
        pids = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False).stdout.split()
        for pid in pids:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self):
        for namespace in self._namespaces:
            self._remove(namespace)
        for bridge in ADDRESSES:
            run("ip", "link", "del", bridge, check=False)

    def _remove(self, namespace):
        self.kill(namespace)
        run("ip", "netns", "del", namespace, check=False)


class Relay:
    """Passes connections on, with a delay that can change. Not every kernel has a queueing discipline that delays packets."""

    def __init__(self):
        self.delay, self._writers = 0.0, set()

    async def close(self):
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0.2)

    async def start(self, host, port, target):
        self._server = await asyncio.start_server(lambda reader, writer: self._connect(reader, writer, target), host, port)

    async def _connect(self, reader, writer, target):
        try:
            to_reader, to_writer = await asyncio.open_connection(*target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, to_writer}
        await asyncio.gather(self._copy(reader, to_writer), self._copy(to_reader, writer))
        self._writers -= {writer, to_writer}

    async def _copy(self, reader, writer):
        queue, loop = asyncio.Queue(), asyncio.get_running_loop()

        async def send():
            try:
                while (item := await queue.get())[1]:
                    await asyncio.sleep(max(0, item[0] - loop.time()))
                    writer.write(item[1])
                    await writer.drain()
            except ConnectionError:
                pass
            writer.close()

        sender = asyncio.create_task(send())
        try:
            while data := await reader.read(65536):
                queue.put_nowait((loop.time() + self.delay, data))
        except ConnectionError:
            pass
        queue.put_nowait((0, b""))
        await sender
