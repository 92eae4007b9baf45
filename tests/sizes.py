#!/usr/bin/env python3
"""usage: tests/sizes.py [COMMIT]

Prints the sizes of files and methods under src/, of the work tree or of a commit: number, median, 90th percentile and maximum of their lines.
A method is a member with a body in braces or after an arrow; its lines are counted from its first line to its last, without comments and attributes before it."""
import re
import statistics
import subprocess
import sys

# Types with parameters, properties of tuples and tables of values are no methods.
MEMBER = re.compile(r'^ {4,8}(?:public|private|protected|internal|static|async|override|virtual|sealed|unsafe|extern|partial|readonly|new)\b(?!.*\b(?:class|record|struct|interface) )[^=;{]*[\w>]\((?!.* = *$)(?!.*\{ get)')
LISTED = re.compile(r'^src/.*\.cs$')


def git(*arguments: str) -> str:
    return subprocess.check_output(['git', *arguments], text=True)


def sources(commit: str | None) -> dict[str, list[str]]:
    if commit is None:
        names = [n for n in git('ls-files', 'src').split('\n') if LISTED.match(n)]
        return {n: open(n, encoding='utf-8').read().split('\n') for n in names}
    names = [n for n in git('ls-tree', '-r', '--name-only', commit, 'src').split('\n') if LISTED.match(n)]
    return {n: git('show', f'{commit}:{n}').split('\n') for n in names}


def methods(lines: list[str]) -> list[int]:
    """The indentation of the first line ends a member: the closing brace, or the semicolon of an expression body."""
    found = []
    i = 0
    while i < len(lines):
        if not MEMBER.match(lines[i]):
            i += 1
            continue
        indent = len(lines[i]) - len(lines[i].lstrip())
        end = i
        while end < len(lines) and not (lines[end].rstrip().endswith(';') or lines[end] == ' ' * indent + '{'):
            end += 1
        if end < len(lines) and lines[end] == ' ' * indent + '{':
            while end < len(lines) and not lines[end].startswith(' ' * indent + '}'):
                end += 1
            found.append(end - i + 1)
        elif any('=>' in line for line in lines[i:end + 1]):
            found.append(end - i + 1)
        i = end + 1
    return found


def show(name: str, sizes: list[int]) -> None:
    sizes.sort()
    print(f'{name:8} {len(sizes):6} {statistics.median(sizes):7.0f} {sizes[len(sizes) * 9 // 10]:5} {sizes[-1]:5}')


def main() -> None:
    if len(sys.argv) > 2 or sys.argv[1:2] in (['-h'], ['--help']):
        sys.exit(__doc__)
    files = sources(sys.argv[1] if len(sys.argv) > 1 else None)
    print(f'{"":8} {"number":>6} {"median":>7} {"p90":>5} {"max":>5}')
    show('files', [len(lines) - 1 for lines in files.values()])
    show('methods', [size for lines in files.values() for size in methods(lines)])


main()
