// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Uploads a file to the address of a server, and to one here that refuses it after the first chunk. Says what came in
// JSON, a line for each event.

imports.gi.versions.Galileo = '1';
imports.gi.versions.Soup = '3.0';
const { Galileo, Gio, GLib, Soup } = imports.gi;
const System = imports.system;

const [address, path] = ARGV;
const loop = GLib.MainLoop.new(null, false);
const session = new Soup.Session();
const connections = [];

function say(event, details = {}) {
    print(JSON.stringify({ event, ...details }));
}

function upload(uri) {
    const self = Galileo.Upload.new(session, uri, Gio.File.new_for_path(path));
    const kept = [];

    self.name = 'from JavaScript.bin';
    self.connect('chunk', (_self, ratio) => say('chunk', { ratio }));
    self.connect('error-signal', (_self, signal) => {
        kept.push(signal);
        say('error-signal', { message: signal.dup_message() });
    });
    self.connect('succeeded', () => say('succeeded', { hash: self.get_hash() }));
    self.connect('failed', (_self, signals) => {
        kept.push(...signals);
        const error = self.get_error();
        say('failed', {
            message: error.message,
            refused: error.matches(Galileo.Error, Galileo.Error.REFUSED),
            transient: Galileo.Error.is_transient(error),
        });
    });
    self.connect('closed', () => {
        say('closed', { sent: self.sent, state: self.state });
        loop.quit();
    });
    self.start();
    loop.run();
    return kept;
}

function refuse() {
    const server = new Soup.Server();

    server.add_websocket_handler('/', null, null, (_server, _message, _path, connection) => {
        connections.push(connection);
        connection.max_incoming_payload_size = 1 << 20;
        connection.connect('message', (_connection, kind, bytes) => {
            if (kind === Soup.WebsocketDataType.BINARY) {
                const error = Galileo.Signal.new_error('no room left', 'quota', true);
                connection.send_text(error.add_size('retry', 60).to_text());
                return;
            }
            const metadata = Galileo.Signal.parse(bytes.toArray());
            say('metadata', { name: metadata.get_string('name'), size: metadata.get_size('size') });
            connection.send_text(Galileo.Signal.new_ready(100000).to_text());
        });
    });
    server.listen_local(0, Soup.ServerListenOptions.IPV4_ONLY);
    return server;
}

try {
    Galileo.address_parse('ftp://example.org/');
} catch (error) {
    say('thrown', { address: error.matches(Galileo.Error, Galileo.Error.ADDRESS) });
}

upload(Galileo.address_parse(address));

const server = refuse();
const kept = upload(Galileo.address_parse(`ws://127.0.0.1:${server.get_uris()[0].get_port()}/`));
server.disconnect();
System.gc();
say('kept', { codes: kept.map(signal => signal.get_string('code')), retry: kept[0].get_number('retry') });
