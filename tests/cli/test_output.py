#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What galileosend-cli prints, and the options that change what it does."""

import contextlib
import hashlib
import os
import pty
import re
import signal
import subprocess

from kit import cases, cli, files, programs, tap

# The contract: each event has these keys and no others.
SCHEMA = {
    'start': {'event': str, 'file': str, 'name': str, 'size': int, 'attempt': int},
    'progress': {'event': str, 'file': str, 'sent': int, 'size': int},
    'error': {'event': str, 'file': str, 'signal': dict},
    'retry': {'event': str, 'file': str, 'attempt': int, 'delay': (int, float), 'reason': str},
    'success': {'event': str, 'file': str, 'size': int, 'offset': int, 'seconds': (int, float),
                'hash': (str, type(None)), 'verified': bool, 'url': (str, type(None))},
    'failure': {'event': str, 'file': str, 'reason': str, 'errors': list},
    'summary': {'event': str, 'succeeded': int, 'failed': int, 'bytes': int, 'seconds': (int, float)},
}


class JsonLines(cases.PeerTest):
    def assert_schema(self, result):
        for event in result.events:
            types = SCHEMA[event['event']]
            self.assertEqual(set(event), set(types), event)
            for key, kind in types.items():
                self.assertIsInstance(event[key], kind, event)
                if bool not in (kind if isinstance(kind, tuple) else (kind,)):
                    self.assertNotIsInstance(event[key], bool, event)
        self.assertEqual([event['event'] for event in result.events].count('summary'), 1)
        self.assertEqual(result.events[-1]['event'], 'summary')

    def test_every_event_has_the_keys_of_the_contract(self):
        good, bad = self.sample('good.bin', 600000), self.source / 'missing.bin'
        address = self.server.url(error='string:Hm', then='drop', at='chunk', first=1)
        result = cli.run_json('--retries=1', address, good, bad)
        self.assertEqual(result.status, 1, str(result))
        self.assert_schema(result)
        # Small files may come without progress.
        kinds = {event['event'] for event in result.events} | {'progress'}
        self.assertEqual(kinds, set(SCHEMA), str(result))

    def test_success(self):
        path = self.sample(size=300000)
        result = self.send(path)
        self.assert_schema(result)
        start, success = result.named('start')[0], result.named('success')[0]
        self.assertEqual(start, {'event': 'start', 'file': str(path), 'name': path.name, 'size': 300000, 'attempt': 1})
        self.assertEqual((success['file'], success['size']), (str(path), 300000))
        self.assertEqual(success['hash'], hashlib.sha1(path.read_bytes()).hexdigest())
        self.assertGreaterEqual(success['seconds'], 0)
        summary = result.events[-1]
        self.assertEqual((summary['succeeded'], summary['failed'], summary['bytes']), (1, 0, 300000))
        self.assertEqual(result.stderr, '')

    def test_what_the_site_says_at_the_end(self):
        text = '{"close":true,"verified":true,"url":"https://127.0.0.1/sample.bin"}'
        result = self.send(self.sample(), address=self.server.url(text=text, at='finished', then='silence'))
        self.assert_schema(result)
        success, = result.named('success')
        self.assertEqual((success['verified'], success['url']), (True, 'https://127.0.0.1/sample.bin'))

    def test_nothing_is_verified_without_a_hash(self):
        address = self.server.url(text='{"close":true,"verified":true}', at='finished', then='silence')
        success, = self.send(self.sample(), '--hash=none', address=address).named('success')
        self.assertEqual((success['hash'], success['verified'], success['url']), (None, False, None))

    def test_failure_carries_a_reason_made_here(self):
        result = self.send(self.sample(), address=self.server.url(then='drop', at='metadata'))
        self.assert_schema(result)
        failure, = result.named('failure')
        self.assertNotEqual(failure['errors'], [])
        signal_ = failure['errors'][-1]
        self.assertEqual((signal_['fatal'], signal_['local']), (True, True))
        self.assertTrue(signal_['error'])
        self.assertNotIn('nknown upload error', failure['reason'])

    def test_progress_grows_up_to_the_size(self):
        path = files.sparse_file(self.source / 'large.bin', 200 * files.MB)
        result = self.send(path)
        self.assert_schema(result)
        sent = [event['sent'] for event in result.named('progress')]
        self.assertGreater(len(sent), 1, str(result))
        self.assertEqual(sent, sorted(sent))
        self.assertLessEqual(sent[-1], 200 * files.MB)
        self.assertTrue(all(event['size'] == 200 * files.MB for event in result.named('progress')))

    def test_order(self):
        paths = [self.sample(f'{number}.bin') for number in range(5)]
        result = self.send(paths)
        for path in paths:
            kinds = [event['event'] for event in result.events if event.get('file') == str(path)]
            self.assertEqual([kinds[0], kinds[-1]], ['start', 'success'], kinds)

    def test_lines_come_at_once_into_a_pipe(self):
        client = cli.Cli('--json', self.server.url(then='silence', at='metadata'), self.sample())
        self.addCleanup(client.kill)
        client.wait_event('start')
        client.signal(signal.SIGINT)
        self.assertEqual(client.result().status, 130)


