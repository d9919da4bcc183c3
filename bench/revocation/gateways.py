"""The gateways that the trial knows. An adapter starts the nodes, creates and disables keys, and knows how to disturb a node."""

import asyncio
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import uuid

NODES = 3


class Gateway:
    """What an adapter has: nodes as (host, port), and a path that needs a key."""

    faults = ("none",)
    nodes: list[tuple[str, int]] = []
    path = "/"

    async def start(self): ...
    async def create(self) -> tuple[str, str]: ...  # The ID of a key, and the value of its Authorization header.
    async def disable(self, key: str): ...  # Returns when the gateway says that it is done.
    async def begin(self, fault: str, node: int): ...
    async def end(self, fault: str, node: int): ...
    async def close(self): ...


class TtlCache(Gateway):
    """Nodes that ask a common store for each key and keep the answer for some seconds, as many gateways do."""

    seconds = 5

    def __init__(self, _):
        self._active, self._servers = set(), []

    async def start(self):
        for _ in range(NODES):
            server = await asyncio.start_server(lambda reader, writer, known={}: self._serve(reader, writer, known), "127.0.0.1", 0)
            self._servers.append(server)
        self.nodes = [server.sockets[0].getsockname()[:2] for server in self._servers]

    async def _serve(self, reader, writer, known):
        loop = asyncio.get_running_loop()
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                key = next((line[15:] for line in head.decode().split("\r\n") if line.startswith("Authorization: ")), "")
                if key not in known or known[key][1] < loop.time():
                    known[key] = (key in self._active, loop.time() + self.seconds)
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"200 OK" if known[key][0] else b"401 Unauthorized"))
                await writer.drain()
                if b"Connection: close" in head:
                    break
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


class Relay:
    """Passes connections on to the database, with a delay that can change."""

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


