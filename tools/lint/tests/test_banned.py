"""Every rule is seen to fire, and to leave its look-alikes alone."""

import unittest

import banned

# What is written in an engine file, and a word of the answer.
BAD = (
    ("assert(x);", "TRIMARAN_CHECK"),
    ("std::abort();", "Status"),
    ("exit(1);", "Status"),
    ('std::cout << "x";', "logging.h"),
    ('printf("x");', "logging.h"),
    ('absl::PrintF("x");', "logging.h"),
    ('snprintf(b, 2, "x");', "StrFormat"),
    ("strcpy(a, b);", "string_view"),
    ("atoi(text);", "SimpleAtoi"),
    ("int a = rand();", "Random"),
    ("std::mt19937 generator;", "Random"),
    ("time(nullptr);", "Clock"),
    ("absl::Now();", "Clock"),
    ("std::chrono::system_clock::now();", "Clock"),
    ("std::chrono::steady_clock::now();", "Clock"),
    ("usleep(5);", "sleeping"),
    ("std::this_thread::sleep_for(x);", "sleeping"),
    ("out << std::endl;", "'\\n'"),
    ("using namespace std;", "name what is used"),
    ("volatile int x;", "std::atomic"),
    ("p = NULL;", "nullptr"),
    ("throw 1;", "Status"),
    ("goto end;", "loop"),
    ("std::mutex m;", "mutex.h"),
    ("absl::Mutex m;", "mutex.h"),
    ("thread.detach();", "joined"),
    ("friend class Other;", "accessor"),
    ("int idx = 0;", "abbreviation"),
    ("Config cfg_;", "abbreviation"),
    ("Manager* mgr;", "abbreviation"),
    ("#if 0", "delete"),
    ("#pragma once", "guard"),
)

GOOD = (
    "static_assert(x);",
    "transfer.abort();",
    "timer->exit(1);",
    "// abort() is for programmer's errors; volatile, throw, NULL",
    'Log("exit(1) and std::cout");',
    "run_time(x); elapsed.time();",
    "friend bool operator==(A, A) = default;",
    "int index = 0; Config config;",
    "#if 0x1000 > VERSION",
    "operand(x); brand();",
    'absl::StrFormat("%d", x);',
)


def messages(path, line):
    return [str(f) for f in banned.check(path, "\n" + line + "\n")]


class BannedTest(unittest.TestCase):

    def test_each_rule_reports_file_line_and_remedy(self):
        for line, remedy in BAD:
            with self.subTest(line=line):
                found = messages("engine/kv/a.cc", line)
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith("engine/kv/a.cc:2: "))
                self.assertIn(remedy, found[0])

    def test_every_rule_is_exercised(self):
        fired = {banned.RULES.index(rule) for rule in banned.RULES
                 for line, _ in BAD if rule.message in
                 "".join(messages("engine/kv/a.cc", line))}
        self.assertEqual(set(range(len(banned.RULES))), fired)

    def test_look_alikes_pass(self):
        for line in GOOD:
            with self.subTest(line=line):
                self.assertEqual([], messages("engine/kv/a.cc", line))

    def test_rules_have_their_folders(self):
        self.assertEqual([], messages("tools/a.cc", 'printf("x"); exit(1);'))
        self.assertEqual([], messages("bench/a.cc", "steady_clock::now();"))
        self.assertNotEqual([], messages("tests/a.cc", "sleep(1);"))

    def test_the_home_of_a_rule_may_do_it(self):
        self.assertEqual([], messages("engine/base/check.cc", "std::abort();"))
        self.assertEqual([], messages("engine/base/clock.cc", "absl::Now();"))

    def test_include_guard_is_the_path(self):
        good = ("#ifndef TRIMARAN_ENGINE_A_H_\n#define TRIMARAN_ENGINE_A_H_\n"
                "#endif\n")
        self.assertEqual([], banned.check("engine/a.h", good))
        self.assertEqual(
            ["engine/b.h:1: the include guard must be TRIMARAN_ENGINE_B_H_"],
            [str(f) for f in banned.check("engine/b.h", good)])


if __name__ == "__main__":
    unittest.main()
