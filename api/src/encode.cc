#include "api/src/encode.h"

#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/ids.h"

namespace trimaran {
namespace {

engine::Operation ToOperation(const WriteBatch::Change& change) {
  const engine::FamilyId family = IdOf(change.family);
  switch (change.kind) {
    case WriteBatch::Kind::kPut:
      return engine::PutOp{family, change.first, change.second};
    case WriteBatch::Kind::kDelete:
      return engine::DeleteOp{family, change.first};
    case WriteBatch::Kind::kDeleteRange:
      return engine::DeleteRangeOp{family, change.first, change.second};
    case WriteBatch::Kind::kGet:
      return engine::GetOp{family, change.first};
  }
  TRIMARAN_CHECK(false) << "change of kind " << static_cast<int>(change.kind);
  return engine::GetOp{};
}

std::vector<engine::Operation> ToOperations(const WriteBatch& batch) {
  std::vector<engine::Operation> operations;
  operations.reserve(batch.size());
  for (size_t at = 0; at < batch.size(); ++at) {
    operations.push_back(ToOperation(batch.change(at)));
  }
  return operations;
}

engine::CompareKind ToKind(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::kExists:
      return engine::CompareKind::kExists;
    case Condition::Kind::kAbsent:
      return engine::CompareKind::kAbsent;
    case Condition::Kind::kValueIs:
      return engine::CompareKind::kValueEquals;
    case Condition::Kind::kVersionIs:
      break;
  }
  return engine::CompareKind::kVersionEquals;
}

}  // namespace

absl::StatusOr<std::string> Encode(const engine::Command& command) {
  absl::StatusOr<std::string> encoded = engine::EncodeCommand(command);
  if (encoded.ok()) return encoded;
  return WithOutcome(encoded.status(), WriteOutcome::kNotApplied);
}

absl::StatusOr<std::string> EncodeOperation(
    const engine::Operation& operation) {
  engine::WriteCommand command;
  command.operations.push_back(operation);
  return Encode({.stamp = {}, .body = std::move(command)});
}

absl::StatusOr<std::string> EncodeBatch(const WriteBatch& batch) {
  engine::WriteCommand command;
  command.operations = ToOperations(batch);
  return Encode({.stamp = {}, .body = std::move(command)});
}

absl::StatusOr<std::string> EncodeTransaction(const Transaction& transaction) {
  engine::WriteCommand command;
  command.compares.reserve(transaction.conditions().size());
  for (const Condition& condition : transaction.conditions()) {
    command.compares.push_back({.family = IdOf(condition.family),
                                .key = condition.key,
                                .kind = ToKind(condition.kind),
                                .value = condition.value,
                                .version = LogIndex(condition.version)});
  }
  command.operations = ToOperations(transaction.then);
  command.otherwise = ToOperations(transaction.otherwise);
  return Encode({.stamp = {}, .body = std::move(command)});
}

}  // namespace trimaran
