"""Nodes of Portal on PostgreSQL, each in a network namespace, with the servers and the proxy around them."""

import argparse
import asyncio
import email.utils
import hashlib
import html
import json
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
import urllib.parse
import uuid

from client import NoAnswer, request
from network import ADDRESSES, CLIENTS, SERVERS, Network, Relay
from patroni_servers import Patroni
from postgres import Postgres, find_programs

FIRST_NODE, PROXY, STORE = 10, 5, 200
PROXY_CONFIGURATION = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    upstream portal {{
        {servers}
        keepalive 64;
    }}
    server {{
        listen 80;
        location / {{
            proxy_pass http://portal;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_connect_timeout 1s;
            proxy_read_timeout 10s;
            proxy_next_upstream error timeout http_503;
        }}
    }}
}}
"""


def add_options(parser):
    parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    parser.add_argument("--program", metavar="FILE", default="out/Portal.dll", help="the published Portal")
    parser.add_argument("--nodes", type=int, metavar="N", default=3, help="the number of nodes, at least 2")
    parser.add_argument("--proxy", choices=["nginx"], help="what the clients connect to; None: each client connects to a node")
    parser.add_argument("--standby", action="store_true", help="add a synchronous standby of the database")
    parser.add_argument("--patroni", action="store_true", help="let Patroni manage a primary and a synchronous standby")
    parser.add_argument("--store", action="store_true", help="add a Redis server for the rate limits")
    parser.add_argument(
        "--clocks", type=float, nargs="*", metavar="SECONDS", default=[], help="by how much the clock of each node is ahead; []: the clocks are right")


def find_obstacle(options):
    """Returns why the options can't be carried out on this machine, and what to do; None if they can."""
    programs = ["ip", "runuser", "dotnet"] + ["nginx"] * bool(options.proxy) + ["redis-server"] * options.store + ["faketime"] * any(options.clocks)
    programs += ["patroni", "etcd"] * options.patroni
    if not os.path.isfile(options.program):
        return f"{options.program} doesn't exist. Publish Portal (dotnet publish ../../Portal -c Release -o out), or name its Portal.dll with --program."
    if options.nodes < 2:
        return "--nodes must be at least 2."
    if os.geteuid() != 0:
        return "Network namespaces need root. Run the script as root."
    if missing := [program for program in programs if not shutil.which(program)]:
        return f"These programs are missing: {', '.join(missing)}. See README.md for their packages."
    if not find_programs():
        return "PostgreSQL isn't installed in /usr/lib/postgresql."
    return None


def run_to_end(main):
    """Runs a script and returns its exit code. SIGTERM ends it as SIGINT does: everything that it has started is removed."""
    async def run():
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def end():
            loop.add_signal_handler(signal.SIGTERM, lambda: None)  # Another signal doesn't interrupt the removal.
            task.cancel()

        loop.add_signal_handler(signal.SIGTERM, end)
        return await main

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


