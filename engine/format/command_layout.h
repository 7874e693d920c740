#ifndef TRIMARAN_ENGINE_FORMAT_COMMAND_LAYOUT_H_
#define TRIMARAN_ENGINE_FORMAT_COMMAND_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "engine/format/command.h"

// How commands lie in a payload, as FORMAT.md section 6 has it; for the encoder
// and the decoder only. On disk: never change.

namespace trimaran::engine::command_layout {

// The first byte of a payload.
inline constexpr uint8_t kVersion = 1;

// The first byte of a command: its kind, and whether it has a stamp.
enum class Kind : uint8_t {
  // A WriteCommand without compares.
  kBatch = 1,
  // One with compares.
  kTransaction = 2,
  kOpenSession = 3,
  kCloseSession = 4,
  kCreateFamily = 5,
  kDropFamily = 6,
  kCompactLog = 7,
  kSetMember = 8,
  kAudit = 9,
};
inline constexpr uint8_t kStampedBit = 0x80;

// The first byte of an operation.
enum class OperationKind : uint8_t {
  kPut = 1,
  kDelete = 2,
  kDeleteRange = 3,
  kGet = 4,
};

// The least that can stand for one, which bounds how many there can be.
inline constexpr size_t kOperationBytesMin = 4;
inline constexpr size_t kCompareBytesMin = 4;

// Behind the first byte of a stamped command.
template <typename Out>
void WriteStamp(const SessionStamp& stamp, Out& out) {
  out.WriteVarint64(stamp.session.value());
  out.WriteVarint64(stamp.sequence);
  // How many may still be without answer: mostly a small number.
  out.WriteVarint64(stamp.sequence - stamp.first_unanswered);
}
// Three numbers of ten bytes at most.
inline constexpr size_t kStampBytesMax = 30;

// Takes commands apart into the calls that `Out` has in common with
// ByteWriter: WriteU8, WriteU64, WriteVarint64 and WriteLengthPrefixed.
template <typename Out>
class CommandWriter {
 public:
  explicit CommandWriter(Out& out) : out_(out) {}

  void Write(const Command& command) {
    stamp_ = command.stamp ? &*command.stamp : nullptr;
    std::visit(*this, command.body);
  }

  void operator()(const WriteCommand& write) {
    if (write.compares.empty()) {
      Begin(Kind::kBatch);
      WriteOperations(write.operations);
      return;
    }
    Begin(Kind::kTransaction);
    out_.WriteVarint64(write.compares.size());
    for (const Compare& compare : write.compares) WriteCompare(compare);
    WriteOperations(write.operations);
    WriteOperations(write.otherwise);
  }
  void operator()(const OpenSessionCommand&) { Begin(Kind::kOpenSession); }
  void operator()(const CloseSessionCommand& close) {
    Begin(Kind::kCloseSession);
    out_.WriteVarint64(close.session.value());
  }
  void operator()(const CreateFamilyCommand& create) {
    Begin(Kind::kCreateFamily);
    out_.WriteLengthPrefixed(create.name);
  }
  void operator()(const DropFamilyCommand& drop) {
    Begin(Kind::kDropFamily);
    out_.WriteLengthPrefixed(drop.name);
  }
  void operator()(const CompactLogCommand& compact) {
    Begin(Kind::kCompactLog);
    out_.WriteVarint64(compact.index.value());
    out_.WriteVarint64(compact.term.value());
  }
  void operator()(const SetMemberCommand& member) {
    Begin(Kind::kSetMember);
    out_.WriteVarint64(member.replica.value());
    // Drawn at random, so that a varint would be longer.
    out_.WriteU64(member.store_id);
    out_.WriteLengthPrefixed(member.name);
    out_.WriteLengthPrefixed(member.address);
  }

  void operator()(const AuditCommand& audit) {
    Begin(Kind::kAudit);
    out_.WriteVarint64(audit.asker.value());
    // Drawn at random, so that a varint would be longer.
    out_.WriteU64(audit.request);
  }

  // ---- Operations ----

  void operator()(const PutOp& put) {
    Begin(OperationKind::kPut, put.family, put.key);
    out_.WriteLengthPrefixed(put.value);
  }
  void operator()(const DeleteOp& del) {
    Begin(OperationKind::kDelete, del.family, del.key);
  }
  void operator()(const DeleteRangeOp& range) {
    Begin(OperationKind::kDeleteRange, range.family, range.begin);
    out_.WriteLengthPrefixed(range.end);
  }
  void operator()(const GetOp& get) {
    Begin(OperationKind::kGet, get.family, get.key);
  }

 private:
  void Begin(Kind kind) {
    const uint8_t stamped = stamp_ == nullptr ? uint8_t{0} : kStampedBit;
    out_.WriteU8(static_cast<uint8_t>(kind) | stamped);
    if (stamp_ != nullptr) WriteStamp(*stamp_, out_);
  }

  void Begin(OperationKind kind, FamilyId family, std::string_view key) {
    out_.WriteU8(static_cast<uint8_t>(kind));
    out_.WriteVarint64(family.value());
    out_.WriteLengthPrefixed(key);
  }

  void WriteOperations(const std::vector<Operation>& operations) {
    out_.WriteVarint64(operations.size());
    for (const Operation& operation : operations) {
      std::visit(*this, operation);
    }
  }

  void WriteCompare(const Compare& compare) {
    out_.WriteU8(static_cast<uint8_t>(compare.kind));
    out_.WriteVarint64(compare.family.value());
    out_.WriteLengthPrefixed(compare.key);
    if (compare.kind == CompareKind::kValueEquals) {
      out_.WriteLengthPrefixed(compare.value);
    } else if (compare.kind == CompareKind::kVersionEquals) {
      out_.WriteVarint64(compare.version.value());
    }
  }

  Out& out_;
  const SessionStamp* stamp_ = nullptr;
};

// Counts what a ByteWriter would write.
class ByteCounter {
 public:
  size_t count() const { return count_; }

  void WriteU8(uint8_t) { count_ += 1; }
  void WriteU64(uint64_t) { count_ += 8; }
  void WriteVarint64(uint64_t value) {
    for (; value >= 0x80; value >>= 7) ++count_;
    ++count_;
  }
  void WriteLengthPrefixed(std::string_view bytes) {
    WriteVarint64(bytes.size());
    count_ += bytes.size();
  }

 private:
  size_t count_ = 0;
};

}  // namespace trimaran::engine::command_layout

#endif  // TRIMARAN_ENGINE_FORMAT_COMMAND_LAYOUT_H_
