#include "engine/log/floor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/base/fault_point.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// On disk: never change. "TRMNflr\n".
constexpr uint64_t kMagic = 0x54524d4e666c720a;
constexpr size_t kCoveredFrom = 12;
constexpr size_t kSlots = 2;

bool ReadSlot(ByteReader& reader, FloorSlot& slot) {
  uint64_t store = 0;
  uint64_t term = 0;
  uint64_t vote = 0;
  uint64_t last_index = 0;
  uint64_t last_term = 0;
  if (!reader.ReadU64(slot.counter) || !reader.ReadU64(store) ||
      !reader.ReadU64(term) || !reader.ReadU64(vote) ||
      !reader.ReadU64(last_index) || !reader.ReadU64(last_term) ||
      !reader.ReadU64(slot.state.newest_segment) ||
      !reader.ReadU64(slot.state.generation)) {
    return false;
  }
  slot.state.store = StoreId(store);
  slot.state.term = Term(term);
  slot.state.vote = ReplicaId(vote);
  slot.state.last = {LogIndex(last_index), Term(last_term)};
  return true;
}

std::string ToText(EntryId id) {
  return absl::StrCat(id.index.value(), "/", id.term.value());
}

void AddReason(const std::string& text, std::string& reason) {
  absl::StrAppend(&reason, reason.empty() ? "" : "; ", text);
}

}  // namespace

std::string EncodeFloorSlot(const FloorSlot& slot) {
  std::string covered;
  ByteWriter writer(covered);
  writer.WriteU32(kFloorVersion);
  writer.WriteU64(slot.counter);
  writer.WriteU64(slot.state.store.value());
  writer.WriteU64(slot.state.term.value());
  writer.WriteU64(slot.state.vote.value());
  writer.WriteU64(slot.state.last.index.value());
  writer.WriteU64(slot.state.last.term.value());
  writer.WriteU64(slot.state.newest_segment);
  writer.WriteU64(slot.state.generation);
  covered.resize(kFloorSlotBytes - kCoveredFrom, '\0');

  std::string bytes;
  ByteWriter slot_writer(bytes);
  slot_writer.WriteU64(kMagic);
  slot_writer.WriteU32(Crc32c(covered));
  slot_writer.WriteBytes(covered);
  TRIMARAN_CHECK_EQ(bytes.size(), kFloorSlotBytes);
  return bytes;
}

absl::StatusOr<FloorSlot> DecodeFloorSlot(std::string_view bytes) {
  ByteReader reader(bytes);
  uint64_t magic = 0;
  uint32_t checksum = 0;
  uint32_t version = 0;
  if (bytes.size() != kFloorSlotBytes || !reader.ReadU64(magic) ||
      magic != kMagic || !reader.ReadU32(checksum) ||
      checksum != Crc32c(reader.rest()) || !reader.ReadU32(version)) {
    return CorruptionError("the slot is damaged");
  }
  if (version != kFloorVersion) {
    return NewerFormatError(absl::StrCat("format version ", version,
                                         ", and this program knows version ",
                                         kFloorVersion));
  }
  FloorSlot slot;
  if (!ReadSlot(reader, slot)) return CorruptionError("the slot is cut off");
  return slot;
}

