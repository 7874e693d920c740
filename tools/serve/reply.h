#ifndef TRIMARAN_TOOLS_SERVE_REPLY_H_
#define TRIMARAN_TOOLS_SERVE_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trimaran::serve {

// Writes answers of RESP2 at the end of a string.
//
// Thread: owner.
class Reply {
 public:
  // `out` outlives this.
  explicit Reply(std::string& out) : out_(out) {}

  void Ok() { out_.append("+OK\r\n"); }
  // No line feeds in it.
  void Simple(std::string_view text);
  // "ERR what is wrong". What must not be in a line becomes a space.
  void Error(std::string_view text);
  void Integer(int64_t number);
  void Bulk(std::string_view bytes);
  void Null() { out_.append("$-1\r\n"); }
  void NullArray() { out_.append("*-1\r\n"); }
  void BulkOrNull(const std::optional<std::string_view>& bytes);
  // That many answers follow.
  void Array(size_t size);
  // What is an answer already.
  void Raw(std::string_view answer) { out_.append(answer); }

  size_t size() const { return out_.size(); }
  // Takes back what was written behind the first `size` bytes.
  void Truncate(size_t size) { out_.resize(size); }

 private:
  std::string& out_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_REPLY_H_
