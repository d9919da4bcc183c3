"""Requests with keys, changes and pages, all the time, with a record of what was confirmed when."""

import asyncio
import collections
import json
import random
import time
import uuid

from client import Connection, NoAnswer


class Key:
    """A token that the API has confirmed."""

    def __init__(self, name, answer):
        self.name, self.handle, self.header = name, answer["handle"], answer["token"]
        self.created_at, self.disabling_at, self.disabled_at = time.monotonic(), None, None

    def expected(self, sent, answered):
        """The right status for a request, or None while it is about to change."""
        if self.disabled_at and self.disabled_at < sent:
            return 401
        return 200 if self.disabling_at is None or self.disabling_at > answered else None


class Load:
    path = "/public/v1/contracts"
    longest_change = 90

    def __init__(self, portal, clients, changers):
        self._portal, self._clients, self._changers, self._stopped = portal, clients, changers, asyncio.Event()
        self.keys, self.late, self.begun = [], [], 0
        self.began = self.ended = 0.0
        self._counts = collections.Counter()
        # What failed: (kind, reason) → the times.
        self._failures = collections.defaultdict(list)
        # (began, seconds) of each request and each confirmed change.
        self._waits, self._durations, self._given_up = [], [], []

    async def run(self):
        await asyncio.gather(
            *(self._request(i) for i in range(self._clients)), *(self._change(i) for i in range(self._changers)), self._read_page())

    def stop(self):
        self._stopped.set()

    def _connection(self, i):
        return Connection(self._portal.entrances[i % len(self._portal.entrances)], timeout=30)

    def _fail(self, kind, reason):
        self._failures[kind, reason].append(time.monotonic())

    async def _request(self, i):
        connection = self._connection(i)
        while not self._stopped.is_set():
            await asyncio.sleep(0.01)
            if not self.keys:
                continue
            key, sent = random.choice(self.keys), time.monotonic()
            try:
                status, _, content = await connection.send("GET", self.path, key.header)
            except NoAnswer as failure:
                self._fail("request", str(failure))
                continue
            finally:
                self._waits.append((sent, time.monotonic() - sent))
            self._counts["request"] += 1
            expected = key.expected(sent, time.monotonic())
            if expected == 401 and status == 200:
                self.late.append((sent - key.disabled_at, key.handle))
            elif expected and status != expected:
                self._fail("request", self._reason(status, content))

    async def _read_page(self):
        """The list of tokens, with a session, as a browser gets it at first: with the name of the person."""
        connection, i = self._connection(0), 0
        while not self._stopped.is_set():
            await asyncio.sleep(0.25)
            try:
                connection, i = self._connection(i), i + 1
                status, _, content = await connection.send("GET", "/tokens", headers={"Cookie": self._portal.cookies, "Accept": "text/html"})
                connection.close()
            except NoAnswer as failure:
                self._fail("page", str(failure))
                continue
            self._counts["page"] += 1
            if status != 200 or b"Trial" not in content:
                self._fail("page", self._reason(status, content))

    async def _change(self, i):
        """Creates and disables tokens. Half of them stay active."""
        connection, own = self._connection(i), []
        while not self._stopped.is_set():
            body = self._portal.new_token()
            self.begun += 1
            answer = await self._repeat(connection, "create", "/public/v1/auth/tokens", body)
            if answer:
                key = Key(body["name"], json.loads(answer))
                self.keys.append(key)
                own.append(key)
            if len(own) > 6:
                key = own.pop(random.randrange(len(own)))
                if random.random() < 0.5:
                    key.disabling_at = time.monotonic()
                    if await self._repeat(connection, "disable", f"/public/v1/auth/tokens/{key.handle}/deactivate") is not None:
                        key.disabled_at = time.monotonic()
            await asyncio.sleep(0.05)

    async def _repeat(self, connection, kind, path, body=None):
        """Repeats a change until it is confirmed, as clients should. Creating has an Idempotency-Key, so that it happens once."""
        began, headers = time.monotonic(), {"Idempotency-Key": str(uuid.uuid4())}
        while time.monotonic() - began < self.longest_change:
            try:
                status, _, content = await connection.send("POST", path, self._portal.manager, body, headers)
                if status < 300:
                    self._counts[kind] += 1
                    self._durations.append((began, time.monotonic() - began))
                    return content
                self._fail(kind, self._reason(status, content))
            except NoAnswer as failure:
                self._fail(kind, str(failure))
            await asyncio.sleep(0.2)
        self._given_up.append((kind, path))
        return None

    @staticmethod
    def _reason(status, content):
        try:
            answer = json.loads(content)
            return f"{status} {answer['error_code']}: {answer['errors'][0]}"
        except (ValueError, KeyError, TypeError):
            return str(status)

    def report(self):
        print(f"{self._counts['request']:,} requests, {self._counts['create']:,} tokens created, {self._counts['disable']:,} disabled, "
              f"{self._counts['page']:,} pages. Late accepts: {len(self.late)}. Changes that were given up: {len(self._given_up)}.")
        for since, handle in self.late[:10]:
            print(f"Late by {since:.3f} s: {handle}")
        for what, times in (("Requests", self._waits), ("Changes", self._durations)):
            during = sorted(seconds for began, seconds in times if began + seconds > self.began)
            print(f"{what} since the failure began: p50 {during[len(during) // 2] * 1000:.0f} ms, p99 {during[int(len(during) * 0.99)] * 1000:.0f} ms, "
                  f"longest {during[-1]:.1f} s.")
        print("| What failed | How often | From, s | Until, s | Reason |\n|---|--:|--:|--:|---|")
        for (kind, reason), times in sorted(self._failures.items(), key=lambda item: item[1][0]):
            print(f"| {kind} | {len(times)} | {times[0] - self.began:.1f} | {times[-1] - self.began:.1f} | {reason} |")
