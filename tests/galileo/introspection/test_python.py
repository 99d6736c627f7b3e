# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads from Python, by the bindings that are made of the introspection."""

import gc
import hashlib
import os
import pathlib
import socket
import threading
import time
import unittest

import gi
gi.require_version('Galileo', '1')
gi.require_version('Soup', '3.0')
from gi.repository import Galileo, Gio, GLib, Soup

from kit import files, programs, tap
from peer import Peer

SIZE = 1_300_001


class LibraryTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(files.scratch())
        self.path = files.random_file(self.folder / 'sample.bin', SIZE)
        self.file = Gio.File.new_for_path(str(self.path))
        self.contents = self.path.read_bytes()
        self.session = Soup.Session()

    def assert_error(self, error, code):
        self.assertIsNotNone(error)
        self.assertTrue(error.matches(Galileo.Error.quark(), code), error)


class Watch:
    """Follows an upload: `events` has what came, in order."""

    def __init__(self, upload):
        self.upload = upload
        self.events = []
        self.ratios = []
        self.states = []
        self.error_signals = []
        self.failed_signals = None
        upload.connect('chunk', self._on_chunk)
        upload.connect('error-signal', self._on_error_signal)
        upload.connect('succeeded', lambda upload: self.events.append('succeeded'))
        upload.connect('failed', self._on_failed)
        upload.connect('closed', lambda upload: self.events.append('closed'))
        upload.connect('notify::state', lambda upload, _: self.states.append(upload.props.state.value_nick))

    def _on_chunk(self, _upload, ratio):
        self.events.append('chunk')
        self.ratios.append(ratio)

    def _on_error_signal(self, _upload, signal):
        self.events.append('error-signal')
        self.error_signals.append(signal)

    def _on_failed(self, _upload, signals):
        self.events.append('failed')
        self.failed_signals = signals

    def wait(self, event='closed'):
        wait_for(lambda: event in self.events, f'{event} after {self.events}')
        return self

    def run(self):
        self.upload.start()
        return self.wait()

    @property
    def ends(self):
        return [event for event in self.events if event not in ('chunk', 'error-signal')]


def wait_for(condition, what):
    """Runs the main context until something holds."""
    context = GLib.MainContext.default()
    late = []
    timer = GLib.timeout_add_seconds(programs.PATIENCE, lambda: late.append(True))
    while not condition() and not late:
        context.iteration(True)
    if late:
        raise AssertionError(f'not within {programs.PATIENCE} s: {what}')
    GLib.source_remove(timer)


class Receiving(LibraryTest):
    """Against the receiver of this project."""

    def test_success(self):
        with programs.Receiver(self.folder) as receiver:
            upload = Galileo.Upload.new(self.session, Galileo.address_parse(receiver.address), self.file)
            upload.set_name('Año – 写真.bin')
            upload.set_hash_type(Galileo.HashType.SHA256)
            watch = Watch(upload).run()
        self.assertIsNone(upload.get_error())
        self.assertEqual(watch.ends, ['succeeded', 'closed'])
        self.assertEqual(watch.states, ['connecting', 'metadata', 'sending', 'sent', 'finished', 'closing', 'succeeded'])
        self.assertEqual(watch.ratios, sorted(watch.ratios))
        self.assertEqual((watch.ratios[-1], len(watch.ratios)), (1.0, 6))
        self.assertEqual((upload.get_sent(), upload.get_acknowledged(), upload.get_size()), (SIZE, SIZE, SIZE))
        self.assertEqual(upload.get_hash(), hashlib.sha256(self.contents).hexdigest())
        self.assertEqual(upload.get_error_signals(), [])
        self.assertEqual((self.folder / 'Año – 写真.bin').read_bytes(), self.contents)

    def test_refusal(self):
        with programs.Receiver(self.folder, '--max-size=1K') as receiver:
            upload = Galileo.Upload.new(self.session, Galileo.address_parse(receiver.address), self.file)
            watch = Watch(upload).run()
        self.assertEqual(watch.events, ['error-signal', 'failed', 'closed'])
        self.assert_error(upload.get_error(), Galileo.Error.REFUSED)
        self.assertIn(watch.error_signals[0].dup_message(), upload.get_error().message)
        self.assertEqual(watch.error_signals[0].get_string('code'), 'too-big')

    def test_engine(self):
        done = threading.Event()
        seen = []

        with programs.Receiver(self.folder) as receiver:
            before = len(os.listdir('/proc/self/task'))
            engine = Galileo.Engine.new()
            engine.set_rate_limit(SIZE)
            engine.set_group_rate_limit('a site', 2 * SIZE)
            started = time.monotonic()

            def start():
                upload = Galileo.Upload.new(engine.get_session(), Galileo.address_parse(receiver.address), self.file)
                upload.set_name('engine.bin')
                upload.set_rate_group('a site')
                upload.connect('chunk', lambda upload, ratio: seen.append(threading.get_ident()))
                upload.connect('closed', closed)
                engine.start_upload(upload)

            def closed(upload):
                seen.append(engine.is_owner())
                seen.append(upload.get_error())
                done.set()

            self.assertFalse(engine.is_owner())
            engine.invoke(start)
            self.assertTrue(done.wait(programs.PATIENCE))
            seconds = time.monotonic() - started

            # Freeing it waits for its thread; nothing but this function has it.
            start = closed = engine = None
            gc.collect()
            programs.wait_until(lambda: len(os.listdir('/proc/self/task')) <= before + 1, 'end of the thread')
        *chunks, owner, error = seen
        self.assertIsNone(error)
        self.assertTrue(owner)
        self.assertEqual(len(set(chunks)), 1)
        self.assertNotIn(threading.get_ident(), chunks)
        # All of it at its rate would take a second; the first quarter of a second goes at once.
        self.assertGreater(seconds, 0.7)
        self.assertGreater(len(chunks), 6)
        self.assertEqual((self.folder / 'engine.bin').read_bytes(), self.contents)


