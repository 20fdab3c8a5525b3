"""The delivery promise: every accepted URL ends in exactly one outcome, whatever dies.

    messages     what travels                          step          what happens to it: all task policy; job: to one
    ledger       what is on its way, and how often     surroundings  what a step works with
    sketch       what was ever accepted                delays        what waits to be tried again, backoff: how long
    quarantine   what failed for good                  reconcile     what got lost is sent again
    outbox       what threads send together            pressure      when nothing more is taken in
    timing       every limit and wait, in one consistent set

Nothing here knows how a worker runs: that is `shared.worker`, and `shared.task` puts the two together.
"""
