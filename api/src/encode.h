#ifndef TRIMARAN_API_SRC_ENCODE_H_
#define TRIMARAN_API_SRC_ENCODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/format/command.h"
#include "trimaran/transaction.h"
#include "trimaran/write_batch.h"

// What users ask for, as commands of the state machine.
//
// Thread: any.

namespace trimaran {

// engine::EncodeCommand, with errors marked as not applied.
absl::StatusOr<std::string> Encode(const engine::Command& command);

absl::StatusOr<std::string> EncodeOperation(const engine::Operation& operation);
absl::StatusOr<std::string> EncodeBatch(const WriteBatch& batch);
absl::StatusOr<std::string> EncodeTransaction(const Transaction& transaction);

inline engine::FamilyId IdOf(ColumnFamily family) {
  return engine::FamilyId(family.id());
}

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_ENCODE_H_
