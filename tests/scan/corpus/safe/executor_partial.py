# kind: safe
# level: flow
# run: imap-tls

import asyncio
import functools
import imaplib
import ssl
import sys


async def main():
    loop = asyncio.get_running_loop()
    opener = functools.partial(imaplib.IMAP4_SSL, sys.argv[1], int(sys.argv[2]), ssl_context=ssl.create_default_context())
    box = await loop.run_in_executor(None, opener)
    box.login(sys.argv[3], sys.argv[4])
    box.logout()


asyncio.run(main())
