"""A careless client in one file, for Pythons and packagers in which the test suite itself does not run.

    program.py MODE ENTRY_POINT=PORT ...

Logs in to this machine at each of these ports, and prints a line of JSON: what became of each, and what was warned.
"""

import ftplib
import gc
import imaplib
import json
import poplib
import smtplib
import sys
import warnings

import securedefaults

USER, SECRET, TIMEOUT = "gwendolyn", "swordfish-7f3a", 10


def starttls(port):
    with smtplib.SMTP("localhost", port, timeout=TIMEOUT) as smtp:
        smtp.starttls()
        smtp.login(USER, SECRET)


def smtps(port):
    with smtplib.SMTP_SSL("localhost", port, timeout=TIMEOUT) as smtp:
        smtp.login(USER, SECRET)


def imaps(port):
    imap = imaplib.IMAP4_SSL("localhost", port)
    imap.login(USER, SECRET)
    imap.logout()


def pop3s(port):
    pop3 = poplib.POP3_SSL("localhost", port, timeout=TIMEOUT)
    pop3.user(USER)
    pop3.pass_(SECRET)
    pop3.quit()


def ftps(port):
    with ftplib.FTP_TLS(timeout=TIMEOUT) as ftp:
        ftp.connect("localhost", port)
        ftp.login(USER, SECRET)


CLIENTS = {
    "smtplib.SMTP.starttls": starttls,
    "smtplib.SMTP_SSL": smtps,
    "imaplib.IMAP4_SSL": imaps,
    "poplib.POP3_SSL": pop3s,
    "ftplib.FTP_TLS.auth": ftps,
}


def main(mode, *targets):
    securedefaults.apply(mode)
    outcomes = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for target in targets:
            name, _, port = target.partition("=")
            try:
                CLIENTS[name](int(port))
            except Exception as exc:
                outcomes[name] = type(exc).__name__
            else:
                outcomes[name] = "connected"
        gc.collect()
    ours = [each for each in caught if "got no SSL context" in str(each.message)]
    warned = [type(each.message).__name__ for each in ours]
    others = [str(each.message) for each in caught if each not in ours]
    status = {entry.name: entry.state for entry in securedefaults.status().entry_points if entry.name in outcomes}
    print(json.dumps({"outcomes": outcomes, "warned": warned, "others": others, "status": status}), flush=True)


def run():
    main(*sys.argv[1:])


if __name__ == "__main__":
    run()
