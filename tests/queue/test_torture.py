#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call on the queue's database, and on the files that are uploaded, failed in turn.

However it fails: no crash; what was shown is on the disk, unless it was said that it is not; nothing is lost, and once the
disk works nothing is there twice, and nothing confirmed is sent again.
"""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import unittest

from kit import files, programs, tap

RUNNER = pathlib.Path(sys.argv.pop(1))
PRELOAD = pathlib.Path(sys.argv.pop(1))
ALL = os.environ.get('GALILEO_TORTURE') == 'all'
SEED = int(os.environ.get('GALILEO_SEED', random.randrange(1 << 32)))
# How many faults a run of the suite has for the database, and for the files.
N_DATABASE_FAULTS = 320
N_FILE_FAULTS = 60
SIZES = (0, 1, 5000, 70000, 400000, 2500000)
UNOPENED = 3
GARBAGE = b'This was a database once. ' * 400

# By kind of call, how it fails: with which error, whether all that come later fail as well, whether half of the bytes
# go through before. Without an error the call says how much it did. KILL is the end of the program at this very point.
FAULTS = {
    'open': ('EACCES', 'EMFILE', 'EACCES forever', 'KILL'),
    'close': ('EIO',),
    'read': ('EIO', 'half', 'EIO forever', 'half forever'),
    'write': ('EIO', 'ENOSPC', 'EIO half', 'half', 'EIO forever', 'ENOSPC half forever', 'half forever', 'KILL half'),
    'sync': ('EIO', 'ENOSPC', 'EIO forever', 'KILL'),
    'truncate': ('EIO', 'EIO forever', 'KILL'),
    'rename': ('EACCES', 'ENOSPC forever', 'KILL'),
    'unlink': ('EIO', 'EACCES forever', 'KILL'),
    'mkdir': ('EACCES', 'ENOSPC forever'),
    'mmap': ('ENOMEM', 'ENOMEM forever'),
    'lock': ('EIO', 'EAGAIN', 'ENOLCK forever'),
    'stat': ('EIO', 'EACCES', 'EIO forever'),
    'fstat': ('EIO', 'EIO forever'),
    'access': ('EIO', 'EACCES forever'),
}
FILE_FAULTS = {
    'open': ('EACCES', 'EMFILE', 'EIO forever'),
    'close': ('EIO', 'EIO forever'),
    'read': ('EIO', 'half', 'EIO half', 'EIO forever', 'half forever'),
    'fstat': ('EIO', 'EIO forever'),
    'stat': ('EIO', 'EACCES forever'),
}
# What certainly happens: where it is not counted, the library does not have the call by the name that is used.
ALWAYS = {'open', 'close', 'read', 'write', 'sync', 'unlink', 'lock', 'stat', 'fstat'}
CERTAIN = {
    'new': ALWAYS | {'mkdir', 'truncate'},
    'killed': ALWAYS,
    'damaged': ALWAYS | {'rename', 'access'},
    'files': {'open', 'close', 'read', 'fstat', 'stat'},
}

Fault = collections.namedtuple('Fault', 'scenario call mode number')


class Place:
    """Where a queue is kept, and where its files go to."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.queue = self.folder / 'queue'
        self.database = self.queue / 'queue.db'
        self.received = self.folder / 'received'
        self.report = self.folder / 'report'

    def stored(self):
        return {path.name: path for path in self.received.iterdir() if not path.name.startswith('.')}

    def read_database(self):
        """The states by name, of a copy: nothing is to be mended before the program has seen it."""
        if not self.database.exists():
            return {}
        with tempfile.TemporaryDirectory(dir=self.folder) as copy:
            for path in self.queue.glob('queue.db*'):
                shutil.copy(path, copy)
            connection = sqlite3.connect(pathlib.Path(copy) / 'queue.db')
            try:
                expect(connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)], 'the database is damaged')
                if connection.execute('PRAGMA user_version').fetchone() == (0,):
                    return {}
                rows = connection.execute('SELECT name, state FROM items').fetchall()
                self.reasons = dict(connection.execute('SELECT name, error_message FROM items').fetchall())
            finally:
                connection.close()
        expect(len(rows) == len(dict(rows)), f'an item is there twice: {rows}')
        return dict(rows)


