# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of the protocol in this process, that does what a test wants."""

import gi
gi.require_version('Galileo', '1')
gi.require_version('Soup', '3.0')
from gi.repository import Galileo, Soup

LARGEST_MESSAGE = 1 << 20


class Peer:
    """Stores what comes and confirms it. Tests replace the `on_` methods."""

    def __init__(self):
        self.metadata = []
        self.finished = []
        self.data = b''
        self._connections = []
        self._server = Soup.Server()
        self._server.add_websocket_handler('/upload', None, None, self._on_websocket)
        self._server.listen_local(0, Soup.ServerListenOptions.IPV4_ONLY)
        self.address = Galileo.address_parse(f'ws://127.0.0.1:{self._server.get_uris()[0].get_port()}/upload')

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._server.disconnect()

    def _on_websocket(self, _server, _message, _path, connection, *_):
        self._connections.append(connection)
        connection.set_max_incoming_payload_size(LARGEST_MESSAGE)
        connection.connect('message', self._on_message)

    def _on_message(self, connection, kind, message):
        if kind == Soup.WebsocketDataType.BINARY:
            self.data += message.get_data()
            self.on_chunk()
            return
        signal = Galileo.Signal.parse(message.get_data())
        if signal.is_true('finished'):
            self.finished.append(signal)
            self.on_finished()
        else:
            self.metadata.append(signal)
            self.on_metadata()

    def send(self, signal):
        self._connections[-1].send_text(signal.to_text())

    def cut(self):
        """Ends the connection without a close signal."""
        self._connections[-1].close(Soup.WebsocketCloseCode.GOING_AWAY, None)

    def on_metadata(self):
        self.send(Galileo.Signal.new_ready(0))

    def on_chunk(self):
        self.send(Galileo.Signal.new_ready(0))

    def on_finished(self):
        self.send(Galileo.Signal.new_close())
