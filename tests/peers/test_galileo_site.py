#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Mojolicious peer itself, seen through a raw websocket, so that tests against it can be trusted."""

import http.client
import time
import unittest
import urllib.parse

from kit import files, programs, tap, websocket


LOG_IN = ('--user', 'ada', '--password', 'engine')


class SiteTest(unittest.TestCase):
    """A running site with an empty folder, and the client's side of the protocol."""

    options = ()

    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.site = self.enterContext(programs.GalileoSite(self.directory, *self.options))

    def connect(self, path='/upload', headers=(), **manners):
        return self.enterContext(websocket.WebSocket(self.site.url(path, **manners), headers=headers))

    def send_file(self, client, data, name='a.bin', chunk=250000):
        """Plays a correct client up to the finished signal; returns the signals of the site on the way."""
        client.send_json({'name': name, 'size': len(data)})
        signals = []
        for start in range(0, len(data), chunk):
            signals.append(client.receive_json())
            client.send_binary(data[start:start + chunk])
        signals.append(client.receive_json())
        client.send_json({'finished': True})
        return signals

    def upload(self, client, data, **options):
        signals = self.send_file(client, data, **options)
        self.assertEqual(client.receive_json(), {'close': True})
        return signals

    def stored(self, name='a.bin'):
        return (self.directory / name).read_bytes()

    def request(self, method, path, form=None, headers=()):
        connection = http.client.HTTPConnection('127.0.0.1', self.site.port, timeout=20)
        body = urllib.parse.urlencode(form) if form else None
        headers = dict(headers)
        if form:
            headers['Content-Type'] = 'application/x-www-form-urlencoded'
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def log_in(self, password):
        form = {'username': 'ada', 'password': password, 'from': '/page/home'}
        response = self.request('POST', '/login', form)
        self.assertEqual((response.status, response.headers['Location']), (302, '/page/home'))
        return response.headers['Set-Cookie']


