"""Lets 100,000 tokens expire on one day, and measures how long the notices take and what they cost others. See README.md."""

import argparse
import datetime
import os
import re
import statistics
import subprocess
import sys
import threading
import time

from installation import HERE, Installation, add_options, now, stamp
from receivers import Receivers

PATH, PAUSE, CONNECTIONS, SAMPLE = "/public/v1/agreements", 20, 16, 5


def load(portal, tokens):
    """Sends requests for some seconds. Returns their number per second, and the 99th percentile of the time in milliseconds."""
    output = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SAMPLE}s", "--latency", "-s", f"{HERE}/paced-keys.lua", f"http://127.0.0.1:{portal.port}{PATH}", "--", str(tokens), str(PAUSE)],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


class ChangeTimes:
    """Creates tokens over the API, one after the other, and measures how long each takes."""

    def __init__(self, portal):
        self._portal, self.times, self._stopped = portal, [], threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stopped.wait(0.2):
            began = time.monotonic()
            status, content = self._portal.call("POST", "/public/v1/auth/tokens", {
                "name": f"Trial {began}", "extension": {"id": "EXT-000"}, "expiration_date": None, "permissions": [{"id": "MD-0004"}]})
            if status != 201:
                raise RuntimeError(content.decode())
            self.times.append((time.monotonic() - began) * 1000)

    def stop(self):
        self._stopped.set()
        self._thread.join()
        return self.times


def measure(portal, tokens, ended):
    """Samples until a condition holds."""
    samples, changes = [], ChangeTimes(portal)
    busy, began = portal.processor_seconds(), time.monotonic()
    while True:
        samples.append(load(portal, tokens))
        if ended(len(samples)):
            break
    times = sorted(changes.stop())
    return {
        "p99": statistics.median(p99 for _, p99 in samples), "worst": max(p99 for _, p99 in samples), "rate": statistics.median(rate for rate, _ in samples),
        "change": times[len(times) // 2], "change_p99": times[int(len(times) * 0.99)], "processor": (portal.processor_seconds() - busy) / (time.monotonic() - began),
    }


def line(name, it):
    print(f"| {name} | {it['rate']:.0f} | {it['p99']:.1f} | {it['worst']:.1f} | {it['change']:.0f} | {it['change_p99']:.0f} | {it['processor'] * 100:.0f} % | {os.getloadavg()[0]:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=1_000, help="the contacts of the tokens")
    parser.add_argument("--webhook", action="store_true", help="an endpoint that gets an event for each token, too")
    parser.add_argument("--samples", type=int, default=6, help="of 5 seconds, before and after")
    options = parser.parse_args()
    receivers = Receivers()
    portal = Installation(options, options.tokens + 1, receivers, {"Logging__LogLevel__Default": "Warning"})
    try:
        portal.start()
        time.sleep(3)
        portal.stop()
        if not options.webhook:
            portal.database.run(f"""UPDATE "WebhookEndpoints" SET "DisabledAt" = '{stamp(now())}'""")
        # All become due soon after the first samples.
        # The next statement changes all tokens, which takes longer on PostgreSQL.
        slack = 300 if options.database == "postgres" else 20
        due = now() + datetime.timedelta(seconds=(options.samples + 2) * SAMPLE * 2 + slack)
        expires = due + datetime.timedelta(days=14)
        id_text = """CAST("Id" % {} AS TEXT)""".format(options.people)
        portal.database.run(f"""UPDATE "Tokens" SET "ExpiresAt" = '{stamp(expires)}', "Contact" = 'person' || {id_text} || '@example.com' WHERE "Name" LIKE 'Seeded %' AND "Name" <> 'Seeded 0'""")
        portal.start()
        load(portal, options.tokens)
        print("| | Requests per second | p99, ms (median of samples) | p99, ms (worst) | Change, ms | p99 of changes, ms | Processor | Load |\n|---|--:|--:|--:|--:|--:|--:|--:|")
        before = measure(portal, options.tokens, lambda count: count >= options.samples)
        line("Before", before)
        if now() > due:
            sys.exit("The samples took too long. The notices began too early.")
        # The sweep begins within 30 seconds.
        while not portal.database.read("""SELECT count(*) FROM "Notices" WHERE "Kind" = 'expiring'""")[0][0]:
            time.sleep(0.5)
        began, written = time.monotonic(), []

        def is_done(_):
            if not written and portal.database.read("""SELECT count(*) FROM "Notices" WHERE "Kind" = 'expiring'""")[0][0] >= options.tokens:
                written.append(time.monotonic() - began)
            return bool(written) and portal.database.read("""SELECT count(*) FROM "NoticeRecipients" WHERE "EndedAt" IS NULL""")[0][0] == 0

        during = measure(portal, options.tokens, is_done)
        took = time.monotonic() - began
        line("During", during)
        after = measure(portal, options.tokens, lambda count: count >= options.samples)
        line("After", after)
        told = sum({message: count for message, _, _, count in receivers.mails}.values())
        print(f"\n{options.database}, {options.tokens:,} tokens, {options.people:,} people: notices written in {written[0]:.0f} s, all mailed in {took:.0f} s. "
              f"{len(receivers.mails):,} mails tell about {told:,} tokens. p99 during / before: {during['p99'] / before['p99']:.2f}.")
    finally:
        portal.close()


main()
