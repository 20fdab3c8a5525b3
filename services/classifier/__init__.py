"""The classifier: codes what an article says happened, by rules, and cites the sentence for every value."""
