"""What clients say: which of their commands hand over a password, and which of their bytes are no commands at all.

It follows what goes out over one connection, and asks nothing of what comes back, which an attacker may have written.
Mails, articles and literals are counted or searched for their end, and never read.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, FrozenSet, List, Optional


class Grammar:
    """The commands of a protocol, as far as they matter here; their names in capital letters.

    Args:
        credentials: those that hand over a password, or a name, with their argument.
        exchanges: those of them after which the next lines belong to them (SASL, RFC 4422).
        others: those that end such an exchange: whatever else comes then is a part of it.
        messages: those that a message follows, up to a line with a dot.
        counted: those whose argument says how many bytes follow.
        is_tagged: whether a command begins with a tag, and may have literals in it (RFC 9051).
        anonymous: the command with the name of the user, where there are users that are nobody (RFC 1635).
    """

    def __init__(
        self,
        credentials: str,
        *,
        exchanges: str = "",
        others: str = "",
        messages: str = "",
        counted: str = "",
        is_tagged: bool = False,
        anonymous: str = "",
    ) -> None:
        self.credentials = _set(credentials)
        self.exchanges = _set(exchanges)
        self.others = _set(others)
        self.messages = _set(messages)
        self.counted = _set(counted)
        self.is_tagged = is_tagged
        self.anonymous = _set(anonymous)
        # As text and as bytes give them: what begins with another letter is forgotten as soon as it is said.
        letters = {verb[:1].decode() for verb in self.exchanges | self.messages | self.counted | self.anonymous}
        letters |= {letter.lower() for letter in letters}
        self._letters: FrozenSet[object] = frozenset(letters | {ord(letter) for letter in letters})

    def is_remembered(self, data: Any) -> bool:
        """Whether the next line may depend on it: a quick question, for it is asked of all that is said."""
        if not isinstance(data, (str, bytes, bytearray)):
            data = as_bytes(data)
        if not self.is_tagged:
            return bool(data) and data[0] in self._letters
        if isinstance(data, str):
            return False  # imaplib sends no text
        return bool(data[-3:-2] == b"}" or b"AUTHENTICATE" in bytes(data[:64]).upper())


def _set(words: str) -> FrozenSet[bytes]:
    return frozenset(words.encode().split())


GRAMMARS = {
    "SMTP": Grammar(
        "AUTH",
        exchanges="AUTH",
        others="ATRN BDAT DATA EHLO ETRN EXPN HELO HELP LHLO MAIL NOOP QUIT RCPT RSET SAML SEND SOML STARTTLS TURN "
        "VRFY XCLIENT XFORWARD",
        messages="DATA",
        counted="BDAT",
    ),
    "IMAP": Grammar(
        "AUTHENTICATE LOGIN",
        exchanges="AUTHENTICATE",
        others="APPEND CAPABILITY CHECK CLOSE COMPRESS COPY CREATE DELETE DELETEACL ENABLE EXAMINE EXPUNGE FETCH "
        "GETACL GETANNOTATION GETMETADATA GETQUOTA GETQUOTAROOT ID IDLE LIST LISTRIGHTS LOGOUT LSUB MOVE MYRIGHTS "
        "NAMESPACE NOOP NOTIFY PARTIAL PROXYAUTH RENAME SEARCH SELECT SETACL SETANNOTATION SETMETADATA SETQUOTA SORT "
        "STARTTLS STATUS STORE SUBSCRIBE THREAD UID UNAUTHENTICATE UNSELECT UNSUBSCRIBE XATOM XLIST",
        is_tagged=True,
    ),
    "POP3": Grammar(
        "APOP AUTH PASS RPOP USER",
        exchanges="AUTH",
        others="CAPA DELE LANG LIST NOOP QUIT RETR RSET STAT STLS TOP UIDL UTF8 XTND",
    ),
    "FTP": Grammar("ACCT ADAT PASS USER", anonymous="USER"),
    "NNTP": Grammar(
        "AUTHINFO",
        exchanges="AUTHINFO",
        others="ARTICLE BODY CAPABILITIES CHECK COMPRESS DATE GROUP HDR HEAD HELP IHAVE LAST LIST LISTGROUP MODE "
        "NEWGROUPS NEWNEWS NEXT OVER POST QUIT SLAVE STARTTLS STAT TAKETHIS XGTITLE XHDR XOVER XPAT XPATH",
        messages="IHAVE POST TAKETHIS",
    ),
}

_END = b"\r\n.\r\n"
#: of a line that is not complete: the command stands at its beginning, and the size of a literal at its end
_LONGEST, _SHORTEST = 1024, 64
_literal = re.compile(rb"\{([0-9]{1,18})[+-]?\}\r?$").search

#: what comes after AUTHINFO in commands that nothing follows (RFC 4643 section 2.3)
_COMPLETE = frozenset((b"USER", b"PASS"))

_NOBODY = frozenset((b"ANONYMOUS", b"FTP"))
#: What nobody gives for a password: nothing, a word of courtesy, or where to write to.
_courtesy = re.compile(
    rb"-?|-?(?:anonymous|guest|ftp)|[\w.+-]*@(?:[\w-]+(?:\.[\w-]+)+)?|anonymous@[\w.-]*", re.I
).fullmatch


class Spoken:
    """What was said over one connection, as far as it matters to what comes next.

    Args:
        grammar: of the protocol.

    Attributes:
        told: whether the program was told of the login that these commands are parts of.
        in_exchange: whether the next line belongs to a login, if it is no command of another kind.
    """

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        #: bytes to come that are counted
        self._left = 0
        #: the last bytes of a message that is not at its end
        self._message: Optional[bytes] = None
        #: in a command that had a literal, whether it is a login
        self._literal: Optional[bool] = None
        #: of a line that is not at its end
        self._partial = b""
        #: whether the last user was nobody
        self._anonymous = False
        self.in_exchange = False
        self.told = False

    def copy(self) -> Spoken:
        """Another one, in the same state."""
        other = Spoken(self._grammar)
        vars(other).update(vars(self))
        return other

    def is_blank(self) -> bool:
        """Whether it is as good as none."""
        return not (
            self._left or self._message is not None or self._literal is not None or self._partial
            or self._anonymous or self.in_exchange or self.told
        )  # fmt: skip

    def end_message(self) -> None:
        """A command comes, whatever was to come."""
        self._left, self._message, self._literal, self._partial = 0, None, None, b""

    def refused(self, after: Spoken) -> Spoken:
        """What counts if a part of a login was not sent: the program may go on with the next part.

        Args:
            after: what would have counted if it was.
        """
        other = self.copy()
        other.in_exchange = self.in_exchange or after.in_exchange or bool(after._literal)
        other._anonymous, other.told = False, True
        return other

    def feed(self, data: bytes) -> bool:
        """Take what is to be sent; whether it hands over a password, or a part of a login."""
        found, at = False, 0
        while at < len(data):  # never copying the rest, which there may be much of
            if self._left:
                taken = min(self._left, len(data) - at)
                self._left, at = self._left - taken, at + taken
                found = found or bool(self._literal)
            elif self._message is not None:
                at = self._after_message(self._message, data, at)
            else:
                end = data.find(b"\n", at)
                line = data[at:] if end < 0 else data[at:end]
                found = self._line(line, end >= 0) or found
                at = len(data) if end < 0 else end + 1
        return found

    def _after_message(self, last: bytes, data: bytes, at: int) -> int:
        """Where the message ends that goes on at `at`; its end may have come in pieces."""
        across = (last + data[at : at + len(_END) - 1]).find(_END)
        begin = data.find(_END, at) if across < 0 else at + across - len(last)
        if across < 0 and begin < 0:
            self._message = (last + data[max(at, len(data) + 1 - len(_END)) :])[1 - len(_END) :]
            return len(data)
        self._message = None
        return begin + len(_END)

    def is_login_instead(self, data: bytes) -> bool:
        """Whether a message was to come, and what is sent at once is commands and nothing else, a login among them.

        The server may have turned the message down; only its answer says that, and an attacker writes it. Whoever
        sends a mail sends its header first, or all of it up to its end. A program that sends a mail line by line, one
        of them the text of a login, has this line refused: that is very rare, and a password that goes to an impostor
        is worse.
        """
        if not (self._left or self._message is not None or self._literal is not None) or not data.endswith(b"\n"):
            return False
        known, at = self._grammar.others | self._grammar.credentials, 0
        while at < len(data):
            end = data.index(b"\n", at)
            words = self._words(data[at:end])
            if not words or words[0].upper() not in known:
                return False
            at = end + 1
        return Spoken(self._grammar).feed(data)

    def _words(self, line: bytes) -> List[bytes]:
        """The command and its arguments, without the tag."""
        words = line[:_LONGEST].split(None, 3)
        if self._grammar.is_tagged and words and words[0].upper() not in self._grammar.credentials:
            del words[0]
        return words

    def _line(self, line: bytes, complete: bool) -> bool:
        line = self._partial + line
        self._partial = b"" if complete else _shortened(line)
        if self._literal is None:
            return self._command(line, complete)
        found = self._literal and bool(line.strip())
        if complete and not self._begins_literal(line, self._literal):
            self._literal = None
        return found

    def _begins_literal(self, line: bytes, of_login: bool) -> bool:
        """Whether the command goes on after so many bytes."""
        size = _literal(line[-_SHORTEST:]) if self._grammar.is_tagged else None
        if size is None:
            return False
        self._left, self._literal = int(size[1]), of_login
        return True

    def _command(self, line: bytes, complete: bool) -> bool:
        words = self._words(line)
        verb = words[0].upper() if words else b""
        if verb in self._grammar.credentials and len(words) > 1 and not self._is_nobody(verb, line):
            if verb in self._grammar.exchanges and words[1].upper() not in _COMPLETE:
                self.in_exchange = True
            if complete:
                self._begins_literal(line, True)
            return True
        if self.in_exchange and verb not in self._grammar.others and line.strip() != b"*":  # which cancels it
            return complete or bool(line.strip())
        if complete:
            self._harmless(verb, words, line)
        return False

    def _harmless(self, verb: bytes, words: List[bytes], line: bytes) -> None:
        self.in_exchange = self.told = False
        if verb in self._grammar.messages:
            self._message = b"\r\n"
        elif verb in self._grammar.counted and len(words) > 1 and words[1].isdigit():
            self._left = int(words[1][:18])
        else:
            self._begins_literal(line, False)

    def _is_nobody(self, verb: bytes, line: bytes) -> bool:
        argument = line.split(None, 1)[1].strip()
        if verb in self._grammar.anonymous:
            self._anonymous = argument.upper() in _NOBODY
            return self._anonymous
        return self._anonymous and verb == b"PASS" and _courtesy(argument) is not None


def _shortened(line: bytes) -> bytes:
    return line if len(line) <= _LONGEST else line[: _LONGEST - _SHORTEST] + line[-_SHORTEST:]


def as_bytes(data: Any) -> bytes:
    """What would go out for it; nothing for what cannot be sent."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode("utf-8", "replace")
    try:
        return bytes(memoryview(data))
    except Exception:  # for which the platform has an error of its own
        return b""
