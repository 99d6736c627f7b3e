#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS: who is trusted by --ca-file and --pin, and the way through a proxy."""

import hashlib

from kit import cases, cli, files, peer, programs, tap

# Without this the tests' own setting would keep the system's proxies out.
WITH_PROXIES = ['env', '--unset=GIO_USE_PROXY_RESOLVER']


class TlsTest(cases.PeerTest):
    """One set of certificates for all tests, as openssl takes its time."""

    starts_peer = False

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(files.scratch())
        cls.authority = peer.Certificate(folder, 'authority')
        cls.stranger = peer.Certificate(folder, 'stranger')
        cls.good = peer.Certificate(folder, 'good', authority=cls.authority)
        cls.expired = peer.Certificate(folder, 'expired', authority=cls.authority, days=-1)
        cls.elsewhere = peer.Certificate(folder, 'elsewhere', host='elsewhere.example', authority=cls.authority)
        cls.self_signed = peer.Certificate(folder, 'self-signed')

    def send_to(self, certificate, *options, **more):
        """Sends a file to a peer with that certificate, and returns the result and the uploads that the peer saw."""
        path = self.sample(size=300000)
        with peer.Peer(certificate) as server:
            result = self.send(path, *options, address=server.address, limit=20, **more)
        if result.status == 0:
            self.assertEqual(bytes(server.uploads[0].data), path.read_bytes())
        return result, server.uploads

    def assert_trusted(self, certificate, *options):
        result, uploads = self.send_to(certificate, *options)
        self.assert_succeeded(result)
        self.assertEqual(len(uploads), 1)

    def assert_not_trusted(self, certificate, *options, words):
        """Nothing was sent, not even the handshake's headers."""
        result, uploads = self.send_to(certificate, *options)
        self.assertRegex(self.assert_failed(result, 3), words)
        self.assertEqual(uploads, [])

    def assert_usage(self, *options, words, address='wss://127.0.0.1:1/'):
        result = cli.run(*options, address, self.sample(), limit=15)
        self.assertEqual(result.status, 2, str(result))
        for word in words:
            self.assertIn(word, result.stderr)


