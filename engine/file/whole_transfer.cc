#include "engine/file/whole_transfer.h"

#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::Status WriteWhole(uint64_t offset, std::string_view data,
                        WriteSome write) {
  while (!data.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(const size_t written, write(offset, data));
    TRIMARAN_CHECK(written >= 1 && written <= data.size()) << written;
    offset += written;
    data.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ReadWhole(uint64_t offset, absl::Span<char> buffer,
                                 ReadSome read) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                              read(offset + filled, buffer.subspan(filled)));
    TRIMARAN_CHECK_LE(count, buffer.size() - filled);
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

}  // namespace trimaran::engine
