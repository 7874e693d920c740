#ifndef TRIMARAN_TOOLS_TRIMARAN_DB_PORT_H_
#define TRIMARAN_TOOLS_TRIMARAN_DB_PORT_H_

#include <optional>
#include <string>
#include <string_view>

#include "tools/trimaran/row_port.h"
#include "trimaran/db.h"

namespace trimaran::tool {

// The rows of one family of a database that this process has open.
//
// Thread: any, but for set_family.
class DbPort final : public RowPort {
 public:
  // Which outlives this. Rows are those of the family "default" at first.
  explicit DbPort(DB& db) : db_(db) {}

  DB& db() { return db_; }
  ColumnFamily family() const { return family_; }
  void set_family(ColumnFamily family) { family_ = family; }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  Written Put(std::string_view key, std::string_view value) override;
  Written Delete(std::string_view key) override;
  absl::Status Scan(const KeyRange& range, uint64_t limit,
                    const Visit& visit) override;
  absl::StatusOr<Record> Status() override;
  absl::Status PutAll(absl::Span<const KeyValue> rows) override;
  absl::Status GetAll(absl::Span<const std::string> keys) override;
  absl::Status DeleteAll(absl::Span<const std::string> keys) override;

 private:
  DB& db_;
  ColumnFamily family_;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_DB_PORT_H_
