#include "tools/serve/resp_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"

namespace trimaran::serve {
namespace {

constexpr size_t kInlineBytesMax = size_t{64} << 10;
// A sign and the digits of 64 bits.
constexpr size_t kHeaderBytesMax = 22;

std::optional<int64_t> NumberOf(std::string_view digits) {
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      digits.empty()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

RespParser::Result RespParser::Next(std::string_view& input) {
  while (true) {
    const State before = state_;
    const Result result = Step(input);
    if (result != Result::kNeedMore) return result;
    if (input.empty() && state_ == before) return Result::kNeedMore;
  }
}

Command RespParser::Take() { return std::exchange(command_, Command()); }

RespParser::Result RespParser::Step(std::string_view& input) {
  switch (state_) {
    case State::kStart:
      if (input.empty()) return Result::kNeedMore;
      command_ = Command();
      limits_ = next_limits_;
      state_ = input.front() == '*' ? State::kArrayLength : State::kInline;
      return Result::kNeedMore;
    case State::kInline:
      return ReadInline(input);
    case State::kArrayLength:
      return ReadArrayLength(input);
    case State::kBulkLength:
      return ReadBulkLength(input);
    case State::kBulk:
      return ReadBulk(input);
    case State::kBulkEnd:
      return ReadBulkEnd(input);
    case State::kFailed:
      break;
  }
  return Result::kError;
}

RespParser::Result RespParser::ReadInline(std::string_view& input) {
  const size_t end = input.find('\n');
  const std::string_view piece = input.substr(0, end);
  if (line_.size() + piece.size() > kInlineBytesMax) {
    return Fail("too big inline request");
  }
  line_.append(piece);
  if (end == std::string_view::npos) {
    input = {};
    return Result::kNeedMore;
  }
  input.remove_prefix(end + 1);
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (!SplitInline(line_, command_)) {
    return Fail("unbalanced quotes in request");
  }
  if (command_.size() > limits_.words_max ||
      command_.bytes() > limits_.command_bytes_max) {
    return Fail("too big inline request");
  }
  return EndCommand();
}

RespParser::Result RespParser::ReadArrayLength(std::string_view& input) {
  const Result result = ReadHeader(input, "too big mbulk count string");
  if (result != Result::kCommand) return result;
  const std::string_view header = line_;
  const auto length = NumberOf(header.substr(1));
  line_.clear();
  if (!length || *length > static_cast<int64_t>(limits_.words_max)) {
    return Fail("invalid multibulk length");
  }
  words_left_ = static_cast<size_t>(std::max<int64_t>(*length, 0));
  state_ = State::kBulkLength;
  // Redis answers nothing to an empty array, nor to one that is not there.
  if (words_left_ == 0) return EndCommand();
  return Result::kNeedMore;
}

RespParser::Result RespParser::ReadBulkLength(std::string_view& input) {
  if (line_.empty() && !input.empty() && input.front() != '$') {
    return Fail(absl::StrCat("expected '$', got '",
                             EscapeForLog(input.substr(0, 1)), "'"));
  }
  const Result result = ReadHeader(input, "too big bulk count string");
  if (result != Result::kCommand) return result;
  const std::string_view header = line_;
  const auto length = NumberOf(header.substr(1));
  line_.clear();
  if (!length || *length < 0 ||
      *length > static_cast<int64_t>(limits_.bulk_bytes_max)) {
    return Fail("invalid bulk length");
  }
  bulk_left_ = static_cast<size_t>(*length);
  if (bulk_left_ > limits_.command_bytes_max - command_.bytes()) {
    return Fail("too big command");
  }
  state_ = State::kBulk;
  return Result::kNeedMore;
}

RespParser::Result RespParser::ReadBulk(std::string_view& input) {
  const std::string_view piece = input.substr(0, bulk_left_);
  command_.Extend(piece);
  input.remove_prefix(piece.size());
  bulk_left_ -= piece.size();
  if (bulk_left_ == 0) state_ = State::kBulkEnd;
  return Result::kNeedMore;
}

RespParser::Result RespParser::ReadBulkEnd(std::string_view& input) {
  while (!input.empty()) {
    const char expected = line_.empty() ? '\r' : '\n';
    if (input.front() != expected) return Fail("expected the end of a bulk");
    line_.push_back(expected);
    input.remove_prefix(1);
    if (expected != '\n') continue;
    line_.clear();
    command_.EndWord();
    --words_left_;
    state_ = State::kBulkLength;
    return words_left_ == 0 ? EndCommand() : Result::kNeedMore;
  }
  return Result::kNeedMore;
}

RespParser::Result RespParser::ReadHeader(std::string_view& input,
                                          std::string_view too_long) {
  const size_t end = input.find('\n');
  const std::string_view piece = input.substr(0, end);
  if (line_.size() + piece.size() > kHeaderBytesMax) return Fail(too_long);
  line_.append(piece);
  if (end == std::string_view::npos) {
    input = {};
    return Result::kNeedMore;
  }
  input.remove_prefix(end + 1);
  if (line_.empty() || line_.back() != '\r') {
    return Fail("expected \\r\\n behind a length");
  }
  line_.pop_back();
  return Result::kCommand;
}

RespParser::Result RespParser::Fail(std::string_view what) {
  state_ = State::kFailed;
  error_ = absl::StrCat("ERR Protocol error: ", ToAbsl(what));
  return Result::kError;
}

RespParser::Result RespParser::EndCommand() {
  state_ = State::kStart;
  line_.clear();
  return command_.empty() ? Result::kNeedMore : Result::kCommand;
}

// ---- Lines ----

namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// One escape behind its backslash; takes it from `rest`, which is not empty.
char Unescape(std::string_view& rest) {
  if (rest.front() == 'x' && rest.size() >= 3) {
    const auto high = HexDigit(rest[1]);
    const auto low = HexDigit(rest[2]);
    if (high && low) {
      rest.remove_prefix(3);
      return static_cast<char>(*high * 16 + *low);
    }
  }
  const char c = rest.front();
  rest.remove_prefix(1);
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// What stands in quotation marks, behind the first of them.
bool ReadQuoted(char mark, std::string_view& rest, Command& command) {
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == mark) return rest.empty() || IsSpace(rest.front());
    if (c == '\\' && !rest.empty() && (mark == '"' || rest.front() == '\'')) {
      const char unescaped = Unescape(rest);
      command.Extend({&unescaped, 1});
    } else {
      command.Extend({&c, 1});
    }
  }
  return false;
}

}  // namespace

bool SplitInline(std::string_view line, Command& command) {
  while (true) {
    while (!line.empty() && IsSpace(line.front())) line.remove_prefix(1);
    if (line.empty()) return true;
    while (!line.empty() && !IsSpace(line.front())) {
      const char c = line.front();
      line.remove_prefix(1);
      if (c == '"' || c == '\'') {
        if (!ReadQuoted(c, line, command)) return false;
      } else {
        command.Extend({&c, 1});
      }
    }
    command.EndWord();
  }
}

}  // namespace trimaran::serve
