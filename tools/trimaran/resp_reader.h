#ifndef TRIMARAN_TOOLS_TRIMARAN_RESP_READER_H_
#define TRIMARAN_TOOLS_TRIMARAN_RESP_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trimaran::tool {

// An answer of RESP2.
struct RespValue {
  enum class Kind : uint8_t { kSimple, kError, kInteger, kBulk, kNull, kArray };
  Kind kind = Kind::kNull;
  // Of kSimple, kError and kBulk.
  std::string text = {};
  int64_t integer = 0;
  std::vector<RespValue> elements = {};
};

// Reads answers from bytes that come in pieces of any size, and that anybody
// may have sent: memory grows with what has come, never with what is claimed,
// and no further than the limit; and no byte is looked at twice but for the
// beginnings of lines. No I/O, no clock.
//
// Thread: owner.
class RespReader {
 public:
  // Of one answer, with what it takes here to keep its elements.
  explicit RespReader(size_t answer_bytes_max)
      : answer_bytes_max_(answer_bytes_max) {}

  void Append(std::string_view bytes);
  // The next answer; empty if it has not come as a whole. Internal: this is no
  // RESP, or ResourceExhausted: too much; then there is nothing more to be had.
  absl::StatusOr<std::optional<RespValue>> Next();
  // Nothing has come that Next has not returned.
  bool empty() const { return rest().empty() && pending_.empty(); }

 private:
  // An array of which elements are to come.
  struct Pending {
    RespValue array;
    uint64_t left = 0;
  };

  // One value without what is in it; empty if it has not come as a whole. Of an
  // array `elements` says how many follow.
  absl::StatusOr<std::optional<RespValue>> TakeValue(uint64_t& elements);
  absl::StatusOr<std::optional<RespValue>> TakeBulk(std::string_view length,
                                                    size_t header_bytes);
  // Puts a value that is whole where it belongs: the answer, if that is whole
  // now.
  std::optional<RespValue> Put(RespValue value);
  absl::Status Count(size_t bytes);

  std::string_view rest() const {
    const std::string_view all = buffer_;
    return all.substr(at_);
  }

  const size_t answer_bytes_max_;
  std::string buffer_;
  // Everything before it has been taken.
  size_t at_ = 0;
  // Of the line at the front: no end of a line before it.
  size_t searched_ = 0;
  // From the outermost inwards.
  std::vector<Pending> pending_;
  // Of the answer that is being read.
  size_t answer_bytes_ = 0;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RESP_READER_H_
