#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A peer that errs, falls silent or goes away: the reason is told, and nothing half is under its final name."""

import signal

from kit import cases, cli, files, programs, tap

# Steps of the site at which it can fall silent, and the options that make it do so soon.
STEPS = ['open', 'metadata', 'chunk', 'last', 'finished']


class SiteErrors(cases.PeerTest):
    """Manners of the Mojolicious site."""

    def send_to(self, *options, size=600000, **manners):
        self.path = self.sample(size=size)
        return self.send(self.path, *options, address=self.server.url(**manners), limit=20)

    def test_fatal_error_in_the_words_of_the_site(self):
        values = {
            'string:No room for more shells': 'No room for more shells',
            '50777': '50777',
            '{"why":"No room"}': '{"why":"No room"}',
            '["No","room"]': '["No","room"]',
            'string:Kein Platz für „mehr“ 🐚': 'Kein Platz für „mehr“ 🐚',
        }
        for step in STEPS:
            for value, words in values.items():
                with self.subTest(step=step, value=value):
                    result = self.send_to(error=value, fatal='true', at=step)
                    self.assertIn(words, self.assert_failed(result))
                    self.assertEqual(len(result.named('error')), 1, str(result))
        self.assert_stored()

    def test_fatal_error_reaches_people(self):
        path = self.sample()
        result = cli.run(self.server.url(error='string:No room for more shells', fatal='true'), path, limit=20)
        self.assertEqual(result.status, 1, str(result))
        self.assertIn('No room for more shells', result.stderr)

    def test_fatal_error_is_not_tried_again(self):
        path = self.sample()
        result = cli.run_json('--retries=5', self.server.url(error='string:No', fatal='true'), path, limit=20)
        self.assert_failed(result)
        self.assertEqual(len(result.named('start')), 1, str(result))
        self.assertEqual(result.named('retry'), [])

    def test_error_signal_is_kept_whole(self):
        text = '{"error":{"code":[1,2]},"fatal":true,"code":"quota","extra":"for the handler"}'
        result = self.send_to(text=text, then='silence')
        event, = result.named('error')
        self.assertEqual(event['signal'], {'error': {'code': [1, 2]}, 'fatal': True, 'code': 'quota',
                                           'extra': 'for the handler'})
        failure, = result.named('failure')
        self.assertIn(event['signal'], failure['errors'])

    def test_error_that_is_not_fatal(self):
        for step in STEPS:
            with self.subTest(step=step):
                result = self.send_to(error='string:Running out of ink', at=step)
                self.assert_succeeded(result)
                event, = result.named('error')
                self.assertEqual(event['signal']['error'], 'Running out of ink')
                self.assert_arrived(self.path)

    def test_all_errors_are_told_in_order(self):
        result = self.send_to('--timeout=1', error='string:Hm', times=3, then='silence')
        self.assert_failed(result)
        failure, = result.named('failure')
        self.assertEqual([signal['error'] for signal in failure['errors']][:3], ['Hm'] * 3)

    def test_error_and_then_silence(self):
        for step in STEPS:
            with self.subTest(step=step):
                result = self.send_to('--timeout=1', error='string:Out of ink', at=step, then='silence')
                self.assert_failed(result)
                self.assertEqual(result.named('failure')[0]['errors'], [{'error': 'Out of ink'}])
        self.assert_stored()

    def test_error_and_then_silence_reaches_people(self):
        address = self.server.url(error='string:Out of ink', then='silence')
        result = cli.run('--retries=0', '--timeout=1', address, self.sample(), limit=20)
        self.assertEqual(result.status, 1, str(result))
        self.assertIn('Out of ink', result.stderr)

    def test_silence_is_told_with_the_state_it_came_in(self):
        reasons = {}
        for step in STEPS:
            with self.subTest(step=step):
                result = self.send_to('--timeout=1', then='silence', at=step)
                reasons[step] = self.assert_failed(result)
                failure, = result.named('failure')
                self.assertTrue(failure['errors'][-1].get('local'), str(result))
        self.assert_stored()
        # Open and metadata are one state to the client; each other one has words of its own.
        self.assertEqual(reasons['open'], reasons['metadata'])
        self.assertEqual(len(set(reasons.values())), 4, reasons)

    def test_close_signal_before_all_was_sent(self):
        for step in ('open', 'metadata', 'chunk', 'chunk:2'):
            with self.subTest(step=step):
                self.assertRegex(self.assert_failed(self.send_to(close=1, at=step)), '(?i)clos|end')
        self.assert_stored()

    def test_close_signal_after_the_last_byte(self):
        # The specification: if all data has been sent, it is a success.
        self.assert_succeeded(self.send_to(close=1, at='last'))

    def test_close_frame(self):
        for step in STEPS[1:]:
            for code in (1000, 1001, 1008, 1011, 1012, 1013, 4000):
                with self.subTest(step=step, code=code):
                    reason = self.assert_failed(self.send_to(code=code, reason='Out of paper', at=step))
                    self.assertIn(str(code), reason)
                    self.assertIn('Out of paper', reason)
        self.assert_stored()

    def test_close_frame_before_the_metadata(self):
        # While the metadata are on their way the connection is reset, which may overtake what the site had to say.
        for code in (1000, 1001, 1008, 1011, 4000):
            with self.subTest(code=code):
                self.assert_failed(self.send_to(code=code, reason='Out of paper', at='open'))
        self.assert_stored()

    def test_end_without_a_close_frame(self):
        for step in STEPS:
            with self.subTest(step=step):
                self.assert_failed(self.send_to(then='drop', at=step))
        self.assert_stored()

    def test_all_sent_but_not_confirmed(self):
        reason = self.assert_failed(self.send_to(then='drop', at='finished'))
        self.assertRegex(reason, '(?i)confirm')

    def test_strange_text_once(self):
        for text in ('This is no JSON', '[]', '', '17', '{"other":"object"}'):
            with self.subTest(text=text):
                self.assert_succeeded(self.send_to(text=text))
                self.assert_arrived(self.path)

    def test_strange_text_twice(self):
        reason = self.assert_failed(self.send_to(text='This is no JSON', times=2))
        self.assertRegex(reason, '(?i)protocol|JSON|signal|understood')

    def test_binary_from_the_site(self):
        for step in STEPS:
            with self.subTest(step=step):
                self.assert_failed(self.send_to(binary=10, at=step))

    def test_several_readies_at_once(self):
        for readies in (2, 3, 4, 100):
            with self.subTest(readies=readies):
                self.assert_succeeded(self.send_to(readies=readies, size=750001))
                self.assert_arrived(self.path)

    def test_flood_of_readies(self):
        result = self.send_to(readies=100000, size=750001)
        self.assert_succeeded(result)
        self.assert_arrived(self.path)

    def test_chunksize(self):
        largest = {
            '1000': 1000, 'string:1000': 1000, '1.5': 1, '1000.9': 1000, 'string:99999': 5000,
            '0': 5000, '-5': 5000, 'null': 5000, 'string:many': 5000, 'string:': 5000, '[]': 5000,
            '{}': 5000, 'true': 5000, '1e12': 5000, '1e999': 5000, '99999999999999999999999999': 5000,
        }
        for value, expected in largest.items():
            with self.subTest(value=value):
                self.assert_succeeded(self.send_to(chunksize=value, size=5000))
                self.assert_arrived(self.path)
                self.assertEqual(self.server.next_event('stored')['largest_message'], expected)

    def test_huge_chunksize_does_not_exceed_ours(self):
        self.assert_succeeded(self.send_to(chunksize='1e12', size=1000000))
        self.assertEqual(self.server.next_event('stored')['largest_message'], 250000)

    def test_truth_of_ready(self):
        for value in ('1', 'string:1', 'string:yes', '{}', '[]'):
            with self.subTest(value=value):
                self.assert_succeeded(self.send_to(ready=value))
                self.assert_arrived(self.path)

    def test_false_readies_are_none(self):
        for value in ('0', 'false', 'null', 'string:0', 'string:'):
            with self.subTest(value=value):
                self.assert_failed(self.send_to('--timeout=1', ready=value))

    def test_error_goes_before_ready(self):
        result = self.send_to(text='{"ready":true,"error":"Both","fatal":true}', at='open')
        self.assertIn('Both', self.assert_failed(result))

    def test_slow_close(self):
        self.assert_succeeded(self.send_to('--timeout=30', slow='1.5'))
        self.assert_arrived(self.path)

    def test_words_of_the_site_do_not_drive_the_terminal(self):
        path = self.sample()
        text = '{"error":"\\u001b[2Jgone\\u0007\\u009b1m","fatal":true}'
        result = cli.run(self.server.url(text=text), path, limit=20)
        self.assertEqual(result.status, 1, str(result))
        self.assertIn('gone', result.stderr)
        for character in ('\x1b', '\x07', '\x9b'):
            self.assertNotIn(character, result.stdout + result.stderr)


