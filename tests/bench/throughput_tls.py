#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast a file goes over loopback with TLS: galileosend-cli beside curl, with the same certificate.

    throughput_tls.py [--size=MIB] [--rounds=N] [--directory=DIR]
"""

import measure
from kit import files, programs


def main():
    bench = measure.Bench(__doc__, size=1024)
    with bench.scratch() as directory:
        sample = files.random_file(directory / 'sample.bin', bench.size)
        certificate = measure.Certificate(directory)
        options = [f'--tls-certificate={certificate.path}', f'--tls-key={certificate.key}']
        with (programs.Receiver(bench.folder('ours'), *options) as ours,
              measure.DavNginx(directory / 'nginx', certificate) as nginx):
            cli = [programs.cli(), f'--ca-file={certificate.path}']
            senders = [
                curl := measure.Sender('curl -T to nginx', nginx.curl(sample, '--cacert', certificate.path),
                                       nginx.stored),
                plain := measure.Sender('galileosend-cli --hash=none', [*cli, '--hash=none', ours.address, sample],
                                        ours.directory),
                measure.Sender('galileosend-cli (sha1)', [*cli, ours.address, sample], ours.directory),
            ]
            bench.measure(senders, {sample.name: sample})

    bench.report(senders, bench.size)
    bench.at_least(measure.speed_ratio(plain, curl), 0.9, 'galileosend-cli --hash=none / curl -T to nginx, with TLS')
    bench.finish()


if __name__ == '__main__':
    main()
