"""A PostgreSQL primary and, if wanted, a synchronous standby, each in a network namespace of its own."""

import glob
import os
import subprocess

from network import ADDRESSES, SERVERS, run

FIRST_NUMBER = 100


def find_programs():
    """Returns the folder with the programs of the newest version; None if PostgreSQL isn't installed."""
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    return max(folders, key=lambda folder: int(folder.split("/")[-2]), default=None)


class Postgres:
    """The servers of a trial."""

    def __init__(self, network, folder, has_standby, disk):
        self._network, self._folder, self._disk = network, folder, disk
        self._count, self._primary = 2 if has_standby else 1, 0
        self._programs = find_programs()

    @property
    def hosts(self):
        return [f"{ADDRESSES[SERVERS]}.{FIRST_NUMBER + i}" for i in range(self._count)]

    def start(self):
        for i in range(self._count):
            self._network.add(f"rvdb{i}", FIRST_NUMBER + i, SERVERS)
            os.mkdir(self._data(i))
            if self._disk:
                run("mount", "-t", "tmpfs", "-o", f"size={self._disk}", "tmpfs", self._data(i))
            with open(f"{self._data(i)}.log", "wb"):  # Not on the disk that fills.
                run("chown", "postgres", self._data(i), f"{self._data(i)}.log")
        self._run(0, "initdb", "-D", f"{self._data(0)}/pg", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        with open(f"{self._data(0)}/pg/pg_hba.conf", "a", encoding="ascii") as access:
            access.write(f"host all all {ADDRESSES[SERVERS]}.0/24 trust\nhost replication all {ADDRESSES[SERVERS]}.0/24 trust\n")
        with open(f"{self._data(0)}/pg/postgresql.conf", "a", encoding="ascii") as settings:
            settings.write("listen_addresses = '*'\nunix_socket_directories = ''\nmax_connections = 300\nmax_wal_size = 128MB\nmin_wal_size = 32MB\n")
        self.start_server(0)
        self.sql("CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0", "postgres")
        if self._count > 1:
            self._run(1, "pg_basebackup", "-h", self.hosts[0], "-U", "postgres", "-D", f"{self._data(1)}/pg", "-R", "-c", "fast", "-X", "stream",
                      "-d", "application_name=standby")
            self.start_server(1)
            # A change is confirmed when both have it on their disks.
            self.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'", "postgres")
            self.sql("SELECT pg_reload_conf()", "postgres")

    def start_server(self, i):
        self._run(i, "pg_ctl", "-D", f"{self._data(i)}/pg", "-l", f"{self._data(i)}.log", "-w", "-t", "20", "start")

    @property
    def is_running(self):
        return self._run(self._primary, "pg_isready", "-h", self.hosts[self._primary], check=False) == 0

    def kill_primary(self):
        self._network.kill(f"rvdb{self._primary}")

    def promote(self):
        self._primary = 1
        self._run(1, "pg_ctl", "-D", f"{self._data(1)}/pg", "-w", "promote")
        # It has no standby that it could wait for.
        self.sql("ALTER SYSTEM SET synchronous_standby_names = ''", "postgres")
        self.sql("SELECT pg_reload_conf()", "postgres")

    def fill(self):
        """Uses all space that is left on the disk of the primary."""
        with open(f"{self._data(self._primary)}/filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 12):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self):
        os.remove(f"{self._data(self._primary)}/filler")
        if not self.is_running:
            self._run(self._primary, "pg_ctl", "-D", f"{self._data(self._primary)}/pg", "-m", "immediate", "stop", check=False)
            self.start_server(self._primary)

    def sql(self, statements, database="portal"):
        """Returns the rows, a line each."""
        answer = subprocess.run(
            [f"{self._programs}/psql", "-h", self.hosts[self._primary], "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtc", statements],
            check=True, capture_output=True, text=True)
        return answer.stdout.split("\n")[:-1]

    def close(self):
        for i in range(self._count):
            self._network.kill(f"rvdb{i}")
            if self._disk:
                run("umount", "-l", self._data(i), check=False)

    def _data(self, i):
        return f"{self._folder}/database{i}"

    def _run(self, i, program, *arguments, check=True):
        command = ["ip", "netns", "exec", f"rvdb{i}", "runuser", "-u", "postgres", "--", f"{self._programs}/{program}", *arguments]
        return subprocess.run(command, check=check, stdout=subprocess.DEVNULL, cwd="/").returncode
