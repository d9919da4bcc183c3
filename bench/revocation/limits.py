"""Counts how many requests several nodes admit of a rate limit. See README.md."""

import argparse
import asyncio
import sys
import time

from client import Connection, NoAnswer
from portal import PortalNodes, add_options, find_obstacle, run_to_end

LIMIT, WINDOW = 100, 60.0
PATH = "/public/v1/contracts"

# For each way to send: which part of the requests each node gets, and how many requests a second all nodes get together.
SPREADS = {
    "evenly": (lambda count: [1 / count] * count, 10),
    "mostly to one node": (lambda count: [0.8] + [0.2 / (count - 1)] * (count - 1), 10),
    "as fast as possible": (lambda count: [1 / count] * count, 400),
}


async def send(node, header, per_second, until, counts):
    """Sends at a constant pace. If the node is slower than that, the requests that are late follow at once."""
    connection, due = Connection(node), time.monotonic()
    while (now := time.monotonic()) < until:
        if now < due:
            await asyncio.sleep(due - now)
        due += 1 / per_second
        try:
            status = (await connection.send("GET", PATH, header))[0]
        except NoAnswer:
            status = 0
        counts.append((time.monotonic(), status))
    connection.close()


async def measure(portal, spread, per_second, seconds):
    """A new token begins with a full bucket."""
    _, header = await portal.create()
    began, counts = time.monotonic(), []
    parts = spread(len(portal.nodes))
    await asyncio.gather(*(send(node, header, part * per_second, began + seconds, counts) for node, part in zip(portal.nodes, parts)))
    return began, counts


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, metavar="SECONDS", default=60, help="how long the requests are sent")
    parser.add_argument("--kill-store", action="store_true", help="kill the store after a third of the time, and start it again after two thirds")
    add_options(parser)
    options = parser.parse_args()
    if options.kill_store and not options.store:
        parser.error("--kill-store needs --store")
    if obstacle := find_obstacle(options):
        parser.error(obstacle)
    return options


async def main(options):
    portal = PortalNodes(options, settings={"Tokens__RateLimit": f"{LIMIT} per minute"})
    try:
        await portal.start()
        await asyncio.sleep(3)  # Each node knows how many there are.
        measuring = [asyncio.create_task(measure(portal, spread, pace, options.seconds)) for spread, pace in SPREADS.values()]
        if options.kill_store:
            await asyncio.sleep(options.seconds / 3)
            portal.kill_store()
            await asyncio.sleep(options.seconds / 3)
            portal.start_store()
        results = await asyncio.gather(*measuring)
    finally:
        await portal.close()
    allowed = LIMIT * (1 + options.seconds / WINDOW)
    print(f"{options.nodes} nodes, {'with' if options.store else 'without'} a store{', which is away in the second third' if options.kill_store else ''}. "
          f"A full bucket and {options.seconds:.0f} seconds allow {allowed:.0f} requests.")
    print("| Sent | Requests | Admitted | Of what is allowed | In each third | Failed |\n|---|--:|--:|--:|---|--:|")
    for name, (began, counts) in zip(SPREADS, results):
        admitted = [at - began for at, status in counts if status == 200]
        thirds = [sum(1 for at in admitted if i <= at / options.seconds * 3 < i + 1) for i in range(3)]
        failed = sum(1 for _, status in counts if status not in (200, 429))
        print(f"| {name} | {len(counts):,} | {len(admitted)} | {len(admitted) / allowed:.1%} | {', '.join(map(str, thirds))} | {failed} |")


if __name__ == "__main__":
    sys.exit(run_to_end(main(read_options())))
