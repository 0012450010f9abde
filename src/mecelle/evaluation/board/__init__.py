"""The leaderboard: one page of everything that was measured, and of what the papers print."""
