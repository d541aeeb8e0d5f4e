"""`wrap_socket()` of a program's own."""

from __future__ import annotations

from typing import Optional, Tuple, Union

from ._arguments import Args
from ._contexts import weakness
from ._judge import Judge, Raw
from ._rules import DEFINITE, HANDLER_NAME, POSSIBLE, UNNAMED, WEAK
from ._subject import subject
from ._syntax import Place
from ._values import WRITTEN, Const, Context, DefaultContext, Instance, Method, Value

_NAME = "ssl.SSLContext.wrap_socket"


class Wrap(Judge):
    """Judges it."""

    _of_file: Optional[Tuple[Optional[str]]] = None

    def judge_wrap(self, node: Place, owner: Union[Context, DefaultContext], args: Args, own_connection: bool) -> None:
        """`context.wrap_socket(...)`; `own_connection` if it is in a class derived from a client."""
        server = is_server(args, 1)
        if server:
            return
        own_connection = own_connection or any(_is_client_socket(value) for value in args.get(0, "sock") or ())
        named = args.get(4, "server_hostname")
        unnamed = (named is None or named <= {WRITTEN}) and not args.more_keywords and server is False
        if isinstance(owner, DefaultContext):
            if unnamed:
                self.report(Raw(node, UNNAMED, DEFINITE, _NAME))
            return
        state = self.context(owner)
        weak = weakness(state) is not None
        if unnamed and (own_connection if weak else True in state.name):
            sure = own_connection and (weak or state.name == {True})
            self.report(Raw(node, UNNAMED, DEFINITE if sure else POSSIBLE, _NAME))
        about = DEFINITE if own_connection else self.subject()
        if weak and about is not None:
            confidence = POSSIBLE if server is None else about
            self.report_cause(Raw(node, WEAK, confidence, _NAME), frozenset([owner]))

    def subject(self) -> Optional[str]:
        """How sure it is that the file is about the protocols; None if it is not."""
        if self._of_file is None:
            self._of_file = (subject(self.tree),)
        return self._of_file[0]


def _is_client_socket(value: Value) -> bool:
    """`connection.sock`, of a client of the standard library."""
    if not isinstance(value, Method) or value.name != "sock" or not isinstance(value.owner, Instance):
        return False
    return any(cls != HANDLER_NAME for cls in value.owner.standard())


def is_server(args: Args, index: int) -> Optional[bool]:
    """Whether it is the server's side; None if that depends on something."""
    values = args.get(index, "server_side")
    if values is None:
        return False
    sides = {bool(value.value) if isinstance(value, Const) else None for value in values}
    return sides.pop() if len(sides) == 1 else None
