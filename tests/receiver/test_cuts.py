#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads that go on after a cut, a crash or a change of connection."""

import os
import random
import signal
import threading

from kit import programs, tap, websocket
from receiving import partials, wait_for_bytes
from resuming import CHUNK, Refusal, ResumeTest, attempt, metadata, receive_ready

DATA = os.urandom(3000001)


class Cuts(ResumeTest):
    def test_each_kind_of_end(self):
        for end in ('close', 'reset', 'half_close'):
            with self.subTest(end=end):
                connection, ready = self.begin_resumable(DATA, name=end)
                self.assertEqual(ready, {'ready': True, 'chunksize': 1 << 20, 'offset': 0})
                connection.send_binary(DATA[:CHUNK])
                # Cut in the middle of a chunk, too.
                connection.send_frame(False, 2, DATA[CHUNK:CHUNK + 1000])
                wait_for_bytes(self.folder, CHUNK + 1000)
                getattr(connection, end)()
                self.server.wait_event('cut', lambda event, name=end: event['name'] == name)
                self.assert_verified(self.attempt(DATA, name=end), CHUNK + 1000)
                self.assertEqual((self.folder / end).read_bytes(), DATA)
                (self.folder / end).unlink()
                self.assert_empty()

    def test_many_times(self):
        offsets = [self.leave(DATA, stop) for stop in (1, 2, 1000, 1000000, 1000001, len(DATA))]
        self.assertEqual(offsets, [0, 1, 2, 1000, 1000000, 1000001])
        self.assert_verified(self.attempt(DATA), len(DATA))
        self.assert_stored(**{'file.bin': DATA})

    def test_an_empty_file(self):
        self.assert_verified(self.attempt(b''), 0)
        self.assert_stored(**{'file.bin': b''})

    def test_nothing_arrived(self):
        self.leave(DATA, 0)
        self.assert_empty()
        self.assert_verified(self.attempt(DATA), 0)

    def test_something_else(self):
        self.leave(DATA, 1000000)
        for other in ({'name': 'other.bin'}, {'upload': 'id-2'}, {'modified': '2026-01-02T03:04:06Z'},
                      {'modified': None}, {'size': len(DATA) + 1}):
            with self.subTest(other=other):
                connection, ready = self.begin_resumable(DATA, **other)
                self.assertEqual(ready['offset'], 0)
                connection.close()
        self.assert_verified(self.attempt(DATA), 1000000)

    def test_no_upload_id(self):
        for upload in (None, '', 'a/b', '../../x', 'x' * 129, 'ü', 1, True, ['x'], {}):
            with self.subTest(upload=upload):
                connection, ready = self.begin_resumable(DATA, upload=upload)
                self.assertEqual(ready, {'ready': True, 'chunksize': 1 << 20})
                connection.send_binary(DATA[:1000])
                wait_for_bytes(self.folder, 1000)
                connection.close()
                self.wait_empty()

    def test_path_is_no_path(self):
        self.assert_verified(self.attempt(DATA, path='../../elsewhere/album'), 0)
        self.assert_stored(**{'file.bin': DATA})

    def test_protocol_error_keeps_nothing(self):
        connection, _ = self.begin_resumable(DATA)
        connection.send_binary(DATA[:1000])
        connection.send_text('nonsense')
        self.assert_refused(connection, 'protocol')
        self.assert_empty()


class Acknowledgements(ResumeTest):
    options = ('--chunk-size=1000', '--window=1')

    def test_each_ready_says_how_far(self):
        for upload in ('id-1', None):
            with self.subTest(upload=upload):
                connection, ready = self.begin_resumable(DATA[:3500], upload=upload)
                self.assertEqual(ready.get('offset'), 0 if upload else None)
                for start in range(0, 3500, 1000):
                    connection.send_binary(DATA[start:min(start + 1000, 3500)])
                    ready = receive_ready(connection)
                    self.assertEqual(ready, {'ready': True, 'chunksize': 1000, 'offset': min(start + 1000, 3500)})
                connection.send_json({'finished': True})
                self.assertEqual(connection.receive_json(), {'close': True})


