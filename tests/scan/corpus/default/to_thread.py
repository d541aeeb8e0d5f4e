# kind: default
# level: flow
# run: pop-tls
# python: 3.9

import asyncio
import poplib
import sys


async def check() -> None:
    box = await asyncio.to_thread(poplib.POP3_SSL, sys.argv[1], int(sys.argv[2]))  # <- SD101
    box.user(sys.argv[3])
    box.pass_(sys.argv[4])
    box.quit()


asyncio.run(check())
