"""What the emulated market knows, without HTTP.

Each module holds one subject and takes `now` from its caller, so that all of it can be tested with
made-up times. Nothing here reads a clock, opens a socket or knows a request. Secrets are kept as
digests only: what was handed out once cannot be read back, by the market or by its journal.

All of it belongs to one thread, that of the event loop which serves the surfaces.
"""