class UnwritableSite(cases.PeerTest):
    starts_peer = False

    def test_its_silence_is_explained(self):
        self.target.chmod(0o555)
        self.addCleanup(self.target.chmod, 0o755)
        self.server = self.enterContext(programs.GalileoSite(self.target, prefix=programs.unprivileged()))
        reason = self.assert_failed(self.send(self.sample(), '--timeout=2', limit=20))
        # The site says nothing at all; its folder and its disk are the usual causes.
        self.assertRegex(reason, '(?i)disk|folder|writ|stor')
        self.assertRegex(reason, '(?i)confirm|answer')
        self.assert_stored()


class Interrupted(cases.PeerTest):
    """Something happens in the middle of a file: the site has two chunks of it and is silent."""

    options = ('--manners', 'then=silence&at=chunk:2')

    def start(self, *options):
        self.path = self.sample(size=2000000)
        client = cli.Cli('--json', *options, self.server.address, self.path)
        self.addCleanup(client.kill)
        programs.wait_until(lambda: any(path.stat().st_size == 500000 for path in self.target.iterdir()),
                            'two chunks at the site')
        return client

    def test_sigint(self):
        client = self.start()
        client.signal(signal.SIGINT)
        result = client.result(limit=15)
        self.assertEqual(result.status, 130, str(result))
        self.assertEqual(result.named('success'), [])
        self.server.wait_event('ended')
        self.assert_stored()
        self.assertEqual(list(self.target.iterdir()), [])

    def test_sigint_before_the_first_ready(self):
        path = self.sample()
        client = cli.Cli('--json', self.server.url(then='silence', at='open'), path)
        self.addCleanup(client.kill)
        self.server.wait_event('metadata')
        client.signal(signal.SIGINT)
        self.assertEqual(client.result(limit=15).status, 130)
        self.assert_stored()

    def test_sigint_while_waiting_for_the_next_attempt(self):
        path = self.sample()
        client = cli.Cli('--json', '--retries=20', self.server.url(code=1013, at='open'), path)
        self.addCleanup(client.kill)
        client.wait_event('retry', lambda event: event['delay'] > 1)
        client.signal(signal.SIGINT)
        self.assertEqual(client.result(limit=15).status, 130)

    def test_client_killed(self):
        client = self.start()
        client.kill()
        self.server.wait_event('ended')
        self.assert_stored()

    def test_site_killed(self):
        client = self.start('--retries=0')
        self.server.kill()
        reason = self.assert_failed(client.result(limit=20))
        self.assertGreater(len(reason), 10)
        self.assert_stored()

    def test_site_started_again(self):
        client = self.start('--retries=5')
        self.server.kill()
        self.assert_stored()
        self.enterContext(programs.GalileoSite(self.target, port=self.server.port))
        self.assert_succeeded(client.result(limit=30))
        self.assert_stored(self.path.name)
        self.assert_arrived(self.path)


