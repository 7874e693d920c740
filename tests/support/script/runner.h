#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_RUNNER_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_RUNNER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/script/script.h"

namespace trimaran::script {

// Runs a scenario and compares what it prints with what it expects.
// InvalidArgument: the script cannot be read or run; FailedPrecondition: the
// output differs. Both name file and line.
absl::Status CheckScript(const Script& script);

// Runs a scenario and puts what it prints into its place.
absl::Status RewriteScript(Script& script);

// As above for a file; `rewrite` changes the file if its output differs.
enum class FileMode { kCheck, kRewrite };
absl::Status RunScriptFile(const std::string& path, FileMode mode);

// kRewrite if the environment says TRIMARAN_REWRITE=1.
FileMode FileModeFromEnvironment();

// The *.txt files of a directory, sorted. NotFound if there is no directory.
absl::StatusOr<std::vector<std::string>> ScriptFilesIn(
    const std::string& directory);

absl::StatusOr<Script> ReadScript(const std::string& path);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_RUNNER_H_
