"""The extractor: finds the story in a page.

bytes ─▶ decode.py ─▶ parse.py ─▶ one tree ─┬▶ metadata.py  (jsonld.py, markup.py, dates.py, urls.py)
                                            ├▶ body.py      (trafilatura, boilerplate.py)
                                            └▶ verdict.py   is it a story?
"""
