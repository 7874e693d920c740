#include "tools/serve/reply.h"

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::serve {

void Reply::Simple(std::string_view text) {
  absl::StrAppend(&out_, "+", ToAbsl(text), "\r\n");
}

void Reply::Error(std::string_view text) {
  out_.push_back('-');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out_.push_back(byte < 0x20 || byte == 0x7f ? ' ' : c);
  }
  out_.append("\r\n");
}

void Reply::Integer(int64_t number) {
  absl::StrAppend(&out_, ":", number, "\r\n");
}

void Reply::Bulk(std::string_view bytes) {
  absl::StrAppend(&out_, "$", bytes.size(), "\r\n", ToAbsl(bytes), "\r\n");
}

void Reply::BulkOrNull(const std::optional<std::string_view>& bytes) {
  if (bytes.has_value()) {
    Bulk(*bytes);
  } else {
    Null();
  }
}

void Reply::Array(size_t size) { absl::StrAppend(&out_, "*", size, "\r\n"); }

}  // namespace trimaran::serve