class Portal(Gateway):
    """Nodes of Portal, each in a network namespace with one link for clients and one for the database."""

    faults = ("none", "stop", "cut", "slow", "kill")
    path = "/public/v1/contracts"

    def __init__(self, options):
        self._program, self._processes, self._relays = os.path.abspath(options.program), [None] * NODES, []
        self._folder, self._account = tempfile.mkdtemp(prefix="revocation-"), "PA-000-001"

    async def start(self):
        self._database()
        for i in range(NODES):
            self._network(i)
        self.nodes = [(f"10.99.{i}.2", 5080) for i in range(NODES)]
        for i in range(NODES):
            relay = Relay()
            self._relays.append(relay)
            await relay.start(f"10.98.{i}.1", 5432, ("127.0.0.1", self._port))
            self._node(i)
            await self._ready(i)
        self._manager = self._manager_key()
        await asyncio.sleep(1)  # A change by SQL does not wait until all nodes have read it.

    async def create(self):
        body = {"name": f"Trial {uuid.uuid4()}", "extension": {"id": "EXT-000"}, "expiration_date": None, "permissions": [{"id": "MD-0004"}]}
        answer = await self._api("POST", "/public/v1/auth/tokens", body)
        return answer["handle"], answer["token"]

    async def disable(self, key):
        await self._api("POST", f"/public/v1/auth/tokens/{key}/deactivate")

    async def begin(self, fault, node):
        if fault == "stop":
            self._processes[node].send_signal(signal.SIGSTOP)
        elif fault == "cut":
            run("ip", "link", "set", f"rvd{node}", "down")
        elif fault == "slow":
            self._relays[node].delay = 0.1
        elif fault == "kill":
            self._processes[node].kill()

    async def end(self, fault, node):
        if fault == "stop":
            self._processes[node].send_signal(signal.SIGCONT)
        elif fault == "cut":
            run("ip", "link", "set", f"rvd{node}", "up")
        elif fault == "slow":
            self._relays[node].delay = 0.0
        elif fault == "kill":
            self._processes[node].wait()
            self._node(node)
        await self._ready(node)

    async def close(self):
        for i, process in enumerate(self._processes):
            if process:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait()
            subprocess.run(["ip", "netns", "del", f"rv{i}"], stderr=subprocess.DEVNULL)
        for relay in self._relays:
            await relay.close()
        run("runuser", "-u", "postgres", "--", f"{self._postgres}/pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _database(self):
        versions = sorted(os.listdir("/usr/lib/postgresql"), key=int)
        self._postgres, self._port = f"/usr/lib/postgresql/{versions[-1]}/bin", free_port()
        shutil.chown(self._folder, "postgres")
        os.chmod(self._folder, 0o755)
        as_postgres = ["runuser", "-u", "postgres", "--"]
        run(*as_postgres, f"{self._postgres}/initdb", "-D", f"{self._folder}/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        run(*as_postgres, f"{self._postgres}/pg_ctl", "-D", f"{self._folder}/data", "-l", f"{self._folder}/postgres.log", "-w", "-o",
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c max_connections=300", "start")
        self._sql("CREATE DATABASE portal", "postgres")

    def _network(self, i):
        """rv{i} is the namespace. Its links end here in rvc{i}, for clients, and rvd{i}, for the database."""
        subprocess.run(["ip", "netns", "del", f"rv{i}"], stderr=subprocess.DEVNULL)
        run("ip", "netns", "add", f"rv{i}")
        for kind, network in (("c", 99), ("d", 98)):
            run("ip", "link", "add", f"rv{kind}{i}", "type", "veth", "peer", "name", f"{kind}0", "netns", f"rv{i}")
            run("ip", "addr", "add", f"10.{network}.{i}.1/24", "dev", f"rv{kind}{i}")
            run("ip", "link", "set", f"rv{kind}{i}", "up")
            run("ip", "-n", f"rv{i}", "addr", "add", f"10.{network}.{i}.2/24", "dev", f"{kind}0")
            run("ip", "-n", f"rv{i}", "link", "set", f"{kind}0", "up")
        run("ip", "-n", f"rv{i}", "link", "set", "lo", "up")

    def _node(self, i):
        environment = os.environ | {
            "ASPNETCORE_ENVIRONMENT": "Development", "Portal__Database": "Postgres",
            "Portal__ConnectionString": f"Host=10.98.{i}.1;Database=portal;Username=postgres;Timeout=3;Maximum Pool Size=40",
            "Portal__DataDirectory": f"{self._folder}/node{i}", "Logging__LogLevel__Default": "Warning",
        }
        log = open(f"{self._folder}/node{i}.log", "ab")
        self._processes[i] = subprocess.Popen(
            ["ip", "netns", "exec", f"rv{i}", "dotnet", self._program, "--urls", f"http://10.99.{i}.2:5080"], env=environment, stdout=log, stderr=log)

    async def _ready(self, i):
        for _ in range(600):
            try:
                if (await request(self.nodes[i], "GET", "/health/ready", timeout=1))[0] == 200:
                    return
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.1)
        raise RuntimeError(f"Node {i} doesn't start: see {self._folder}/node{i}.log")

    def _manager_key(self):
        """Adds an account and a token that may do everything, as the first sign-in and the wizard would."""
        handle, secret = "SU-100-200-300", secrets.token_hex(20)
        digest = hashlib.sha256(f"{handle}:{secret}".encode()).hexdigest()
        self._sql(f"""
            INSERT INTO "Accounts" ("Id", "Name", "CreatedAt", "PerpetualAllowed") VALUES ('{self._account}', 'Trial', now(), true);
            INSERT INTO "Tokens" ("AccountId", "Handle", "CreationId", "Name", "NameKey", "SearchText", "ExtensionId", "ExtensionName", "Status", "AllModules",
                "MayOutlive", "CreatedAt", "CreatedByKind", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "ListVersion", "Version")
            VALUES ('{self._account}', '{handle}', gen_random_uuid(), 'Manager', 'MANAGER', 'MANAGER', 'EXT-000', 'custom', 1, true, true, now(), 0, 'trial', 'Trial', now(), 'trial', 'Trial', 0, gen_random_uuid());
            INSERT INTO "TokenSecrets" ("TokenId", "Hash", "CreatedAt", "UsedCount") SELECT "Id", '\\x{digest}', now(), 0 FROM "Tokens" WHERE "Handle" = '{handle}';
            """, "portal")
        return f"ApiKey {handle}:{secret}"

    def _sql(self, statements, database):
        run(f"{self._postgres}/psql", "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qc", statements)

    async def _api(self, method, path, body=None):
        """The calls go to the first node, which is never disturbed."""
        status, answer = await request(self.nodes[0], method, path, self._manager, body, timeout=60)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode()}")
        return json.loads(answer) if answer else None


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def request(node, method, path, key=None, body=None, timeout=10.0):
    """Sends one request on a connection of its own."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(*node)
        try:
            content = json.dumps(body).encode() if body is not None else b""
            head = f"{method} {path} HTTP/1.1\r\nHost: {node[0]}\r\nConnection: close\r\nContent-Length: {len(content)}\r\n"
            if key:
                head += f"Authorization: {key}\r\n"
            if body is not None:
                head += "Content-Type: application/json\r\n"
            writer.write(head.encode() + b"\r\n" + content)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head:
        raise asyncio.IncompleteReadError(b"", None)
    if b"chunked" in head.lower():
        content = b"".join(chunk for chunk in dechunk(content))
    return int(head.split(b" ", 2)[1]), content


def dechunk(content):
    while content:
        size, _, content = content.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return
        yield content[:length]
        content = content[length + 2:]


ADAPTERS = {"portal": Portal, "ttl-cache": TtlCache}
