#include "tests/support/script/script.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::script {
namespace {

constexpr std::string_view kDashes = "----";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool IsBlank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsBlank(c); });
}

bool IsComment(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  return start != std::string_view::npos && text[start] == '#';
}

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(why), " in \"", ToAbsl(text), "\""));
}

absl::Status At(const Script& script, size_t line, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(script.path, ":", line, ": ", ToAbsl(why)));
}

// Cuts at blanks outside parentheses.
absl::StatusOr<std::vector<std::string>> Tokens(std::string_view text) {
  std::vector<std::string> tokens;
  std::string token;
  bool in_parentheses = false;
  for (const char c : text) {
    if (c == '(') in_parentheses = true;
    if (c == ')') in_parentheses = false;
    if (IsBlank(c) && !in_parentheses) {
      if (!token.empty()) tokens.push_back(std::exchange(token, {}));
    } else {
      token += c;
    }
  }
  if (in_parentheses) return Malformed(text, "unclosed parenthesis");
  if (!token.empty()) tokens.push_back(std::move(token));
  return tokens;
}

// "(a,b)" and "(a b)" are lists, everything else is one value.
std::vector<std::string> Values(std::string_view text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') {
    return {std::string(text)};
  }
  std::vector<std::string> values;
  std::string value;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (c == ',' || IsBlank(c)) {
      if (!value.empty()) values.push_back(std::exchange(value, {}));
    } else {
      value += c;
    }
  }
  if (!value.empty()) values.push_back(std::move(value));
  return values;
}

}  // namespace

absl::StatusOr<Command> Command::Parse(std::string_view text) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> tokens,
                            Tokens(text));
  if (tokens.empty()) return Malformed(text, "no command");
  Command command;
  command.name_ = tokens.front();
  for (size_t i = 1; i < tokens.size(); ++i) {
    const std::string& token = tokens[i];
    const size_t equals = token.find('=');
    if (equals == 0) return Malformed(text, "an argument without a name");
    if (equals == std::string::npos) {
      command.words_.push_back(token);
    } else {
      command.keyed_.push_back(
          {token.substr(0, equals), Values(token.substr(equals + 1))});
    }
  }
  return command;
}

const Argument* Command::Find(std::string_view key) const {
  for (const Argument& argument : keyed_) {
    if (argument.key == key) return &argument;
  }
  return nullptr;
}

absl::Status Command::Read(std::string_view key, std::string& value) const {
  const Argument* argument = Find(key);
  if (argument == nullptr) return absl::OkStatus();
  if (argument->values.size() != 1) return Malformed(key, "not one value");
  value = argument->values.front();
  return absl::OkStatus();
}

absl::Status Command::Read(std::string_view key, uint64_t& value) const {
  if (Find(key) == nullptr) return absl::OkStatus();
  std::string text;
  TRIMARAN_RETURN_IF_ERROR(Read(key, text));
  TRIMARAN_ASSIGN_OR_RETURN(value, ParseNumber(text));
  return absl::OkStatus();
}

absl::Status Command::Read(std::string_view key, bool& value) const {
  if (Find(key) == nullptr) return absl::OkStatus();
  std::string text;
  TRIMARAN_RETURN_IF_ERROR(Read(key, text));
  if (text != "true" && text != "false") {
    return Malformed(text, "neither true nor false");
  }
  value = text == "true";
  return absl::OkStatus();
}

absl::Status Command::Read(std::string_view key,
                           std::vector<ReplicaId>& value) const {
  const Argument* argument = Find(key);
  if (argument == nullptr) return absl::OkStatus();
  value.clear();
  for (const std::string& text : argument->values) {
    TRIMARAN_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(text));
    value.emplace_back(number);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Command::NumberAt(size_t place) const {
  if (place >= words_.size()) return Malformed(name_, "too few arguments");
  return ParseNumber(words_[place]);
}

absl::StatusOr<ReplicaId> Command::ReplicaAt(size_t place) const {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t number, NumberAt(place));
  return ReplicaId(number);
}

absl::StatusOr<std::vector<ReplicaId>> Command::ReplicasFrom(
    size_t first) const {
  std::vector<ReplicaId> replicas;
  for (size_t i = first; i < words_.size(); ++i) {
    TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId id, ReplicaAt(i));
    replicas.push_back(id);
  }
  return replicas;
}

absl::Status Command::AllowKeys(
    const std::vector<std::string_view>& keys) const {
  for (const Argument& argument : keyed_) {
    if (std::find(keys.begin(), keys.end(), argument.key) == keys.end()) {
      return Malformed(argument.key, "unknown argument");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) {
    return Malformed(text, "not a number");
  }
  return number;
}

absl::StatusOr<Script> ParseScript(std::string path, std::string_view text) {
  Script script;
  script.path = std::move(path);
  enum class Part { kGap, kCommands, kExpected } part = Part::kGap;
  std::string gap;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return At(script, static_cast<size_t>(number),
                "the last line has no newline");
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (part == Part::kExpected) {
      if (!line.empty()) {
        script.blocks.back().expected.emplace_back(line);
        continue;
      }
      part = Part::kGap;
    }
    if (line == kDashes) {
      if (part != Part::kCommands) {
        return At(script, static_cast<size_t>(number),
                  "dashes without a command before them");
      }
      script.blocks.back().expected_line = number;
      part = Part::kExpected;
    } else if (part == Part::kCommands) {
      // An empty line before the dashes is part of no known command; most
      // likely the dashes were forgotten.
      if (IsBlank(line)) {
        return At(script, static_cast<size_t>(number),
                  "a command is not followed by ----");
      }
      script.blocks.back().commands.emplace_back(line);
    } else if (IsBlank(line) || IsComment(line)) {
      absl::StrAppend(&gap, ToAbsl(line), "\n");
    } else {
      script.gaps.push_back(std::exchange(gap, {}));
      script.blocks.emplace_back();
      script.blocks.back().line = number;
      script.blocks.back().commands.emplace_back(line);
      part = Part::kCommands;
    }
  }
  if (part == Part::kCommands) {
    return At(script, static_cast<size_t>(number),
              "a command is not followed by ----");
  }
  script.gaps.push_back(std::move(gap));
  return script;
}

std::string ScriptText(const Script& script) {
  std::string text;
  for (size_t i = 0; i < script.blocks.size(); ++i) {
    const Block& block = script.blocks[i];
    text += script.gaps[i];
    for (const std::string& line : block.commands) text += line + "\n";
    absl::StrAppend(&text, ToAbsl(kDashes), "\n");
    for (const std::string& line : block.expected) text += line + "\n";
    // A gap begins with the empty line that ends the expected output.
  }
  return text + script.gaps.back();
}

std::string DescribeMismatch(const Script& script, const Block& block,
                             const std::vector<std::string>& actual) {
  if (actual == block.expected) return "";
  const auto [want, got] =
      std::mismatch(block.expected.begin(), block.expected.end(),
                    actual.begin(), actual.end());
  const auto line = block.expected_line + 1 + (want - block.expected.begin());
  std::string text = absl::StrCat(
      script.path, ":", line, ": output of \"", block.commands.front(),
      "\" differs\n  expected: ",
      want == block.expected.end() ? "(end of output)" : *want,
      "\n  actual:   ", got == actual.end() ? "(end of output)" : *got);
  return absl::StrCat(text, "\nwhole output:\n", absl::StrJoin(actual, "\n"),
                      "\n");
}

}  // namespace trimaran::script
