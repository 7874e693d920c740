#include "tests/net/line_protocol.h"

#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"

namespace trimaran::net {
namespace {

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-_./:,~+@[]").find(c) != std::string_view::npos;
}

std::string Escape(std::string_view text) {
  if (text.empty()) return "%";
  std::string word;
  for (const char c : text) {
    if (IsPlain(c)) {
      word.push_back(c);
    } else {
      const auto byte = static_cast<uint8_t>(c);
      absl::StrAppend(&word, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return word;
}

std::optional<std::string> Unescape(std::string_view word) {
  if (word == "%") return "";
  if (word.empty()) return std::nullopt;
  std::string text;
  for (size_t at = 0; at < word.size(); ++at) {
    if (word[at] != '%') {
      if (!IsPlain(word[at])) return std::nullopt;
      text.push_back(word[at]);
      continue;
    }
    if (at + 2 >= word.size() || std::isxdigit(word[at + 1]) == 0 ||
        std::isxdigit(word[at + 2]) == 0) {
      return std::nullopt;
    }
    text += absl::HexStringToBytes(ToAbsl(word.substr(at + 1, 2)));
    at += 2;
  }
  return text;
}

std::vector<std::string> WordsOf(std::string_view line) {
  return absl::StrSplit(ToAbsl(line), ' ');
}

}  // namespace

// ---- Answers ----

void Answer::Add(std::string_view name, std::string_view value) {
  fields.emplace_back(name, value);
}
void Answer::Add(std::string_view name, uint64_t value) {
  fields.emplace_back(name, absl::StrCat(value));
}

std::optional<std::string> Answer::Find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.first == name) return field.second;
  }
  return std::nullopt;
}

std::string Answer::Text(std::string_view name) const {
  return Find(name).value_or("");
}

uint64_t Answer::Number(std::string_view name) const {
  uint64_t number = 0;
  return absl::SimpleAtoi(Text(name), &number) ? number : 0;
}

std::string Answer::ToString() const { return Encode(*this); }

// ---- Lines ----

std::string Encode(const Request& request) {
  std::string line = absl::StrCat(request.id, " ", request.timeout_ms, " ",
                                  Escape(request.operation));
  for (const std::string& argument : request.arguments) {
    absl::StrAppend(&line, " ", Escape(argument));
  }
  return line;
}

std::string Encode(const Answer& answer) {
  std::string line = absl::StrCat(answer.id, answer.ok ? " ok" : " error");
  for (const Answer::Field& field : answer.fields) {
    absl::StrAppend(&line, " ", Escape(field.first), "=", Escape(field.second));
  }
  return line;
}

std::optional<Request> DecodeRequest(std::string_view line) {
  const std::vector<std::string> words = WordsOf(line);
  Request request;
  if (words.size() < 3 || !absl::SimpleAtoi(words[0], &request.id) ||
      !absl::SimpleAtoi(words[1], &request.timeout_ms)) {
    return std::nullopt;
  }
  for (size_t at = 2; at < words.size(); ++at) {
    std::optional<std::string> text = Unescape(words[at]);
    if (!text) return std::nullopt;
    if (at == 2) {
      request.operation = *std::move(text);
    } else {
      request.arguments.push_back(*std::move(text));
    }
  }
  return request;
}

std::optional<Answer> DecodeAnswer(std::string_view line) {
  const std::vector<std::string> words = WordsOf(line);
  Answer answer;
  if (words.size() < 2 || !absl::SimpleAtoi(words[0], &answer.id) ||
      (words[1] != "ok" && words[1] != "error")) {
    return std::nullopt;
  }
  answer.ok = words[1] == "ok";
  for (size_t at = 2; at < words.size(); ++at) {
    const size_t equals = words[at].find('=');
    if (equals == std::string::npos) return std::nullopt;
    const auto name = Unescape(words[at].substr(0, equals));
    const auto value = Unescape(words[at].substr(equals + 1));
    if (!name || !value) return std::nullopt;
    answer.fields.emplace_back(*name, *value);
  }
  return answer;
}

}  // namespace trimaran::net
