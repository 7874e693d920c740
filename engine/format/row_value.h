#ifndef TRIMARAN_ENGINE_FORMAT_ROW_VALUE_H_
#define TRIMARAN_ENGINE_FORMAT_ROW_VALUE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

// The value under a RowKey: the entry that wrote the row, as a varint, and the
// user's bytes. It has no checksum of its own, since the blocks that it lies in
// have one. On disk: never change.
//
// Thread: any.

namespace trimaran::engine {

struct RowValue {
  // Never 0.
  LogIndex version;
  std::string_view value;

  friend bool operator==(const RowValue&, const RowValue&) = default;
};

// Replaces `out`, whose memory is used again.
inline void EncodeRowValue(const RowValue& row, std::string& out) {
  out.clear();
  ByteWriter writer(out);
  writer.WriteVarint64(row.version.value());
  writer.WriteBytes(row.value);
}

// False if `bytes` cannot have been made by EncodeRowValue. `row` points into
// them.
[[nodiscard]] inline bool DecodeRowValue(std::string_view bytes,
                                         RowValue& row) {
  ByteReader reader(bytes);
  uint64_t version = 0;
  if (!reader.ReadVarint64(version) || version == 0) return false;
  row = {LogIndex(version), reader.rest()};
  return true;
}

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_ROW_VALUE_H_
