#ifndef TRIMARAN_ENGINE_LOG_FLOOR_H_
#define TRIMARAN_ENGINE_LOG_FLOOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "engine/file/file_system.h"

// The floor: a file beside the log that says how far the log has certainly
// come. A log that ends below it has lost what it had promised, however intact
// it looks. FORMAT.md, section 3.

namespace trimaran::engine {

// On disk: never change.
inline constexpr size_t kFloorSlotBytes = 4096;
inline constexpr uint32_t kFloorVersion = 1;

struct FloorState {
  StoreId store;
  Term term;
  ReplicaId vote;
  // The last entry that was durable; what the log owes if it is not there.
  EntryId last;
  uint64_t newest_segment = 0;
  uint64_t generation = 0;

  friend bool operator==(const FloorState&, const FloorState&) = default;
};

// One of the two slots. A larger counter is newer. Pure, like the next one.
struct FloorSlot {
  uint64_t counter = 0;
  FloorState state;
};
std::string EncodeFloorSlot(const FloorSlot& slot);
// Corruption if the slot is damaged, NewerFormatError if it is of another
// version.
absl::StatusOr<FloorSlot> DecodeFloorSlot(std::string_view bytes);

// What the floor says of a log that was just read.
struct FloorVerdict {
  // Set if the log has lost something; what LogState::owed is to be.
  std::optional<EntryId> owed;
  // What the log must take over, since it has forgotten it.
  std::optional<HardState> hard_state;
  // What was lost, for people; empty if nothing was.
  std::string reason;
};
// `log` is the log in the words of the floor, `commit` what it knows to be
// committed. Pure.
FloorVerdict JudgeLog(const FloorState& floor, const FloorState& log,
                      LogIndex commit);

// The file. Each write is one write and one sync, of the slot that holds the
// older state, so that a torn one leaves the newer.
//
// Thread: owner.
class FloorFile {
 public:
  // Makes or replaces the file, durably.
  static absl::Status Create(FileSystem& files, std::string_view path,
                             const FloorState& state);

  // Corruption, naming the file, if it is missing, or both slots are damaged,
  // or it is not two slots long; NewerFormatError for another version. Writes
  // nothing.
  static absl::StatusOr<FloorFile> Open(FileSystem& files,
                                        std::string_view path, OpenMode mode);

  const FloorState& state() const { return slot_.state; }
  // One slot was damaged.
  bool one_slot_damaged() const { return one_slot_damaged_; }

  // After an error nothing is known of the file; do not call again.
  absl::Status Write(const FloorState& state);

 private:
  FloorFile(std::unique_ptr<File> file, const FloorSlot& slot,
            bool one_slot_damaged);

  std::unique_ptr<File> file_;
  FloorSlot slot_;
  bool one_slot_damaged_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_FLOOR_H_
