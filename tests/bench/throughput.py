#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast a file goes over loopback: galileosend-cli beside curl and beside a bare libsoup sender.

    throughput.py BARE_SENDER [--size=MIB] [--rounds=N] [--directory=DIR]
"""

import measure
from kit import files, programs

# Of the client's own choice, so the bare sender has the same.
CHUNK = 250000


def main():
    bench = measure.Bench(__doc__, size=2048, arguments=['bare_sender'])
    bare_sender, cli = bench.arguments.bare_sender, programs.cli()
    with bench.scratch() as directory:
        sample = files.random_file(directory / 'sample.bin', bench.size)
        with (programs.Receiver(bench.folder('ours')) as ours,
              programs.GalileoSite(bench.folder('site')) as site,
              measure.DavNginx(directory / 'nginx') as nginx):
            senders = [
                curl := measure.Sender('curl -T to nginx', nginx.curl(sample), nginx.stored),
                plain := measure.Sender('galileosend-cli --hash=none', [cli, '--hash=none', ours.address, sample],
                                        ours.directory),
                hashed := measure.Sender('galileosend-cli (sha1)', [cli, ours.address, sample], ours.directory),
                bare := measure.Sender('bare libsoup sender', [bare_sender, ours.address, sample, CHUNK],
                                       ours.directory),
                to_site := measure.Sender('galileosend-cli to Mojolicious', [cli, '--hash=none', site.address, sample],
                                          site.directory),
                bare_to_site := measure.Sender('bare libsoup sender to Mojolicious',
                                               [bare_sender, site.address, sample, CHUNK], site.directory),
            ]
            bench.measure(senders, {sample.name: sample})

    bench.report(senders, bench.size)
    bench.at_least(measure.speed_ratio(plain, curl), 1.0, 'galileosend-cli --hash=none / curl -T to nginx')
    bench.at_least(measure.speed_ratio(hashed, curl), 0.8, 'galileosend-cli (sha1) / curl -T to nginx')
    bench.at_least(measure.speed_ratio(to_site, bare_to_site), 0.95,
                   'galileosend-cli / bare libsoup sender, to Mojolicious')
    bench.at_most(measure.cost_ratio(plain, bare), 1.15,
                  'processor time of galileosend-cli --hash=none / bare libsoup sender')
    bench.finish()


if __name__ == '__main__':
    main()
