"""The names of modes and of verdicts, as arguments, logs and reports have them."""

ENFORCE, WARN, OFF = "enforce", "warn", "off"
MODES = (ENFORCE, WARN, OFF)

ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"
#: by a rule that switches verification off
EXEMPT = "exempt"
