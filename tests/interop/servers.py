"""Real servers, started without an init on free ports of loopback addresses, one address for each certificate.

    python tests/interop/servers.py FOLDER

starts all of them, says "ready", and stops them when its standard input ends: whatever becomes of the program that
started it, no server outlives that. FOLDER holds everything that they read and write, and is removed then.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from interop.install import UNPACKED  # noqa: E402
from wire.servers import SECRET, USER  # noqa: E402

CONF = HERE / "conf"

#: how OpenSSL tells a server that its client does not like its certificate
ALERT = r"alert (unknown ca|certificate expired|bad certificate)"

PATIENCE = 30.0  # seconds that a server gets to start, to write its log, or to stop


class Site:
    """An address with a certificate of its own, and the name that leads there."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.slug = name.lower().replace(" ", "-")
        self.host = self.slug + ".example.test"

    def pem(self, folder: Path) -> Path:
        """Where its private key and certificate are."""
        return folder / "tls" / (self.slug + ".pem")


TRUSTED = Site("good", "127.0.0.2")
IMPOSTORS = [Site("unknown CA", "127.0.0.3"), Site("expired", "127.0.0.4"), Site("wrong host", "127.0.0.5")]
SITES = [TRUSTED, *IMPOSTORS]
ADDRESSES = [site.address for site in SITES]


class Server:
    """One product on all sites. Subclasses say how it is started, and how to read its log.

    Args:
        folder: of the whole run.
        ports: of its services, by name; free ones if not given.
        processes: their ids, if it runs already.
    """

    name = ""
    services: Tuple[str, ...] = ()
    user = USER
    #: what it writes, once, when a connection has come to its end; None if there is a process for each connection
    over: Optional[str] = None
    #: what it writes when a client has turned its certificate down; None if it does not
    refusal: Optional[str] = ALERT

    def __init__(
        self, folder: Path, ports: Optional[Dict[str, int]] = None, processes: Optional[List[int]] = None
    ) -> None:
        self.all = folder
        self.folder = folder / self.name
        self.ports = ports or {service: free_port() for service in self.services}
        self.started: List[subprocess.Popen[bytes]] = []
        self._processes = processes

    @property
    def processes(self) -> List[int]:
        """The ids of those that take the connections."""
        return [process.pid for process in self.started] if self._processes is None else self._processes

    def of(self, site: Site) -> Path:
        """The folder of the processes for that site, where they are its own."""
        return self.folder / site.slug

    def logs(self, site: Site) -> List[Path]:
        """The files that it writes about connections to that site."""
        return [self.of(site) / "log"]

    def reports(self) -> List[Path]:
        """Where it says why it does not start."""
        return [self.folder / "output", *(path for site in SITES for path in self.logs(site))]

    def start(self) -> None:
        """Begin; `ready()` says when it is done."""
        raise NotImplementedError

    def run(self, *command: object, environment: Optional[Dict[str, str]] = None) -> None:
        """Start a process in the foreground of a session of its own."""
        with open(self.folder / "output", "ab") as output:
            self.started.append(
                subprocess.Popen(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=str(self.folder),
                    env=environment,
                    start_new_session=True,
                )
            )

    def render(self, template: str, target: Path, **values: object) -> Path:
        """Write a configuration file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        known = {"FOLDER": self.folder, "LOG": self.folder / "log", "USER": USER, "SECRET": SECRET}
        values = {**known, **self.ports, **values}
        # a name that nobody knows is a mistake here: KeyError
        text = re.sub(r"@([A-Z0-9]+)@", lambda match: str(values[match.group(1)]), (CONF / template).read_text())
        target.write_text(text)
        return target

    def render_at(self, template: str, site: Site, **values: object) -> Path:
        """Write the configuration file of the processes for that site."""
        folder = self.of(site)
        known = {"FOLDER": folder, "LOG": folder / "log", "ADDRESS": site.address, "PEM": site.pem(self.all)}
        return self.render(template, folder / "conf", **{**known, **values})

    def ready(self) -> bool:
        """Whether it listens on every site.

        Raises:
            RuntimeError: it will never do.
        """
        for process in self.started:
            if process.poll() is not None:
                words = [path.read_text(errors="replace") for path in self.reports() if path.exists()]
                said = "".join(words)[-2000:]
                raise RuntimeError("%s ended with status %s: %s" % (self.name, process.returncode, said))
        listening = listeners()
        return all((address, port) in listening for address in ADDRESSES for port in self.ports.values())

    def stop(self) -> None:
        """End what was started, gently first."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            for process in self.started:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                for process in self.started:
                    process.wait(PATIENCE / 6)

    def connections(self) -> List[int]:
        """The processes that it has started; those for connections, unless its log says when one is over."""
        return [child for process in self.processes for child in children(process)]


