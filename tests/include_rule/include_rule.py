"""Holds the rooms of the tree to their arrows: who may include whom stands in rooms.txt, and nowhere else.

usage: include_rule.py SOURCE_DIR

Prints each include that the table does not allow, and each row of the table that contradicts it. Exit code 1 where there
is one.
"""
import pathlib
import re
import sys

FOLDERS = ["schemas", "fusion", "daemon", "workers", "ops"]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
# Of C, Linux and the compiler; C++'s own have neither a dot nor a slash.
SYSTEM = re.compile(r"^(sys|linux|netinet|arpa|net)/|^(cxxabi|dirent|fcntl|grp|iconv|immintrin|langinfo|locale|malloc|netdb"
                    r"|poll|pthread|pwd|sched|semaphore|signal|spawn|stdint|stdlib|string|termios|time|ucontext|unistd)\.h$")


def within(path, place):
    """Whether a file is what a name of the table means: a folder's, or one header with its source."""
    return path.startswith(place + "/") or path.rsplit(".", 1)[0] == place


class Table:
    def __init__(self, text):
        self.rooms, self.libraries, self.faults = {}, {}, []
        for line in text.splitlines():
            words = line.partition("#")[0].split()
            if not words:
                continue
            if words[0].startswith("<"):
                self.libraries[words[0][1:]] = words[1:]
                continue
            name = words[0].removesuffix(":")
            above = {place for word in words[1:] for place in self.named(word)}
            self.rooms[name] = above | {name}

    def named(self, word):
        if word.endswith("/*"):
            found = [room for room in self.rooms if room.startswith(word[:-1])]
        else:
            found = [room for room in self.rooms if room == word]
        if word.startswith("tests/"):
            return [word]
        if not found:
            self.faults.append(f"rooms.txt: {word} is no room that stands above")
        return found

    def room_of(self, path):
        return max((room for room in self.rooms if within(path, room)), key=len, default=None)

    def forbids(self, path, mark, header):
        """Why a file may not include a header, or nothing."""
        room = self.room_of(path)
        if room is None:
            return f"{path} lies in no room of rooms.txt"
        if mark == '"':
            if header.startswith("tests/"):
                known = any(within(header, place) for place in self.rooms[room] if place.startswith("tests/"))
            else:
                known = self.room_of(header) in self.rooms[room]
            # What the build makes of a source lies in its room; anything else without a room is not of the project.
            return None if known else f"{path}: {room} may not include {header}"
        if ("." not in header and "/" not in header) or SYSTEM.match(header):
            return None
        library = max((name for name in self.libraries if header.startswith(name)), key=len, default=None)
        if library is None:
            return f"{path}: no row of rooms.txt says who may include <{header}>"
        if any(within(path, place) for place in self.libraries[library]):
            return None
        return f"{path}: <{header}> is for {', '.join(self.libraries[library])}"


def faults(root, table):
    found = list(table.faults)
    paths = [path for folder in FOLDERS for pattern in ("*.cpp", "*.hpp", "*.hpp.in")
             for path in sorted((root / folder).rglob(pattern))]
    names = {path.relative_to(root).as_posix() for path in paths}
    for path in paths:
        name = path.relative_to(root).as_posix()
        for mark, header in INCLUDE.findall(path.read_text()):
            why = table.forbids(name, mark, header)
            if why:
                found.append(why)
    for room in table.rooms:
        if not any(within(name, room) for name in names):
            found.append(f"rooms.txt: {room} is empty")
    return found


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    found = faults(root, Table((pathlib.Path(__file__).parent / "rooms.txt").read_text()))
    print("\n".join(found + [f"{len(found)} faults"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
