"""The embedded mode: Redis, Elasticsearch and everything of ours on one machine, without a container engine.

How the modules build on each other:

    run ─▶ servers ─▶ redis_server, elasticsearch_server ─▶ elasticsearch_build ─▶ packages
     ├───▶ manager ─▶ programs, processes        starts, asks and stops supervisor
     ├───▶ demo, ready                           sends the stories; waits for real readiness
     └───▶ home, instance, ports, interrupts     the folder, its records, free ports, Ctrl-C

Nothing is imported here, so that a command which asks only for an address starts fast.
"""