class Dovecot(Server):
    """IMAP, POP3 and LMTP; a process tree for each site, as LMTP has one certificate for all addresses."""

    name = "Dovecot"
    services = ("IMAP", "IMAPS", "POP3", "POP3S", "LMTP")
    over = r"Disconnect"
    # LMTP may notice that the client is gone before it looks at its alert
    refusal = ALERT + r"|Disconnect from \S+ Connection closed \(state=READY\)"

    def start(self) -> None:
        for site in SITES:
            folder = self.of(site)
            (folder / "home").mkdir(parents=True)
            shutil.chown(folder / "home", "mail", "mail")
            self.run("/usr/sbin/dovecot", "-F", "-c", self.render_at("dovecot.conf", site))


class Postfix(Server):
    """Submission and SMTPS; one process tree, with a service for each site. Asks Dovecot about passwords."""

    name = "Postfix"
    services = ("SMTP", "SMTPS")
    over = r"disconnect from"

    def logs(self, site: Site) -> List[Path]:
        return [self.folder / "log"]

    def start(self) -> None:
        conf = self.folder / "conf"
        lines = []
        for site in SITES:
            for service in self.services:
                lines += [
                    "%s:%d inet n - n - - smtpd" % (site.address, self.ports[service]),
                    "  -o smtpd_tls_chain_files=%s" % site.pem(self.all),
                    "  -o smtpd_tls_security_level=encrypt",
                    "  -o smtpd_tls_wrappermode=%s" % ("yes" if service == "SMTPS" else "no"),
                ]
        sasl = Dovecot(self.all, {}).of(TRUSTED) / "sasl"
        self.render("main.cf", conf / "main.cf", SASL=sasl)
        self.render("master.cf", conf / "master.cf", SITES="\n".join(lines))
        for name in ("data", "spool"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        self.run("/usr/sbin/postfix", "-c", conf, "start-fg")

    def stop(self) -> None:
        # its master leaves the session that it was started in
        command = ["/usr/sbin/postfix", "-c", str(self.folder / "conf"), "stop"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE)
        super().stop()


class Exim(Server):
    """Submission and SMTPS with GnuTLS; one process, which chooses the certificate by address."""

    name = "Exim"
    services = ("SMTP", "SMTPS")
    refusal = r"TLS error"

    def logs(self, site: Site) -> List[Path]:
        return [self.folder / "mainlog"]

    def start(self) -> None:
        (self.folder / "spool").mkdir(parents=True)
        for site in SITES:
            # it reads the key as the user that it becomes
            own = self.folder / (site.address + ".pem")
            shutil.copy(site.pem(self.all), own)
            shutil.chown(own, "mail", "mail")
        conf = self.render("exim.conf", self.folder / "conf", ADDRESSES=";".join(ADDRESSES))
        for path in (self.folder, self.folder / "spool"):
            shutil.chown(path, "mail", "mail")
        self.run(UNPACKED / "usr/sbin/exim4", "-bdf", "-C", conf)


class Ftp(Server):
    """A process for each site."""

    services = ("FTP",)

    def incoming(self, site: Site) -> Path:
        """Where uploads arrive, which clients call "incoming"."""
        return self.of(site) / "ftp" / "incoming"

    def start(self) -> None:
        for site in SITES:
            self.incoming(site).mkdir(parents=True)
            self.start_at(site)

    def start_at(self, site: Site) -> None:
        raise NotImplementedError


class Vsftpd(Ftp):
    name = "vsftpd"
    user = "anonymous"
    reuse = "NO"
    refusal = r"SSL_accept failed"

    def start_at(self, site: Site) -> None:
        folder = self.of(site)
        (folder / "empty").mkdir()
        shutil.chown(self.incoming(site), "daemon")
        self.run(UNPACKED / "usr/sbin/vsftpd", self.render_at("vsftpd.conf", site, REUSE=self.reuse))


class VsftpdReuse(Vsftpd):
    """As it is without configuration: the data channel must resume the session of the control channel."""

    name = "vsftpd-reuse"
    reuse = "YES"


class Proftpd(Ftp):
    name = "ProFTPD"
    options = "NoSessionReuseRequired"

    def logs(self, site: Site) -> List[Path]:
        return [self.of(site) / name for name in ("log", "commands.log", "tls.log")]

    def start_at(self, site: Site) -> None:
        folder = self.of(site)
        shutil.chown(self.incoming(site), "nobody")
        account = "%s:%s:65534:65534::%s:/bin/sh\n" % (USER, hashed(SECRET), folder / "ftp")
        for name, text in (("passwd", account), ("group", "nogroup:x:65534:%s\n" % USER)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        conf = self.render_at("proftpd.conf", site, OPTIONS=self.options, UNPACKED=UNPACKED)
        self.run(UNPACKED / "usr/sbin/proftpd", "-n", "-c", conf)


class ProftpdReuse(Proftpd):
    """As it is without configuration: the data channel must resume the session of the control channel."""

    name = "ProFTPD-reuse"
    options = "NoAutoECDH"


class Nnrpd(Server):
    """INN's server for readers; a process for each site and service. There are no articles, but a group."""

    name = "nnrpd"
    refusal = None
    services = ("NNTP", "NNTPS")

    def logs(self, site: Site) -> List[Path]:
        return [self.of(site) / "log" / "passwords"]

    def start(self) -> None:
        programs = self.folder / "programs"  # where the user `news` can reach them
        shutil.copytree(UNPACKED / "usr/lib/news", programs, symlinks=True)
        for site in SITES:
            self.start_at(site, programs)

    def start_at(self, site: Site, programs: Path) -> None:
        folder = self.of(site)
        for name in ("etc", "db", "log", "run", "tmp", "spool/articles", "spool/overview"):
            (folder / name).mkdir(parents=True)
        shutil.copy(site.pem(self.all), folder / "server.pem")
        (folder / "server.pem").chmod(0o600)
        values = {"FOLDER": folder, "PROGRAMS": programs, "PEM": folder / "server.pem"}
        conf = self.render("inn.conf", folder / "etc/inn.conf", **values)
        readers = self.render("readers.conf", folder / "etc/readers.conf")
        log = self.logs(site)[0]
        log.touch()
        check = self.render("authenticator.sh", programs / "bin/auth/passwd" / ("logged-" + site.slug), LOG=log)
        check.chmod(0o755)
        readers.write_text(readers.read_text().replace('"logged"', '"%s"' % check.name))
        (folder / "etc/storage.conf").write_text("method tradspool { newsgroups: * class: 0 }\n")
        (folder / "db/active").write_text("test.group 0000000000 0000000001 y\n")
        (folder / "db/newsgroups").write_text("test.group\ttesting\n")
        (folder / "db/active.times").write_text("")
        for name in ("history", "history.dir", "history.pag", "history.hash", "history.index"):
            (folder / "db" / name).touch()
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, "news", "news")
        environment = dict(os.environ, INNCONF=str(conf), LD_LIBRARY_PATH=str(programs))
        # without an index of articles it turns every client away
        command = ["setpriv", "--reuid=news", "--regid=news", "--clear-groups"]
        command += [str(programs / "bin/makehistory"), "-O", "-x", "-F"]
        # its words are not those that `main` is waited for with
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, env=environment, cwd=str(folder), check=True, **silent)
        for service in self.services:
            where = ["-b", site.address, "-p", self.ports[service], *(["-S"] if service == "NNTPS" else [])]
            self.run(programs / "bin/nnrpd", "-D", "-f", "-c", readers, *where, environment=environment)


