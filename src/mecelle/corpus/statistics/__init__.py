"""What a corpus holds, and how well its steps found what was planted."""
