"""The check itself: it finds each kind of include that a table forbids, and nothing else."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import include_rule  # noqa: E402

TABLE = """
schemas:                  # the lowest
daemon/config:   schemas
daemon/base:     schemas
daemon/journal:  schemas daemon/base daemon/config
daemon:          schemas daemon/*
ops/demo:        schemas tests/workers
<sqlite3.h       daemon/journal/store
<google/protobuf/          schemas
<google/protobuf/message.h schemas daemon
"""


class Rule(unittest.TestCase):
    def found(self, files, table=TABLE):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ["schemas/a.hpp", "daemon/config.hpp", "daemon/base/a.hpp", "daemon/journal/a.hpp", "daemon/a.hpp",
                         "ops/demo/a.hpp"]:
                files = {name: "", **files}
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return include_rule.faults(root, include_rule.Table(table))

    def test_finds_what_is_forbidden(self):
        for name, line in {
            "schemas/x.cpp": '#include "daemon/base/a.hpp"',
            "daemon/base/x.hpp": '# include "daemon/journal/a.hpp" // why',
            "daemon/base/y.hpp": '#include "daemon/config.hpp"',
            "daemon/journal/x.cpp": '#pragma once\n\n  #include "daemon/a.hpp"',
            "daemon/config.cpp": '#include "daemon/base/a.hpp"',
            "daemon/x.cpp": '#include "tests/workers/a.hpp"',
            "ops/demo/x.cpp": '#include "tests/daemon/a.hpp"',
            "daemon/base/z.cpp": '#include "store.hpp"',
            "daemon/journal/y.cpp": "#include <sqlite3.h>",
            "daemon/journal/z.cpp": "#include <unknown/library.hpp>",
            "daemon/y.cpp": "#include <google/protobuf/util/time_util.h>",
            "workers/x.cpp": "#include <vector>",
        }.items():
            self.assertEqual(len(self.found({name: line})), 1, (name, line))

    def test_leaves_what_is_allowed_alone(self):
        self.assertEqual(self.found({
            "daemon/base/x.cpp": '#include "daemon/base/a.hpp"\n#include <vector>\n#include <sys/stat.h>\n#include "schemas/a.hpp"',
            "daemon/base/y.cpp": '// as #include "daemon/a.hpp" would\n',
            "daemon/journal/x.cpp": '#include "daemon/config.hpp"\n#include "daemon/base/a.hpp"',
            "daemon/journal/store.cpp": "#include <sqlite3.h>",
            "daemon/journal/store.hpp": "#include <google/protobuf/message.h>",
            "daemon/x.cpp": '#include "daemon/journal/store.hpp"\n#include "daemon/config.hpp"',
            "ops/demo/x.cpp": '#include "tests/workers/a.hpp"',
            "tests/daemon/x.cpp": '#include "ops/demo/a.hpp"\n#include <sqlite3.h>',
        }), [])

    def test_finds_a_table_that_points_upwards(self):
        above = TABLE.replace("daemon/base:     schemas", "daemon/base:     schemas daemon/journal")
        self.assertEqual(self.found({}, above), ["rooms.txt: daemon/journal is no room that stands above"])


if __name__ == "__main__":
    unittest.main()
