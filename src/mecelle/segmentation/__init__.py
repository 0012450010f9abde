"""Reading a court decision: its sections, and who learns to find them. Source: HukukBERT §3.7, §4.3 to §4.5."""
