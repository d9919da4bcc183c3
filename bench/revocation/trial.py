"""Disables keys while nodes of a gateway fail, and counts the requests that are accepted afterwards. See README.md."""

import argparse
import asyncio
import random
import statistics
import sys
import time

from gateways import ADAPTERS, request

WARM_SECONDS, AFTER_SECONDS = 0.3, 3.0


class Client:
    """Sends requests with one key to one node, one after the other, on a connection that stays open."""

    def __init__(self, node, path, key):
        self._node, self._head = node, f"GET {path} HTTP/1.1\r\nHost: {node[0]}\r\nAuthorization: {key}\r\n\r\n".encode()
        self.answers = []  # (time when it was sent, time of the answer, status)

    async def run(self, ended):
        while not ended.is_set():
            writer = None
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection(*self._node), 2)
                while not ended.is_set():
                    sent = time.monotonic()
                    writer.write(self._head)
                    # A stopped node answers when it is resumed: this is what the trial is about.
                    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
                    self.answers.append((sent, time.monotonic(), int(head[9:12])))
                    await self._skip(reader, head.lower())
                    await asyncio.sleep(0.005)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)
            finally:
                if writer:
                    writer.close()

    @staticmethod
    async def _skip(reader, head):
        if b"content-length: " in head:
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        elif b"chunked" in head:
            while (await reader.readuntil(b"\r\n")) != b"0\r\n":
                pass
            await reader.readuntil(b"\r\n")


async def accepted_everywhere(gateway, key):
    for node in gateway.nodes:
        while (await request(node, "GET", gateway.path, key))[0] != 200:
            await asyncio.sleep(0.05)


async def episode(gateway, fault, parallel):
    """Runs several trials with the same fault at the same time."""
    keys = await asyncio.gather(*(gateway.create() for _ in range(parallel)))
    node = random.randrange(1, len(gateway.nodes))
    # A key that was created on one node works on every other at once. The trial needs one that is accepted, or it would prove nothing.
    refused_new = [status for _, header in keys for status in await asyncio.gather(*(first_status(gateway, other, header) for other in gateway.nodes)) if status != 200]
    await asyncio.gather(*(accepted_everywhere(gateway, header) for _, header in keys))
    ended = asyncio.Event()
    clients = [[Client(other, gateway.path, header) for other in gateway.nodes] for _, header in keys]
    running = [asyncio.create_task(client.run(ended)) for group in clients for client in group]
    await asyncio.sleep(WARM_SECONDS)
    await gateway.begin(fault, node)
    calls = [asyncio.create_task(disable(gateway, key)) for key, _ in keys]
    await asyncio.sleep(random.uniform(0, 8) if fault in ("stop", "cut", "kill") else 0.5)
    await gateway.end(fault, node)
    times = await asyncio.gather(*calls)
    await asyncio.sleep(AFTER_SECONDS)
    ended.set()
    await asyncio.gather(*running)
    late = sum(1 for group, (_, returned) in zip(clients, times) for client in group for sent, _, status in client.answers if sent > returned and status == 200)
    checked = sum(1 for group, (_, returned) in zip(clients, times) for client in group for sent, _, _ in client.answers if sent > returned)
    return late, checked, [returned - began for began, returned in times], len(refused_new)


async def first_status(gateway, node, header):
    try:
        return (await request(node, "GET", gateway.path, header))[0]
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        return 0


async def disable(gateway, key):
    await asyncio.sleep(random.uniform(0, 0.4))
    began = time.monotonic()
    await gateway.disable(key)
    return began, time.monotonic()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gateway", choices=ADAPTERS)
    parser.add_argument("--program", default="out/Portal.dll", help="the published Portal")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument("--faults", nargs="*", help="only these")
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
                found = await episode(gateway, fault, options.parallel)
                late, checked, times, refused = late + found[0], checked + found[1], times + found[2], refused + found[3]
            total += late
            of = sorted(seconds * 1000 for seconds in times)
            print(f"| {fault} | {len(of)} | {checked:,} | {late} | {refused} | {statistics.median(of):.0f} | {of[int(len(of) * 0.99) - 1]:.0f} | {of[-1]:.0f} |", flush=True)
    finally:
        await gateway.close()
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
