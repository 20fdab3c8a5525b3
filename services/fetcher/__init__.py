"""The fetcher: downloads one page, politely, and never from an address that is not public.

tasks.py ─▶ fetch.py ─▶ robots.py ─▶ download.py ─▶ client.py ─▶ network.py ─▶ guard.py
 adapter     the verb    may we?      one answer     httpx        sockets       which addresses
"""
