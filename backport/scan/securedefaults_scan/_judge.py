"""What a call that starts TLS is given for a context, and what that makes of it."""

from __future__ import annotations

import ast
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from ._arguments import Args, Arguments
from ._contexts import weakness
from ._rules import (
    CLEAR,
    CONTEXT_RULES,
    DEFINITE,
    HANDLER,
    HANDLER_DATA,
    HANDLER_NAME,
    HOST_PORT,
    NONE,
    OMITTED,
    OPT_OUT,
    POSSIBLE,
    WEAK,
    Signature,
)
from ._syntax import Key, Place, key_of
from ._values import (
    ABSENT,
    UNKNOWN,
    WRITTEN,
    Const,
    Context,
    DictState,
    HostPort,
    NoneValue,
    Symbol,
    Value,
    Values,
)


class Raw(NamedTuple):
    """A finding before it is put into words.

    Attributes:
        node: the call.
        rule: its id.
        confidence: DEFINITE or POSSIBLE.
        entry_point: dotted name.
        parameter: what the call names its context.
        detail: what is to be added to the rule's own words.
    """

    node: Place
    rule: str
    confidence: str
    entry_point: str
    parameter: Optional[str] = None
    detail: str = ""


def _rank(raw: Raw) -> Tuple[bool, str, str]:
    """Of two judgements on one place the surer one stands; of equals always the same, in whatever order they came."""
    return raw.confidence != DEFINITE, raw.entry_point, raw.detail


