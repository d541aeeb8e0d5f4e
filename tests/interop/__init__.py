"""The package against real servers: Dovecot, Postfix, Exim, vsftpd, ProFTPD and INN's nnrpd, of Debian 12.

    python3 tests/interop/install.py             # once, as root
    SECUREDEFAULTS_INTEROP=1 pytest tests/interop  # as root; or: tox -e interop-py311

Each server has four sites: one with a certificate of the CA that clients trust, and three impostors. What it has seen
is read in its own log.
"""
