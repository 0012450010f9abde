"""What thresholds cost: one pass measures every document, then every choice of thresholds is counted. One file each."""
