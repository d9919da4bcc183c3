"""Kills Portal between changes and what follows from them, and counts what is missing or repeated. See README.md."""

import argparse
import collections
import datetime
import json
import random
import sys
import threading
import time

from installation import Installation, add_options, key_of, now, stamp
from receivers import Receivers

PEOPLE = 400
LONGEST_UNTIL_MAILS = 120


class Changes:
    """Creates and disables tokens over the API, and remembers what was confirmed."""

    def __init__(self, portal):
        self._portal, self.created, self.disabled, self.begun = portal, [], [], 0
        self._number, self._stopped = 0, threading.Event()

    def run_until(self, holds, seconds):
        """Makes changes until the condition holds, but not for longer than the seconds. Then kills Portal."""
        self._stopped.clear()
        threads = [threading.Thread(target=self._run) for _ in range(3)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.001)
        self._portal.kill()
        self._stopped.set()
        for thread in threads:
            thread.join()

    def _run(self):
        try:
            while not self._stopped.is_set():
                self._number += 1
                self.begun += 1
                status, content = self._portal.call("POST", "/public/v1/auth/tokens", {
                    "name": f"Trial {random.getrandbits(64):x}", "extension": {"id": "EXT-000"}, "expiration_date": None, "permissions": [{"id": "MD-0004"}]})
                if status != 201:
                    raise RuntimeError(f"{status} {content.decode()}")
                handle = json.loads(content)["handle"]
                self.created.append(handle)
                status, content = self._portal.call("POST", f"/public/v1/auth/tokens/{handle}/deactivate")
                if status >= 300:
                    raise RuntimeError(f"{status} {content.decode()}")
                self.disabled.append(handle)
        except OSError:
            pass  # It was killed.


def make_due(portal, handles, people):
    """Lets tokens reach the moment 14 days before their expiration while Portal is down."""
    expires = now() + datetime.timedelta(days=14)
    portal.database.run(*(
        f"""UPDATE "Tokens" SET "ExpiresAt" = '{stamp(expires)}', "Contact" = 'person{i % people}@example.com' WHERE "Handle" = '{handle}'""" for i, handle in enumerate(handles)))


def end_claims(portal):
    """A process that was killed keeps what it was doing for some minutes. Instead of waiting, the trial lets this time pass."""
    past = stamp(now() - datetime.timedelta(hours=1))
    portal.database.run(
        f"""UPDATE "NoticeRecipients" SET "ClaimedUntil" = '{past}' WHERE "ClaimedUntil" IS NOT NULL""",
        f"""UPDATE "WebhookDeliveries" SET "ClaimedUntil" = '{past}' WHERE "ClaimedUntil" IS NOT NULL""",
        f"""UPDATE "AuditStreamCursors" SET "HeldUntil" = '{past}' WHERE "HeldUntil" IS NOT NULL""")


def wait_until_done(portal, notices, seconds):
    states = {
        "notices that aren't written": f"""SELECT {notices} - count(*) FROM "Notices" WHERE "Kind" = 'expiring'""",
        "mails that wait": """SELECT count(*) FROM "NoticeRecipients" WHERE "EndedAt" IS NULL""",
        "webhooks that wait": """SELECT count(*) FROM "WebhookDeliveries" WHERE "State" = 0""",
        "entries without a webhook": """SELECT (SELECT max("Id") FROM "AuditEntries") - (SELECT min("LastEntryId") FROM "WebhookEndpoints")""",
        "entries that aren't streamed": """SELECT (SELECT max("Id") FROM "AuditEntries") - (SELECT min("LastEntryId") FROM "AuditStreamCursors")""",
    }
    deadline = time.monotonic() + seconds
    while True:
        left = {name: portal.database.read(query)[0][0] for name, query in states.items()}
        if not any(left.values()):
            return True
        if time.monotonic() > deadline:
            print("Not done:", left)
            return False
        time.sleep(1)


def repeated(ids):
    """The number of IDs that arrived more than once, and the largest number of times."""
    counts = collections.Counter(ids)
    return sum(count > 1 for count in counts.values()), max(counts.values(), default=0)


class Result:
    def __init__(self):
        self.failed = False

    def check(self, name, holds, figures=""):
        print(f"{'ok  ' if holds else 'FAIL'} {name}{': ' if figures else ''}{figures}")
        self.failed |= not holds