class Run:
    """The runner on a place, to its end; with the environment of a fault, or without."""

    def __init__(self, place, address, samples, environment=None):
        process = programs.Process([str(RUNNER), str(place.database), address, *map(str, samples)],
                                   environment=environment)
        self.status = process.wait(60)
        self.output = f'status {self.status}\n{process.stdout}\n{process.stderr}'
        self.errors = process.stderr
        # The first call that failed.
        self.hit = None
        self.lines = []
        # What was promised to be on the disk, and what was shown although that was said not to be so.
        self.promised, self.shown = [], []
        is_kept = True
        for line in process.lines:
            what, _, name = line.partition(' ')
            self.lines.append((what, name))
            if what in ('kept', 'unkept'):
                is_kept = what == 'kept'
                if is_kept:
                    self.promised += self.shown
                    self.shown = []
            elif what in ('listed', 'done'):
                (self.promised if is_kept else self.shown).append((what, name))

    def get_ending(self):
        words = {what for what, _ in self.lines}
        for word in ('unopened', 'unkept', 'failed'):
            if word in words:
                return word
        return {0: 'as ever', -9: 'killed'}.get(self.status, 'crashed')

    def named(self, word):
        return [name for what, name in self.lines if what == word]


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def get_environment(path, report, fault=None):
    variables = {'LD_PRELOAD': str(PRELOAD), 'GALILEO_FAIL_PATH': str(path), 'GALILEO_FAIL_REPORT': str(report)}
    if fault is not None:
        words = fault.mode.split()
        variables |= {'GALILEO_FAIL_CALL': fault.call, 'GALILEO_FAIL_AT': str(fault.number)}
        variables |= {f'GALILEO_FAIL_{word.upper()}': '1' for word in words if word in ('half', 'forever')}
        variables |= {'GALILEO_FAIL_ERRNO': word for word in words if word.isupper()}
    return variables


