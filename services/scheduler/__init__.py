"""The scheduler: work that is due by the clock. One process holds the timer and its worker."""