class Words(cases.PeerTest):
    def test_one_line_a_file_without_a_terminal(self):
        paths = [self.sample(f'file {number}.bin') for number in range(5)]
        result = cli.run(self.server.address, *paths)
        self.assertEqual(result.status, 0, str(result))
        for path in paths:
            self.assertEqual(len([line for line in result.stdout.split('\n') if path.name in line]), 1, str(result))
        self.assertNotIn('\r', result.stdout + result.stderr)
        self.assertNotIn('\x1b', result.stdout + result.stderr)

    def test_never_verified_at_a_site_that_does_not_say_so(self):
        result = cli.run(self.server.address, self.sample())
        self.assertEqual(result.status, 0, str(result))
        self.assertNotIn('verified', result.stdout)

    def test_progress_on_a_terminal(self):
        path = files.sparse_file(self.source / 'large.bin', 200 * files.MB)
        main, terminal = pty.openpty()
        client = subprocess.Popen([programs.cli(), self.server.address, path], stdin=subprocess.DEVNULL,
                                  stdout=terminal, stderr=terminal,
                                  env={**programs.clean_environment(), 'TERM': 'xterm', 'COLUMNS': '80'})
        os.close(terminal)
        written = b''
        try:
            while block := os.read(main, 1 << 16):
                written += block
        except OSError:
            # Linux reports the end of the other side as an error.
            pass
        os.close(main)
        self.assertEqual(client.wait(programs.PATIENCE), 0, written)
        self.assertIn(b'large.bin', written)
        percents = {int(match) for match in re.findall(rb'(\d+)\s?%', written)}
        self.assertGreater(len(percents), 1, written[-2000:])
        self.assertLessEqual(max(percents), 100)

    def test_quiet(self):
        path = self.sample()
        for option in ('-q', '--quiet'):
            result = cli.run(option, self.server.address, path)
            self.assertEqual((result.status, result.stdout, result.stderr), (0, '', ''))
        self.assert_arrived(path)

    def test_quiet_still_tells_failures(self):
        result = cli.run('--quiet', self.server.address, self.source / 'missing.bin')
        self.assertEqual(result.status, 1, str(result))
        self.assertEqual(result.stdout, '')
        self.assertIn('missing.bin', result.stderr)

    def test_version(self):
        result = cli.run('--version')
        self.assertEqual(result.status, 0, str(result))
        self.assertRegex(result.stdout, r'\d+\.\d+\.\d+')

    def test_help(self):
        result = cli.run('--help')
        self.assertEqual(result.status, 0, str(result))
        for option in ('--jobs', '--recursive', '--name', '--chunk-size', '--hash', '--retries',
                       '--timeout', '--json', '--quiet', '--dry-run', '--version'):
            self.assertIn(option, result.stdout)

    def test_closed_standard_output(self):
        # As in "galileosend-cli … | head -0": the upload itself goes on or ends with a status, but does not crash.
        reader, writer = os.pipe()
        os.close(reader)
        client = subprocess.Popen([programs.cli(), '--json', self.server.address, self.sample()], stdout=writer,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=programs.clean_environment())
        os.close(writer)
        _, stderr = client.communicate(timeout=programs.PATIENCE)
        self.assertIn(client.returncode, (0, 1, -signal.SIGPIPE), stderr)


