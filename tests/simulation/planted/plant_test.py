"""What plant.py makes of a source and its patches, and what it says of those it cannot plant."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PLANT = pathlib.Path(__file__).with_name("plant.py")
SOURCE = "int f(int a) {\n  a += 1;\n  a *= 2;\n  return a;\n}\n"


def patch(hunk):
    return f"A defect\n\nBreaks: something\n\n--- a/x.cpp\n+++ b/x.cpp\n@@ -1,9 +1,9 @@\n{hunk}"


class Plant(unittest.TestCase):
    def plant(self, source=SOURCE, **patches):
        """Yields what stands in the copy, without what only the compiler reads; or the error."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "x.cpp").write_text(source)
            files = []
            for stem, hunk in patches.items():
                files.append(folder / f"{stem}.patch")
                files[-1].write_text(patch(hunk))
            ran = subprocess.run([sys.executable, "-B", PLANT, folder, "x.cpp", folder / "out.cpp",
                                  *files], capture_output=True, text=True, check=False)
            if ran.returncode:
                return ran.stderr
            return re.sub(r"#.*\n", "", (folder / "out.cpp").read_text())

    def test_leaves_a_source_without_patches_as_it_is(self):
        self.assertEqual(self.plant(), SOURCE)

    def test_puts_a_change_beside_what_it_replaces(self):
        planted = self.plant(one="   a += 1;\n-  a *= 2;\n+  a *= 3;\n   return a;\n")
        self.assertIn('if (::nexte::planted("one")) {\n  a *= 3;\n} else\n{\n  a *= 2;\n}\n',
                      planted)

    def test_adds_and_drops_statements(self):
        planted = self.plant(adds="   a += 1;\n+  a += 7;\n", drops="-  a *= 2;\n   return a;\n")
        self.assertIn('planted("adds")) {\n  a += 7;\n} else\n{\n}\n', planted)
        self.assertIn('planted("drops")) {\n} else\n{\n  a *= 2;\n}\n', planted)

    def test_changes_a_condition(self):
        source = "if (a\n    && b)\n  f();\n"
        old = "-if (a\n-    && b)\n"
        planted = self.plant(source, one=old + "+if (b)\n", two=old + "+if (a)\n")
        self.assertEqual(planted, 'if (::nexte::planted("two") ? (a) : '
                         '(::nexte::planted("one") ? (b) : (a\n    && b)))\n  f();\n')

    def test_lets_two_defects_replace_the_same_lines(self):
        planted = self.plant(one="-  a *= 2;\n+  a *= 3;\n", two="-  a *= 2;\n+  a *= 4;\n")
        self.assertRegex(planted, r'"one".*\n  a \*= 3;\n} else\nif .*"two".*\n  a \*= 4;\n} else')

    def test_refuses_changes_that_overlap(self):
        said = self.plant(one="-  a += 1;\n-  a *= 2;\n+  a = 0;\n", two="-  a *= 2;\n+  a = 1;\n")
        self.assertIn("one.patch, two.patch change overlapping lines of x.cpp", said.replace(
            "two.patch, one", "one"))

    def test_follows_lines_that_have_moved(self):
        planted = self.plant(source="//\n" * 30 + SOURCE, one="-  a *= 2;\n+  a *= 3;\n")
        self.assertIn("a *= 3", planted)

    def test_says_how_to_renew_what_no_longer_applies(self):
        said = self.plant(source=SOURCE.replace("a *= 2", "a *= 5"), one="-  a *= 2;\n+  a *= 3;\n")
        self.assertIn("one.patch no longer applies to x.cpp near line 1", said)
        self.assertIn("git diff x.cpp", said)

    def test_keeps_the_numbers_of_lines(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "x.cpp").write_text(SOURCE)
            (folder / "one.patch").write_text(patch("   a += 1;\n-  a *= 2;\n+  a *= 3;\n"))
            subprocess.run([sys.executable, "-B", PLANT, folder, "x.cpp", folder / "out.cpp",
                            folder / "one.patch"], check=True)
            planted = (folder / "out.cpp").read_text()
        self.assertIn('#line 3 "x.cpp"\n  a *= 2;\n', planted)
        self.assertIn('#line 4 "x.cpp"\n  return a;\n', planted)


if __name__ == "__main__":
    unittest.main()
