#include "tools/trimaran/db_port.h"

#include "engine/base/status_macros.h"
#include "trimaran/admin.h"

namespace trimaran::tool {

absl::StatusOr<std::optional<std::string>> DbPort::Get(std::string_view key) {
  return db_.Get(family_, key);
}

RowPort::Written DbPort::Put(std::string_view key, std::string_view value) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written,
                            db_.Put(family_, key, value));
  return written.index;
}

RowPort::Written DbPort::Delete(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written, db_.Delete(family_, key));
  return written.index;
}

absl::Status DbPort::Scan(const KeyRange& range, uint64_t limit,
                          const Visit& visit) {
  ScanOptions options;
  options.family = family_;
  options.limit = limit;
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows, db_.Scan(range, options));
  for (; rows->Valid(); rows->Next()) {
    if (!visit({rows->key(), rows->value(), rows->version()})) {
      return absl::OkStatus();
    }
  }
  return rows->status();
}

absl::StatusOr<Record> DbPort::Status() {
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaStatus status,
                            db_.admin().GetStatus());
  return Record("status")
      .Text("cluster", status.cluster)
      .Number("replica", status.replica_id)
      .Number("term", status.term)
      .Number("last_index", status.last.index)
      .Number("commit", status.commit)
      .Number("applied", status.applied.index)
      .Number("checkpoint", status.checkpoint.index)
      .Number("truncated", status.truncated.index);
}

absl::Status DbPort::PutAll(absl::Span<const KeyValue> rows) {
  WriteBatch batch;
  for (const auto& [key, value] : rows) batch.Put(family_, key, value);
  return db_.Write(batch).status();
}

absl::Status DbPort::GetAll(absl::Span<const std::string> keys) {
  for (const std::string& key : keys) {
    TRIMARAN_RETURN_IF_ERROR(db_.Get(family_, key).status());
  }
  return absl::OkStatus();
}

absl::Status DbPort::DeleteAll(absl::Span<const std::string> keys) {
  WriteBatch batch;
  for (const std::string& key : keys) batch.Delete(family_, key);
  return db_.Write(batch).status();
}

}  // namespace trimaran::tool
