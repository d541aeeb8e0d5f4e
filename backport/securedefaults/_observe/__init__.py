"""What is told about a handshake, and to whom."""
