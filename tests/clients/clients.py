"""The programs and libraries, and what is expected of each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Tuple

HERE = Path(__file__).resolve().parent


class Client(NamedTuple):
    """One way of using one of them.

    Attributes:
        drive: the name of the program in `drives/`.
        package: as PyPI calls it; its versions are in `pins/`.
        protocol: of the server that it talks to.
        implicit: whether TLS comes first.
        file: whose line it is that gives no context, as the end of a path; "" for one that verifies by itself.
        line: what stands in that line.
        stops: whether a refusal ends it with an exit status that says so.
        tells: whether why can be read in what is printed, be it by the program, its traceback, its logging, or the one
            line of `securedefaults run`.
        shows: whether what Python prints to stderr can be seen.
        returns: whether it comes back in clear text after a refusal, and so is met by somebody who wants just that.
        autoload: whether its process is the child of another one, so that it takes the autoload to reach it.
    """

    drive: str
    package: str
    protocol: str
    implicit: bool
    file: str
    line: str = ""
    stops: bool = True
    tells: bool = True
    shows: bool = True
    returns: bool = False
    autoload: bool = False

    @property
    def path(self) -> Path:
        """Of the program."""
        return HERE / "drives" / (self.drive + ".py")

    @property
    def control(self) -> bool:
        """Whether it verifies by itself."""
        return not self.file

    @property
    def version(self) -> str:
        """Of the package."""
        wanted = self.package.lower().replace("_", "-").replace(".", "-")
        for name, version in pins(self.package):
            if name.lower().replace("_", "-").replace(".", "-") == wanted:
                return version
        raise LookupError(self.package)


def pins(package: str) -> Tuple[Tuple[str, str], ...]:
    """Names and versions of what its environment consists of."""
    lines = (HERE / "pins" / (package + ".txt")).read_text(encoding="utf-8").split()
    return tuple((name, version) for name, _, version in (line.partition("==") for line in lines))


SSL, STARTTLS = True, False

CLIENTS = (
    # SMTP
    Client("yagmail_ssl", "yagmail", "SMTP", SSL, "yagmail/sender.py", "self.connection("),
    Client("yagmail_starttls", "yagmail", "SMTP", STARTTLS, "yagmail/sender.py", "starttls("),
    Client("emails_ssl", "emails", "SMTP", SSL, "emails/backend/smtp/client.py", "SMTP_SSL.__init__("),
    Client("envelopes_starttls", "envelopes", "SMTP", STARTTLS, "envelopes/conn.py", "starttls("),
    Client("email_to_starttls", "email-to", "SMTP", STARTTLS, "email_to/email_to.py", "starttls("),
    Client("redmail_starttls", "redmail", "SMTP", STARTTLS, "redmail/email/sender.py", "starttls("),
    Client("notifiers_ssl", "notifiers", "SMTP", SSL, "notifiers/providers/email.py", "smtp_server_cls("),
    Client("outgoing_ssl", "outgoing", "SMTP", SSL, "outgoing/senders/smtp.py", "SMTP_SSL("),
    Client("flask_mail_ssl", "flask-mail", "SMTP", SSL, "flask_mail/__init__.py", "SMTP_SSL("),
    Client("flask_mail_starttls", "flask-mail", "SMTP", STARTTLS, "flask_mail/__init__.py", "starttls("),
    Client("flask_mailman_starttls", "flask-mailman", "SMTP", STARTTLS, "flask_mailman/backends/smtp.py", "starttls("),
    Client("pyramid_mailer_ssl", "pyramid-mailer", "SMTP", SSL, "pyramid_mailer/mailer.py", "self.smtp("),
    Client("zope_sendmail_ssl", "zope.sendmail", "SMTP", SSL, "zope/sendmail/mailer.py", "self.smtp("),
    Client("repoze_sendmail_starttls", "repoze.sendmail", "SMTP", STARTTLS, "repoze/sendmail/mailer.py", "starttls("),
    Client(
        "py4web_starttls", "py4web", "SMTP", STARTTLS, "py4web/utils/auth_plugins/email_auth_plugin.py", "starttls("
    ),
    Client("web_py_starttls", "web.py", "SMTP", STARTTLS, "web/utils.py", "starttls("),
    Client("trac_starttls", "trac", "SMTP", STARTTLS, "trac/notification/mail.py", "starttls("),
    Client("mailmerge_starttls", "mailmerge", "SMTP", STARTTLS, "mailmerge/sendmail_client.py", "starttls("),
    Client("b4_starttls", "b4", "SMTP", STARTTLS, "b4/__init__.py", "starttls("),
    Client("luigi_starttls", "luigi", "SMTP", STARTTLS, "luigi/notifications.py", "starttls(", stops=False),
    Client("logbook_starttls", "logbook", "SMTP", STARTTLS, "logbook/handlers.py", "starttls(", stops=False),
    Client(
        "superlance_starttls",
        "superlance",
        "SMTP",
        STARTTLS,
        "superlance/process_state_email_monitor.py",
        "starttls(",
        stops=False,
    ),
    Client(
        "ansible_mail",
        "ansible",
        "SMTP",
        SSL,
        "community/general/plugins/modules/mail.py",
        "SMTP_SSL(",
        shows=False,
        returns=True,
        autoload=True,
    ),
    # IMAP and POP3
    Client("imap_tools_ssl", "imap-tools", "IMAP", SSL, "imap_tools/mailbox.py", "IMAP4_SSL("),
    Client("imap_tools_starttls", "imap-tools", "IMAP", STARTTLS, "imap_tools/mailbox.py", "starttls("),
    Client("imbox_starttls", "imbox", "IMAP", STARTTLS, "imbox/imap.py", "starttls("),
    Client("imaplibrary2_ssl", "robotframework-imaplibrary2", "IMAP", SSL, "ImapLibrary2/__init__.py", "IMAP4_SSL("),
    Client("django_mailbox_imaps", "django-mailbox", "IMAP", SSL, "django_mailbox/transports/imap.py", "transport("),
    Client("django_mailbox_pop3s", "django-mailbox", "POP3", SSL, "django_mailbox/transports/pop3.py", "transport("),
    Client("django_helpdesk_imap", "django-helpdesk", "IMAP", STARTTLS, "helpdesk/email.py", "starttls("),
    Client("django_helpdesk_pop3", "django-helpdesk", "POP3", STARTTLS, "helpdesk/email.py", "stls("),
    Client("getmail_imaps", "getmail6", "IMAP", SSL, "getmailcore/_retrieverbases.py", "IMAP4_SSL(", autoload=True),
    Client("getmail_pop3s", "getmail6", "POP3", SSL, "getmailcore/_retrieverbases.py", "POP3_SSL(", autoload=True),
    # FTP
    Client("pyfilesystem_ftps", "fs", "FTP", STARTTLS, "fs/ftpfs.py", "login("),
    Client("fsspec_ftps", "fsspec", "FTP", STARTTLS, "fsspec/implementations/ftp.py", "login("),
    Client("fsspec_implicit_ftps", "fsspec", "FTP", SSL, "fsspec/implementations/ftp.py", "wrap_socket("),
    Client("pyftpsync_ftps", "pyftpsync", "FTP", STARTTLS, "ftpsync/ftp_target.py", "login("),
    Client("luigi_ftps", "luigi", "FTP", STARTTLS, "luigi/contrib/ftp.py", "login("),
    # They verify by themselves.
    Client("django_starttls", "django", "SMTP", STARTTLS, ""),
    Client("apprise_ssl", "apprise", "SMTP", SSL, ""),
    Client("mailsuite_ssl", "mailsuite", "SMTP", SSL, ""),
    Client("mailmerge_ssl", "mailmerge", "SMTP", SSL, ""),
    Client("roundup_starttls", "roundup", "SMTP", STARTTLS, ""),
    Client("imapclient_ssl", "imapclient", "IMAP", SSL, ""),
    Client("imapclient_starttls", "imapclient", "IMAP", STARTTLS, ""),
    Client("imbox_ssl", "imbox", "IMAP", SSL, ""),
    Client("smart_open_ftps", "smart-open", "FTP", STARTTLS, ""),
)
