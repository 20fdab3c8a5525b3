"""What Kibana shows: `python -m services.setup.dashboards` writes it to `deploy/kibana` as exports are.

    views, searches, maps, overview, operations, quality   what there is
    lens, board, objects                                   how Kibana 8.19 writes it down

The structure is that of exports of Kibana 8.17, the newest that could be had: Kibana brings older versions up to date
when it imports them, and refuses those that are newer than its own.
"""
