# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the TestCase classes of a test file and says the result in TAP, one line for each test."""

import sys
import time
import traceback
import unittest


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.failed = False
        self._problems = []
        self._started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._problems = []
        self._started = time.monotonic()

    def stopTest(self, test):
        self._report(_name(test), self._problems)
        super().stopTest(test)

    def addError(self, test, error):
        # A class or module that could not be set up has no startTest of its own.
        if isinstance(test, unittest.TestCase):
            self._problems.append(_diagnostics(error))
        else:
            self._started = time.monotonic()
            self._report(str(test), [_diagnostics(error)])

    def addFailure(self, test, error):
        self._problems.append(_diagnostics(error))

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self._problems.append(f'{subtest._subDescription()}\n{_diagnostics(error)}')

    def addSkip(self, test, reason):
        self._problems.append(f'skipped ({reason}): a test that does not run proves nothing')

    def addExpectedFailure(self, test, error):
        self._problems.append('marked as an expected failure')

    def addUnexpectedSuccess(self, test):
        self._problems.append('marked as an expected failure, but passes')

    def _report(self, name, problems):
        self.count += 1
        self.failed = self.failed or bool(problems)
        verdict = 'not ok' if problems else 'ok'
        print(f'{verdict} {self.count} - {name}')
        print(f'# {time.monotonic() - self._started:.2f} s')
        for problem in problems:
            print('\n'.join(f'# {line}' for line in problem.splitlines()))
        sys.stdout.flush()


def _name(test):
    name = f'{type(test).__name__}.{test._testMethodName}'
    return name.replace('#', ' ')


def _diagnostics(error):
    text = ''.join(traceback.format_exception(*error))
    # Bytes of file names that are no UTF-8 come as surrogates, which standard output would refuse.
    return text.encode('utf-8', 'backslashreplace').decode()


def main():
    """Runs all tests of the calling file, or those whose names hold one of the arguments."""
    sys.stdout.reconfigure(errors='backslashreplace')
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    tests = [test for test in _flatten(suite)
             if not sys.argv[1:] or any(word in _name(test) for word in sys.argv[1:])]
    print('TAP version 13', flush=True)
    result = _Result()
    unittest.TestSuite(tests).run(result)
    if not tests:
        print('not ok 1 - no test was selected')
        result.count, result.failed = 1, True
    # The plan stands at the end: a class that can't be set up makes one line out of its many tests.
    print(f'1..{result.count}', flush=True)
    sys.exit(1 if result.failed else 0)


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test
