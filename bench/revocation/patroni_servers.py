"""Two PostgreSQL servers that Patroni manages with etcd, each in a network namespace of its own."""

import json
import os
import subprocess
import time
import urllib.request

from network import ADDRESSES, SERVERS, run
from postgres import find_programs

FIRST_NUMBER, STORE_NUMBER = 100, 150
CONFIGURATION = """
scope: portal
name: db{number}
restapi: {{listen: "{address}:8008", connect_address: "{address}:8008"}}
etcd3: {{host: "{store}:2379"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {{max_connections: 300, wal_log_hints: "on"}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}]
postgresql:
  listen: "{address}:5432"
  connect_address: "{address}:5432"
  data_dir: {folder}/pg
  bin_dir: {programs}
  pgpass: {folder}/pgpass
  pg_hba: ["local all all trust", "host all all {network}.0/24 trust", "host replication all {network}.0/24 trust"]
  parameters: {{unix_socket_directories: {folder}}}
  authentication: {{superuser: {{username: postgres}}, replication: {{username: postgres}}}}
"""


class Patroni:
    """The servers of a trial. Patroni decides which of them is the primary."""

    def __init__(self, network, folder):
        self._network, self._folder = network, folder
        self._programs = find_programs()
        self.hosts = [f"{ADDRESSES[SERVERS]}.{FIRST_NUMBER + i}" for i in range(2)]

    def start(self):
        store = f"{ADDRESSES[SERVERS]}.{STORE_NUMBER}"
        self._network.add("rvet", STORE_NUMBER, SERVERS)
        self._network.start_process(
            "rvet", f"{self._folder}/etcd.log", "etcd", "--data-dir", f"{self._folder}/etcd", "--listen-client-urls", f"http://{store}:2379",
            "--advertise-client-urls", f"http://{store}:2379")
        for i, address in enumerate(self.hosts):
            self._network.add(f"rvdb{i}", FIRST_NUMBER + i, SERVERS)
            data = self._data(i)
            os.mkdir(data)
            with open(f"{data}/patroni.yml", "w", encoding="ascii") as file:
                file.write(CONFIGURATION.format(number=i, address=address, store=store, folder=data, programs=self._programs, network=ADDRESSES[SERVERS]))
            run("chown", "-R", "postgres", data)
            self.start_server(i)
            self._wait(lambda i=i: self._state(i) is not None)
        self._wait(lambda: self.synchronous is not None)
        self.sql("CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0", "postgres")

    def start_server(self, i):
        self._network.start_process(f"rvdb{i}", f"{self._folder}/patroni{i}.log", "runuser", "-u", "postgres", "--", "patroni", f"{self._data(i)}/patroni.yml")

    @property
    def primary(self):
        """The number of the primary; None if there is none."""
        return next((i for i in range(2) if self._state(i) in ("master", "primary")), None)

    @property
    def synchronous(self):
        """The number of the standby that has every confirmed change; None if there is none."""
        return next((i for i in range(2) if (self._read(i) or {}).get("sync_standby")), None)

    def kill_primary(self):
        """Kills the machine of the primary, with its Patroni. Returns its number."""
        killed = self.primary
        self._network.kill(f"rvdb{killed}")
        return killed

    def wait_for_primary(self, other_than):
        self._wait(lambda: self.primary not in (None, other_than))

    def switch_over(self):
        """Lets the standby take over, as before maintenance of the primary."""
        before = self.primary
        body = json.dumps({"leader": f"db{before}"}).encode()
        urllib.request.urlopen(urllib.request.Request(f"http://{self.hosts[before]}:8008/switchover", body), timeout=60).read()
        self.wait_for_primary(before)

    def sql(self, statements, database="portal"):
        """Returns the rows, a line each."""
        answer = subprocess.run(
            [f"{self._programs}/psql", "-v", "ON_ERROR_STOP=1", "-qAtc", statements,
             f"host={','.join(self.hosts)} user=postgres dbname={database} target_session_attrs=read-write"], check=True, capture_output=True, text=True)
        return answer.stdout.split("\n")[:-1]

    def close(self):
        for namespace in ("rvdb0", "rvdb1", "rvet"):
            self._network.kill(namespace)

    def _state(self, i):
        answer = self._read(i)
        return answer["role"] if answer and answer.get("state") == "running" else None

    def _read(self, i):
        try:
            return json.load(urllib.request.urlopen(f"http://{self.hosts[i]}:8008/patroni", timeout=1))
        except (OSError, ValueError):
            return None

    def _data(self, i):
        return f"{self._folder}/database{i}"

    @staticmethod
    def _wait(holds):
        for _ in range(600):
            if holds():
                return
            time.sleep(0.1)
        raise RuntimeError("Patroni isn't ready.")
