"""The check itself: it finds each kind of name that two sources can define, and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import one_definition  # noqa: E402


class Sources(unittest.TestCase):
    def names(self, text):
        return one_definition.defined(text)

    def test_finds_what_the_linker_would_merge(self):
        for text, name in {
            "namespace bgm { class A final : public B<int> { int x; }; }": "bgm::A",
            "namespace bgm::ctl {\nstruct A\n{ struct B {}; }; }": "bgm::ctl::A",
            "namespace bgm { enum class E : std::uint8_t { a, b }; }": "bgm::E",
            "namespace bgm { template <typename T> struct A<T*> {}; }": "bgm::A<T*>",
            "namespace bgm { inline int f(int a) { return a; } }": "bgm::f(int a)",
            "namespace bgm { inline constexpr std::array kAll{1, 2}; }": "bgm::kAll",
            "namespace bgm { inline constexpr int kMost = g(1); }": "bgm::kMost",
            'namespace bgm { const char* t = "}"; /* } */ // }\nstruct A {}; }': "bgm::A",
        }.items():
            self.assertEqual(self.names(text), [name], text)

    def test_leaves_what_is_of_one_file_alone(self):
        for text in [
            "namespace bgm { namespace { class A {}; } }",
            "namespace { class A {}; }",
            "namespace bgm { class A; struct B* f(); enum class E : int; }",
            "namespace bgm { constexpr int kMost = 3; }",
            "namespace bgm { void f() { struct A {}; } }",
            "namespace bgm { class A::B* f(const struct A& a) { return g(a); } }",
            "#define X struct A {}\nnamespace bgm { }",
            "int main() { struct A {}; }",
        ]:
            self.assertEqual(self.names(text), [], text)

    def test_names_both_places(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for place in ["ops/train/vocabulary.hpp", "workers/vocabulary.hpp"]:
                (root / place).parent.mkdir(parents=True)
                (root / place).write_text("namespace bgm { class Vocabulary { public: ~Vocabulary(); }; }")
            self.assertEqual(one_definition.in_sources(root),
                             {"bgm::Vocabulary": {"ops/train/vocabulary.hpp", "workers/vocabulary.hpp"}})


class Objects(unittest.TestCase):
    def compiled(self, build, root, place, text):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
        folder, name = place.rsplit("/", 1)
        made = build / folder / "CMakeFiles/program.dir" / (name + ".o")
        made.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["c++", "-c", "-o", made, root / place], check=True)

    def test_finds_functions_that_were_never_linked_together(self):
        with tempfile.TemporaryDirectory() as folder:
            root, build = pathlib.Path(folder).resolve(), pathlib.Path(folder).resolve() / "build"
            same = "namespace bgm { int twice(int a) { return a * 2; } namespace { int own() { return 1; } } " \
                   "inline int merged() { return own(); } int %s() { return merged(); } }"
            self.compiled(build, root, "ops/one/a.cpp", same % "a")
            self.compiled(build, root, "ops/two/b.cpp", same % "b")
            found, count = one_definition.in_objects(root, build)
            self.assertEqual(count, 2)
            self.assertEqual(found, {"bgm::twice(int)": {"ops/one/a.cpp", "ops/two/b.cpp"}})


if __name__ == "__main__":
    unittest.main()
