"""One default handshake: its context, the trust behind it, and the verdict on a chain."""
