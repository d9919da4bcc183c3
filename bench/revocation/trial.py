"""Disables keys while nodes of a gateway fail, and counts the requests that are accepted afterwards. See README.md."""

import argparse
import asyncio
import random
import statistics
import sys
import time

from client import Connection, NoAnswer, request
from gateways import ADAPTERS
from portal import add_options

WARM_SECONDS, CLIENTS_OF_KEY = 0.3, 3


class Client:
    """Sends requests with one key, one after the other, on a connection that stays open."""

    def __init__(self, entrance, path, key):
        # A stopped node answers when it is resumed: this is what the trial is about.
        self._connection, self._path, self._key = Connection(entrance, timeout=30), path, key
        self.answers = []  # (time when it was sent, status)

    async def run(self, ended):
        while not ended.is_set():
            sent = time.monotonic()
            try:
                self.answers.append((sent, (await self._connection.send("GET", self._path, self._key))[0]))
                await asyncio.sleep(0.005)
            except NoAnswer:
                await asyncio.sleep(0.05)
        self._connection.close()


async def accepted_everywhere(gateway, key):
    for node in gateway.nodes:
        while (await request(node, "GET", gateway.path, key))[0] != 200:
            await asyncio.sleep(0.05)


async def episode(gateway, fault, parallel, after):
    """Runs several trials with the same fault at the same time."""
    keys = await asyncio.gather(*(gateway.create() for _ in range(parallel)))
    node = random.randrange(1, len(gateway.nodes))
    # A key that was created on one node works on every other at once. The trial needs one that is accepted, or it would prove nothing.
    refused_new = [status for _, header in keys for status in await asyncio.gather(*(first_status(gateway, other, header) for other in gateway.nodes)) if status != 200]
    await asyncio.gather(*(accepted_everywhere(gateway, header) for _, header in keys))
    ended = asyncio.Event()
    entrances = gateway.entrances if len(gateway.entrances) > 1 else gateway.entrances * CLIENTS_OF_KEY
    clients = [[Client(entrance, gateway.path, header) for entrance in entrances] for _, header in keys]
    running = [asyncio.create_task(client.run(ended)) for group in clients for client in group]
    await asyncio.sleep(WARM_SECONDS)
    await gateway.begin(fault, node)
    calls = [asyncio.create_task(disable(gateway, key)) for key, _ in keys]
    await asyncio.sleep(random.uniform(0, 8) if fault in ("stop", "cut", "kill") else 0.5)
    await gateway.end(fault, node)
    times = await asyncio.gather(*calls)
    await asyncio.sleep(after)
    ended.set()
    await asyncio.gather(*running)
    answers = [(status, sent > returned) for group, (_, returned) in zip(clients, times) for client in group for sent, status in client.answers]
    late = sum(1 for status, is_after in answers if is_after and status == 200)
    return late, sum(is_after for _, is_after in answers), [returned - began for began, returned in times], len(refused_new)


async def first_status(gateway, node, header):
    try:
        return (await request(node, "GET", gateway.path, header))[0]
    except NoAnswer:
        return 0


async def disable(gateway, key):
    await asyncio.sleep(random.uniform(0, 0.4))
    began = time.monotonic()
    await gateway.disable(key)
    return began, time.monotonic()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gateway", choices=ADAPTERS)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument("--faults", nargs="*", help="only these")
    parser.add_argument("--after", type=float, default=3, help="seconds for which the requests go on after the call")
    add_options(parser)
    options = parser.parse_args()
    gateway = ADAPTERS[options.gateway](options)
    faults = [fault for fault in gateway.faults if not options.faults or fault in options.faults]
    total = 0
    try:
        await gateway.start()
        print("| Fault | Trials | Requests after the call | Late accepts | New keys refused | Call p50, ms | p99, ms | Maximum, ms |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|", flush=True)
        for fault in faults:
            late, checked, times, refused = 0, 0, [], 0
            while len(times) < options.trials // len(faults):
                found = await episode(gateway, fault, options.parallel, options.after)
                late, checked, times, refused = late + found[0], checked + found[1], times + found[2], refused + found[3]
            total += late
            of = sorted(seconds * 1000 for seconds in times)
            print(f"| {fault} | {len(of)} | {checked:,} | {late} | {refused} | {statistics.median(of):.0f} | {of[int(len(of) * 0.99) - 1]:.0f} | {of[-1]:.0f} |", flush=True)
    finally:
        await gateway.close()
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
