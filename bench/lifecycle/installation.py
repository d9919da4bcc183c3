"""A published Portal with a database of its own, which is filled for a trial and can be killed."""

import datetime
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def stamp(moment):
    """As Portal writes times to SQLite, which compares them as text: without zeros at the end."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")


def now():
    return datetime.datetime.now(datetime.UTC)


def key_of(index):
    """The key of a seeded token, as in Seeds/SeededKeys.cs."""
    number = (index * 387420489 + 123456789) % 1_000_000_000
    digits = f"{number:09}"
    return f"SU-{digits[:3]}-{digits[3:6]}-{digits[6:]}", f"ApiKey SU-{digits[:3]}-{digits[3:6]}-{digits[6:]}:" + f"{number:010}" * 4


class Sqlite:
    """The file of the data directory."""

    def __init__(self, data):
        self._file = f"{data}/portal.db"

    settings = {}

    def run(self, *statements):
        with sqlite3.connect(self._file, timeout=60) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def read(self, statement):
        connection = sqlite3.connect(self._file, timeout=60)
        try:
            return [tuple(row) for row in connection.execute(statement)]
        finally:
            connection.close()

    def close(self):
        pass


class Postgres:
    """A server in a temporary folder. It stays when Portal is killed."""

    def __init__(self, folder):
        self._programs = f"/usr/lib/postgresql/{max(os.listdir('/usr/lib/postgresql'), key=int)}/bin"
        self._data, self._port = f"{folder}/postgres", free_port()
        os.mkdir(self._data)
        shutil.chown(self._data, "postgres")
        self._as_postgres("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._as_postgres("pg_ctl", "-D", self._data, "-w", "-l", f"{self._data}/log", "-o", f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", "start")
        self._psql("CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0", "postgres")
        self.settings = {"Portal__Database": "Postgres", "Portal__ConnectionString": f"Host=127.0.0.1;Port={self._port};Database=portal;Username=postgres"}

    def run(self, *statements):
        self._psql(";".join(statements))

    def read(self, statement):
        answer = self._psql(f"SELECT coalesce(json_agg(row), '[]') FROM ({statement}) AS row")
        return [tuple(row.values()) for row in json.loads(answer)]

    def close(self):
        self._as_postgres("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def _psql(self, statement, database="portal"):
        return subprocess.run(
            [f"{self._programs}/psql", "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtc", statement],
            check=True, capture_output=True, text=True).stdout

    def _as_postgres(self, program, *arguments):
        subprocess.run(["runuser", "-u", "postgres", "--", f"{self._programs}/{program}", *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")


class Installation:
    def __init__(self, options, tokens, receivers, settings):
        self.folder = tempfile.mkdtemp(prefix="lifecycle-")
        os.chmod(self.folder, 0o755)
        self._program, self.data, self.port, self._process = os.path.abspath(options.program), f"{self.folder}/data", free_port(), None
        self._environment = os.environ | {
            "ASPNETCORE_ENVIRONMENT": "Development", "Portal__DataDirectory": self.data, "Webhooks__AllowedNetworks__0": "127.0.0.0/8",
            "Mail__Host": "127.0.0.1", "Mail__Port": str(receivers.smtp_port), "Mail__Security": "None", "Mail__From": "portal@example.com",
            "Mail__PortalUrl": "http://localhost/",
        } | settings
        subprocess.run(["dotnet", os.path.abspath(options.bench), "seed", "lifecycle", self.data, str(tokens), receivers.webhook_url], check=True, env=self._environment)
        self.database = Sqlite(self.data)
        self._adapt(tokens)
        if options.database == "postgres":
            self.database = Postgres(self.folder)
            self._environment |= self.database.settings
            self.command("copy-data", "to-postgres")

    def _adapt(self, tokens):
        """Makes the keys older, because a key is announced at the earliest a day after its creation, and lets the first token manage others."""
        manager, self.manager_key = key_of(0)
        created = stamp(now() - datetime.timedelta(days=100))
        self.database.run(
            f"""UPDATE "TokenSecrets" SET "CreatedAt" = '{created}'""",
            f"""UPDATE "Tokens" SET "CreatedAt" = '{created}'""",
            f"""UPDATE "Tokens" SET "AllModules" = 1, "MayOutlive" = 1 WHERE "Handle" = '{manager}'""")

    def command(self, *arguments, check=True):
        return subprocess.run(["dotnet", self._program, *arguments], check=check, env=self._environment, capture_output=True, text=True)

    def start(self):
        with open(f"{self.folder}/portal.log", "ab") as log:
            self._process = subprocess.Popen(
                ["dotnet", self._program, "--urls", f"http://127.0.0.1:{self.port}"], cwd=os.path.dirname(self._program), env=self._environment, stdout=log, stderr=log)
        for _ in range(3000):
            try:
                if self.call("GET", "/health/live", timeout=1)[0] == 200:
                    return
            except OSError:
                pass
            if self._process.poll() is not None:
                raise RuntimeError(f"Portal doesn't start: see {self.folder}/portal.log")
            time.sleep(0.02)
        raise RuntimeError(f"Portal doesn't respond: see {self.folder}/portal.log")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def call(self, method, path, body=None, timeout=30):
        """Returns the status and the content. Raises OSError if there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": self.manager_key, "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as failure:
            raise OSError(str(failure)) from failure
        finally:
            connection.close()

    def processor_seconds(self):
        with open(f"/proc/{self._process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        if self._process and self._process.poll() is None:
            self.kill()
        self.database.close()
        if not os.environ.get("TRIAL_KEEP"):
            shutil.rmtree(self.folder)


def add_options(parser):
    parser.add_argument("--program", default=f"{HERE}/out/Portal.dll", help="the published Portal")
    parser.add_argument("--bench", default=f"{HERE}/../bin/Release/net10.0/Portal.Bench.dll", help="the benchmarks, which fill the database")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")

