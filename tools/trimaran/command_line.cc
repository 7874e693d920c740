#include "tools/trimaran/command_line.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

// In how many letters two words differ: changed, added, left out.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

absl::Status UnknownOption(absl::Span<const OptionSpec> options,
                           std::string_view name) {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : options) names.push_back(option.name);
  const std::string_view nearest = NearestWord(name, names);
  std::string message = absl::StrCat("unknown option --", Escape(name));
  if (!nearest.empty()) {
    absl::StrAppend(&message, "; did you mean --", ToAbsl(nearest), "?");
  }
  return absl::InvalidArgumentError(message);
}

const OptionSpec* Find(absl::Span<const OptionSpec> options,
                       std::string_view name) {
  for (const OptionSpec& option : options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// An option, at the front of `words`, of which it takes what it needs.
absl::Status ParseOption(absl::Span<const OptionSpec> options,
                         absl::Span<const std::string_view>& words,
                         Arguments& arguments) {
  std::string_view name = words.front().substr(2);
  words.remove_prefix(1);
  std::optional<std::string_view> value;
  if (const size_t equals = name.find('='); equals != std::string_view::npos) {
    value = name.substr(equals + 1);
    name = name.substr(0, equals);
  }
  const OptionSpec* const option = Find(options, name);
  if (option == nullptr) return UnknownOption(options, name);
  if (option->value.empty()) {
    if (value.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", ToAbsl(name), " takes no value"));
    }
  } else if (!value.has_value()) {
    if (words.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--", ToAbsl(name), " needs a value: ", ToAbsl(option->value)));
    }
    value = words.front();
    words.remove_prefix(1);
  }
  arguments.AddOption(name, value.value_or(""));
  return absl::OkStatus();
}

// An option or an operand, of which the same holds.
absl::Status ParseWord(absl::Span<const OptionSpec> options,
                       absl::Span<const std::string_view>& words,
                       Arguments& arguments) {
  const std::string_view word = words.front();
  if (word.starts_with("--")) return ParseOption(options, words, arguments);
  if (word == "-h") {
    arguments.AddOption("help", "");
  } else if (word.size() > 1 && word.front() == '-') {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown option ", Escape(word), "; long options have two dashes"));
  } else {
    arguments.AddOperand(word);
  }
  words.remove_prefix(1);
  return absl::OkStatus();
}

}  // namespace

bool Arguments::Has(std::string_view option) const {
  return options_.find(option) != options_.end();
}

std::optional<std::string_view> Arguments::Value(
    std::string_view option) const {
  const auto found = options_.find(option);
  if (found == options_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::Values(std::string_view option) const {
  const auto found = options_.find(option);
  if (found == options_.end()) return {};
  return found->second;
}

absl::StatusOr<std::string> Arguments::Required(std::string_view option) const {
  const auto value = Value(option);
  if (!value.has_value() || value->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", ToAbsl(option), ": it is needed"));
  }
  return std::string(*value);
}

absl::StatusOr<std::optional<uint64_t>> Arguments::Number(
    std::string_view option) const {
  const std::optional<std::string_view> value = Value(option);
  if (!value.has_value()) return std::nullopt;
  uint64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(*value), &number)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--", ToAbsl(option), ": ", Quote(*value), " is not a number"));
  }
  return number;
}

absl::StatusOr<std::optional<std::string>> Arguments::Bytes(
    std::string_view option) const {
  const std::optional<std::string_view> value = Value(option);
  if (!value.has_value()) return std::nullopt;
  absl::StatusOr<std::string> bytes = Unescape(*value);
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", ToAbsl(option), ": ", bytes.status().message()));
  }
  return *std::move(bytes);
}

void Arguments::AddOption(std::string_view option, std::string_view value) {
  options_[std::string(option)].emplace_back(value);
}

absl::StatusOr<Arguments> ParseArguments(
    absl::Span<const OptionSpec> options,
    absl::Span<const std::string_view> words) {
  Arguments arguments;
  while (!words.empty()) {
    const std::string_view word = words.front();
    if (word == "--") {
      words.remove_prefix(1);
      break;
    }
    TRIMARAN_RETURN_IF_ERROR(ParseWord(options, words, arguments));
  }
  // Behind "--" everything is an operand.
  for (const std::string_view word : words) arguments.AddOperand(word);
  return arguments;
}

std::string DescribeOptions(absl::Span<const OptionSpec> options) {
  std::vector<std::string> heads;
  size_t width = 0;
  for (const OptionSpec& option : options) {
    heads.push_back(absl::StrCat("  --", ToAbsl(option.name),
                                 option.value.empty() ? "" : " ",
                                 ToAbsl(option.value)));
    width = std::max(width, heads.back().size());
  }
  std::string out;
  for (size_t i = 0; i < options.size(); ++i) {
    std::string head = heads[i];
    for (const absl::string_view line :
         absl::StrSplit(ToAbsl(options[i].help), '\n')) {
      absl::StrAppend(&out, head, std::string(width + 2 - head.size(), ' '),
                      line, "\n");
      head.clear();
    }
  }
  return out;
}

std::string_view NearestWord(std::string_view word,
                             absl::Span<const std::string_view> candidates) {
  std::string_view nearest;
  // More than a third of a word is another word.
  size_t least = word.size() / 3 + 2;
  for (const std::string_view candidate : candidates) {
    // Comparing is quadratic, and a typing error does not double the length.
    if (candidate.empty() || word.size() > 2 * candidate.size() + 2) continue;
    const bool begins =
        word.size() >= 2 && candidate.substr(0, word.size()) == word;
    const size_t distance = begins ? 1 : Distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace trimaran::tool