class ReceiverGoesAway(cases.PeerTest):
    """The receiver is stopped in the middle of a file, and then something is done to it."""

    peer = programs.Receiver
    size = 400 * files.MB

    def start(self, *options):
        self.path = files.sparse_file(self.source / 'large.bin', self.size)
        client = cli.Cli('--json', *options, self.server.address, self.path)
        self.addCleanup(client.kill)
        programs.wait_until(lambda: any(path.stat().st_size > 0 for path in self.target.iterdir()),
                            'first bytes at the receiver')
        self.server.signal(signal.SIGSTOP)
        self.assert_stored()
        return client

    def test_killed(self):
        client = self.start('--retries=0')
        self.server.kill()
        self.assert_failed(client.result(limit=20))
        self.assert_stored()

    def test_ended(self):
        client = self.start('--retries=0')
        self.server.stop()
        self.assert_failed(client.result(limit=20))
        self.assert_stored()

    def test_frozen(self):
        client = self.start('--retries=0', '--timeout=1')
        self.assert_failed(client.result(limit=20))
        self.assert_stored()

    def test_client_interrupted(self):
        client = self.start()
        client.signal(signal.SIGINT)
        self.assertEqual(client.result(limit=15).status, 130)
        self.server.signal(signal.SIGCONT)
        self.server.stop()
        self.assert_stored()

    def test_killed_and_started_again_on_the_same_port(self):
        client = self.start('--retries=5')
        self.server.kill()
        again = self.enterContext(programs.Receiver(self.target, port=self.server.port))
        self.assertEqual(again.port, self.server.port)
        result = client.result(limit=60)
        self.assert_succeeded(result)
        self.assert_stored(self.path.name)
        self.assert_arrived(self.path)
        attempts = [event['attempt'] for event in result.named('start')]
        self.assertEqual(attempts, list(range(1, len(attempts) + 1)))
        self.assertGreater(len(attempts), 1)
        self.assertEqual([event['attempt'] for event in result.named('retry')], attempts[1:])


