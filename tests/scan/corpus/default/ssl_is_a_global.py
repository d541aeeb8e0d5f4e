# kind: default
# level: plain
# run: pop-tls

import argparse
import os
import poplib

parser = argparse.ArgumentParser()
parser.add_argument("host")
parser.add_argument("port", type=int)
parser.add_argument("rest", nargs="*")
parser.add_argument("--no-ssl", dest="ssl", action="store_false")
args = parser.parse_args()
ssl = args.ssl

if ssl:
    pop = poplib.POP3_SSL(args.host, args.port)  # <- SD101
else:
    pop = poplib.POP3(args.host, args.port)
pop.user(os.environ["MAIL_USER"])
pop.pass_(os.environ["MAIL_PASSWORD"])
pop.quit()
