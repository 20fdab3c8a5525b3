"""A worker process: `python -m shared.worker fetcher`.

run         what each kind of worker needs of Celery    clock      what is due by the clock
transport   loses nothing that it cannot read           canary     shows who is alive
consumer    drops no message                            drain      stops in a stated time
memory      caps the children of the pool
"""