class Ordinary(SiteTest):
    def test_stores_what_it_was_sent(self):
        data = bytes(range(256)) * 2000
        signals = self.upload(self.connect(), data)
        self.assertEqual(signals, [{'ready': True}] * 4)
        self.assertEqual(self.stored(), data)
        event = self.site.wait_event('stored')
        self.assertEqual(event, {'event': 'stored', 'name': 'a.bin', 'size': len(data),
                                 'largest_message': 250000, 'finished': {'finished': True}})

    def test_empty_file(self):
        self.upload(self.connect(), b'')
        self.assertEqual(self.stored(), b'')

    def test_one_ready_for_each_chunk_and_not_more(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 10})
        self.assertEqual(client.receive_json(), {'ready': True})
        self.assertTrue(client.says_nothing_for(0.3))

    def test_never_closes_by_itself(self):
        client = self.connect()
        self.upload(client, b'abc')
        self.assertTrue(client.says_nothing_for(0.5))
        client.send_close()
        self.assertEqual(client.receive_end().code, 1000)

    def test_ignores_unknown_keys(self):
        client = self.connect()
        client.send_json({'name': 'a.bin', 'size': 3, 'upload': 'x', 'path': 'p/q', 'more': [None]})
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_binary(b'abc')
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_json({'finished': True, 'hash': {'type': 'sha1', 'value': 'wrong'}, 'more': 1})
        self.assertEqual(client.receive_json(), {'close': True})
        self.assertEqual(sorted(files.tree(self.directory)), ['a.bin'])

    def test_last_one_wins(self):
        self.upload(self.connect(), b'first')
        self.upload(self.connect(), b'second')
        self.assertEqual(self.stored(), b'second')

    def test_names_of_all_scripts(self):
        for name in files.NAMES:
            with self.subTest(name=name):
                self.upload(self.connect(), name.encode(), name=name)
                self.assertEqual(self.stored(name), name.encode())

    def test_zero_becomes_unknown(self):
        self.upload(self.connect(), b'zero', name='0')
        self.assertEqual(self.stored('unknown'), b'zero')

    def test_writes_nothing_outside_its_folder(self):
        for name in ('../a', '/tmp/a', 'b/../../a', '..', '.', 'a\0b'):
            with self.subTest(name=name):
                client = self.connect()
                client.send_json({'name': name, 'size': 1})
                self.assertEqual(client.receive_json(), {'error': 'That name is not allowed here', 'fatal': True})
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_another_size_than_announced(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 10})
        client.receive_json()
        client.send_binary(b'abc')
        client.receive_json()
        client.send_json({'finished': True})
        self.assertEqual(client.receive_json(), {'error': 'Expected 10 bytes, got 3', 'fatal': True})
        self.assertEqual(files.tree(self.directory), {})

    def test_no_answer_to_text_that_is_no_object(self):
        client = self.connect()
        for text in ('{', '[]', '1', 'hello'):
            client.send_text(text)
        self.assertTrue(client.says_nothing_for(0.3))
        self.upload(client, b'abc')

    def test_nothing_stays_of_a_cut_upload(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 10})
        client.receive_json()
        client.send_binary(b'abc')
        client.receive_json()
        self.assertEqual(len(list(self.directory.iterdir())), 1)
        client.reset()
        event = self.site.wait_event('ended')
        self.assertEqual((event['code'], event['received']), (1006, 3))
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_nothing_stays_when_it_is_ended_in_mid_file(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 10})
        client.receive_json()
        client.send_binary(b'abc')
        client.receive_json()
        self.assertEqual(self.site.stop(), 0)
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_several_uploads_at_once(self):
        clients = [self.connect() for _ in range(5)]
        for number, client in enumerate(clients):
            client.send_json({'name': f'{number}.bin', 'size': 2})
        for number, client in enumerate(clients):
            client.receive_json()
            client.send_binary(b'%d!' % number)
        for client in clients:
            client.receive_json()
            client.send_json({'finished': True})
            self.assertEqual(client.receive_json(), {'close': True})
        for number in range(5):
            self.assertEqual(self.stored(f'{number}.bin'), b'%d!' % number)
        self.assertEqual(self.site.stop(), 0)
        self.assertEqual([event['open'] for event in self.site.named('opened')], [1, 2, 3, 4, 5])


class Limits(SiteTest):
    def test_largest_message(self):
        data = bytes(262144)
        self.upload(self.connect(), data, chunk=262144)
        self.assertEqual(self.stored(), data)

    def test_one_byte_more_gets_1009(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 262145})
        client.receive_json()
        client.send_binary(bytes(262145))
        end = client.receive_end()
        self.assertEqual((end.code, end.reason), (1009, ''))
        self.assertEqual(self.site.wait_event('ended')['code'], 1009)
        self.assertEqual(files.tree(self.directory), {})

    def test_fragments_count_together(self):
        client = self.connect()
        client.send_json({'name': 'a', 'size': 262145})
        client.receive_json()
        client.send_frame(False, websocket.BINARY, bytes(200000))
        client.send_frame(True, websocket.CONTINUATION, bytes(62145))
        self.assertEqual(client.receive_end().code, 1009)

    def test_fragments_make_one_chunk(self):
        client = self.connect()
        client.send_json({'name': 'a.bin', 'size': 6})
        client.receive_json()
        client.send_frame(False, websocket.BINARY, b'abc')
        client.send_frame(True, websocket.CONTINUATION, b'def')
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_json({'finished': True})
        self.assertEqual(client.receive_json(), {'close': True})
        self.assertEqual(self.site.wait_event('stored')['largest_message'], 6)

    def test_thirty_seconds_of_patience_and_a_ping_renews_it(self):
        # Both wait at the same time, so that this takes one patience and a half.
        silent, pinged = self.connect(), self.connect()
        start = time.monotonic()
        pinged.socket.settimeout(20)
        with self.assertRaises(TimeoutError):
            pinged.receive_frame()
        pinged.send_frame(True, websocket.PING, b'here')
        self.assertEqual(pinged.receive_frame(), (True, websocket.PONG, b'here'))

        self.assertIsNone(silent.receive_end().code)
        waited = time.monotonic() - start
        self.assertTrue(28 < waited < 40, waited)
        pinged.send_frame(True, websocket.PING, b'still')
        self.assertEqual(pinged.receive_frame(), (True, websocket.PONG, b'still'))

    def test_other_patience(self):
        client = self.connect(inactivity='0.5')
        start = time.monotonic()
        self.assertIsNone(client.receive_end().code)
        self.assertLess(time.monotonic() - start, 10)


