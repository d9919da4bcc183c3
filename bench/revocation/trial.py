"""Disables keys while nodes of a gateway fail, and counts the requests that are accepted afterwards. See README.md."""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time

from client import Connection, NoAnswer, request
from gateways import ADAPTERS, load_adapter
from portal import add_options, run_to_end

WARM_SECONDS, CLIENTS_OF_KEY, LONGEST_WAIT = 0.3, 3, 60
LATE, FAILED = 1, 3  # Exit codes. argparse exits with 2.


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
    until = time.monotonic() + LONGEST_WAIT
    for node in gateway.nodes:
        while (status := await first_status(gateway, node, key)) != 200:
            if time.monotonic() > until:
                raise RuntimeError(f"{node[0]}:{node[1]} doesn't accept a new key within {LONGEST_WAIT} seconds: {status} for GET {gateway.path}")
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


def read_options():
    """Returns the adapter and the options. Ends the script if they are wrong, before anything is started."""
    lists = "\n".join(f"faults of {name}:\n" + "\n".join(f"  {fault:5} {text}" for fault, text in adapter.faults.items()) for name, adapter in ADAPTERS.items())
    codes = f"exit codes: 0 no late accept, {LATE} late accepts, 2 wrong options, {FAILED} the trial failed or measured nothing"
    parser = argparse.ArgumentParser(description=__doc__, epilog=f"{lists}\n\n{codes}")
    parser.add_argument("gateway", choices=ADAPTERS, nargs="?", help="the gateway to try, unless --gateway-file is given")
    parser.add_argument("--gateway-file", metavar="FILE", help="a Python file with an adapter for another gateway, see README.md")
    parser.add_argument("--trials", type=int, metavar="N", default=1000, help="the number of trials of all faults together, at least one for each")
    parser.add_argument("--parallel", type=int, metavar="N", default=20, help="the most trials with the same fault side by side")
    parser.add_argument("--faults", nargs="+", metavar="FAULT", help="only these; None: all faults of the gateway")
    parser.add_argument("--after", type=float, metavar="SECONDS", default=3, help="how long the requests go on after the call")
    add_options(parser)
    parser.formatter_class = Formatter
    options = parser.parse_args()
    if (options.gateway is None) == (options.gateway_file is None):
        parser.error(f"name one of the gateways {', '.join(ADAPTERS)}, or a file with --gateway-file")
    if options.gateway_file and not os.path.isfile(options.gateway_file):
        parser.error(f"{options.gateway_file} doesn't exist")
    try:
        adapter = load_adapter(options.gateway_file) if options.gateway_file else ADAPTERS[options.gateway]
    except ValueError as fault:
        parser.error(str(fault))
    possible = adapter.faults_with(options)
    if unknown := [fault for fault in options.faults or [] if fault not in possible]:
        parser.error(f"unknown with these options: {', '.join(unknown)}. Known faults: {', '.join(possible)}")
    if options.parallel < 1 or options.after <= 0 or options.nodes < 2:
        parser.error("--parallel must be at least 1, --nodes at least 2, and --after more than 0")
    if obstacle := adapter.find_obstacle(options):
        parser.error(obstacle)
    faults = [fault for fault in possible if not options.faults or fault in options.faults]
    if options.trials < len(faults):
        parser.error(f"--trials must be at least {len(faults)}, one for each fault: {', '.join(faults)}")
    return options, adapter, faults


class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Shows the defaults, and keeps the lines of the list of faults."""


async def main(options, adapter, faults):
    total, unmeasured, gateway = 0, [], adapter(options)
    try:
        await gateway.start()
        print("| Fault | Trials | Requests after the call | Late accepts | New keys refused | Call p50, ms | p99, ms | Maximum, ms |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|", flush=True)
        for fault in faults:
            late, checked, times, refused = 0, 0, [], 0
            while (missing := options.trials // len(faults) - len(times)) > 0:
                found = await episode(gateway, fault, min(options.parallel, missing), options.after)
                late, checked, times, refused = late + found[0], checked + found[1], times + found[2], refused + found[3]
            total += late
            if checked == 0:
                unmeasured.append(fault)
            of = sorted(seconds * 1000 for seconds in times)
            print(f"| {fault} | {len(of)} | {checked:,} | {late} | {refused} | {statistics.median(of):.0f} | {of[int(len(of) * 0.99) - 1]:.0f} | {of[-1]:.0f} |", flush=True)
    except (NoAnswer, OSError, RuntimeError, subprocess.CalledProcessError) as failure:
        print(f"The trial failed: {failure}", file=sys.stderr)
        return FAILED
    finally:
        await gateway.close()
    if unmeasured:
        print(f"No request was answered after the call, so nothing was measured: {', '.join(unmeasured)}", file=sys.stderr)
        return FAILED
    return LATE if total else 0


if __name__ == "__main__":
    sys.exit(run_to_end(main(*read_options())))
