#include "tools/trimaran/resp_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
// Of a simple answer, an error or a number.
constexpr size_t kLineBytesMax = size_t{64} << 10;
// Arrays in arrays; COMMAND DOCS, of which nobody asks more, has five.
constexpr size_t kDepthMax = 16;

absl::Status NoResp(std::string_view what) {
  return absl::InternalError(
      absl::StrCat("the answer is not RESP: ", ToAbsl(what)));
}

// What a line promises: -1 for the null of both kinds.
absl::StatusOr<int64_t> LengthOf(std::string_view text) {
  int64_t length = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &length) || length < -1) {
    return NoResp("a length that is none");
  }
  return length;
}

}  // namespace

void RespReader::Append(std::string_view bytes) {
  // What was taken goes when there is something to be gained by it.
  if (at_ == buffer_.size() || at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_ += bytes;
}

absl::StatusOr<std::optional<RespValue>> RespReader::Next() {
  while (true) {
    uint64_t elements = 0;
    TRIMARAN_ASSIGN_OR_RETURN(std::optional<RespValue> value,
                              TakeValue(elements));
    if (!value.has_value()) return std::optional<RespValue>();
    if (elements > 0) {
      if (pending_.size() == kDepthMax) return NoResp("it is too deep");
      pending_.push_back({*std::move(value), elements});
      continue;
    }
    std::optional<RespValue> answer = Put(*std::move(value));
    if (!answer.has_value()) continue;
    answer_bytes_ = 0;
    return answer;
  }
}

absl::StatusOr<std::optional<RespValue>> RespReader::TakeValue(
    uint64_t& elements) {
  const size_t end = rest().find(kLineEnd, searched_);
  // Also if there is none.
  if (end > kLineBytesMax) {
    // The "\r" may be the last thing that has come.
    searched_ = rest().empty() ? 0 : rest().size() - 1;
    if (rest().size() > kLineBytesMax) return NoResp("a line without end");
    return std::optional<RespValue>();
  }
  const std::string_view line = rest().substr(0, end);
  const size_t line_bytes = end + kLineEnd.size();
  if (line.empty()) return NoResp("an empty line");
  const std::string_view text = line.substr(1);
  if (line.front() == '$') return TakeBulk(text, line_bytes);
  RespValue value;
  switch (line.front()) {
    case '+':
      value.kind = RespValue::Kind::kSimple;
      value.text = text;
      break;
    case '-':
      value.kind = RespValue::Kind::kError;
      value.text = text;
      break;
    case ':':
      value.kind = RespValue::Kind::kInteger;
      if (!absl::SimpleAtoi(ToAbsl(text), &value.integer)) {
        return NoResp("a number that is none");
      }
      break;
    case '*': {
      TRIMARAN_ASSIGN_OR_RETURN(const int64_t length, LengthOf(text));
      if (length >= 0) value.kind = RespValue::Kind::kArray;
      elements = static_cast<uint64_t>(std::max<int64_t>(length, 0));
      break;
    }
    default:
      return NoResp("a line of no kind that there is");
  }
  TRIMARAN_RETURN_IF_ERROR(Count(line_bytes));
  at_ += line_bytes;
  searched_ = 0;
  return std::optional<RespValue>(std::move(value));
}

absl::StatusOr<std::optional<RespValue>> RespReader::TakeBulk(
    std::string_view length_text, size_t header_bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const int64_t length, LengthOf(length_text));
  RespValue value;
  size_t body_bytes = 0;
  if (length >= 0) {
    if (static_cast<uint64_t>(length) > answer_bytes_max_) {
      return Count(answer_bytes_max_ + 1);
    }
    const auto size = static_cast<size_t>(length);
    body_bytes = size + kLineEnd.size();
    if (rest().size() < header_bytes + body_bytes) {
      return std::optional<RespValue>();
    }
    const std::string_view body = rest().substr(header_bytes, body_bytes);
    if (!body.ends_with(kLineEnd)) return NoResp("bytes behind the last one");
    value.kind = RespValue::Kind::kBulk;
    value.text = body.substr(0, size);
  }
  TRIMARAN_RETURN_IF_ERROR(Count(header_bytes + body_bytes));
  at_ += header_bytes + body_bytes;
  searched_ = 0;
  return std::optional<RespValue>(std::move(value));
}

std::optional<RespValue> RespReader::Put(RespValue value) {
  while (!pending_.empty()) {
    Pending& innermost = pending_.back();
    innermost.array.elements.push_back(std::move(value));
    if (--innermost.left > 0) return std::nullopt;
    value = std::move(innermost.array);
    pending_.pop_back();
  }
  return value;
}

absl::Status RespReader::Count(size_t bytes) {
  answer_bytes_ += bytes + sizeof(RespValue);
  if (answer_bytes_ <= answer_bytes_max_) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the answer takes more than ", answer_bytes_max_, " bytes"));
}

}  // namespace trimaran::tool
