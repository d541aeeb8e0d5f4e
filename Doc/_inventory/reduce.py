"""Write python.inv: what the pages refer to, out of CPython's whole inventory, whose path is the argument."""

import sys
from pathlib import Path

import sphobjinv

NAMES = {
    *("DeprecationWarning", "ImportError", "OSError", "TypeError", "UserWarning", "ValueError", "RuntimeWarning"),
    *("bool", "dict", "int", "str", "tuple", "None", "True", "False"),
    *("collections.abc.Callable", "collections.abc.Iterable", "collections.abc.Sequence", "datetime.date"),
    *("os.PathLike", "ssl.SSLContext", "ssl.SSLCertVerificationError", "ssl.create_default_context"),
    *("typing.Any", "typing.Callable", "typing.Dict", "typing.Iterable", "typing.NamedTuple", "typing.Optional"),
    *("typing.Sequence", "typing.Tuple", "typing.Union"),
}

whole = sphobjinv.Inventory(sys.argv[1])
found = [entry for entry in whole.objects if entry.domain == "py" and entry.name in NAMES]
missing = NAMES - {entry.name for entry in found}
if missing:
    sys.exit("not in the inventory: " + ", ".join(sorted(missing)))
reduced = sphobjinv.Inventory()
reduced.project, reduced.version = "Python", "3"
reduced.objects.extend(found)
text = reduced.data_file(contract=True)
sphobjinv.writebytes(str(Path(__file__).with_name("python.inv")), sphobjinv.compress(text))
print(len(found), "entries")
