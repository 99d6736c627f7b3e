#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""galileosend-cli through nginx, which stands in front of most sites."""

from kit import cases, cli, files, programs, tap


class BehindNginx(cases.PeerTest):
    """A file goes through nginx to the Mojolicious site, and nginx's own answers are told as they are."""

    extra = 'proxy_read_timeout 2s;'

    def setUp(self):
        super().setUp()
        directory = self.enterContext(files.scratch())
        self.nginx = self.enterContext(programs.Nginx(directory, self.server.address, self.extra))

    def through(self, **manners):
        return self.server.url(**manners).replace(f':{self.server.port}/', f':{self.nginx.port}/')

    def test_arrives(self):
        paths = [self.sample('empty.bin', 0), self.sample('large.bin', 20 * files.MB)]
        self.assert_succeeded(self.send(paths, address=self.through()), 2)
        for path in paths:
            self.assert_arrived(path)

    def test_nginx_cuts_a_silent_site(self):
        # nginx ends the connection when the site says nothing for 2 s; pings of the client do not count.
        reason = self.assert_failed(self.send(self.sample(), address=self.through(then='silence')))
        self.assertGreater(len(reason), 10)
        self.assert_stored()

    def test_bad_gateway(self):
        self.server.stop()
        result = self.send(self.sample(), address=self.through())
        self.assertIn('502', self.assert_failed(result, status=3))

    def test_site_comes_back_behind_it(self):
        path = self.sample(size=600000)
        self.server.stop()
        client = cli.Cli('--json', '--retries=5', self.through(), path)
        self.addCleanup(client.kill)
        client.wait_event('retry')
        self.enterContext(programs.GalileoSite(self.target, port=self.server.port))
        self.assert_succeeded(client.result(limit=30))
        self.assert_arrived(path)


if __name__ == '__main__':
    tap.main()