FloorVerdict JudgeLog(const FloorState& floor, const FloorState& log,
                      LogIndex commit) {
  FloorVerdict verdict;
  // If something is lost, and nothing says how far it went: one entry at least.
  LogIndex lost_to = log.last.index + 1;
  if (!IsAtLeastAsUpToDate(log.last, floor.last)) {
    AddReason(absl::StrCat("it ends at entry ", ToText(log.last),
                           " and had reached ", ToText(floor.last)),
              verdict.reason);
    lost_to = floor.last.index;
  }
  if (log.newest_segment < floor.newest_segment) {
    AddReason(absl::StrCat("it ends in segment ", log.newest_segment,
                           " and had reached ", floor.newest_segment),
              verdict.reason);
  }
  if (log.generation < floor.generation) {
    AddReason(absl::StrCat("it is of generation ", log.generation,
                           " and had reached ", floor.generation),
              verdict.reason);
  }
  const bool vote_lost = log.term == floor.term && log.vote != floor.vote &&
                         floor.vote != kNoReplica;
  if (log.term < floor.term || vote_lost) {
    AddReason(absl::StrCat("it knows of term ", log.term.value(), ", vote ",
                           log.vote.value(), " and had reached term ",
                           floor.term.value(), ", vote ", floor.vote.value()),
              verdict.reason);
    verdict.hard_state = HardState{floor.term, floor.vote, commit};
  }
  if (verdict.reason.empty()) return verdict;
  // Whoever leads a term that was known before the loss may count on what is
  // lost. The floor names an even later term if that is not over yet.
  const Term known = std::max(floor.term, log.term);
  verdict.owed = EntryId{lost_to, std::max(floor.last.term, known + 1)};
  return verdict;
}

FloorFile::FloorFile(std::unique_ptr<File> file, const FloorSlot& slot,
                     bool one_slot_damaged)
    : file_(std::move(file)),
      slot_(slot),
      one_slot_damaged_(one_slot_damaged) {}

absl::Status FloorFile::Create(FileSystem& files, std::string_view path,
                               const FloorState& state) {
  return WriteFileAtomically(
      files, path, EncodeFloorSlot({0, state}) + EncodeFloorSlot({1, state}));
}

absl::StatusOr<FloorFile> FloorFile::Open(FileSystem& files,
                                          std::string_view path,
                                          OpenMode mode) {
  absl::StatusOr<std::unique_ptr<File>> file = files.Open(path, mode);
  if (absl::IsNotFound(file.status())) {
    return CorruptionError(
        absl::StrCat("the floor ", ToAbsl(path), " is missing"));
  }
  TRIMARAN_RETURN_IF_ERROR(file.status());
  std::string bytes(kSlots * kFloorSlotBytes, '\0');
  TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                            (*file)->Read(0, absl::MakeSpan(bytes)));
  bytes.resize(count);
  std::optional<FloorSlot> best;
  size_t damaged = 0;
  for (size_t i = 0; i < kSlots; ++i) {
    const std::string_view all(bytes);
    const std::string_view slot_bytes = all.substr(
        std::min(i * kFloorSlotBytes, bytes.size()), kFloorSlotBytes);
    const absl::StatusOr<FloorSlot> slot = DecodeFloorSlot(slot_bytes);
    if (IsCorruption(slot.status()) ||
        (slot.ok() && slot->counter % kSlots != i)) {
      ++damaged;
    } else if (!slot.ok()) {
      // Of another version: DecodeFloorSlot has no third error.
      return NewerFormatError(absl::StrCat("the floor ", ToAbsl(path), ": ",
                                           slot.status().message()));
    } else if (!best.has_value() || slot->counter > best->counter) {
      best = *slot;
    }
  }
  if (best.has_value()) return FloorFile(*std::move(file), *best, damaged > 0);
  return CorruptionError(absl::StrCat("the floor ", ToAbsl(path),
                                      ": both of its slots are damaged"));
}

absl::Status FloorFile::Write(const FloorState& state) {
  const FloorSlot next{slot_.counter + 1, state};
  TRIMARAN_RETURN_IF_ERROR(file_->Write(next.counter % kSlots * kFloorSlotBytes,
                                        EncodeFloorSlot(next)));
  TRIMARAN_FAULT_POINT("floor/after_write_before_sync");
  TRIMARAN_RETURN_IF_ERROR(file_->Sync());
  slot_ = next;
  // A write goes to the slot that does not hold the present state.
  one_slot_damaged_ = false;
  return absl::OkStatus();
}

}  // namespace trimaran::engine