class Unwritable(unittest.TestCase):
    """The folder can't be written, and the site keeps that to itself."""

    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.directory.chmod(0o555)
        self.site = self.enterContext(programs.GalileoSite(self.directory, prefix=programs.unprivileged()))

    def tearDown(self):
        self.directory.chmod(0o755)

    def test_silent_after_finished(self):
        with websocket.WebSocket(self.site.url()) as client:
            client.send_json({'name': 'a', 'size': 3})
            self.assertEqual(client.receive_json(), {'ready': True})
            client.send_binary(b'abc')
            self.assertEqual(client.receive_json(), {'ready': True})
            client.send_json({'finished': True})
            self.assertTrue(client.says_nothing_for(0.5))
        self.assertEqual(self.site.stop(), 0)
        self.assertEqual(self.site.named('stored'), [])
        self.assertEqual(list(self.directory.iterdir()), [])
        self.assertIn('nowhere to store it', self.site.stderr)


class Manners(SiteTest):
    def test_chunksize(self):
        sent = {
            '1000': 1000, 'string:1000': '1000', '0': 0, '-5': -5, '1.5': 1.5, '1e12': 1e12, 'null': None, '"x"': 'x',
        }
        for manner, expected in sent.items():
            with self.subTest(manner=manner):
                signals = self.upload(self.connect(chunksize=manner), b'abc')
                self.assertEqual(signals, [{'ready': True, 'chunksize': expected}] * 2)

    def test_huge_chunksize_goes_out_as_it_stands(self):
        client = self.connect(chunksize='99999999999999999999999999')
        client.send_json({'name': 'a', 'size': 1})
        self.assertEqual(client.receive(), '{"ready":true,"chunksize":99999999999999999999999999}')

    def test_value_of_ready(self):
        for manner, expected in {'1': 1, 'string:1': '1', '{}': {}, 'string:0': '0'}.items():
            with self.subTest(manner=manner):
                self.assertEqual(self.upload(self.connect(ready=manner), b'abc'), [{'ready': expected}] * 2)

    def test_several_readies_at_once(self):
        client = self.connect(readies=3)
        client.send_json({'name': 'a.bin', 'size': 2})
        for _ in range(3):
            self.assertEqual(client.receive_json(), {'ready': True})
        self.assertTrue(client.says_nothing_for(0.2))
        client.send_binary(b'a')
        client.send_binary(b'b')
        client.send_json({'finished': True})
        self.assertEqual([client.receive_json() for _ in range(3)], [{'ready': True}, {'ready': True}, {'close': True}])
        self.assertEqual(self.stored(), b'ab')

    def test_flood_of_readies(self):
        client = self.connect(readies=100000)
        client.send_json({'name': 'a.bin', 'size': 2})
        for _ in range(100000):
            client.receive_frame()
        self.assertTrue(client.says_nothing_for(0.2))

    def test_error_and_on(self):
        client = self.connect(error='string:Not so fast')
        client.send_json({'name': 'a.bin', 'size': 0})
        self.assertEqual(client.receive_json(), {'error': 'Not so fast'})
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_json({'finished': True})
        self.assertEqual(client.receive_json(), {'close': True})

    def test_fatal_error_of_each_type(self):
        values = {'string:Disk full': 'Disk full', '507': 507, '{"a":[1]}': {'a': [1]}, '["a","b"]': ['a', 'b']}
        for manner, expected in values.items():
            with self.subTest(manner=manner):
                client = self.connect(error=manner, fatal='true')
                client.send_json({'name': 'a', 'size': 1})
                self.assertEqual(client.receive_json(), {'error': expected, 'fatal': True})
                self.assertTrue(client.says_nothing_for(0.2))

    def test_error_before_anything(self):
        # Many times: the moment between the handshake and the first message is a short one.
        for _ in range(50):
            client = self.connect(error='string:Closed on Sundays', at='open')
            client.send_json({'name': 'a.bin', 'size': 0})
            self.assertEqual(client.receive_json(), {'error': 'Closed on Sundays'})
            self.assertEqual(client.receive_json(), {'ready': True})
            client.send_json({'finished': True})
            self.assertEqual(client.receive_json(), {'close': True})

    def test_error_then_silence(self):
        client = self.connect(error='string:Hm', then='silence')
        client.send_json({'name': 'a', 'size': 1})
        self.assertEqual(client.receive_json(), {'error': 'Hm'})
        self.assertTrue(client.says_nothing_for(0.3))

    def test_silence_at_each_step(self):
        # How many readies come before the site falls silent.
        steps = {'metadata': 0, 'chunk': 1, 'chunk:2': 2, 'last': 3, 'finished': 4}
        for step, readies in steps.items():
            with self.subTest(step=step):
                client = self.connect(then='silence', at=step)
                client.send_json({'name': 'silent', 'size': 3})
                for number in range(readies):
                    self.assertEqual(client.receive_json(), {'ready': True})
                    if number < 3:
                        client.send_binary(b'x')
                if readies == 4:
                    client.send_json({'finished': True})
                self.assertTrue(client.says_nothing_for(0.2))
        self.assertEqual(files.tree(self.directory), {})

    def test_close_signal_early(self):
        client = self.connect(close=1, at='chunk')
        client.send_json({'name': 'a', 'size': 100})
        client.receive_json()
        client.send_binary(b'abc')
        self.assertEqual(client.receive_json(), {'close': True})
        self.assertTrue(client.says_nothing_for(0.2))

    def test_close_signal_after_the_last_byte(self):
        client = self.connect(close=1, at='last')
        client.send_json({'name': 'a', 'size': 3})
        client.receive_json()
        client.send_binary(b'abc')
        self.assertEqual(client.receive_json(), {'close': True})

    def test_close_frame_at_each_step(self):
        for step in ('open', 'metadata', 'chunk', 'last', 'finished'):
            with self.subTest(step=step):
                client = self.connect(code=1011, reason='Out of paper', at=step)
                try:
                    self.send_file(client, b'abc')
                    end = client.receive_end()
                except websocket.Closed as closed:
                    end = closed
                self.assertEqual((end.code, end.reason), (1011, 'Out of paper'))

    def test_drop_at_each_step(self):
        for step in ('open', 'metadata', 'chunk', 'last', 'finished'):
            with self.subTest(step=step):
                client = self.connect(then='drop', at=step)
                try:
                    self.send_file(client, b'abc')
                    end = client.receive_end()
                except websocket.Closed as closed:
                    end = closed
                self.assertIsNone(end.code)
        self.assertEqual(files.tree(self.directory), {})

    def test_strange_text(self):
        client = self.connect(text='This is no JSON', times=2)
        client.send_json({'name': 'a', 'size': 0})
        self.assertEqual([client.receive() for _ in range(3)], ['This is no JSON'] * 2 + ['{"ready":true}'])

    def test_binary(self):
        client = self.connect(binary=5)
        client.send_json({'name': 'a', 'size': 0})
        self.assertEqual(client.receive(), bytes(5))
        self.assertEqual(client.receive_json(), {'ready': True})

    def test_slow_close(self):
        client = self.connect(slow='0.4')
        self.send_file(client, b'abc')
        self.assertTrue(client.says_nothing_for(0.2))
        self.assertEqual(client.receive_json(), {'close': True})

    def test_late_readies(self):
        client = self.connect(delay='0.4')
        client.send_json({'name': 'a.bin', 'size': 1})
        self.assertTrue(client.says_nothing_for(0.2))
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_binary(b'a')
        self.assertTrue(client.says_nothing_for(0.2))
        self.assertEqual(client.receive_json(), {'ready': True})
        client.send_json({'finished': True})
        self.assertEqual(client.receive_json(), {'close': True})

    def test_misspelt_manners_are_refused(self):
        for manners in ({'chunksizes': '1'}, {'at': 'later'}, {'code': 'x'}, {'then': 'sleep'}):
            with self.subTest(manners=manners), self.assertRaises(websocket.Refused) as refused:
                self.connect(**manners)
            self.assertEqual(refused.exception.status, 400)


