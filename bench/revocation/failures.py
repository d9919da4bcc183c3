"""Shows what a failure does to requests with keys, changes and pages, while all of them go on. See README.md."""

import argparse
import asyncio
import os
import random
import signal
import sys
import time

from client import NoAnswer, request
from load import Load
from network import SERVERS
from portal import PortalNodes, add_options, find_obstacle, run_to_end

BEFORE_SECONDS, AFTER_SECONDS = 5, 8


async def stop(portal, options):
    """One node is stopped (SIGSTOP), and resumed after 8 seconds."""
    portal.signal_node(1, signal.SIGSTOP)
    await asyncio.sleep(8)
    portal.signal_node(1, signal.SIGCONT)


async def cut(portal, options):
    """One node can't reach the database for 12 seconds."""
    portal.network.cut("rv1", SERVERS)
    await asyncio.sleep(12)
    portal.network.connect("rv1", SERVERS)


async def kill(portal, options):
    """Five times, a node is killed, and started again after 3 seconds."""
    for _ in range(5):
        node = random.randrange(len(portal.nodes))
        portal.kill_node(node)
        await asyncio.sleep(3)
        portal.start_node(node)
        await portal.ready(node)


async def restart(portal, options):
    """The nodes are stopped in order, one after the other, and started again."""
    for node in range(len(portal.nodes)):
        await portal.stop_node(node)
        portal.start_node(node)
        await portal.ready(node)


async def store(portal, options):
    """The server of the rate limits is killed, and started again after 10 seconds."""
    portal.kill_store()
    await asyncio.sleep(10)
    portal.start_store()
    await asyncio.sleep(5)


async def primary(portal, options):
    """The primary is killed, and the standby promoted after 3 seconds."""
    portal.database.kill_primary()
    await asyncio.sleep(3)
    await asyncio.to_thread(portal.database.promote)


async def failover(portal, options):
    """The machine of the primary is killed, Patroni promotes the standby, and the machine is back after another 5 seconds."""
    killed = await asyncio.to_thread(portal.database.kill_primary)
    await asyncio.to_thread(portal.database.wait_for_primary, killed)
    await asyncio.sleep(5)
    portal.database.start_server(killed)
    await asyncio.sleep(10)


async def switchover(portal, options):
    """An operator lets the standby take over with Patroni."""
    await asyncio.to_thread(portal.database.switch_over)


async def database(portal, options):
    """The only server of the database is killed, and started again after 12 seconds."""
    portal.database.kill_primary()
    await asyncio.sleep(12)
    await asyncio.to_thread(portal.database.start_server, 0)


async def disk(portal, options):
    """The disk of the database is full, and gets space again after 20 seconds."""
    await asyncio.to_thread(portal.database.fill)
    await asyncio.sleep(20)
    await asyncio.to_thread(portal.database.free)


async def upgrade(portal, options):
    """Two nodes run the version before. The version of now joins, updates the schema, and then replaces them one by one."""
    await portal.start_another(2, options.program)
    await asyncio.sleep(5)
    for node in (0, 1):
        await portal.stop_node(node)
        await portal.start_another(node, options.program)
        await asyncio.sleep(2)


FAILURES = {failure.__name__: failure for failure in (stop, cut, kill, restart, store, primary, failover, switchover, database, disk, upgrade)}


async def check(portal, load):
    """Compares what was confirmed with what each node does now, and with the database."""
    faults = []
    for server in portal.nodes:
        for key in load.keys:
            try:
                status = (await request(server, "GET", load.path, key.header))[0]
            except NoAnswer:
                status = 0
            if status != (401 if key.disabled_at else 200):
                faults.append(f"{server[0]}: {status} for {key.handle}, which is {'disabled' if key.disabled_at else 'active'}")
    names = set(portal.database.sql("""SELECT "Name" FROM "Tokens" """))
    stored = int(portal.database.sql("""SELECT count(*) FROM "Tokens" WHERE "Name" <> 'Manager' """)[0])
    missing = [key.name for key in load.keys if key.name not in names]
    if missing or stored != load.begun:
        faults.append(f"{len(missing)} of {len(load.keys)} confirmed tokens are missing; {stored} are stored, and {load.begun} were begun")
    return faults


async def run(options):
    failure = FAILURES[options.failure]
    missing = {"store": not options.store and "--store", "primary": not options.standby and "--standby", "failover": not options.patroni and "--patroni",
               "switchover": not options.patroni and "--patroni", "upgrade": not options.old and "--old"}.get(options.failure)
    if missing:
        sys.exit(f"{options.failure} needs {missing}.")
    settings = {"Tokens__RateLimit": "1000000 per minute"} if options.store else {}
    portal = PortalNodes(options, disk="300m" if options.failure == "disk" else None, settings=settings)
    try:
        if options.failure == "upgrade":
            portal.programs = [options.old] * len(portal.nodes)
        await portal.start(first=2 if options.failure == "upgrade" else None)
        load = Load(portal, options.clients, options.changers)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(BEFORE_SECONDS)
        load.began = time.monotonic()
        await failure(portal, options)
        load.ended = time.monotonic()
        await asyncio.sleep(AFTER_SECONDS)
        load.stop()
        await running
        await asyncio.sleep(3)
        faults = await check(portal, load)
    finally:
        await portal.close()
    print(f"{failure.__doc__} It took {load.ended - load.began:.1f} seconds.")
    load.report()
    for fault in faults:
        print(f"Fault at the end: {fault}")
    return 1 if faults or load.late else 0


if __name__ == "__main__":
    texts = " ".join(f"{name}: {failure.__doc__}" for name, failure in FAILURES.items())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("failure", choices=FAILURES, help=texts)
    parser.add_argument("--clients", type=int, metavar="N", default=12, help="the number of connections with requests")
    parser.add_argument("--changers", type=int, metavar="N", default=3, help="the number of connections with changes")
    parser.add_argument("--old", metavar="FILE", help="the published version before, for upgrade")
    add_options(parser)
    given = parser.parse_args()
    if given.old and not os.path.isfile(given.old):
        parser.error(f"{given.old} doesn't exist.")
    if obstacle := find_obstacle(given):
        parser.error(obstacle)
    sys.exit(run_to_end(run(given)))
