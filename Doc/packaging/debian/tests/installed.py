"""What the installed packages do to a program that knows nothing of them, as an impostor on the loopback sees it.

    python3 installed.py inert       python3-securedefaults alone: nothing, whatever is configured
    python3 installed.py autoload    with -autoload: what is configured, and nothing else
    python3 installed.py autoload --machine    the same, and by the machine's file, which root writes and removes
    python3 installed.py no-scan     without -scan: the command says what is missing
    python3 installed.py scan        with -scan: both commands find a call that verifies nobody

Needs nothing but the packages. Exit status 77: this Python verifies by itself, so that nothing can be seen.
"""

import os
import ssl
import subprocess
import sys
import tempfile

from securedefaults.cli._impostor import ACCEPTED, REFUSED, Impostor

MACHINE_FILE = "/etc/python/securedefaults.cfg"
ENFORCE = "[securedefaults]\nmode = enforce\n"
CONNECT = "import smtplib, sys; smtplib.SMTP_SSL('127.0.0.1', int(sys.argv[1]), 'localhost', timeout=10)"
ASKS = "import securedefaults; securedefaults.apply(); " + CONNECT

failures = []


def expect(what, verdict, *flags, source=CONNECT, **environ):
    """Let a new process connect to the impostor, and compare what that made of it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SECUREDEFAULTS_")}
    with Impostor("SMTP", implicit=True) as impostor:
        command = [sys.executable, *flags, "-c", source, str(impostor.port)]
        done = subprocess.run(command, env={**clean, **environ}, stderr=subprocess.PIPE, text=True, timeout=60)
    right = impostor.verdict == verdict
    print("%-60s %-9s %s" % (what, impostor.verdict, "ok" if right else "WRONG, expected: %s" % verdict))
    if not right:
        failures.append(what)
        print(done.stderr)


def inert():
    expect("installed", ACCEPTED)
    expect("a mode in the environment", ACCEPTED, SECUREDEFAULTS_MODE="enforce")
    expect("the program calls apply()", REFUSED, source=ASKS)


def autoload():
    expect("nothing configured", ACCEPTED)
    expect("mode off", ACCEPTED, SECUREDEFAULTS_MODE="off")
    expect("mode warn", ACCEPTED, SECUREDEFAULTS_MODE="warn")
    expect("mode enforce", REFUSED, SECUREDEFAULTS_MODE="enforce")
    expect("mode enforce, python -I", ACCEPTED, "-I", SECUREDEFAULTS_MODE="enforce")
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(ENFORCE)
        file.flush()
        expect("a file", REFUSED, SECUREDEFAULTS_CONFIG=file.name)


def scan(missing=False):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program.py")
        with open(program, "w") as file:
            file.write("import smtplib\nsmtplib.SMTP_SSL('mail.example.org')\n")
        for command in (["securedefaults", "scan"], ["securedefaults-scan"]):
            if missing and command == ["securedefaults-scan"]:
                continue
            done = subprocess.run([*command, program], capture_output=True, text=True, timeout=60)
            status, said = (2, "securedefaults-scan") if missing else (1, "SD101")
            right = done.returncode == status and said in (done.stderr if missing else done.stdout)
            print("%-60s %-9d %s" % (" ".join(command), done.returncode, "ok" if right else "WRONG"))
            if not right:
                failures.append(command)
                print(done.stdout + done.stderr)


def machine():
    autoload()
    if os.path.lexists(MACHINE_FILE):
        sys.exit("%s is there already: run this on a machine that nobody uses" % MACHINE_FILE)
    made = not os.path.isdir(os.path.dirname(MACHINE_FILE))
    os.makedirs(os.path.dirname(MACHINE_FILE), exist_ok=True)
    try:
        with open(MACHINE_FILE, "w") as file:
            file.write(ENFORCE)
        expect("the machine's file", REFUSED)
        expect("the machine's file, python -I", REFUSED, "-I")
        expect("the machine's file, but mode off in the environment", ACCEPTED, SECUREDEFAULTS_MODE="off")
    finally:
        os.remove(MACHINE_FILE)
        if made:
            os.rmdir(os.path.dirname(MACHINE_FILE))


if __name__ == "__main__":
    commands = {
        "inert": inert,
        "autoload": autoload,
        "autoload --machine": machine,
        "no-scan": lambda: scan(missing=True),
        "scan": scan,
    }
    command = " ".join(sys.argv[1:])
    if command not in commands:
        sys.exit(__doc__)
    if not command.endswith("scan") and hasattr(ssl, "_create_default_client_context"):
        print("this Python has the patches: there is nothing to tell apart")
        sys.exit(77)
    commands[command]()
    sys.exit(1 if failures else 0)