class Receivers(ResumeTest):
    """The receiver itself ends."""

    def test_room_is_given_back(self):
        """What was reserved for the rest of the file is not kept with its beginning."""
        def room():
            return partials(self.folder)[0].stat().st_blocks * 512

        connection, _ = self.begin_resumable(DATA, size=1 << 30)
        connection.send_binary(DATA[:1000])
        wait_for_bytes(self.folder, 1000)
        self.server.kill()
        with programs.Receiver(self.folder) as server:
            self.assertLess(room(), 1 << 20)
            connection = self.enterContext(websocket.WebSocket(server.address))
            connection.send_json(metadata(DATA, size=1 << 30))
            self.assertEqual(receive_ready(connection)['offset'], 1000)
            connection.close()
            server.wait_event('cut')
            self.assertLess(room(), 1 << 20)

    def test_kill(self):
        """Whatever is offered after a crash is a beginning of the file."""
        random.seed(1)
        offset, kills = 0, 0
        while True:
            with programs.Receiver(self.folder) as server:
                connection = self.enterContext(websocket.WebSocket(server.address))
                connection.send_json(metadata(DATA, hash='sha1'))
                offset = receive_ready(connection)['offset']
                if offset > 2000000:
                    break
                held = partials(self.folder)[0].read_bytes()
                self.assertEqual(held, DATA[:offset])
                wanted = offset + random.randrange(1, 400000)
                connection.send_frame(True, 2, DATA[offset:offset + 500000])
                wait_for_bytes(self.folder, wanted)
                server.kill()
                kills += 1
        self.assertGreater(kills, 2)
        self.assert_verified(self.attempt(DATA), offset)
        self.assert_stored(**{'file.bin': DATA})

    def test_stop(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number), programs.Receiver(self.folder) as server:
                connection = self.enterContext(websocket.WebSocket(server.address))
                connection.send_json(metadata(DATA))
                offset = receive_ready(connection)['offset']
                connection.send_binary(DATA[offset:offset + 100000])
                wait_for_bytes(self.folder, offset + 100000)
                server._expect_running = False
                server.signal(number)
                self.assertEqual(server.wait(), 0)
        self.assert_verified(self.attempt(DATA), 300000)

    def test_beside_another_receiver(self):
        """Which does not take what is in use here."""
        connection, _ = self.begin_resumable(DATA)
        connection.send_binary(DATA[:1000])
        wait_for_bytes(self.folder, 1000)
        with programs.Receiver(self.folder) as other:
            with self.assertRaises(Refusal) as caught:
                attempt(other.address, DATA)
            self.assertEqual((caught.exception.signal['code'], caught.exception.signal['retry']), ('busy', 2))
            connection.close()
            self.server.wait_event('cut')
            self.assert_verified(attempt(other.address, DATA), 1000)