SERVERS = [Dovecot, Postfix, Exim, Vsftpd, VsftpdReuse, Proftpd, ProftpdReuse, Nnrpd]


class Watch:
    """What a server sees on a site from now on, in its own words."""

    def __init__(self, server: Server, site: Site) -> None:
        self._server = server
        self._site = site
        self._before = self._sizes()
        self._uploads = len(self._uploaded())

    def _sizes(self) -> Dict[Path, int]:
        return {path: path.stat().st_size for path in self._server.logs(self._site) if path.exists()}

    def _uploaded(self) -> List[Path]:
        if not isinstance(self._server, Ftp):
            return []
        return [path for path in self._server.incoming(self._site).iterdir() if SECRET.encode() in path.read_bytes()]

    def settle(self) -> None:
        """Wait until the client's connection is over for the server, too."""
        over = self._server.over
        if over is None:
            wait_until(lambda: not self._server.connections(), self._server.name + " has finished")
        else:
            wait_until(lambda: re.search(over, self.log()), self._server.name + " writes %r" % over)

    def log(self) -> str:
        """What it has written."""
        text = ""
        for path in self._sizes():
            with open(path, "rb") as file:
                file.seek(self._before.get(path, 0))
                text += file.read().decode("utf-8", "replace")
        return text

    def uploads(self) -> int:
        """How many files it was sent that have the secret in them."""
        return len(self._uploaded()) - self._uploads


