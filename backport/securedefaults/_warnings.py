"""The categories of warnings in warn mode."""


class UnverifiedDefaultWarning(DeprecationWarning):
    """A connection was made without a context, and so without verification; enforcement would not have refused it,
    or it is unknown whether it would. Shown where Python shows a DeprecationWarning.
    """


class WouldBeRefusedWarning(UserWarning):
    """A connection was made without a context, to a server whose certificate enforcement would have refused."""