class Engines(LibraryTest):
    def test_freeing_cancels(self):
        closed = threading.Event()
        started = threading.Event()
        state = []

        def work():
            engine = Galileo.Engine.new()

            def start():
                upload = Galileo.Upload.new(engine.get_session(), address, self.file)
                upload.connect('closed', lambda upload: (state.append(upload.get_state()), closed.set()))
                engine.start_upload(upload)
                started.set()

            engine.invoke(start)
            started.wait(programs.PATIENCE)

        with socket.create_server(('127.0.0.1', 0)) as listener:
            address = Galileo.address_parse(f'ws://127.0.0.1:{listener.getsockname()[1]}/')
            work()
            gc.collect()
            self.assertTrue(closed.wait(programs.PATIENCE))
        self.assertEqual(state, [Galileo.UploadState.CANCELLED])

    def test_last_reference_goes_in_its_thread(self):
        called = []

        def work(number):
            engine = Galileo.Engine.new()
            engine.invoke(lambda: called.append((number, engine.is_owner())))

        before = len(os.listdir('/proc/self/task'))
        for number in range(30):
            work(number)
            programs.wait_until(lambda: len(called) > number, 'the call')
        self.assertEqual(called, [(number, True) for number in range(30)])
        programs.wait_until(lambda: len(os.listdir('/proc/self/task')) <= before, 'the end of all threads')


