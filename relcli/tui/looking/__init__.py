"""Which token or head of a question looks where: its tokens as a line, and maps in place of the answer's."""
