"""The check itself: it finds each kind of broken reference, and nothing else."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import references  # noqa: E402


class References(unittest.TestCase):
    def faults(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for place in ["daemon/main.cpp", "docs/media.md", name]:
                (root / place).parent.mkdir(parents=True, exist_ok=True)
                (root / place).write_text("")
            (root / name).write_text(text)
            return list(references.Tree(root).faults())

    def test_finds_what_leads_nowhere(self):
        for name, text, fault in [
            ("docs/a.md", "see [media](medium.md#top)", "docs/a.md: broken link medium.md"),
            ("docs/a.md", "\n`daemon/start.cpp` starts it", "docs/a.md:2: no daemon/start.cpp"),
            ("docs/a.md", "all of daemon/journal/", "docs/a.md:1: no daemon/journal"),
            ("daemon/a.cpp", "f();  // as in daemon/b_*.cpp", "daemon/a.cpp:1: no daemon/b_*.cpp"),
            ("daemon/a.hpp", "/// See codec.hpp.", "daemon/a.hpp:1: no file codec.hpp"),
            ("daemon/CMakeLists.txt", "# As DESIGN.md and docs/design.md say.", "daemon/CMakeLists.txt:1: no docs/design.md"),
        ]:
            self.assertIn(fault, self.faults(name, text), text)

    def test_leaves_what_is_there_alone(self):
        for name, text in [
            ("docs/a.md", "[media](media.md#gif), [main](../daemon/main.cpp), [elsewhere](https://example.org/a.md)"),
            ("docs/a.md", "`daemon/main`, `daemon/*.cpp`, `daemon/NAME.cpp`, `main.cpp`, `/usr/share/docs/b.md`"),
            ("daemon/a.cpp", 'open("daemon/b.cpp");  // main.cpp'),
            ("daemon/a.cpp", 'open("file://daemon/b.cpp");'),
            ("build/a.md", "daemon/b.cpp"),
        ]:
            self.assertEqual(self.faults(name, text), [], text)


if __name__ == "__main__":
    unittest.main()
