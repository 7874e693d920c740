#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "engine/format/command_layout.h"
#include "engine/format/limits.h"

namespace trimaran::engine {

absl::Status EntryEncoder::Add(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(ValidateCommand(command));
  command_layout::ByteCounter counter;
  command_layout::CommandWriter(counter).Write(command);
  if (counter.count() > kCommandBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a command of ", counter.count(), " bytes; the limit is ",
                     kCommandBytesMax));
  }
  if (count_ > 0) {
    if (count_ == kEntryCommandsMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the entry has ", count_, " commands already"));
    }
    if (payload_.size() + counter.count() > kEntryBytesTarget) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the entry has ", payload_.size(), " bytes already"));
    }
  }

  ByteWriter writer(payload_);
  if (count_ == 0) {
    payload_.reserve(1 + counter.count());
    writer.WriteU8(command_layout::kVersion);
  }
  command_layout::CommandWriter(writer).Write(command);
  ++count_;
  return absl::OkStatus();
}

std::string EntryEncoder::Take() {
  count_ = 0;
  return std::exchange(payload_, std::string());
}

}  // namespace trimaran::engine