def examine(portal, receivers, changes, announced, last_before):
    result = Result()
    entries = portal.database.read("""SELECT "Id", "Action", "TargetId" FROM "AuditEntries" ORDER BY "Id" """)
    stored = {handle for handle, in portal.database.read("""SELECT "Handle" FROM "Tokens" """)}
    of = collections.defaultdict(list)
    for number, action, target in entries:
        if number > last_before:
            of[action].append(target)
    result.check("Each confirmed change is stored with one audit entry",
                 set(changes.created) <= stored and set(changes.created) <= set(of["token.created"]) and set(changes.disabled) <= set(of["token.disabled"])
                 and len(of["token.created"]) == len(set(of["token.created"])),
                 f"{len(changes.created):,} created, {len(changes.disabled):,} disabled, {changes.begun - len(changes.created)} unknown")

    notices = [handle for handle, in portal.database.read("""SELECT t."Handle" FROM "Notices" n JOIN "Tokens" t ON t."Id" = n."TokenId" WHERE n."Kind" = 'expiring'""")]
    result.check("Each token has one notice and one audit entry of it",
                 sorted(notices) == sorted(announced) and sorted(of["notice.expiring"]) == sorted(announced), f"{len(notices):,} notices of {len(announced):,} tokens")
    told = collections.defaultdict(set)
    for message, recipient, handles, count in receivers.mails:
        told[message].add((recipient, handles, count))
    listed = {handle for versions in told.values() for _, handles, _ in versions for handle in handles}
    twice, most = repeated(message for message, *_ in receivers.mails)
    result.check("Each notice is in a mail", sum(max(count for *_, count in versions) for versions in told.values()) == len(announced) and listed <= set(announced) and len(listed) == len(announced),
                 f"{len(receivers.mails):,} mails with {len(told):,} IDs to {len({recipient for _, recipient, *_ in receivers.mails})} people, {twice} of them more than once, at most {most} times")
    result.check("No two mails tell about the same token", sum(len(next(iter(versions))[1]) for versions in told.values()) == len(listed))

    deliveries = portal.database.read("""SELECT "MessageId", "Type", "TargetId", "State" FROM "WebhookDeliveries" """)
    twice, most = repeated(message for message, *_ in receivers.events)
    arrived = {message: (kind, handle) for message, kind, handle in receivers.events}
    result.check("Each event arrived, and has one message",
                 {message for message, *_ in deliveries} == set(arrived) and all(state == 1 for *_, state in deliveries)
                 and collections.Counter((kind, handle) for _, kind, handle, _ in deliveries)
                 >= collections.Counter([("token.created", handle) for handle in of["token.created"]] + [("token.disabled", handle) for handle in of["token.disabled"]])
                 and len({(kind, handle) for _, kind, handle, _ in deliveries}) == len(deliveries),
                 f"{len(receivers.events):,} arrived of {len(deliveries):,} messages, {twice} of them more than once, at most {most} times")
    first = list(dict.fromkeys((kind, handle) for _, kind, handle in receivers.events))
    position = {event: i for i, event in enumerate(first)}
    result.check("The events of each token arrived in order",
                 all(position["token.created", handle] < position["token.disabled", handle] for handle in of["token.disabled"] if ("token.created", handle) in position))

    ids = list(dict.fromkeys(number for number, *_ in receivers.entries))
    hashes = {number: own for number, own, _ in receivers.entries}
    twice, most = repeated(number for number, *_ in receivers.entries)
    result.check("The collector has each audit entry, in order", ids == [number for number, *_ in entries],
                 f"{len(receivers.entries):,} records of {len(entries):,} entries, {twice} of them more than once, at most {most} times")
    before, fits = None, True
    links = {number: (own, previous) for number, own, previous in receivers.entries}
    for number in ids:
        fits &= links[number][1] == before
        before = hashes[number]
    result.check("Each record contains the hash of the one before", fits)
    verified = portal.command("audit", "verify", check=False)
    result.check("Portal audit verify", verified.returncode == 0, verified.stdout.strip().split("\n")[1] if verified.stdout else verified.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=200, help="that become due before each kill")
    parser.add_argument("--longest", type=float, default=5, help="seconds from the start to a kill. Every second kill comes while mails are sent.")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    dice, receivers = random.Random(options.seed), Receivers()
    total = options.kills * options.tokens
    portal = Installation(options, total + 1, receivers, receivers.collector_settings() | {"Logging__LogLevel__Default": "Warning"})
    try:
        last_before = portal.database.read("""SELECT max("Id") FROM "AuditEntries" """)[0][0]
        # At the first start, Portal announces what became due before. Nothing has.
        portal.start()
        time.sleep(3)
        portal.stop()
        announced, changes, during_mails = [], Changes(portal), 0
        for i in range(options.kills):
            batch = [key_of(1 + i * options.tokens + j)[0] for j in range(options.tokens)]
            make_due(portal, batch, PEOPLE)
            announced += batch
            portal.start()
            if i % 2 == 0:
                changes.run_until(lambda: False, dice.uniform(0.05, options.longest))
            else:
                enough = len(receivers.mails) + dice.randint(1, options.tokens // 4)
                changes.run_until(lambda: len(receivers.mails) >= enough, LONGEST_UNTIL_MAILS)
                during_mails += portal.database.read("""SELECT count(*) FROM "NoticeRecipients" WHERE "EndedAt" IS NULL""")[0][0] > 0
            end_claims(portal)
            print(f"Kill {i + 1}: {len(changes.created):,} tokens created, {len(receivers.mails):,} mails, {len(receivers.events):,} events, {len(receivers.entries):,} audit entries", flush=True)
        portal.start()
        done = wait_until_done(portal, len(announced), 300)
        portal.stop()
        result = examine(portal, receivers, changes, announced, last_before)
        result.check("Nothing waits", done)
        result.check("Every second kill came while mails were sent", during_mails == options.kills // 2, f"{during_mails} of {options.kills} kills")
        sys.exit(result.failed)
    finally:
        portal.close()


main()
