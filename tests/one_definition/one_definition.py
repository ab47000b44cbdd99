#!/usr/bin/env python3
"""Finds names of the project that two sources define differently.

usage: one_definition.py SOURCE_DIR BUILD_DIR

C++ takes two classes of one name in one namespace for one class, even in different programs of one build: the
linker keeps one of the two destructors, no compiler complains, and an unwinding path runs the wrong one. So nothing
in a namespace that has a name may be defined by two files. Two looks, since neither sees everything:

    the sources   classes, enums, inline functions and variables at namespace scope: the linker merges their code
    the objects   functions and variables that the linker would not merge, of programs that were never linked together

Prints each name with its places. Exit code 1 where there is one.
"""
import collections
import pathlib
import re
import subprocess
import sys

FOLDERS = ["schemas", "fusion", "daemon", "workers", "ops", "tests"]
TOKEN = re.compile(r"""
    (?P<skip>//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'
            |^[ \t]*\#(?:\\\n|[^\n])*)
    |(?P<brace>[{};])""", re.VERBOSE | re.DOTALL | re.MULTILINE)
NAMESPACE = re.compile(r"^(?:inline\s+)?namespace(?:\s+([\w:]+))?$")
TYPE = re.compile(r"^(?:template\s*<.*?>\s*)?(?:typedef\s+)?(?:class|struct|union|enum(?:\s+class|\s+struct)?)\s+"
                  r"(?:\[\[.*?\]\]\s*|alignas\s*\(.*?\)\s*)*((?:\w+::)*\w+)(\s*<[^{]*>)?\s*(?:final\s*)?(?::(?!:).*)?$", re.DOTALL)
INLINE = re.compile(r"^(?:template\s*<.*>\s*)?(?:\[\[.*?\]\]\s*)*(?:inline|constexpr|consteval)\b(.*)$", re.DOTALL)


def statements(text):
    """Yields (what stands before it, the brace or semicolon)."""
    head, at = "", 0
    for token in TOKEN.finditer(text):
        head += text[at:token.start()]
        at = token.end()
        if token.lastgroup == "brace":
            yield " ".join(head.split()), token["brace"]
            head = ""
        else:
            head += " "


def defined(text):
    """The names that a source defines at namespace scope, nothing of anonymous namespaces."""
    names = []
    scopes = []  # names of namespaces; None for an anonymous one and for every other brace
    for head, brace in statements(text):
        outside = None not in scopes
        prefix = "::".join(scopes) + "::" if outside else ""
        if brace == "}":
            if scopes:
                scopes.pop()
            continue
        if outside and scopes:
            inline = INLINE.match(head)
            if brace == "{" and (found := TYPE.match(head)):
                names.append(prefix + found[1] + re.sub(r"\s", "", found[2] or ""))
            elif inline and (brace == "{" or "=" in inline[1]) and "static" not in head:
                name = re.sub(r"\s*(=|\{).*", "", inline[1], flags=re.DOTALL) if "(" not in inline[1].split("=")[0] \
                    else inline[1][:inline[1].rfind(")") + 1]
                arguments = name[name.find("("):] if "(" in name else ""
                name = name[:name.find("(")] if "(" in name else name
                # A constexpr variable without `inline` is of its own file.
                if arguments or "inline" in head.split():
                    names.append(prefix + name.split()[-1].lstrip("&*") + re.sub(r"\s+", " ", arguments))
        if brace == "{":
            space = NAMESPACE.match(head)
            scopes.append(space[1] if space and outside else None)
    return names


def in_sources(root):
    places = collections.defaultdict(set)
    for folder in FOLDERS:
        for pattern in ("*.cpp", "*.hpp"):
            for path in (root / folder).rglob(pattern):
                for name in defined(path.read_text()):
                    places[name].add(str(path.relative_to(root)))
    return {name: files for name, files in places.items() if len(files) > 1}


def source_of(build, root, object_file):
    """The source that an object was made of: CMake writes "../" as "__/"."""
    folder, found, rest = object_file.relative_to(build).as_posix().partition("/CMakeFiles/")
    if not found:
        return None
    rest = rest.split("/", 1)[1].replace("__/", "../").removesuffix(".o")
    source = (root / folder / rest).resolve()
    return source if source.exists() else None


def in_objects(root, build):
    places = collections.defaultdict(set)
    sources = {str(path): source_of(build, root, path) for path in build.rglob("*.cpp.o")}
    objects = [path for path, source in sources.items() if source]
    for at in range(0, len(objects), 200):
        listing = subprocess.run(["nm", "-A", "-P", "-g", "--defined-only", *objects[at:at + 200]],
                                 check=True, capture_output=True, text=True).stdout
        for line in listing.splitlines():
            path, symbol, kind = line.split(" ")[:3]
            if kind in "TDBR" and re.match(r"_ZT?[A-Z]*N?K?3bgm", symbol):
                places[symbol].add(str(sources[path.removesuffix(":")].relative_to(root)))
    twice = {symbol: files for symbol, files in places.items() if len(files) > 1}
    names = subprocess.run(["c++filt"], input="\n".join(twice), check=True, capture_output=True, text=True).stdout
    return dict(zip(names.splitlines(), twice.values())), len(objects)


def main():
    root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    objects, count = in_objects(root, build)
    found = {**in_sources(root), **objects}
    for name, files in sorted(found.items()):
        print(f"{name} is defined by {', '.join(sorted(files))}")
    print(f"{len(found)} names with more than one definition; {count} objects looked at")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