class Authorities(TlsTest):
    def test_trusted(self):
        self.assert_trusted(self.good, f'--ca-file={self.authority.path}')

    def test_one_of_several(self):
        both = self.source.parent / 'both.pem'
        both.write_text('A comment\n' + self.stranger.path.read_text() + self.authority.path.read_text())
        self.assert_trusted(self.good, f'--ca-file={both}')

    def test_relative_path(self):
        result, _ = self.send_to(self.good, '--ca-file=authority.pem', directory=self.authority.path.parent)
        self.assert_succeeded(result)

    def test_a_certificate_of_its_own_making(self):
        # It names no host, so that is what is wrong with it next.
        self.assert_not_trusted(self.self_signed, f'--ca-file={self.self_signed.path}', words='another host')

    def test_without_it_nobody_made_here_is_trusted(self):
        self.assert_not_trusted(self.good, words='no authority')

    def test_another_authority(self):
        self.assert_not_trusted(self.good, f'--ca-file={self.stranger.path}', words='no authority')

    def test_not_that_of_the_system(self):
        # The system's authorities as a file do not know ours either; the option took the place of nothing.
        self.assert_not_trusted(self.good, '--ca-file=/etc/ssl/certs/ca-certificates.crt', words='no authority')

    def test_expired(self):
        self.assert_not_trusted(self.expired, f'--ca-file={self.authority.path}', words='expired')

    def test_another_host(self):
        self.assert_not_trusted(self.elsewhere, f'--ca-file={self.authority.path}', words='another host')

    def test_files_that_can_not_be_used(self):
        folder = self.source.parent
        (folder / 'empty.pem').touch()
        (folder / 'text.pem').write_text('No certificate\n')
        (folder / 'broken.pem').write_text('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
        for name, word in {'missing.pem': 'No such file', 'empty.pem': 'no certificate', 'text.pem': 'no certificate',
                           'broken.pem': 'parse', '.': 'no ordinary file'}.items():
            with self.subTest(name=name):
                self.assert_usage(f'--ca-file={folder / name}', words=['--ca-file', str(folder / name), word])
        self.assert_usage('--ca-file=/dev/zero', words=['/dev/zero'])
        self.assert_usage(f'--ca-file={self.authority.key}', words=['no certificate'])

    def test_unreadable(self):
        secret = self.sample('secret.pem')
        secret.chmod(0)
        result = cli.run(f'--ca-file={secret}', 'wss://127.0.0.1:1/', self.sample(), prefix=programs.unprivileged())
        self.assertEqual(result.status, 2, str(result))
        self.assertRegex(result.stderr, f'{secret}.*denied')

    def test_without_tls(self):
        self.assert_usage(f'--ca-file={self.authority.path}', words=['wss://'], address='ws://127.0.0.1:1/')


class Pins(TlsTest):
    def test_right(self):
        for certificate in (self.good, self.self_signed, self.elsewhere):
            with self.subTest(certificate=certificate.path.name):
                self.assert_trusted(certificate, f'--pin={certificate.fingerprint()}')

    def test_right_but_expired(self):
        self.assert_not_trusted(self.expired, f'--pin={self.expired.fingerprint()}', words='expired')

    def test_as_openssl_shows_it(self):
        digits = self.good.fingerprint().upper()
        self.assert_trusted(self.good, '--pin=' + ':'.join(digits[at:at + 2] for at in range(0, 64, 2)))
        self.assert_trusted(self.good, '--pin', ' '.join(digits[at:at + 4] for at in range(0, 64, 4)))

    def test_wrong(self):
        # Of a certificate that the same authority signed, of the authority itself, and of nobody's.
        for pin in (self.elsewhere.fingerprint(), self.authority.fingerprint(), hashlib.sha256(b'').hexdigest()):
            self.assert_not_trusted(self.good, f'--pin={pin}', words='(?i)certificate')

    def test_for_each_of_several_files(self):
        paths = [self.sample(f'{number}.bin') for number in range(4)]
        with peer.Peer(self.self_signed) as server:
            result = self.send(paths, f'--pin={self.self_signed.fingerprint()}', address=server.address)
        self.assert_succeeded(result, 4)

    def test_refused(self):
        pin = self.good.fingerprint()
        for bad in ('', pin[1:], pin + '0', pin[:-1] + 'g', 'sha256//' + pin):
            self.assert_usage(f'--pin={bad}', words=['--pin'])
        self.assert_usage(f'--pin={pin}', f'--ca-file={self.authority.path}', words=['--pin', '--ca-file'])
        self.assert_usage(f'--pin={pin}', words=['wss://'], address='ws://127.0.0.1:1/')


class Proxies(TlsTest):
    """The system's proxies, as GLib finds them: GNOME's settings, or through libproxy the environment."""

    def send_through(self, **variables):
        """Sends a file where these variables name the proxy (%); returns the result and what the proxy was asked."""
        with peer.ConnectProxy() as proxy:
            environment = {name: value.replace('%', proxy.address) for name, value in variables.items()}
            result, uploads = self.send_to(self.good, f'--ca-file={self.authority.path}', environment=environment,
                                           prefix=WITH_PROXIES)
        self.assertEqual(len(uploads), 1 if result.status == 0 else 0)
        return result, proxy.requests

    def test_connect(self):
        for variables in ({'https_proxy': '%'}, {'HTTPS_PROXY': '%'}, {'http_proxy': '%'},
                          {'https_proxy': '%', 'http_proxy': 'http://127.0.0.1:1'},
                          {'https_proxy': '%', 'no_proxy': 'x.example'}):
            with self.subTest(variables=variables):
                result, requests = self.send_through(**variables)
                self.assert_succeeded(result)
                self.assertEqual(len(requests), 1)
                self.assertRegex(requests[0], r'^CONNECT 127\.0\.0\.1:\d+ HTTP/1\.1')

    def test_no_proxy(self):
        result, requests = self.send_through(https_proxy='%', no_proxy='127.0.0.1,x.example')
        self.assert_succeeded(result)
        self.assertEqual(requests, [])

    def test_proxy_with_a_password(self):
        with peer.ConnectProxy('user:word') as proxy:
            address = proxy.address.replace('//', '//user:word@')
            result, uploads = self.send_to(self.good, f'--ca-file={self.authority.path}',
                                           environment={'https_proxy': address}, prefix=WITH_PROXIES)
        self.assert_succeeded(result)
        self.assertEqual(len(uploads), 1)

    def test_proxy_that_wants_a_password(self):
        with peer.ConnectProxy('user:word') as proxy:
            result, uploads = self.send_to(self.good, f'--ca-file={self.authority.path}',
                                           environment={'https_proxy': proxy.address}, prefix=WITH_PROXIES)
        self.assertIn('407', self.assert_failed(result, 3))
        self.assertEqual(uploads, [])

    def test_proxy_with_a_wrong_password(self):
        """It is asked no more often than that takes."""
        with peer.ConnectProxy('user:word') as proxy:
            address = proxy.address.replace('//', '//user:wrong@')
            result, uploads = self.send_to(self.good, f'--ca-file={self.authority.path}',
                                           environment={'https_proxy': address}, prefix=WITH_PROXIES)
        self.assertRegex(self.assert_failed(result, 3), 'proxy .* password .*407')
        self.assertEqual(uploads, [])
        self.assertLessEqual(len(proxy.requests), 3)

    def test_settings_of_gnome(self):
        """They count under GNOME only, and there nothing else does."""
        settings = self.source.parent / 'glib-2.0/settings'
        settings.mkdir(parents=True)
        for desktop, variables, through in (('GNOME', {}, True), ('ubuntu:GNOME', {}, True), ('KDE', {}, False),
                                            ('GNOME', {'https_proxy': 'http://127.0.0.1:1'}, True)):
            with self.subTest(desktop=desktop), peer.ConnectProxy() as proxy:
                (settings / 'keyfile').write_text("[system/proxy]\nmode='manual'\nignore-hosts=['x.example']\n"
                                                  f"[system/proxy/https]\nhost='127.0.0.1'\nport={proxy.port}\n")
                environment = {'XDG_CONFIG_HOME': str(self.source.parent), 'XDG_CURRENT_DESKTOP': desktop,
                               'GSETTINGS_BACKEND': 'keyfile', **variables}
                result, _ = self.send_to(self.good, f'--ca-file={self.authority.path}', environment=environment,
                                         prefix=WITH_PROXIES)
                self.assert_succeeded(result)
                self.assertEqual(len(proxy.requests), 1 if through else 0)

    def test_secrets_stay_out_of_its_sight(self):
        token = self.source.parent / 'token'
        token.write_text('secret')
        token.chmod(0o600)
        with peer.ConnectProxy() as proxy:
            result, uploads = self.send_to(
                self.good, f'--ca-file={self.authority.path}', f'--token-file={token}', '--header=X-One: 1',
                environment={'https_proxy': proxy.address}, prefix=WITH_PROXIES)
        self.assert_succeeded(result)
        self.assertEqual(uploads[0].header('Authorization'), [b'Bearer secret'])
        for word in ('secret', 'Authorization', 'X-One'):
            self.assertNotIn(word, proxy.requests[0])

    def test_proxy_that_is_not_there(self):
        result, requests = self.send_through(https_proxy='http://127.0.0.1:1')
        self.assert_failed(result, 3)
        self.assertEqual(requests, [])

    def test_untrusted_behind_a_proxy(self):
        with peer.ConnectProxy() as proxy:
            result, uploads = self.send_to(self.good, environment={'https_proxy': proxy.address}, prefix=WITH_PROXIES)
        self.assertRegex(self.assert_failed(result, 3), 'no authority')
        self.assertEqual(uploads, [])


if __name__ == '__main__':
    tap.main()
