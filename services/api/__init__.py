"""The API: takes submissions, answers searches, tells where everything is."""
