# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs galileosend-cli."""

import dataclasses

from kit import programs


@dataclasses.dataclass
class Result:
    status: int
    events: list
    stdout: str
    stderr: str
    peak_kb: int

    def named(self, name):
        return [event for event in self.events if event['event'] == name]

    def __str__(self):
        return f'exit status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}'


class Cli(programs.Process):
    """A running galileosend-cli, for tests that do something to it in the middle."""

    def __init__(self, *arguments, **options):
        super().__init__([str(programs.cli()), *map(_argument, arguments)], **options)

    def result(self, limit=60):
        status = self.wait(limit)
        return Result(status, self.events, self.stdout, self.stderr, self.peak_kb)


def run(*arguments, limit=60, **options):
    """Runs it to its end. It may take that many seconds: one that hangs fails the test."""
    return Cli(*arguments, **options).result(limit)


def run_json(*arguments, **options):
    """The same with --json, where nothing but JSON lines may stand on standard output."""
    result = run('--json', *arguments, **options)
    strange = [line for line in result.stdout.split('\n') if line and not line.startswith('{')]
    assert not strange, f'not JSON: {strange}\n{result}'
    return result


def _argument(argument):
    return argument if isinstance(argument, bytes) else str(argument)