class Judge(Arguments):
    """Judges calls, and keeps the findings."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: Dict[Tuple[Key, str], Raw] = {}
        #: by call: every judgement on it, "" for none
        self.outcomes: Dict[Key, Set[Tuple[str, str]]] = {}
        #: calls to which no argument can be added without breaking another use of them
        self.shared: Set[Key] = set()
        #: the standard library's names that a call in this place went to
        self.targets: Dict[Key, Set[str]] = {}
        #: what the calls take for a context that are made in this place, and "" if one takes none
        self.reached: Dict[Key, Set[str]] = {}
        #: calls that make an FTP_TLS, with the objects; its context may come later
        self.waiting: Dict[Key, Set[Value]] = {}
        self.supplied: Set[Value] = set()
        #: by object: lines that use it
        self.uses: Dict[Value, Set[int]] = {}
        #: objects with the port in the host's name, and the place
        self.glued: Dict[Value, Place] = {}
        self.upgraded: Set[Value] = set()
        #: clear-text connections made where TLS has failed
        self.fallbacks: Dict[Value, Tuple[Place, str]] = {}
        #: what makes contexts weak: by line and reason, the place
        self.causes: Dict[Tuple[int, str], Place] = {}
        #: entry-point calls so far: (place, name, object)
        self.calls: List[Tuple[Place, str, Optional[Value]]] = []
        #: whether the program is verified by other means
        self.protected = False
        #: whether the call that is being read may also go to something that is no entry point
        self.choosing = False
        self.doubtful = 0

        #: calls with the arguments of another one, which is followed
        self.passed_on: Set[Key] = set()
        #: calls of which it is known by which name they can use ssl
        self.placed: Set[Key] = set()

    def start_again(self) -> None:
        """Forget all findings: the file is read once more."""
        self.calls.clear()
        stores = self.reports, self.outcomes, self.shared, self.targets, self.waiting, self.supplied, self.uses
        for store in (*stores, self.glued, self.upgraded, self.fallbacks, self.placed, self.passed_on, self.reached):
            store.clear()

    def has_failed(self, module: str) -> bool:
        """Whether TLS that was started with this module has failed on the way here."""
        raise NotImplementedError

    def note_place(self, node: Place) -> None:
        """Note by which name ssl can be used in this place."""

    def report(self, raw: Raw) -> None:
        key = key_of(raw.node), raw.rule
        if self.doubtful:
            raw = raw._replace(confidence=POSSIBLE)
        present = self.reports.get(key)
        if present is None or _rank(raw) < _rank(present):
            self.reports[key] = raw

    # The context of a call

    def judge(self, node: Place, signature: Signature, args: Args, sure: bool = True) -> None:
        """Judge a call of an entry point; `sure` if it is known to be one."""
        place = key_of(node)
        if place not in self.placed:
            self.placed.add(place)
            self.note_place(node)
        found = self._judged(node, signature, args)
        if args.more_keywords:
            self.shared.add(place)
        if found is None:
            self.outcomes.setdefault(place, set()).add(("", ""))
            return
        if found.rule == OPT_OUT and self.choosing:
            sure = False  # None may go with the class that takes no context
        if not sure or (self.protected and found.rule in (OMITTED, NONE, OPT_OUT)):
            found = found._replace(confidence=POSSIBLE)
        self.outcomes.setdefault(place, set()).add((found.rule, found.confidence))
        self.report(found)

    def _judged(self, node: Place, signature: Signature, args: Args) -> Optional[Raw]:
        def raw(rule: str, confidence: str, detail: str = "") -> Raw:
            return Raw(node, rule, confidence, signature.name, signature.parameter, detail)

        values = args.get(signature.position, signature.parameter)
        if values is None:
            return self._omitted(raw(OMITTED, DEFINITE), signature, args)
        absent = ABSENT in values
        values = values - frozenset([ABSENT])
        nones = {value for value in values if isinstance(value, NoneValue)}
        others = values - nones
        if absent or nones:  # which is reported; what else may be passed is no better
            self.report_cause(self._weak(raw(WEAK, DEFINITE), others), others)
        if absent and not others and not nones:
            return raw(OMITTED, POSSIBLE if args.more_keywords else DEFINITE)
        if absent:
            return raw(OPT_OUT, POSSIBLE if args.more_keywords else DEFINITE, "It is not passed on all paths.")
        if nones:
            return self._none(raw(NONE, DEFINITE), nones, others)
        return self._weak(raw(WEAK, DEFINITE), others)

    def _omitted(self, raw: Raw, signature: Signature, args: Args) -> Optional[Raw]:
        if signature.files == (0, 1) and args.positional and any(isinstance(v, Context) for v in args.positional[0]):
            return raw._replace(
                confidence=POSSIBLE, detail="What is passed first is taken for keyfile, and the call fails."
            )
        if args.more_keywords:
            return raw._replace(confidence=POSSIBLE, detail="Unless it is in what ** unpacks.")
        if args.more_positional and (args.own or not signature.files or signature.position == 0):
            return raw._replace(confidence=POSSIBLE, detail="Unless it is in what * unpacks.")
        return raw

    def _none(self, raw: Raw, nones: Set[NoneValue], others: Values) -> Raw:
        if WRITTEN in nones:
            if not others:
                return raw
            return raw._replace(rule=OPT_OUT)
        if NoneValue("defaulted") in nones:
            return raw._replace(confidence=POSSIBLE, detail="It is the default of the parameter.")
        return raw._replace(rule=OPT_OUT if others else NONE, confidence=POSSIBLE if others else DEFINITE)

    def _weak(self, raw: Raw, values: Values) -> Optional[Raw]:
        reasons = []
        good = False
        for value in values:
            found = weakness(self.context(value)) if isinstance(value, Context) else None
            if found is None:
                good = True
            else:
                assert isinstance(value, Context)
                reasons.append((*found, self.context(value).why))
        if not reasons:
            return None
        sure = not good and all(confidence == DEFINITE for confidence, _, _ in reasons)
        sure = sure or any(isinstance(each, Context) and self.context(each).is_weak_unasked() for each in values)
        if self.pins:
            sure = False
        _, text, why = sorted(reasons)[0]
        detail = text[0].upper() + text[1:] + "".join("; line %d: %s" % reason for reason in why[:3]) + "."
        return raw._replace(confidence=DEFINITE if sure else POSSIBLE, detail=detail)

    tree: ast.AST = ast.Module(body=[], type_ignores=[])
    #: whether the file checks a certificate by itself
    pins = False

    # Other rules

    def report_cause(self, raw: Optional[Raw], values: Values) -> None:
        """Report weak contexts where they are made or weakened, if what uses them has another report, or none."""
        if raw is None:
            return
        for value in values:
            found = self._weak(raw, frozenset([value]))
            cause = self.context(value).cause() if isinstance(value, Context) else None
            if found is not None and cause in self.causes:
                sure = raw.confidence == found.confidence == DEFINITE
                self.report(found._replace(node=self.causes[cause], confidence=DEFINITE if sure else POSSIBLE))

    def judge_handler(self, node: Place, args: Args) -> None:
        """An SMTPHandler is made."""
        secure = args.get(5, "secure")
        if secure is None or all(isinstance(value, NoneValue) for value in secure - frozenset([ABSENT])):
            return
        credentials = args.get(4, "credentials")
        without = credentials is None or all(isinstance(value, NoneValue) for value in credentials)
        unknown = all(value == UNKNOWN or isinstance(value, NoneValue) for value in secure)
        confidence, detail = DEFINITE, ""
        if without:
            confidence, detail = POSSIBLE, "Without credentials it does not even encrypt."
        elif unknown:
            confidence = POSSIBLE
        self.report(Raw(node, HANDLER, confidence, HANDLER_NAME, None, detail))

    def saw_dict(self, node: Place, state: DictState) -> None:
        cls = state.get("class") or state.get("()")
        secure = state.get("secure")
        if cls is None or secure is None or not any(is_handler(value) for value in cls):
            return
        if all(isinstance(value, NoneValue) for value in secure):
            return
        credentials = state.get("credentials")
        without = credentials is None or all(isinstance(value, NoneValue) for value in credentials)
        sure = not without and not state.more
        detail = "Without credentials it does not even encrypt." if without else ""
        self.report(Raw(node, HANDLER_DATA, DEFINITE if sure else POSSIBLE, HANDLER_NAME, None, detail))

    def finish(self) -> None:
        """What is known only when all of the file has been read."""
        for place, objects in self.waiting.items():
            if objects & self.supplied:
                for rule in (OMITTED, NONE, OPT_OUT):
                    self.reports.pop((place, rule), None)
        for place in self.passed_on:
            raw = self.reports.get((place, OMITTED))
            if raw is not None and raw.confidence == POSSIBLE:
                del self.reports[place, OMITTED]
        for value, node in self.glued.items():
            if value in self.upgraded:
                self.report(Raw(node, HOST_PORT, DEFINITE, "smtplib.SMTP.starttls"))
        for value, (node, name) in self.fallbacks.items():
            if value not in self.upgraded:
                self.report(Raw(node, CLEAR, DEFINITE, name))
        self._one_a_call()

    def _one_a_call(self) -> None:
        """Of several judgements on the context of one call, keep the surest and plainest."""
        by_place: Dict[Key, List[Raw]] = {}
        for (place, rule), raw in self.reports.items():
            if rule in CONTEXT_RULES:
                by_place.setdefault(place, []).append(raw)
        for place, raws in by_place.items():
            raws.sort(key=lambda raw: (raw.confidence != DEFINITE, raw.rule))
            for raw in raws[1:]:
                del self.reports[place, raw.rule]

    def note_host(self, node: Place, owner: Value, host: Optional[Values], port: Optional[Values], tls: bool) -> None:
        """A connection by smtplib to this host: is the port in it?"""
        if host is None or not any(isinstance(value, HostPort) for value in host):
            return
        if port is not None and port != frozenset([Const(0)]):
            return
        if tls:
            self.report(Raw(node, HOST_PORT, DEFINITE, "smtplib.SMTP_SSL"))
        else:
            self.glued[owner] = node


def is_handler(value: Value) -> bool:
    """Whether it names logging's SMTPHandler, as configurations do."""
    if isinstance(value, Symbol):
        return value.name == HANDLER_NAME
    return isinstance(value, Const) and value.value in (HANDLER_NAME, "handlers.SMTPHandler")
