"""See `shared.worker.run`."""

from shared.worker.run import main

main()
