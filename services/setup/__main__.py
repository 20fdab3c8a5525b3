"""See `services.setup.run`."""

from services.setup.run import main

main()