#: An address that no server uses: whoever has bound a port there has it on those of the sites, too.
RESERVING = "127.0.0.99"
#: Below the ports that the system gives to clients: those it may give away between the look and the server's start.
PORTS = range(10240, 32768)
_reserved: List[socket.socket] = []


def free_port() -> int:
    """A port that is free on every site's address, and that no other run of these servers gets while this one lasts."""
    for port in random.sample(PORTS, len(PORTS)):
        reservation = socket.socket()
        try:
            reservation.bind((RESERVING, port))
            for address in ADDRESSES:
                with socket.socket() as sock:
                    sock.bind((address, port))
        except OSError:
            reservation.close()
            continue
        _reserved.append(reservation)
        return port
    raise RuntimeError("no port from %d to %d is free on %s" % (PORTS[0], PORTS[-1], ", ".join(ADDRESSES)))


def listeners() -> List[Tuple[str, int]]:
    """The sockets that listen; to connect to them would leave traces in logs."""
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == "0A":
            address, port = local.split(":")
            found.append((socket.inet_ntoa(int(address, 16).to_bytes(4, sys.byteorder)), int(port, 16)))
    return found


def children(pid: int) -> List[int]:
    """The living processes that are that one's."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for child in Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state = Path("/proc/%s/stat" % child).read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    found.append(int(child))
    return found


def hashed(password: str) -> str:
    """As in /etc/shadow."""
    command = ["openssl", "passwd", "-6", password]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def wait_until(condition: Any, what: str) -> None:
    """Wait, not for ever.

    Raises:
        TimeoutError: it did not come true.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %d seconds" % (what, PATIENCE))
        time.sleep(0.01)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[List[Server]]:
    """All servers, listening; see `running`."""
    servers = [kind(folder) for kind in SERVERS]
    try:
        for server in servers:
            server.folder.mkdir()
            server.start()
        for server in servers:
            wait_until(server.ready, server.name + " starts")
        running = {server.name: [server.ports, server.processes] for server in servers}
        (folder / "running.json").write_text(json.dumps(running))
        yield servers
    finally:
        for server in servers:
            server.stop()


def running(folder: Path) -> Dict[str, Server]:
    """The servers that another process has started there, by name."""
    known = json.loads((folder / "running.json").read_text())
    return {kind.name: kind(folder, *known[kind.name]) for kind in SERVERS}


def main(folder: Path) -> None:
    try:
        with started(folder):
            print("ready", flush=True)
            sys.stdin.read()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
