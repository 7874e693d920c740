#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_SCRIPT_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_SCRIPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"

// The text of a scenario: comments, commands, and what they are expected to
// print. tests/scripts/README.md describes the language.

namespace trimaran::script {

// "key=(a,b)" or "key=a" or "key"; the latter has no values.
struct Argument {
  std::string key;
  std::vector<std::string> values;
};

// One command line, taken apart. Plain words and keyed arguments may stand in
// any order; the order within each kind is kept.
class Command {
 public:
  // InvalidArgument for an empty line, an unclosed parenthesis or an empty key.
  static absl::StatusOr<Command> Parse(std::string_view text);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& words() const { return words_; }
  const std::vector<Argument>& keyed() const { return keyed_; }
  // Null if there is none.
  const Argument* Find(std::string_view key) const;

  // The values of keyed arguments; InvalidArgument if they are malformed. An
  // absent argument leaves `value` as it is.
  absl::Status Read(std::string_view key, uint64_t& value) const;
  absl::Status Read(std::string_view key, bool& value) const;
  absl::Status Read(std::string_view key, std::string& value) const;
  absl::Status Read(std::string_view key, std::vector<ReplicaId>& value) const;

  // The word at that place, as a number.
  absl::StatusOr<uint64_t> NumberAt(size_t place) const;
  absl::StatusOr<ReplicaId> ReplicaAt(size_t place) const;
  // All words from `first` on, as replicas.
  absl::StatusOr<std::vector<ReplicaId>> ReplicasFrom(size_t first) const;
  // An error unless every key is one of `keys`, so that a misspelt argument
  // cannot silently mean nothing.
  absl::Status AllowKeys(const std::vector<std::string_view>& keys) const;

 private:
  std::string name_;
  std::vector<std::string> words_;
  std::vector<Argument> keyed_;
};

// Decimal digits only. InvalidArgument otherwise.
absl::StatusOr<uint64_t> ParseNumber(std::string_view text);

// Commands and what they print.
struct Block {
  // The number of the first command's line, from 1 on.
  int line = 0;
  std::vector<std::string> commands;
  // The number of the line of dashes.
  int expected_line = 0;
  std::vector<std::string> expected;
};

struct Script {
  std::string path;
  std::vector<Block> blocks;
  // The comments and empty lines before each block, and after the last one.
  std::vector<std::string> gaps;
};

// InvalidArgument tells "path:line: what is wrong": commands without dashes,
// dashes without commands, a missing newline at the end of the file.
absl::StatusOr<Script> ParseScript(std::string path, std::string_view text);

// The text of the script. ParseScript and this are inverse to each other.
std::string ScriptText(const Script& script);

// How `actual` differs from what the block expects, with file and line of the
// first difference; empty if it does not.
std::string DescribeMismatch(const Script& script, const Block& block,
                             const std::vector<std::string>& actual);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_SCRIPT_H_