class Options(cases.PeerTest):
    def test_dry_run_sends_nothing(self):
        path = self.sample('dry.bin')
        for options in (['--dry-run'], ['--dry-run', '--json']):
            result = cli.run(*options, self.server.address, path)
            self.assertEqual(result.status, 0, str(result))
            self.assertIn('dry.bin', result.stdout)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.named('opened'), [])

    def test_dry_run_finds_what_is_wrong(self):
        result = cli.run('--dry-run', self.server.address, self.sample(), self.source / 'missing.bin')
        self.assertEqual(result.status, 1, str(result))
        self.assertIn('missing.bin', result.stderr)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.named('opened'), [])

    def test_name(self):
        path = self.sample()
        for options in (['--name=other.bin'], ['-n', 'short.bin'], ['--name', 'Ünïcödé 写.bin']):
            name = options[-1].split('=')[-1]
            self.assert_succeeded(self.send(path, *options))
            self.assert_arrived(path, name)

    def test_name_gives_a_bad_name_a_good_one(self):
        path = self.sample('two\nlines')
        self.assert_succeeded(self.send(path, '--name=one line'))
        self.assert_arrived(path, 'one line')

    def test_hash_that_is_sent(self):
        path = self.sample(size=300000)
        data = path.read_bytes()
        for kind, options in {'sha1': [], 'sha256': ['--hash=sha256'], 'sha512': ['--hash=sha512']}.items():
            with self.subTest(kind=kind):
                self.assert_succeeded(self.send(path, *options))
                value = hashlib.new(kind, data).hexdigest()
                self.assertEqual(self.server.next_event('stored')['finished'],
                                 {'finished': True, 'hash': {'type': kind, 'value': value}})

    def test_no_hash(self):
        success, = self.send(self.sample(), '--hash=none').named('success')
        self.assertEqual(self.server.next_event('stored')['finished'], {'finished': True})
        self.assertIsNone(success['hash'])

    def test_empty_file_has_a_hash_too(self):
        self.assert_succeeded(self.send(self.sample(size=0)))
        self.assertEqual(self.server.next_event('stored')['finished']['hash'],
                         {'type': 'sha1', 'value': hashlib.sha1(b'').hexdigest()})

    def test_metadata(self):
        self.assert_succeeded(self.send(self.sample('meta.txt', 1234)))
        event = self.server.wait_event('metadata')
        self.assertEqual((event['signal']['name'], event['signal']['size']), ('meta.txt', 1234))

    def test_chunk_size(self):
        path = self.sample(size=300000)
        for option, largest in {'100000': 100000, '1K': 1024, '100k': 102400}.items():
            with self.subTest(option=option):
                self.assert_succeeded(self.send(path, f'--chunk-size={option}'))
                self.assertEqual(self.server.next_event('stored')['largest_message'], largest)

    def test_jobs(self):
        paths = [self.sample(f'{number}.bin') for number in range(6)]
        for options, most in (['--jobs=1'], 1), (['-j', '2'], 2), ([], 3), (['--jobs=6'], 6):
            with self.subTest(options=options, bound='upper'), self.site() as site:
                # Each close signal comes late enough for one too many to be seen.
                self.assert_succeeded(self.send(paths, *options, address=site.url(slow='0.2')), 6)
                self.assertEqual(site.stop(), 0)
                self.assertLessEqual(max(event['open'] for event in site.named('opened')), most)
            with self.subTest(options=options, bound='lower'), self.site() as site:
                client = cli.Cli('--json', *options, site.url(then='silence'), *paths)
                self.addCleanup(client.kill)
                for _ in range(most):
                    site.next_event('metadata')
                client.signal(signal.SIGINT)
                self.assertEqual(client.result().status, 130)

    @contextlib.contextmanager
    def site(self):
        with files.scratch() as target, programs.GalileoSite(target) as site:
            yield site

    def test_timeout_holds_for_each_wait(self):
        path = self.sample(size=1000000)
        self.assert_failed(self.send(path, '--timeout=1', address=self.server.url(slow='5')))
        self.assert_failed(self.send(path, '--timeout=1', address=self.server.url(delay='5')))
        # Five waits of 0.4 s: all together they are longer than the time that each one has.
        self.assert_succeeded(self.send(path, '--timeout=1', address=self.server.url(delay='0.4')))


if __name__ == '__main__':
    tap.main()