class TakeOvers(ResumeTest):
    def test_half_open(self):
        """The old connection is gone, and the receiver does not know."""
        old, _ = self.begin_resumable(DATA, hash='sha1')
        old.send_binary(DATA[:CHUNK])
        old.send_frame(False, 2, DATA[CHUNK:CHUNK + 7])
        wait_for_bytes(self.folder, CHUNK + 7)
        self.assert_verified(self.attempt(DATA, hash='sha1'), CHUNK + 7)
        event = self.server.wait_event('cut')
        self.assertEqual(event['received'], CHUNK + 7)
        self.assertIn('another connection', event['reason'])
        self.assert_refused(old, 'taken-over')
        self.assert_stored(**{'file.bin': DATA})

    def test_old_one_still_sends(self):
        old, _ = self.begin_resumable(DATA)
        old.send_binary(DATA[:CHUNK])
        wait_for_bytes(self.folder, CHUNK)
        new, ready = self.begin_resumable(DATA)
        self.assertEqual(ready['offset'], CHUNK)
        old.send_binary(DATA[CHUNK:2 * CHUNK])
        self.assert_refused(old, 'taken-over')
        new.close()
        programs.wait_until(lambda: len(self.server.named('cut')) == 2, 'both are cut')
        self.assert_verified(self.attempt(DATA), CHUNK)

    def test_places(self):
        """Connections that were taken over do not hold up uploads for ever."""
        connections = [self.begin_resumable(DATA)[0] for _ in range(20)]
        for old in connections[:-1]:
            self.assert_refused(old, 'taken-over')
        self.assert_serves()

    def test_many_at_once(self):
        """Whoever gets through has stored the whole file, and nothing else is left."""
        closes = []

        def work():
            while True:
                try:
                    closes.append(self.attempt(DATA, hash='sha1'))
                    return
                except Refusal as refusal:
                    if refusal.signal['code'] != 'busy':
                        return
                except websocket.Closed:
                    return

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertGreater(len(closes), 0)
        for _, close in closes:
            self.assertTrue(close['verified'])
        stored = list(self.folder.iterdir())
        self.assertEqual(len(stored), len(closes))
        for path in stored:
            self.assertEqual(path.read_bytes(), DATA)


class Planted(ResumeTest):
    def test_link_in_place_of_the_partial(self):
        victim = self.folder / 'victim'
        self.leave(DATA, 1000)
        partial, = partials(self.folder)
        for plant in (lambda: partial.symlink_to(victim), lambda: os.link(victim, partial),
                      lambda: os.mkfifo(partial)):
            victim.write_bytes(b'precious')
            partial.unlink()
            plant()
            self.assertEqual(self.leave(DATA, 500), 0)
            self.assertEqual(victim.read_bytes(), b'precious')
            self.assertEqual(partial.read_bytes(), DATA[:500])
        victim.unlink()

    def test_more_bytes_than_the_file_has(self):
        self.leave(DATA, 1000)
        partial, = partials(self.folder)
        partial.write_bytes(bytes(len(DATA) + 1))
        self.assert_verified(self.attempt(DATA), 0)


class Expiry(ResumeTest):
    options = ('--keep-partial=1',)
    # The third is how often the folder is looked through.
    environment = {'GALILEOSEND_RECEIVER_DEADLINES': '10000,60000,100'}

    def test_swept_while_running(self):
        self.leave(DATA, 1000)
        self.wait_empty()
        self.assert_verified(self.attempt(DATA), 0)

    def test_not_while_it_is_in_use(self):
        connection, _ = self.begin_resumable(DATA)
        connection.send_binary(DATA[:1000])
        partial = wait_for_bytes(self.folder, 1000)
        os.utime(partial, (0, 0))
        self.leave(DATA, 1000, upload='id-2')
        programs.wait_until(lambda: len(partials(self.folder)) == 1, 'the other is swept')
        self.assertTrue(partial.exists())


class NothingKept(ResumeTest):
    options = ('--keep-partial=0',)

    def test_nothing_kept(self):
        connection, ready = self.begin_resumable(DATA)
        self.assertNotIn('offset', ready)
        connection.send_binary(DATA[:1000])
        wait_for_bytes(self.folder, 1000)
        connection.close()
        self.wait_empty()


class StartUp(ResumeTest):
    def test_cleaning(self):
        """A receiver that starts removes what is too old, and what nobody can come back to."""
        self.leave(DATA, 1000)
        self.leave(DATA, 2000, upload='old')
        old, = (path for path in partials(self.folder) if path.stat().st_size == 2000)
        self.begin_data(b'x' * 1000)
        self.server.kill()
        os.utime(old, (0, 0))
        self.assertEqual(len(partials(self.folder)), 3)
        with programs.Receiver(self.folder) as server:
            self.assertEqual([path.stat().st_size for path in partials(self.folder)], [1000])
            self.assert_verified(attempt(server.address, DATA), 1000)


if __name__ == '__main__':
    tap.main()
