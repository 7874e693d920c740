#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "engine/format/command_layout.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::Status CheckFamily(FamilyId family) {
  if (family == FamilyId()) return Invalid("column family 0 cannot exist");
  return absl::OkStatus();
}

absl::Status CheckKeySize(std::string_view key) {
  if (key.size() > kKeyBytesMax) {
    return Invalid("a key of ", key.size(), " bytes; the limit is ",
                   kKeyBytesMax);
  }
  return absl::OkStatus();
}

absl::Status CheckRow(FamilyId family, std::string_view key) {
  TRIMARAN_RETURN_IF_ERROR(CheckFamily(family));
  if (key.empty()) return Invalid("an empty key");
  return CheckKeySize(key);
}

absl::Status CheckValue(std::string_view value) {
  if (value.size() > kValueBytesMax) {
    return Invalid("a value of ", value.size(), " bytes; the limit is ",
                   kValueBytesMax);
  }
  return absl::OkStatus();
}

absl::Status CheckCompare(const Compare& compare) {
  TRIMARAN_RETURN_IF_ERROR(CheckRow(compare.family, compare.key));
  switch (compare.kind) {
    case CompareKind::kExists:
    case CompareKind::kAbsent:
    case CompareKind::kValueEquals:
    case CompareKind::kVersionEquals:
      break;
    default:
      return Invalid("unknown kind of compare: ",
                     static_cast<int>(compare.kind));
  }
  if (compare.kind != CompareKind::kValueEquals && !compare.value.empty()) {
    return Invalid("a value in a compare that needs none");
  }
  if (compare.kind != CompareKind::kVersionEquals &&
      compare.version != LogIndex()) {
    return Invalid("a version in a compare that needs none");
  }
  return CheckValue(compare.value);
}

struct OperationChecker {
  absl::Status operator()(const PutOp& put) const {
    TRIMARAN_RETURN_IF_ERROR(CheckRow(put.family, put.key));
    return CheckValue(put.value);
  }
  absl::Status operator()(const DeleteOp& del) const {
    return CheckRow(del.family, del.key);
  }
  absl::Status operator()(const DeleteRangeOp& range) const {
    TRIMARAN_RETURN_IF_ERROR(CheckFamily(range.family));
    TRIMARAN_RETURN_IF_ERROR(CheckKeySize(range.begin));
    TRIMARAN_RETURN_IF_ERROR(CheckKeySize(range.end));
    if (!range.end.empty() && range.end < range.begin) {
      return Invalid("a range that ends before it begins");
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const GetOp& get) const {
    return CheckRow(get.family, get.key);
  }
};

absl::Status CheckOperations(const std::vector<Operation>& operations) {
  for (const Operation& operation : operations) {
    TRIMARAN_RETURN_IF_ERROR(std::visit(OperationChecker{}, operation));
  }
  return absl::OkStatus();
}

absl::Status CheckName(std::string_view what, std::string_view name,
                       size_t bytes_max) {
  if (name.size() > bytes_max) {
    return Invalid("a ", absl::string_view(what.data(), what.size()), " of ",
                   name.size(), " bytes; the limit is ", bytes_max);
  }
  return absl::OkStatus();
}

absl::Status CheckFamilyName(std::string_view name) {
  if (name.empty()) return Invalid("a column family without a name");
  return CheckName("column family's name", name, kFamilyNameBytesMax);
}

struct BodyChecker {
  absl::Status operator()(const WriteCommand& write) const {
    const size_t parts = write.compares.size() + write.operations.size() +
                         write.otherwise.size();
    if (parts > kOperationsMax) {
      return Invalid(parts, " operations and compares in a command; the limit ",
                     "is ", kOperationsMax);
    }
    if (write.compares.empty() && !write.otherwise.empty()) {
      return Invalid("operations for when compares fail, and no compares");
    }
    for (const Compare& compare : write.compares) {
      TRIMARAN_RETURN_IF_ERROR(CheckCompare(compare));
    }
    TRIMARAN_RETURN_IF_ERROR(CheckOperations(write.operations));
    return CheckOperations(write.otherwise);
  }
  absl::Status operator()(const OpenSessionCommand&) const {
    return absl::OkStatus();
  }
  absl::Status operator()(const CloseSessionCommand& close) const {
    if (close.session == SessionId()) return Invalid("session 0 cannot exist");
    return absl::OkStatus();
  }
  absl::Status operator()(const CreateFamilyCommand& create) const {
    return CheckFamilyName(create.name);
  }
  absl::Status operator()(const DropFamilyCommand& drop) const {
    return CheckFamilyName(drop.name);
  }
  absl::Status operator()(const CompactLogCommand& compact) const {
    if (compact.index == LogIndex() || compact.term == Term()) {
      return Invalid("a log cannot be compacted to index ",
                     compact.index.value(), " of term ", compact.term.value());
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const SetMemberCommand& member) const {
    if (member.replica == kNoReplica) return Invalid("replica 0 cannot exist");
    TRIMARAN_RETURN_IF_ERROR(
        CheckName("member's name", member.name, kMemberNameBytesMax));
    return CheckName("member's address", member.address,
                     kMemberAddressBytesMax);
  }
  absl::Status operator()(const AuditCommand& audit) const {
    if (audit.asker == kNoReplica) return Invalid("replica 0 cannot exist");
    return absl::OkStatus();
  }
};

absl::Status CheckStamp(const Command& command) {
  if (!command.stamp) return absl::OkStatus();
  if (std::holds_alternative<OpenSessionCommand>(command.body) ||
      std::holds_alternative<CloseSessionCommand>(command.body)) {
    return Invalid("a session stamp on a command that opens or closes one");
  }
  const SessionStamp& stamp = *command.stamp;
  if (stamp.session == SessionId()) return Invalid("session 0 cannot exist");
  if (stamp.first_unanswered == 0 || stamp.first_unanswered > stamp.sequence) {
    return Invalid("a session stamp out of order: sequence ", stamp.sequence,
                   ", first unanswered ", stamp.first_unanswered);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateCommand(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(CheckStamp(command));
  return std::visit(BodyChecker{}, command.body);
}

}  // namespace trimaran::engine
