"""Functions and classes are found, and nothing else is taken for one."""

import unittest

import structure


def functions(text):
    return [(f.name, f.first_line, f.last_line)
            for f in structure.scan(text)[0]]


def classes(text):
    return [(c.name, c.fields) for c in structure.scan(text)[1]]


class FunctionTest(unittest.TestCase):

    def test_function_in_namespaces_and_class(self):
        self.assertEqual([("Inner", 3, 5), ("Outer", 8, 8)], functions(
            "namespace a::b {\n"
            "class C : public D {\n"
            "  int Inner() const {\n"
            "    return 1;\n"
            "  }\n"
            "};\n"
            "}\n"
            "void Outer() { if (x) { y(); } }\n"))

    def test_signature_over_several_lines_counts(self):
        self.assertEqual([("C::F", 1, 4)], functions(
            "absl::StatusOr<std::vector<int>>\nC::F(int a,\n"
            "     int b) noexcept {\n}\n"))

    def test_constructor_with_braces_in_its_initializers(self):
        self.assertEqual([("C::C", 1, 4)], functions(
            "C::C(int a)\n    : a_(a), b_{2},\n      c_{1, 2} {\n}\nint x;\n"))

    def test_lambda_belongs_to_the_function_around_it(self):
        self.assertEqual([("F", 1, 5)], functions(
            "void F() {\n  auto g = [](int x) {\n    return x;\n  };\n}\n"))

    def test_operators_and_templates(self):
        self.assertEqual(
            ["operator<<", "operator()", "Less"],
            [name for name, _, _ in functions(
                "std::ostream& operator<<(std::ostream& o, T t) {\n}\n"
                "int operator()(int x) const { return x; }\n"
                "template <typename A, typename B = C<D>>\n"
                "  requires X<A>\nbool Less(A a, B b) {\n}\n")])

    def test_test_macros_are_functions_with_both_names(self):
        self.assertEqual([("A.B", 1, 2)], functions("TEST_F(A, B) {\n}\n"))

    def test_initializers_and_types_are_no_functions(self):
        self.assertEqual([], functions(
            "constexpr std::array<int, 2> kA = {1, 2};\nint b{3};\n"
            "enum class E : uint8_t { kA, kB };\n"
            "struct S { int a = 1; std::vector<int> b{1}; };\n"))

    def test_thread_annotations_do_not_hide_a_function(self):
        self.assertEqual(["F"], [n for n, _, _ in functions(
            "class C {\n void F() ABSL_LOCKS_EXCLUDED(mutex_) override {\n}\n"
            "};\n")])


class ClassTest(unittest.TestCase):

    def test_counts_members_and_only_members(self):
        self.assertEqual([("C", 5)], classes(
            "class ABSL_LOCKABLE C final : public B<int> {\n"
            " public:\n"
            "  explicit C(int a) : a_(a) {}\n"
            "  int a() const { return a_; }\n"
            "  void set(int a);\n"
            " private:\n"
            "  static int shared_;\n"
            "  int a_;\n"
            "  std::map<int, std::string> b_ ABSL_GUARDED_BY(m_);\n"
            "  int c_ = f(1);\n"
            "  std::vector<int> d_{1, 2};\n"
            "  int e_[4];\n"
            "};\n"))

    def test_nested_class_has_its_own_count(self):
        self.assertEqual([("In", 1), ("Out", 2)], classes(
            "class Out {\n struct In { int x_; };\n In a_;\n int b_;\n};\n"))


if __name__ == "__main__":
    unittest.main()
