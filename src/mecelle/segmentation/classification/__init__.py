"""What a decision is as a whole: its outcome, chamber, kind of case and the acts it cites."""