class PortalNodes:
    """The processes of a trial, and how to disturb them."""

    def __init__(self, options, disk=None, settings=None, slows=False):
        self._options, self._settings, self._slows = options, settings or {}, slows
        self._folder, self.network = tempfile.mkdtemp(prefix="revocation-"), Network()
        os.chmod(self._folder, 0o755)
        self.database = Patroni(self.network, self._folder) if options.patroni else Postgres(self.network, self._folder, options.standby, disk)
        self.programs = [os.path.abspath(options.program)] * options.nodes
        self.nodes = [(f"{ADDRESSES[CLIENTS]}.{FIRST_NODE + i}", 5080) for i in range(options.nodes)]
        self.entrances = [(f"{ADDRESSES[CLIENTS]}.{PROXY}", 80)] if options.proxy else self.nodes
        self._processes, self._relays, self._store = [None] * options.nodes, [], None

    async def start(self, first=None):
        """Starts everything, or of the nodes only the first ones."""
        self.network.start()
        self.database.start()
        if self._options.store:
            self.network.add("rvst", STORE, SERVERS)
            self.start_store()
        for i in range(len(self.nodes)):
            self.network.add(f"rv{i}", FIRST_NODE + i, CLIENTS, SERVERS)
            if self._slows:
                self._relays.append(Relay())
                await self._relays[i].start(f"{ADDRESSES[SERVERS]}.1", 6000 + i, (self.database.hosts[0], 5432))
        for i in range(first or len(self.nodes)):
            self.start_node(i)
        for i in range(first or len(self.nodes)):
            await self.ready(i)
            await self._check_clock(i)
        if self._options.proxy:
            self._start_proxy()
        await self._set_up()
        await asyncio.sleep(1)  # A change by SQL doesn't wait until all nodes have read it.

    def start_node(self, i):
        hosts, port = (f"{ADDRESSES[SERVERS]}.1", 6000 + i) if self._slows else (",".join(self.database.hosts), 5432)
        environment = os.environ | {
            "ASPNETCORE_ENVIRONMENT": "Development", "Portal__Database": "Postgres", "Portal__DataDirectory": f"{self._folder}/node{i}",
            "Portal__ConnectionString": f"Host={hosts};Port={port};Database=portal;Username=postgres;Timeout=3;Maximum Pool Size=40",
            "Portal__TrustedProxies__0": f"{ADDRESSES[CLIENTS]}.{PROXY}", "Logging__LogLevel__Default": "Warning",
        } | ({"Portal__RateLimits__Store": f"{ADDRESSES[SERVERS]}.{STORE}:6379"} if self._options.store else {}) | self._settings
        clock = ["faketime", "-f", f"{self._ahead(i):+}s"] if self._ahead(i) else []
        # The timer that measures leases stays the machine's. Without the second setting, libfaketime ends waits at once.
        environment |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
        self._processes[i] = self.network.start_process(
            f"rv{i}", f"{self._folder}/node{i}.log", *clock, "dotnet", self.programs[i], "--urls", f"http://{self.nodes[i][0]}:{self.nodes[i][1]}",
            environment=environment)

    async def start_another(self, i, program):
        """Starts a node with another version."""
        self.programs[i] = os.path.abspath(program)
        self.start_node(i)
        await self.ready(i)

    def signal_node(self, i, number):
        self._processes[i].send_signal(number)

    def kill_node(self, i):
        self.network.kill(f"rv{i}")
        self._processes[i].wait()

    async def stop_node(self, i):
        """Stops a node as an operator does: it ends its requests first."""
        self._processes[i].send_signal(signal.SIGTERM)
        await asyncio.to_thread(self._processes[i].wait)

    async def ready(self, i):
        for _ in range(1800):
            try:
                if (await request(self.nodes[i], "GET", "/health/ready", timeout=1))[0] == 200:
                    return
            except NoAnswer:
                pass
            await asyncio.sleep(0.1)
        raise RuntimeError(f"Node {i} doesn't start: see {self._folder}/node{i}.log")

    async def _check_clock(self, i):
        """Without this, a trial with different clocks could prove nothing."""
        _, headers, _ = await request(self.nodes[i], "GET", "/health/live")
        seen = email.utils.parsedate_to_datetime(dict(headers)["date"]).timestamp() - time.time()
        if abs(seen - self._ahead(i)) > 3:
            raise RuntimeError(f"The clock of node {i} is {seen:+.0f} s ahead instead of {self._ahead(i):+.0f}.")

    def _ahead(self, i):
        return self._options.clocks[i] if i < len(self._options.clocks) else 0

    def slow(self, i, seconds):
        self._relays[i].delay = seconds

    def start_store(self):
        self._store = self.network.start_process(
            "rvst", f"{self._folder}/store.log", "redis-server", "--save", "", "--bind", "*", "--protected-mode", "no", "--dir", self._folder)

    def kill_store(self):
        self._store.kill()
        self._store.wait()

    async def call(self, method, path, body=None, headers=None, server=None):
        """Calls the management API, by default of the first node."""
        status, _, content = await request(server or self.nodes[0], method, path, self.manager, body, headers, timeout=60)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {content.decode()}")
        return json.loads(content) if content else None

    async def create(self):
        """Returns the handle and the API key of a new token."""
        answer = await self.call("POST", "/public/v1/auth/tokens", self.new_token())
        return answer["handle"], answer["token"]

    @staticmethod
    def new_token():
        return {"name": f"Trial {uuid.uuid4()}", "extension": {"id": "EXT-000"}, "expiration_date": None, "permissions": [{"id": "MD-0004"}]}

    async def close(self):
        for process in self._processes:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait()
        for relay in self._relays:
            await relay.close()
        self.database.close()
        self.network.close()
        if not os.environ.get("TRIAL_KEEP"):
            shutil.rmtree(self._folder)

    def _start_proxy(self):
        self.network.add("rvng", PROXY, CLIENTS)
        servers = "\n        ".join(f"server {host}:{port} max_fails=0;" for host, port in self.nodes)
        with open(f"{self._folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(PROXY_CONFIGURATION.format(folder=self._folder, servers=servers))
        self.network.start_process("rvng", f"{self._folder}/nginx.log", "nginx", "-c", f"{self._folder}/nginx.conf", "-g", "daemon off;")

    async def _set_up(self):
        """Creates the first administrator, as a person does, and a token that may do everything."""
        with open(f"{self._folder}/node0.log", encoding="utf-8") as log:
            code = re.search(r"Setup code:\s+(\S+)", log.read())[1]
        _, headers, page = await request(self.nodes[0], "GET", "/setup")
        cookies = self._cookies(headers)
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.decode()))
        form = {name: html.unescape(value) for name, value in form.items()}
        form |= {"Form.Code": code, "Form.Name": "Trial", "Form.Email": "trial@example.com", "Form.Password": secrets.token_hex(16)}
        status, headers, _ = await request(
            self.nodes[0], "POST", "/setup", body=urllib.parse.urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}, timeout=60)
        if status != 302:
            raise RuntimeError(f"The setup doesn't work: {status}")
        self.cookies = self._cookies(headers)
        handle, secret = "SU-100-200-300", secrets.token_hex(20)
        digest = hashlib.sha256(f"{handle}:{secret}".encode()).hexdigest()
        self.database.sql(f"""
            INSERT INTO "Tokens" ("AccountId", "Handle", "CreationId", "Name", "NameKey", "SearchText", "ExtensionId", "ExtensionName", "Status", "AllModules",
                "MayOutlive", "CreatedAt", "CreatedByKind", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "ListVersion", "Version")
            SELECT "Id", '{handle}', gen_random_uuid(), 'Manager', 'MANAGER', 'MANAGER', 'EXT-000', 'custom', 1, true, true, now(), 0, 'trial', 'Trial', now(),
                'trial', 'Trial', 0, gen_random_uuid() FROM "Accounts" LIMIT 1;
            INSERT INTO "TokenSecrets" ("TokenId", "Hash", "CreatedAt", "UsedCount") SELECT "Id", '\\x{digest}', now(), 0 FROM "Tokens" WHERE "Handle" = '{handle}';
            """)
        self.manager = f"ApiKey {handle}:{secret}"

    @staticmethod
    def _cookies(headers):
        return "; ".join(value.split(";")[0] for name, value in headers if name == "set-cookie")
