#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the window keeps up: fifty thousand rows that are scrolled while eight uploads run, and how soon it is there.

    window.py WINDOW_ROWS FIRST_FRAME [--rounds=N] [--directory=DIR]

Needs a display of its own; see tests/window/with-display.sh.
"""

import os
import statistics
import subprocess

import measure
from kit import files, programs

SIZE = 256 * 1024 * 1024
STARTS = 9


def environment(directory):
    """What a program needs to find the display's session."""
    names = ('DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'GDK_BACKEND', 'GSK_RENDERER')
    # The other program is not one whose warnings end it.
    clean = {name: value for name, value in programs.clean_environment().items() if name != 'G_DEBUG'}
    return {**clean, **{name: os.environ[name] for name in names},
            'GSETTINGS_BACKEND': 'memory', 'GSETTINGS_SCHEMA_DIR': f'{programs.build_dir()}/data:/usr/share/glib-2.0/schemas',
            'XDG_STATE_HOME': str(directory / 'state'), 'XDG_CONFIG_HOME': str(directory / 'config'),
            'GDK_DEBUG': 'gl-disable'}


def output(directory, *command):
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True, env=environment(directory))
    return done.stdout.splitlines()


def give_way(pid):
    """The other end of an upload is another machine. Here it gets what the window leaves."""
    for thread in os.listdir(f'/proc/{pid}/task'):
        os.setpriority(os.PRIO_PROCESS, int(thread), 10)


def main():
    bench = measure.Bench(__doc__, rounds=3, arguments=['window_rows', 'first_frame'])
    figures = {}
    ours, theirs = [], []
    with bench.scratch() as directory:
        sample = files.random_file(directory / 'sample', SIZE)
        for number in range(bench.rounds):
            received = bench.folder(f'received-{number}')
            with programs.Receiver(received, '--quiet') as receiver:
                give_way(receiver.pid)
                for line in output(directory, bench.arguments.window_rows, receiver.address, sample):
                    name, value = line.split()
                    figures.setdefault(name, []).append(float(value))
            for path in received.iterdir():
                path.unlink()

        # In turn, after one of each that fills the caches.
        for number in range(STARTS + 1):
            for command, times in (([programs.uploader()], ours), (['gnome-text-editor'], theirs)):
                times += [float(output(directory, bench.arguments.first_frame, *command)[0])] if number else []
                if not number:
                    output(directory, bench.arguments.first_frame, *command)

    def median(name):
        return statistics.median(figures[name])

    for name in figures:
        print(f'{name}: {", ".join(f"{value:g}" for value in figures[name])}')
    print(f'first frame: {statistics.median(ours):.0f} ms; of gnome-text-editor: {statistics.median(theirs):.0f} ms')
    bench.at_most(median('gap-p99'), 16, 'between two turns of the main loop, for 99 of 100', ' ms')
    bench.at_most(median('resident'), 250, 'resident', ' MB')
    bench.at_most(median('idle-core') * 100, 0.05, 'of a core once all is done', ' %')
    bench.at_most(statistics.median(mine / their for mine, their in zip(ours, theirs)), 1,
                  'x the time that gnome-text-editor takes to its first frame')
    bench.finish()


if __name__ == '__main__':
    main()
