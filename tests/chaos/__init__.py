"""The chaos suite: every fault that the delivery promise names, under load, with real processes, then an audit.

                       seed ─▶ news ─▶ site (8 outlets, a process of its own)
                                              ▲
    load ──HTTP──▶ API ──▶ Redis ──▶ workers ─┴─▶ Elasticsearch ──▶ audit: lost 0, twice 0, only poison quarantined
    2,000 URLs              ▲           ▲               ▲
                            └───────────┴─ fault ───────┘   struck in mid-run, lifted; then wait until all is quiet

`make chaos` runs all, `python -m tests.chaos -k redis` some, `--list` names them. The first line printed is the seed
(TOCSIN_CHAOS_SEED): it decides pages, their order and every choice of a fault; the moments at which processes are
scheduled it cannot decide. Workers run as elsewhere, but with TOCSIN_DELIVERY_TIME_SCALE below 1: waits of minutes
become seconds. Nothing is patched. A fault that hit nothing fails its drill.

    news.py       what the site serves and how each URL must end     rig.py     servers, site, workers, API
    load.py       submits it all over HTTP                           drill.py   load, fault, quiet, audit: one row
    audit.py      what must hold afterwards                          faults/    the faults, a function each
    proxies.py    between the processes and a server that fails      poisoned.py, clock/   workers with a flaw
"""
