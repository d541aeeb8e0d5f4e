"""Where the contexts of default handshakes come from: the platform's trust store, a CA file, or the caller's factory.

A trust has a shared context, which nobody may change, and makes private ones, to keep and to change. `Contexts` are
those that one default context makes its handshakes with.
"""

from __future__ import annotations

import ssl
import sys
import weakref

from .._kept import kept
from .._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from .._observe.errors import OTHER_PIN
from .chain import Resumed
from .refusal import presenting
from .stdlib import PARTIAL_CHAIN, assign, is_context, is_shareable, trusting_only, unverified
from .store import Store, check_readable
from .verdict import Verdict, inherited, made_to_judge, remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, Optional, Protocol, Sequence, Tuple

    from .._policy.policy import Policy
    from .._policy.rules import HostRule
    from .client import Name
    from .x509 import Description

    class Trust(Protocol):
        """What the classes here have in common."""

        def private_context(self) -> ssl.SSLContext: ...
        def shared_context(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext: ...
        def judge(self) -> ssl.SSLContext: ...
        def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict: ...


def checked(context: ssl.SSLContext, source: str) -> ssl.SSLContext:
    """`context` if it verifies chain and name.

    Raises:
        TypeError: it is no SSLContext.
        ValueError: it verifies less than that.
    """
    if not is_context(context):
        raise TypeError("%s returned %r, which is no ssl.SSLContext" % (source, context))
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError(
            "%s returned a context that does not verify (verify_mode=%s, check_hostname=%s); a context for all hosts "
            "needs verify_mode=CERT_REQUIRED and check_hostname=True. For a single host that cannot be verified pass "
            "an explicit context in that call." % (source, context.verify_mode.name, context.check_hostname)
        )
    return context


class PlatformTrust:
    """The trust store of `ssl.create_default_context()`, parsed once per process and again when it has changed.

    Args:
        strict: set (True) or clear (False) `VERIFY_X509_STRICT`; None leaves what this Python does.
        cafile: trust the certificates in this file instead, and no others.
        module: the `ssl` that makes the contexts.
    """

    def __init__(self, strict: Optional[bool] = None, cafile: Optional[str] = None, module: ModuleType = ssl) -> None:
        self._strict = strict
        self._cafile = cafile
        self._module = module
        self._store = Store(self.private_context, cafile, module)
        #: for verdicts; it is never parsed where none is asked for
        self._judges = Store(self._judging_context, cafile, module)

    @classmethod
    def cached(
        cls, strict: Optional[bool] = None, cafile: Optional[str] = None, module: ModuleType = ssl
    ) -> PlatformTrust:
        """The one PlatformTrust of this process with these arguments: it holds a parsed store."""
        key = strict, cafile, module
        if key not in _platform:
            _platform.setdefault(key, cls(strict, cafile, module))
        return _platform[key]

    def private_context(self) -> ssl.SSLContext:
        """A verified context of one's own."""
        # Looked up on every call, so that the order of importing truststore, gevent and the like does not matter.
        options: Dict[str, Any] = {} if self._cafile is None else {"cafile": self._cafile}
        try:
            check_readable(self._cafile)
            context = checked(self._module.create_default_context(**options), "ssl.create_default_context()")
            if self._cafile is not None and not is_shareable(self._module):
                context = trusting_only(self._cafile, context, self._module)
        except OSError as exc:  # ssl.SSLError is one; none of them says which file
            if self._cafile is not None:
                exc.strerror = "%s (the CA file %s of a rule)" % (exc.strerror, self._cafile)
            raise
        set_strict(context, self._strict)
        self.anchor(context)
        context.sslsocket_class = presenting(context.sslsocket_class)
        return context

    def anchor(self, context: ssl.SSLContext) -> None:
        """Have each certificate of the CA file trusted as such, whatever issued it; from 3.13 on `ssl` does it."""
        if self._cafile is not None and not context.verify_flags & PARTIAL_CHAIN:
            assign(context, "verify_flags", context.verify_flags | PARTIAL_CHAIN)

    def shared_context(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """The shared context, sealed, for the trust store as it is now. `previous` does not matter."""
        if not is_shareable(self._module):
            return previous or self.private_context()
        return self._store.context()

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """What enforcement would say, and whether it says so by `VERIFY_X509_STRICT` alone."""
        shareable = is_shareable(self._module)
        if isinstance(chain, Resumed) and not shareable:
            return inherited(chain, name, self)
        context = self._judges.context() if shareable else self._judging_context()
        lenient: Optional[Callable[[], ssl.SSLContext]] = None
        if context.verify_flags & ssl.VERIFY_X509_STRICT:
            without = PlatformTrust.cached(False, self._cafile, self._module)
            lenient = without._judges.context if shareable else without._judging_context
        return remembered(chain, name, context, lenient, None if shareable else self)

    def judge(self) -> ssl.SSLContext:
        """The context to judge chains with."""
        return self._judges.context() if is_shareable(self._module) else self._judging_context()

    def _judging_context(self) -> ssl.SSLContext:
        return made_to_judge(self.private_context())


_platform: Dict[Tuple[Optional[bool], Optional[str], ModuleType], PlatformTrust]
_platform = kept(__name__).setdefault("platform", {})


#: contexts of factories that others may have, and those that one connection has for itself; whatever the policy
_lent: weakref.WeakSet[ssl.SSLContext] = kept(__name__).setdefault("lent", weakref.WeakSet())
_changed: weakref.WeakSet[ssl.SSLContext] = kept(__name__).setdefault("changed", weakref.WeakSet())


class FactoryTrust:
    """Contexts made by a callable that the user gave to `apply(context_factory=...)`."""

    def __init__(self, factory: Callable[[], ssl.SSLContext], strict: Optional[bool] = None) -> None:
        self._factory = factory
        self._strict = strict

    def _call(self) -> ssl.SSLContext:
        context = checked(self._factory(), "context_factory")
        # A factory may return one object for everybody. What one connection changed must not reach another.
        if context in _changed:
            raise ValueError(
                "context_factory returned a context that one connection has changed for itself; it must return "
                "a new context on every call, or one that nobody changes"
            )
        set_strict(context, self._strict)
        return context

    def private_context(self) -> ssl.SSLContext:
        """A verified context of one's own."""
        context = self._call()
        if context in _lent:
            raise AttributeError(
                "this default context cannot be changed: context_factory returns the same object for every "
                "connection. Let it return a new context on every call, or pass a context of your own."
            )
        _changed.add(context)
        return context

    def shared_context(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """`previous`, or else a context that the factory returns now."""
        if previous is not None:
            return previous
        context = self._call()
        _lent.add(context)
        return context

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """What enforcement would say."""
        if isinstance(chain, Resumed):
            return inherited(chain, name, self)
        return remembered(chain, name, self.judge(), trust=self)

    def judge(self) -> ssl.SSLContext:
        """The context to judge chains with."""
        context, new = self._call(), object()
        # Not one that the factory, or anybody, has kept: it may be changed only if nobody ever connects with it. PyPy
        # cannot tell.
        references = getattr(sys, "getrefcount", None)
        if references is not None and references(context) <= references(new):
            return made_to_judge(context)
        _lent.add(context)
        return context


class NoTrust:
    """Contexts in which OpenSSL verifies nothing: for an exempt host, and where a pin is compared instead.

    Args:
        module: the `ssl` that makes them.
    """

    def __init__(self, module: ModuleType = ssl) -> None:
        self._module = module

    def private_context(self) -> ssl.SSLContext:
        """A context like the standard library's own default."""
        return unverified(self._module)

    def shared_context(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """`previous`, or a new one: it costs little."""
        return previous or self.private_context()

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """Whatever it is, it is accepted."""
        return Verdict(EXEMPT)

    def judge(self) -> ssl.SSLContext:
        """The context to judge chains with."""
        return made_to_judge(self.private_context())


def trust_for(
    policy: Policy, rule: Optional[HostRule] = None, *, verify: bool = True, module: ModuleType = ssl
) -> Trust:
    """What a policy trusts; the same object each time, as long as the policy lives.

    Args:
        policy: the one that was asked for.
        rule: for the host; its CA file replaces everything else, and its `strict` the policy's.
        verify: False if OpenSSL is not to verify.
        module: the `ssl` that makes the contexts.
    """
    if not verify:
        # one for each rule: a session of one host is not for another
        return _kept(policy, (NoTrust, id(rule), module), lambda: NoTrust(module))
    cafile = rule.cafile if rule is not None else None
    strict = rule.strict if rule is not None and rule.strict is not None else policy.strict
    factory = policy.context_factory
    if cafile is not None or factory is None:
        return PlatformTrust.cached(strict, cafile, module)
    # It knows which contexts have been handed out. The flags of these are not the rule's to set: the factory may return
    # one context for all hosts, and what is loosened there for one host would be loosened for each.
    return _kept(policy, FactoryTrust, lambda: FactoryTrust(factory, policy.strict))


def _kept(policy: Policy, key: object, make: Callable[[], Trust]) -> Trust:
    trust: Optional[Trust] = policy.kept.get(key)
    # of several threads the first wins
    return policy.kept.setdefault(key, make()) if trust is None else trust


def verdict_of(
    policy: Policy,
    rule: Optional[HostRule],
    chain: Sequence[bytes],
    name: Name,
    leaf: Description,
    *,
    verify: bool = True,
) -> Verdict:
    """What enforcement would say to a chain.

    Args:
        policy: that would be enforced.
        rule: for the host.
        chain: as the server sent it, DER, the leaf first.
        name: that the certificate has to carry.
        leaf: the first of the chain.
        verify: False if OpenSSL is not to verify.
    """
    if rule is None or not rule.fingerprint:
        return trust_for(policy, rule, verify=verify).verdict(chain, name)
    if not chain:
        return Verdict(UNKNOWN, message="the server sent no certificate, or resumed a session")
    return Verdict(ACCEPTED) if leaf.fitting.intersection(rule.fingerprint) else Verdict(REFUSED, *OTHER_PIN)


def set_strict(context: ssl.SSLContext, strict: Optional[bool]) -> None:
    """Set or clear `VERIFY_X509_STRICT`, which `ssl.create_default_context()` sets from 3.13 on; None leaves it."""
    if strict is None:
        return
    flags = context.verify_flags & ~ssl.VERIFY_X509_STRICT
    assign(context, "verify_flags", flags | ssl.VERIFY_X509_STRICT if strict else flags)


class _Own:
    """A context that nobody else has, with what its holder changed.

    Args:
        context: that it is.
        done: how many of the changes it has already.
    """

    def __init__(self, context: ssl.SSLContext, done: int = 0) -> None:
        self.context = context
        self.done = done
        #: whether it ever made a handshake without verifying; its holder may switch that on later
        self.was_unverified = False

    def catch_up(self, changes: Sequence[Callable[[ssl.SSLContext], object]]) -> None:
        """Make the changes that it does not have yet."""
        for number in range(self.done, len(changes)):
            changes[number](self.context)
            # No `+= 1`: of two threads that do this, none may skip a change. To make one twice does no harm.
            self.done = number + 1


class _Made:
    """The contexts that were made for one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.own: Dict[Trust, _Own] = {}
        self.shared: Dict[Trust, ssl.SSLContext] = {}


class Contexts:
    """The contexts behind one default context.

    They are the shared ones until its holder changes anything. Then they are private, so that no change reaches
    another connection. Which one counts depends on the policy, and that may be another one at each handshake.

    Args:
        stock: makes the standard library's own default, with all that the caller asked for.
        module: the `ssl` that makes the others.
        changes: what the caller asked for, to be done to all the others.

    Attributes:
        is_hidden: whether the current one is not to be seen: it is looser than others, by a rule for one host, or a
            factory may return it to others.
    """

    def __init__(
        self,
        stock: Callable[[], ssl.SSLContext],
        module: ModuleType = ssl,
        changes: Sequence[Callable[[ssl.SSLContext], object]] = (),
    ) -> None:
        self.is_hidden = False
        self._make_stock = stock
        self._module = module
        #: what the caller asked for and the holder changed, to be done to each private context
        self._changes = list(changes)
        self._stock_has = len(self._changes)
        self._last_by_name: Dict[str, int] = {}
        #: by name, the bits that were set and cleared
        self._flags: Dict[str, Tuple[int, int]] = {}
        self._stock: Optional[_Own] = None
        self._made: Dict[int, _Made] = {}
        #: whether more than one has made handshakes, and which was the last
        self._several = False
        self._last: Optional[ssl.SSLContext] = None

    def change(self, policy: Optional[Policy], how: Callable[[ssl.SSLContext], Any], last: Optional[str] = None) -> Any:
        """Do this to the context, now and for every host and policy; returns what it returns.

        Args:
            policy: that is enforced; None for what the standard library does.
            how: what is to be done.
            last: a name for it, if it makes up for all that was done by this name before.
        """
        own = self._general(policy)
        result = how(own.context)
        self._done_to(own, how, last)
        return result

    def change_flags(self, policy: Optional[Policy], name: str, value: int) -> None:
        """The same for a setting of many bits: only those that are changed now are changed in the other contexts."""
        own = self._general(policy)
        before = getattr(own.context, name)
        assign(own.context, name, value)
        added, removed = self._flags.get(name, (0, 0))
        added, removed = (added & value) | (value & ~before), (removed & ~value) | (before & ~value)
        self._flags[name] = added, removed
        self._done_to(own, lambda context: assign(context, name, (getattr(context, name) & ~removed) | added), name)

    def _done_to(self, own: _Own, how: Callable[[ssl.SSLContext], object], last: Optional[str]) -> None:
        """Remember a change for the other contexts; what was done by that name before need not be done to them."""
        self._changes.append(how)
        own.done = len(self._changes)
        if last is None:
            return
        before = self._last_by_name.get(last)
        if before is not None:
            self._changes[before] = _nothing
        self._last_by_name[last] = len(self._changes) - 1

    def _general(self, policy: Optional[Policy]) -> _Own:
        return self._own(policy, None if policy is None else trust_for(policy, module=self._module))

    def current(
        self,
        policy: Optional[Policy],
        rule: Optional[HostRule] = None,
        *,
        verify: bool = True,
        same: bool = False,
    ) -> ssl.SSLContext:
        """The context to read from and to make handshakes with.

        Args:
            policy: that is enforced; None for what the standard library does.
            rule: for the host.
            verify: False if OpenSSL is not to verify.
            same: whether it has to be the one of the last time.
        """
        self.is_hidden = False
        if policy is None:
            return self._own(None, None).context
        trust = trust_for(policy, rule, verify=verify, module=self._module)
        made = self._made_for(policy)
        # What is looser than others is for the host of a rule alone, whoever would pass it on.
        is_looser = isinstance(trust, NoTrust) or (rule is not None and rule.strict is False)
        if trust in made.own or self._changes:
            self.is_hidden = is_looser
            return self._own(policy, trust).context
        self.is_hidden = is_looser or isinstance(trust, FactoryTrust)
        if not same or trust not in made.shared:
            made.shared[trust] = trust.shared_context(made.shared.get(trust))
        return made.shared[trust]

    def for_handshake(
        self,
        policy: Optional[Policy],
        rule: Optional[HostRule] = None,
        *,
        verify: bool = True,
        session: Optional[ssl.SSLSession] = None,
    ) -> Tuple[ssl.SSLContext, Optional[ssl.SSLSession]]:
        """The context to make a handshake with, and the session if it may resume it.

        A session is good for the very context that made it, so that is the shared one of the last time. One that was
        made without verifying proves nothing; and one of a context that was there before another policy came is of no
        use, so that a full handshake has to be made.
        """
        context = self.current(policy, rule, verify=verify, same=session is not None)
        self._several = self._several or self._last not in (None, context)
        self._last = context
        own = self._own_of(context)
        if own is not None and not _verifies(context):
            own.was_unverified = True
        elif own is not None and own.was_unverified:
            session = None
        if session is not None and self._several and not _belongs(session, context):
            session = None
        return context, session

    def _made_for(self, policy: Policy) -> _Made:
        # By identity, of which no other can have the same as long as this one is kept. Of several threads one wins.
        made = self._made.get(id(policy))
        if made is None:
            made = self._made.setdefault(id(policy), _Made(policy))
            for key, before in list(self._made.copy().items()):
                if key != id(policy):
                    self._made.pop(key, None)
                    # What its holder has loaded may not be there any more. Others' are made by what is in force.
                    for trust, own in before.own.copy().items():
                        if isinstance(trust, PlatformTrust):
                            made.own.setdefault(trust, own)
        return made

    def _own_of(self, context: ssl.SSLContext) -> Optional[_Own]:
        owned = [] if self._stock is None else [self._stock]
        for made in list(self._made.copy().values()):
            owned.extend(made.own.copy().values())
        return next((own for own in owned if own.context is context), None)

    def _own(self, policy: Optional[Policy], trust: Optional[Trust]) -> _Own:
        """The private context, with all changes; made when first asked for."""
        if policy is None or trust is None:
            own = self._stock
            if own is None:
                own = _Own(self._make_stock(), self._stock_has)
                self._stock = own = self._stock or own
        else:
            made = self._made_for(policy).own
            # Of several threads the first wins; a lock could be held by a thread that a fork leaves behind.
            own = made[trust] if trust in made else made.setdefault(trust, _Own(trust.private_context()))
        own.catch_up(self._changes)
        if isinstance(trust, PlatformTrust):
            trust.anchor(own.context)  # who sets `verify_flags` anew does not mean what the file is trusted for
        return own


def _nothing(context: ssl.SSLContext) -> None:
    """In the place of a change that another one makes up for."""


def _verifies(context: ssl.SSLContext) -> bool:
    return context.verify_mode != ssl.CERT_NONE and context.check_hostname


def _belongs(session: ssl.SSLSession, context: ssl.SSLContext) -> bool:
    """Whether that context takes a session: only one of its own."""
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost", session=session)
    except ValueError:
        return False
    except Exception:
        return True  # it is no session at all, and for the platform to complain of
    return True
