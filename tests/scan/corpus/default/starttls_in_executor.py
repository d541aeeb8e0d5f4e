# kind: default
# level: flow
# run: smtp-starttls

import asyncio
import smtplib
import sys


async def main(host, port, user, password):
    loop = asyncio.get_running_loop()
    smtp = smtplib.SMTP(host, port)
    await loop.run_in_executor(None, smtp.starttls)  # <- SD101
    smtp.login(user, password)
    smtp.quit()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