def read_report(path):
    """The first call that failed, or None, and how many there were of each kind."""
    lines = [line.split(' ', 2) for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    hits = [' '.join(line[1:]) for line in lines if line[0] == 'hit']
    return hits[0] if hits else None, {line[1]: int(line[2]) for line in lines if line[0] == 'count'}


class Torture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.random = random.Random(SEED)
        cls.folder = cls.enterClassContext(files.scratch()).resolve()
        cls.source = cls.folder / 'samples'
        cls.source.mkdir()
        for number, size in enumerate(SIZES):
            (cls.source / f'{number}.bin').write_bytes(cls.random.randbytes(size))
        cls.samples = sorted(cls.source.iterdir())
        cls.names = {sample.name for sample in cls.samples}
        print(f'# seed: GALILEO_SEED={SEED}', flush=True)

    # What there is before the fault.

    def lay_new(self, place, receiver):
        return set()

    def lay_killed(self, place, receiver):
        """A queue that was killed when some of its items were done, and others not. Returns those that were."""
        number = 10
        for _ in range(50):
            fault = Fault('new', 'sync', 'KILL', number)
            run = Run(place, receiver.address, self.samples, get_environment(place.queue, place.report, fault))
            read_report(place.report)
            done = {name for name, state in place.read_database().items() if state == 'done'}
            expect(set(run.named('done')) <= done, 'shown as done, but not on the disk')
            if run.status == -9 and done and done != self.names:
                return done
            # How many come before the first that is done, and at once, is a matter of the disk.
            number += 1 if run.status == -9 and not done else -1
            shutil.rmtree(place.queue)
            for path in place.received.iterdir():
                path.unlink()
        raise AssertionError('it was never killed when some items were done')

    def lay_damaged(self, place, receiver):
        place.queue.mkdir()
        place.database.write_bytes(GARBAGE)
        return set()

    lay_files = lay_new

    def make_place(self, folder):
        place = Place(folder)
        place.received.mkdir(parents=True)
        return place

    # The faults.

    def count(self, scenario):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            place = self.make_place(folder)
            with programs.Receiver(place.received, '--quiet') as receiver:
                getattr(self, f'lay_{scenario}')(place, receiver)
                environment = get_environment(self.get_path(scenario, place), place.report)
                run = Run(place, receiver.address, self.samples, environment)
            _, counts = read_report(place.report)
        self.assertEqual(run.status, 0, run.output)
        print(f'# {scenario}: ' + ', '.join(f'{count} {call}' for call, count in counts.items() if count), flush=True)
        self.assertLessEqual(CERTAIN[scenario], {call for call, count in counts.items() if count})
        return counts

    def get_path(self, scenario, place):
        return self.source if scenario == 'files' else place.queue

    def choose(self, scenarios, faults, how_many):
        """All faults, or at least one for each way in which a kind of call fails."""
        groups = []
        for scenario in scenarios:
            counts = self.count(scenario)
            groups += [[Fault(scenario, call, mode, number) for number in range(1, counts[call] + 1)]
                       for call, modes in faults.items() for mode in modes if counts[call]]
        step = 1 if ALL else max(1, sum(map(len, groups)) // how_many)
        chosen = [fault for group in groups for fault in group[self.random.randrange(min(step, len(group)))::step]]
        self.random.shuffle(chosen)
        print(f'# {len(chosen)} of {sum(map(len, groups))} faults', flush=True)
        return chosen

    def run_all(self, faults, check):
        problems = []
        endings = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for fault, (run, problem) in zip(faults, pool.map(lambda fault: self.torture(fault, check), faults)):
                endings[run.get_ending() if run and run.hit else 'without a fault'] += 1
                if problem is not None:
                    hit = run and run.hit
                    problems.append(f'{fault.scenario}, {fault.call} {fault.number}, {fault.mode} ({hit}): {problem}')
        print('# ' + ', '.join(f'{count} {ending}' for ending, count in sorted(endings.items())), flush=True)
        self.assertEqual(len(problems), 0, f'{len(problems)} faults:\n' + '\n'.join(sorted(problems)))
        # Which changes are written together is a matter of time, so a run may have fewer calls than were counted.
        self.assertLess(endings['without a fault'], len(faults) / 5)

    def torture(self, fault, check):
        """Returns the run, or None if there was none, and what was wrong, or None."""
        run = None
        try:
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                place = self.make_place(folder)
                environment = get_environment(self.get_path(fault.scenario, place), place.report, fault)
                with programs.Receiver(place.received, '--quiet') as receiver:
                    done_before = getattr(self, f'lay_{fault.scenario}')(place, receiver)
                    run = Run(place, receiver.address, self.samples, environment)
                    run.hit, _ = read_report(place.report)
                    try:
                        check(place, receiver, fault, run, done_before)
                    except AssertionError as error:
                        raise AssertionError(f'{error}\n{run.output}') from error
        # Whatever it is, it is told with the fault that it came of.
        except Exception as error:
            return run, f'{type(error).__name__}: {error}'
        return run, None

    # What must hold.

    def check_ending(self, fault, run):
        if 'KILL' in fault.mode and run.hit:
            expect(run.status == -9, 'it was not killed')
        else:
            expect(run.status in (0, UNOPENED), 'it crashed')
        expect('CRITICAL' not in run.errors and 'WARNING' not in run.errors, 'it complains')
        if run.status == UNOPENED:
            expect(run.named('unopened'), 'it does not say why it ended')
            expect(not run.promised and not run.shown, 'it shows what it does not have')
        # Less than was asked for is no failure.
        if fault.mode.startswith('half'):
            expect(run.status == 0 and not run.named('unkept'), 'it did not go on')

    def check_stored(self, place, done):
        """All that the receiver has are whole files, those among them that were shown as done."""
        stored = place.stored()
        expect(done <= set(stored), f'shown as done, but not there: {done - set(stored)}')
        for name, path in stored.items():
            original = self.source / f'{name[0]}.bin'
            expect(files.same_file(original, path), f'{name} has other bytes')

    def check_database_fault(self, place, receiver, fault, run, done_before):
        self.check_ending(fault, run)
        expect(not run.named('failed'), 'an item failed because of the database')
        self.check_stored(place, set(run.named('done')))
        if run.status == 0:
            expect(sorted(run.named('done') + list(done_before)) == sorted(self.names), 'it ended before all were done')

        promised = {name for what, name in run.promised if what == 'listed'}
        done = {name for what, name in run.promised if what == 'done'} | done_before
        if fault.scenario == 'killed':
            promised = self.names
        is_damaged = False
        if fault.scenario == 'damaged':
            is_damaged = self.check_damaged(place, fault, run)
        else:
            expect(not run.named('aside'), 'a database was put aside that is not damaged')
        states = place.read_database() if not is_damaged else {}
        expect(not states or set(states) == self.names, f'not all were added together: {states}')
        expect(promised <= set(states), f'shown, but not on the disk: {promised - set(states)}')
        for name in done:
            expect(states[name] == 'done', f'{name} was shown as done, but is on the disk as {states[name]}')

        unkept = {name for what, name in run.shown if what == 'listed'}
        self.check_afterwards(place, receiver, is_damaged, done, unkept)

    def check_damaged(self, place, fault, run):
        """Whether the damaged database is in its place still; if not, somebody was told where it is."""
        kept = [path for path in place.queue.iterdir() if path.read_bytes() == GARBAGE]
        expect(len(kept) == 1, 'the damaged database is gone')
        if kept == [place.database]:
            expect(not run.named('aside'), 'it says that it put aside what it did not')
            return True
        told = ' '.join(run.named('aside') + run.named('unopened'))
        expect(str(kept[0]) in told or 'KILL' in fault.mode, 'nobody was told where the damaged database is')
        return False

    def check_afterwards(self, place, receiver, is_damaged, done, unkept):
        """Without faults the rest comes to its end. unkept: what it can't know to have been there."""
        run = Run(place, receiver.address, self.samples)
        try:
            expect(run.status == 0 and not run.errors, 'it does not work afterwards')
            expect(not run.named('unkept') and not run.named('failed'), 'it does not work afterwards')
            expect(len(run.named('aside')) == is_damaged, 'the damaged database is to be put aside, and no other')
            again = done & set(run.named('started'))
            expect(not again, f'shown as done, and sent again: {again}')
            expect(place.read_database() == dict.fromkeys(self.names, 'done'), 'not all are done')
            self.check_stored(place, self.names)
            twice = set(place.stored()) - self.names
            expect({f'{name[0]}.bin' for name in twice} <= unkept, f'stored twice: {twice}')
        except AssertionError as error:
            raise AssertionError(f'afterwards: {error}\n{run.output}') from error

    def check_file_fault(self, place, receiver, fault, run, done_before):
        self.check_ending(fault, run)
        expect(run.status == 0 and not run.named('unkept'), 'the database has nothing to do with it')
        done, failed = set(run.named('done')), set(run.named('failed'))
        expect(done | failed == self.names and not done & failed, 'not all came to an end')
        self.check_stored(place, done)
        expect(set(place.stored()) == done, 'stored, but not done')
        states = place.read_database()
        for name in failed:
            expect(states[name] == 'failed' and place.reasons[name], f'{name} failed without a reason')
            expect(f'{name}: {place.reasons[name]}' in run.errors, f'{name} has another reason')
        if fault.mode.startswith('half'):
            expect(not failed, 'a short read is no failure')

    def test_database(self):
        self.run_all(self.choose(('new', 'killed', 'damaged'), FAULTS, N_DATABASE_FAULTS), self.check_database_fault)

    def test_files(self):
        self.run_all(self.choose(('files',), FILE_FAULTS, N_FILE_FAULTS), self.check_file_fault)


if __name__ == '__main__':
    tap.main()