class Conversing(LibraryTest):
    """Against a server in Python."""

    def setUp(self):
        super().setUp()
        self.peer = self.enterContext(Peer())
        self.upload = self.new_upload()

    def new_upload(self):
        return Galileo.Upload.new(self.session, self.peer.address, self.file)

    def test_success_with_a_warning(self):
        def confirm():
            self.peer.send(Galileo.Signal.new_error('almost full', None, False))
            self.peer.send(Galileo.Signal.new_close().add_boolean('verified', True).add_string('url', 'https://a.test/s'))
        self.peer.on_finished = confirm
        self.upload.set_path('album/day 1')
        self.upload.set_header('X-Test', 'yes')
        watch = Watch(self.upload).run()

        self.assertEqual(watch.events, 6 * ['chunk'] + ['error-signal', 'succeeded', 'closed'])
        self.assertEqual([signal.dup_message() for signal in self.upload.get_error_signals()], ['almost full'])
        self.assertEqual((self.upload.get_verified(), self.upload.get_url()), (True, 'https://a.test/s'))
        self.assertEqual(self.peer.data, self.contents)
        metadata, finished = self.peer.metadata[0], self.peer.finished[0]
        self.assertEqual(metadata.get_string('name'), 'sample.bin')
        self.assertEqual(metadata.get_string('path'), 'album/day 1')
        self.assertEqual(tuple(metadata.get_size('size')), (True, SIZE))
        self.assertEqual(tuple(finished.get_hash()), (True, 'sha1', hashlib.sha1(self.contents).hexdigest()))

    def test_failure_with_a_reason(self):
        def refuse():
            self.peer.send(Galileo.Signal.new_error('the cache is cold', None, False))
            self.peer.send(Galileo.Signal.new_error('no room left', 'quota', True).add_size('retry', 60))
        self.peer.on_chunk = refuse
        watch = Watch(self.upload).run()

        self.assertEqual(watch.events, ['chunk', 'error-signal', 'error-signal', 'failed', 'closed'])
        self.assert_error(self.upload.get_error(), Galileo.Error.REFUSED)
        self.assertIn('no room left', self.upload.get_error().message)
        self.assertFalse(Galileo.Error.is_transient(self.upload.get_error()))

        # What was given out lives on without the upload.
        error = self.upload.get_error()
        signals = watch.failed_signals + self.upload.get_error_signals() + watch.error_signals
        del self.upload, watch
        gc.collect()
        self.assertEqual([signal.dup_message() for signal in signals], 3 * ['the cache is cold', 'no room left'])
        self.assertEqual(signals[1].get_string('code'), 'quota')
        self.assertEqual(tuple(signals[1].get_number('retry')), (True, 60.0))
        self.assertTrue(signals[1].get_fatal())
        self.assertIn('no room left', error.message)

    def test_failure_without_one(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            nobody = Galileo.address_parse(f'ws://127.0.0.1:{listener.getsockname()[1]}/')
        upload = Galileo.Upload.new(self.session, nobody, self.file)
        watch = Watch(upload).run()
        self.assertEqual(watch.events, ['failed', 'closed'])
        self.assert_error(upload.get_error(), Galileo.Error.CONNECT)
        self.assertTrue(Galileo.Error.is_transient(upload.get_error()))
        self.assertTrue(Galileo.Error.is_about_site(upload.get_error()))
        self.assertFalse(Galileo.Error.is_changed_file(upload.get_error()))
        self.assertTrue(watch.failed_signals[0].is_true('local'))
        self.assertEqual(watch.failed_signals[0].dup_message(), upload.get_error().message)

    def test_cancelling(self):
        self.peer.on_chunk = self.upload.cancel
        watch = Watch(self.upload).run()
        self.assertEqual(watch.ends, ['closed'])
        self.assertEqual(self.upload.props.state, Galileo.UploadState.CANCELLED)
        self.assertTrue(self.upload.get_error().matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_pause(self):
        watch = Watch(self.upload)
        chunks = []

        def pause():
            chunks.append(len(self.peer.data))
            if len(chunks) == 2:
                self.upload.set_paused(True)
                self.peer.send(Galileo.Signal.new_error('before the ready', None, False))
            self.peer.send(Galileo.Signal.new_ready(0))
            if len(chunks) == 2:
                self.peer.send(Galileo.Signal.new_error('behind the ready', None, False))
        self.peer.on_chunk = pause
        self.upload.start()

        # The second error came behind the ready, which stays unanswered.
        wait_for(lambda: len(watch.error_signals) == 2, 'both errors')
        progress = []
        self.upload.connect('progress', lambda upload: progress.append(upload.get_sent()))
        wait_for(lambda: len(progress) == 3, 'some tenths of a second')
        self.assertEqual(progress, 3 * [chunks[1]])
        self.assertTrue(self.upload.props.paused)
        self.assertEqual(len(self.peer.data), chunks[1])

        self.upload.set_paused(False)
        watch.wait()
        self.assertEqual(watch.ends, ['succeeded', 'closed'])
        self.assertEqual(self.peer.data, self.contents)
        self.assertEqual(len(self.peer.metadata), 1)

    def test_going_on(self):
        def offer():
            self.peer.send(Galileo.Signal.new_ready(0).add_size('offset', len(self.peer.data)).add_string('hash', 'sha512'))
        self.peer.on_metadata = offer
        on_chunk, self.peer.on_chunk = self.peer.on_chunk, self.peer.cut
        self.upload.set_id('the one')
        watch = Watch(self.upload).run()
        self.assertEqual(watch.ends, ['failed', 'closed'])
        self.assert_error(self.upload.get_error(), Galileo.Error.INTERRUPTED)
        self.assertTrue(self.upload.get_resumable())
        part = len(self.peer.data)
        self.assertTrue(0 < part < SIZE)

        self.peer.on_chunk = on_chunk
        again = self.new_upload()
        again.set_id('the one')
        watch = Watch(again).run()
        self.assertIsNone(again.get_error())
        self.assertEqual(again.get_offset(), part)
        self.assertEqual(again.get_hash_type(), Galileo.HashType.SHA512)
        self.assertEqual(again.get_hash(), hashlib.sha512(self.contents).hexdigest())
        self.assertEqual(self.peer.data, self.contents)
        first, second = (metadata.get_string('upload') for metadata in self.peer.metadata)
        self.assertEqual(first, second)

    def test_key_to_a_part(self):
        """As the documentation of the protocol says that it is made."""
        self.upload.set_id('the one')
        Watch(self.upload).run()
        metadata = self.peer.metadata[0]
        text = '\n'.join(['the one', 'sample.bin', str(SIZE), metadata.get_string('modified')])
        digest = bytearray(hashlib.sha1(text.encode()).digest()[:16])
        self.assertEqual(GLib.uuid_string_is_valid(metadata.get_string('upload')), True)
        digest[6] = digest[6] & 0x0f | 0x50
        digest[8] = digest[8] & 0x3f | 0x80
        self.assertEqual(metadata.get_string('upload').replace('-', ''), digest.hex())

    def test_options(self):
        self.upload.set_pinned_certificate('ab' * 32)
        self.assertEqual(self.upload.get_pinned_certificate(), ':'.join(32 * ['AB']))
        for name, value in (('name', 'other'), ('path', 'a/b'), ('path', None), ('id', 'x'), ('id', None),
                            ('max_chunk_size', 1000), ('hash_type', Galileo.HashType.NONE), ('timeout', 5),
                            ('paused', True), ('pinned_certificate', None), ('rate_group', 'a site'),
                            ('rate_group', None)):
            setattr(self.upload.props, name, value)
            self.assertEqual(getattr(self.upload.props, name), value)
            self.assertEqual(getattr(self.upload, 'get_' + name)(), value)
        self.assertEqual(self.upload.props.file.get_path(), str(self.path))
        self.assertEqual(self.upload.props.address.to_string(), self.peer.address.to_string())
        self.assertEqual(self.upload.props.session, self.session)
        self.assertIsNone(self.upload.get_tls_certificate())
        self.assertEqual(self.upload.get_tls_errors(), Gio.TlsCertificateFlags.NO_FLAGS)


class Functions(unittest.TestCase):
    def test_addresses(self):
        self.assertEqual(Galileo.address_to_display(Galileo.address_parse(' example.org/up ')), 'wss://example.org/up')
        with self.assertRaises(GLib.Error) as raised:
            Galileo.address_parse('ftp://example.org/')
        self.assertTrue(raised.exception.matches(Galileo.Error.quark(), Galileo.Error.ADDRESS))
        self.assertEqual(raised.exception.domain, 'galileo-error-quark')

    def test_names(self):
        self.assertTrue(Galileo.name_check('a' * Galileo.NAME_MAX_LENGTH))
        with self.assertRaises(GLib.Error) as raised:
            Galileo.name_check('..')
        self.assertTrue(raised.exception.matches(Galileo.Error.quark(), Galileo.Error.NAME))
        self.assertEqual(Galileo.name_for_file(Gio.File.new_for_path('/a/b.txt')), 'b.txt')

    def test_fingerprints(self):
        path = programs.SOURCE_DIR / 'tests/galileo/certificate.pem'
        fingerprint = Galileo.fingerprint_for_certificate(Gio.TlsCertificate.new_from_file(str(path)))
        self.assertEqual(len(fingerprint), 95)
        self.assertEqual(Galileo.fingerprint_parse(fingerprint.replace(':', '').lower()), fingerprint)
        self.assertIsNone(Galileo.fingerprint_parse('12:34'))

    def test_hash_types(self):
        self.assertEqual(tuple(Galileo.HashType.parse('sha256')), (True, Galileo.HashType.SHA256))
        self.assertFalse(Galileo.HashType.parse('md5')[0])
        self.assertEqual(Galileo.HashType.to_string(Galileo.HashType.SHA512), 'sha512')

    def test_signals(self):
        ready = Galileo.Signal.parse(b'{"ready":"yes","chunksize":"1000","x":[1]}')
        self.assertEqual((ready.get_kind(), ready.get_chunk_size()), (Galileo.SignalKind.READY, 1000))
        self.assertEqual(ready.to_text(), '{"ready":"yes","chunksize":"1000","x":[1]}')
        with_key = ready.add_size('offset', 5)
        self.assertEqual(tuple(with_key.get_size('offset')), (True, 5))
        self.assertFalse(ready.get_size('offset')[0])
        self.assertIsNone(ready.get_string('name'))
        self.assertFalse(ready.get_hash()[0])
        self.assertTrue(Galileo.Signal.new_local('x').get_fatal())
        for text, domain, code in ((b'[]', Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA),
                                   (b'', Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA),
                                   (b'[' * 100, Galileo.Error.quark(), Galileo.Error.PROTOCOL)):
            with self.subTest(text=text), self.assertRaises(GLib.Error) as raised:
                Galileo.Signal.parse(text)
            self.assertTrue(raised.exception.matches(domain, code), raised.exception)

    def test_signals_take_no_memory_when_gone(self):
        def pages():
            return int(pathlib.Path('/proc/self/statm').read_text().split()[1])

        def churn():
            for _ in range(20_000):
                Galileo.Signal.new_ready(5).add_string('key', 'x' * 200).get_string('key')

        churn()
        before = pages()
        churn()
        self.assertLess(pages() - before, 500)

    def test_versions(self):
        version = Galileo.MAJOR_VERSION, Galileo.MINOR_VERSION, Galileo.MICRO_VERSION
        self.assertEqual('.'.join(map(str, version)), Galileo.VERSION_STRING)


if __name__ == '__main__':
    tap.main()
