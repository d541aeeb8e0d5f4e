# kind: default
# level: flow
# run: smtp-tls

import asyncio
import smtplib
import sys


async def main(host, port, user, password):
    loop = asyncio.get_running_loop()
    smtp = await loop.run_in_executor(None, smtplib.SMTP_SSL, host, port)  # <- SD101
    await loop.run_in_executor(None, smtp.login, user, password)
    smtp.quit()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
