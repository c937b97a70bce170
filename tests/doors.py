"""Sockets that are answered by one thread."""

import selectors
import socket
import threading


class Doors:
    """Calls what belongs to a socket whenever something has come there."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._stop, stopped = socket.socketpair()
        self._selector.register(stopped, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def open(self, door, answer):
        """Have a socket answered, and close it at the end."""
        self._selector.register(door, selectors.EVENT_READ, answer)

    def close(self):
        """Stop answering, everywhere."""
        self._stop.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _serve(self):
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data(key.fileobj)