class Retries(cases.PeerTest):
    def test_succeeds_at_the_second_attempt(self):
        path = self.sample(size=600000)
        for manners in ({'then': 'drop', 'at': 'chunk'}, {'code': 1012, 'at': 'chunk'}, {'code': 1013, 'at': 'open'},
                        {'then': 'drop', 'at': 'finished'}):
            with self.subTest(manners=manners), files.scratch() as target:
                with programs.GalileoSite(target) as site:
                    result = cli.run_json('--retries=2', site.url(first=1, **manners), path, limit=30)
                    self.assert_succeeded(result)
                    self.assertTrue(files.same_file(path, target / path.name))
                    self.assertEqual([event['attempt'] for event in result.named('start')], [1, 2])
                    retry, = result.named('retry')
                    self.assertEqual(retry['attempt'], 2)
                    self.assertGreater(retry['delay'], 0)
                    self.assertGreater(len(retry['reason']), 10)

    def test_one_file_does_not_take_the_others_along(self):
        paths = [self.sample(f'{number}.bin', 600000) for number in range(4)]
        for manners in ({'code': 1012, 'at': 'chunk'}, {'code': 1011, 'at': 'metadata'},
                        {'then': 'drop', 'at': 'chunk'}, {'error': 'string:No', 'fatal': 'true'}):
            with self.subTest(manners=manners), files.scratch() as target, programs.GalileoSite(target) as site:
                result = self.send(paths, '--jobs=1', address=site.url(first=1, **manners))
                self.assertEqual(result.status, 1, str(result))
                self.assertEqual(sorted(files.tree(target)), ['1.bin', '2.bin', '3.bin'])
                summary, = result.named('summary')
                self.assertEqual((summary['succeeded'], summary['failed']), (3, 1))

    def test_no_more_attempts_than_allowed(self):
        result = cli.run_json('--retries=1', self.server.url(then='drop', at='metadata'), self.sample(), limit=30)
        self.assert_failed(result)
        self.assertEqual(len(result.named('start')), 2)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(len(self.server.named('opened')), 2)

    def test_busy_gateway_is_tried_again(self):
        result = cli.run_json('--retries=1', self.server.url('/status/503'), self.sample(), limit=30)
        self.assertEqual(result.status, 3, str(result))
        self.assertEqual(len(result.named('retry')), 1, str(result))

    def test_missing_rights_are_not_tried_again(self):
        for status in (302, 401, 403, 404):
            with self.subTest(status=status):
                result = cli.run_json('--retries=5', self.server.url(f'/status/{status}'), self.sample(), limit=20)
                self.assertEqual(result.status, 3, str(result))
                self.assertEqual(result.named('retry'), [], str(result))


if __name__ == '__main__':
    tap.main()
