# expect: SD101 definite fixable | each.starttls()
# expect: SD101 definite fixable | by_name[name].starttls()
# expect: SD101 definite fixable | opened.starttls()
# expect: SD101 definite fixable | made().starttls()
# expect: SD101 possible | strange.starttls()
import smtplib
from typing import Callable, ContextManager, Dict, Iterable, List

from our_project import Box


def upgrade(
    name: str,
    names: List[str],
    servers: Iterable[smtplib.SMTP],
    by_name: Dict[str, smtplib.SMTP],
    entered: ContextManager[smtplib.SMTP],
    made: Callable[..., smtplib.SMTP],
    strange: Box[smtplib.SMTP],
):
    for each in servers:
        each.starttls()
    by_name[name].starttls()
    with entered as opened:
        opened.starttls()
    made().starttls()
    strange.starttls()