class MannersForAll(SiteTest):
    options = ('--manners', 'code=1012&at=metadata&first=1')

    def test_hold_for_the_first_upload_only(self):
        client = self.connect()
        client.send_json({'name': 'a.bin', 'size': 3})
        self.assertEqual(client.receive_end().code, 1012)
        self.upload(self.connect(), b'abc')
        self.assertEqual(self.stored(), b'abc')

    def test_address_goes_first(self):
        client = self.connect(code=1013)
        client.send_json({'name': 'a.bin', 'size': 3})
        self.assertEqual(client.receive_end().code, 1013)


class Website(SiteTest):
    options = LOG_IN

    def test_pages(self):
        for path, status in {'/': 200, '/page/home': 200, '/nowhere': 404}.items():
            self.assertEqual(self.request('GET', path).status, status)

    def test_status_of_a_handshake(self):
        for status in (200, 302, 401, 403, 404, 502):
            with self.subTest(status=status), self.assertRaises(websocket.Refused) as refused:
                self.connect(f'/status/{status}')
            self.assertEqual(refused.exception.status, status)
        self.assertEqual(self.request('GET', '/status/302').headers['Location'], '/page/home')

    def test_handshake_without_rights(self):
        with self.assertRaises(websocket.Refused) as refused:
            self.connect('/author/upload')
        self.assertEqual(refused.exception.status, 302)
        self.assertEqual(refused.exception.headers['location'], '/page/home')

    def test_log_in(self):
        cookie = self.log_in('engine').split(';')[0]
        self.assertTrue(cookie.startswith('mojolicious='))
        client = self.connect('/author/upload', headers=[('Cookie', cookie)])
        # A session is renewed by each answer, that of a handshake too.
        self.assertTrue(client.headers['set-cookie'].startswith('mojolicious='))
        self.upload(client, b'abc')

    def test_wrong_password_looks_the_same(self):
        cookie = self.log_in('motor')
        self.assertIsNone(cookie)

    def test_forged_cookie(self):
        cookie = self.log_in('engine').split(';')[0]
        with self.assertRaises(websocket.Refused) as refused:
            self.connect('/author/upload', headers=[('Cookie', cookie[:-1] + ('0' if cookie[-1] != '0' else '1'))])
        self.assertEqual(refused.exception.status, 302)


class ShortSession(SiteTest):
    options = (*LOG_IN, '--session-seconds', '3')

    def test_log_in_that_expires(self):
        cookie = self.log_in('engine').split(';')[0]

        def status():
            try:
                self.connect('/author/upload', headers=[('Cookie', cookie)]).close()
                return 101
            except websocket.Refused as refused:
                return refused.status

        self.assertEqual(status(), 101)
        programs.wait_until(lambda: status() == 302, 'the end of the session', 10)


class Ending(unittest.TestCase):
    def test_sigterm_ends_it_at_any_time(self):
        for _ in range(10):
            with files.scratch() as directory, programs.GalileoSite(directory) as site:
                self.assertEqual(site.stop(), 0)

    def test_same_port_again(self):
        with files.scratch() as directory:
            with programs.GalileoSite(directory) as site:
                client = websocket.WebSocket(site.url())
                site.kill()
                client.close()
            with programs.GalileoSite(directory, port=site.port) as again:
                self.assertEqual(again.port, site.port)
                websocket.WebSocket(again.url()).close()


if __name__ == '__main__':
    tap.main()
