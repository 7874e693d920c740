#include "tests/support/script/runner.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tests/support/script/interpreter.h"

namespace trimaran::script {
namespace {

absl::StatusOr<std::vector<std::string>> RunBlock(const Script& script,
                                                  const Block& block,
                                                  Interpreter& interpreter) {
  absl::StatusOr<std::vector<std::string>> lines = interpreter.Run(block);
  if (lines.ok()) return lines;
  return absl::InvalidArgumentError(absl::StrCat(
      script.path, ":", block.line, ": ", lines.status().ToString()));
}

}  // namespace

absl::Status CheckScript(const Script& script) {
  Interpreter interpreter;
  for (const Block& block : script.blocks) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> actual,
                              RunBlock(script, block, interpreter));
    const std::string mismatch = DescribeMismatch(script, block, actual);
    if (!mismatch.empty()) return absl::FailedPreconditionError(mismatch);
  }
  return absl::OkStatus();
}

absl::Status RewriteScript(Script& script) {
  Interpreter interpreter;
  for (Block& block : script.blocks) {
    TRIMARAN_ASSIGN_OR_RETURN(block.expected,
                              RunBlock(script, block, interpreter));
  }
  return absl::OkStatus();
}

absl::Status RunScriptFile(const std::string& path, FileMode mode) {
  TRIMARAN_ASSIGN_OR_RETURN(Script script, ReadScript(path));
  if (mode == FileMode::kCheck) return CheckScript(script);
  const std::string before = ScriptText(script);
  TRIMARAN_RETURN_IF_ERROR(RewriteScript(script));
  const std::string after = ScriptText(script);
  if (after == before) return absl::OkStatus();
  std::ofstream file(path, std::ios::trunc | std::ios::binary);
  file << after;
  file.flush();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

FileMode FileModeFromEnvironment() {
  const char* value = std::getenv("TRIMARAN_REWRITE");
  return value != nullptr && std::string_view(value) == "1" ? FileMode::kRewrite
                                                            : FileMode::kCheck;
}

absl::StatusOr<std::vector<std::string>> ScriptFilesIn(
    const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".txt") {
      paths.push_back(entry.path().string());
    }
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(directory, ": ", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<Script> ReadScript(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return ParseScript(path, text.str());
}

}  // namespace trimaran::script
