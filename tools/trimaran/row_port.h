#ifndef TRIMARAN_TOOLS_TRIMARAN_ROW_PORT_H_
#define TRIMARAN_TOOLS_TRIMARAN_ROW_PORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tools/trimaran/record.h"
#include "trimaran/db.h"

namespace trimaran::tool {

struct PortRow {
  std::string_view key;
  std::string_view value;
  // Empty where it is not told.
  std::optional<uint64_t> version;
};

// What the shell and the benchmark do with rows, wherever these are: in a
// database of this process (db_port.h), or behind a connection to a replica
// that runs elsewhere (resp_port.h). Errors are those of that.
//
// Thread: as the implementation says.
class RowPort {
 public:
  // The place in the order of writes; empty where it is not told.
  using Written = absl::StatusOr<std::optional<uint64_t>>;
  // False: no more of them.
  using Visit = std::function<bool(const PortRow& row)>;

  virtual ~RowPort() = default;

  virtual absl::StatusOr<std::optional<std::string>> Get(
      std::string_view key) = 0;
  virtual Written Put(std::string_view key, std::string_view value) = 0;
  virtual Written Delete(std::string_view key) = 0;
  // The rows of the range in their order, `limit` at most (0: all).
  virtual absl::Status Scan(const KeyRange& range, uint64_t limit,
                            const Visit& visit) = 0;
  // What the database is at.
  virtual absl::StatusOr<Record> Status() = 0;

  // ---- Many at once, with one wait ----
  using KeyValue = std::pair<std::string, std::string>;
  virtual absl::Status PutAll(absl::Span<const KeyValue> rows) = 0;
  virtual absl::Status GetAll(absl::Span<const std::string> keys) = 0;
  virtual absl::Status DeleteAll(absl::Span<const std::string> keys) = 0;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_ROW_PORT_H_
