"""Finds links and paths in documents and comments that lead nowhere.

usage: references.py SOURCE_DIR

It checks relative links in Markdown, paths below a top folder (`daemon/main.cpp`, `workers/media/av/av_*.cpp`; the
extension may be left out), and the bare names of sources and documents (`encoder.hpp`). A path with a word in capitals
(`tests/fuzz/NAME.cpp`) is a placeholder and is skipped. Prints each broken reference; exits with 1 if there are any.
"""
import fnmatch
import pathlib
import re
import sys

FOLDERS = "cmake|daemon|data|docs|fusion|ops|schemas|tests|workers"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
PATH = re.compile(rf"(?<![\w/.$}}~>-])(?:{FOLDERS})/[\w./*-]*[\w*]")
NAME = re.compile(r"(?<![\w/.~-])[\w-]+\.(?:hpp|cpp|proto|md|py)\b")
CODE = {".cpp": "//", ".hpp": "//", ".proto": "//", ".sql": "--", ".txt": "#", ".cmake": "#", "": "#"}
PATTERN = re.compile(r"[{}]|(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z])")
ELSEWHERE = {"zmq.hpp", "post.cpp"}  # a library's header; the file that README.md asks its reader to write


def prose(path, text):
    """Yields (line number, text) of what people read: every line of a document, the comments of a source."""
    if path.suffix == ".md":
        yield from enumerate(text.splitlines(), 1)
        return
    mark = CODE[path.suffix]
    for number, line in enumerate(text.splitlines(), 1):
        before, found, comment = line.partition(mark)
        if found and before.count('"') % 2 == 0 and not before.endswith(":") and not comment.startswith("include"):
            yield number, comment


class Tree:
    def __init__(self, root, skipped=("build", ".git", ".cache")):
        self.root = root
        self.files = [path.relative_to(root) for folder in sorted(root.iterdir()) if folder.name not in skipped
                      for path in ([folder] if folder.is_file() else folder.rglob("*"))
                      if "node_modules" not in path.parts]
        self.paths = {path.as_posix() for path in self.files}
        self.paths |= {path.rsplit(".", 1)[0] for path in self.paths if path[-1] != "/"}
        self.names = {path.name for path in self.files} | ELSEWHERE

    def holds(self, place):
        if "*" in place:
            return any(fnmatch.fnmatch(path, place) for path in self.paths)
        return place in self.paths

    def faults(self):
        for path in self.files:
            whole = self.root / path
            if not whole.is_file() or (path.suffix not in CODE and path.suffix != ".md"):
                continue
            try:
                text = whole.read_text()
            except UnicodeDecodeError:
                continue
            if path.suffix == ".md":
                for link in LINK.findall(text):
                    if ":" not in link and not (whole.parent / link).exists():
                        yield f"{path}: broken link {link}"
            for number, line in prose(path, text):
                for place in PATH.findall(line):
                    if not PATTERN.search(place) and not self.holds(place):
                        yield f"{path}:{number}: no {place}"
                for name in NAME.findall(line):
                    if not PATTERN.search(name) and name not in self.names:
                        yield f"{path}:{number}: no file {name}"


def main():
    found = list(Tree(pathlib.Path(sys.argv[1]).resolve()).faults())
    print("\n".join(found + [f"{len(found)} broken references"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
