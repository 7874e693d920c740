#ifndef TRIMARAN_TOOLS_TRIMARAN_COMMAND_LINE_H_
#define TRIMARAN_TOOLS_TRIMARAN_COMMAND_LINE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

// Options as people know them: "--name value", "--name=value", "--flag", and
// "--" before arguments that begin with a dash. Options and arguments may stand
// in any order.
//
// Thread: all functions may be called from any thread.

namespace trimaran::tool {

struct OptionSpec {
  // Without the dashes.
  std::string_view name;
  // What its value is called in the help; empty for a flag.
  std::string_view value;
  // Lines end in "\n", but for the last one.
  std::string_view help;
};

// What was given. Only options of the specification are in it.
class Arguments {
 public:
  bool Has(std::string_view option) const;
  // The last value, where an option was given twice.
  std::optional<std::string_view> Value(std::string_view option) const;
  // All of them, in their order.
  std::vector<std::string> Values(std::string_view option) const;
  // InvalidArgument, which names the option, if it was not given, or is empty.
  absl::StatusOr<std::string> Required(std::string_view option) const;
  // InvalidArgument, which names the option, if the value is not a number of 64
  // bits. Empty if the option was not given.
  absl::StatusOr<std::optional<uint64_t>> Number(std::string_view option) const;
  // The value without its escapes (escape.h).
  absl::StatusOr<std::optional<std::string>> Bytes(
      std::string_view option) const;
  const std::vector<std::string>& operands() const { return operands_; }

  void AddOption(std::string_view option, std::string_view value);
  void AddOperand(std::string_view operand) { operands_.emplace_back(operand); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> operands_;
};

// InvalidArgument, with a hint where there is one, for an option that is not in
// `options`, a value that is missing, and one that a flag does not take.
absl::StatusOr<Arguments> ParseArguments(
    absl::Span<const OptionSpec> options,
    absl::Span<const std::string_view> words);

// The help of each option, aligned.
std::string DescribeOptions(absl::Span<const OptionSpec> options);

// The candidate that was probably meant; empty if none is near.
std::string_view NearestWord(std::string_view word,
                             absl::Span<const std::string_view> candidates);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_COMMAND_LINE_H_
