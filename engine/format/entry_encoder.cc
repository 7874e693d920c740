#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "engine/format/command_layout.h"
#include "engine/format/limits.h"

namespace trimaran::engine {

namespace {

using command_layout::ByteCounter;
using command_layout::CommandWriter;
using command_layout::OperationKind;

size_t CountBytes(const Command& command) {
  ByteCounter counter;
  CommandWriter(counter).Write(command);
  return counter.count();
}

absl::Status CheckSize(size_t bytes, size_t limit) {
  if (bytes <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a command of ", bytes, " bytes; the limit is ", limit));
}

// ---- Of what EncodeCommand has made ----

uint64_t ReadNumber(ByteReader& reader) {
  uint64_t number = 0;
  TRIMARAN_CHECK(reader.ReadVarint64(number));
  return number;
}
void SkipBytes(ByteReader& reader) {
  std::string_view bytes;
  TRIMARAN_CHECK(reader.ReadLengthPrefixed(bytes));
}

void SkipCompares(ByteReader& reader) {
  for (uint64_t left = ReadNumber(reader); left > 0; --left) {
    uint8_t kind = 0;
    TRIMARAN_CHECK(reader.ReadU8(kind));
    ReadNumber(reader);
    SkipBytes(reader);
    if (static_cast<CompareKind>(kind) == CompareKind::kValueEquals) {
      SkipBytes(reader);
    } else if (static_cast<CompareKind>(kind) == CompareKind::kVersionEquals) {
      ReadNumber(reader);
    }
  }
}

// Reads the list to its end, unless it does.
bool ListDeletesRanges(ByteReader& reader) {
  for (uint64_t left = ReadNumber(reader); left > 0; --left) {
    uint8_t kind = 0;
    TRIMARAN_CHECK(reader.ReadU8(kind));
    if (static_cast<OperationKind>(kind) == OperationKind::kDeleteRange) {
      return true;
    }
    ReadNumber(reader);
    SkipBytes(reader);
    if (static_cast<OperationKind>(kind) == OperationKind::kPut) {
      SkipBytes(reader);
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> EncodeCommand(const Command& command) {
  if (command.stamp.has_value()) {
    return absl::InvalidArgumentError("the command has a stamp already");
  }
  TRIMARAN_RETURN_IF_ERROR(ValidateCommand(command));
  const size_t bytes = CountBytes(command);
  TRIMARAN_RETURN_IF_ERROR(
      CheckSize(bytes, kCommandBytesMax - command_layout::kStampBytesMax));
  std::string encoded;
  encoded.reserve(bytes);
  ByteWriter writer(encoded);
  CommandWriter(writer).Write(command);
  return encoded;
}

bool WantsStamp(std::string_view encoded) {
  TRIMARAN_CHECK(!encoded.empty());
  switch (static_cast<command_layout::Kind>(encoded.front())) {
    case command_layout::Kind::kBatch:
    case command_layout::Kind::kTransaction:
    case command_layout::Kind::kCreateFamily:
    case command_layout::Kind::kDropFamily:
    case command_layout::Kind::kSetMember:
      return true;
    case command_layout::Kind::kOpenSession:
    case command_layout::Kind::kCloseSession:
    case command_layout::Kind::kCompactLog:
    case command_layout::Kind::kAudit:
      break;
  }
  return false;
}

bool DeletesRanges(std::string_view encoded) {
  ByteReader reader(encoded);
  uint8_t kind = 0;
  TRIMARAN_CHECK(reader.ReadU8(kind));
  if (static_cast<command_layout::Kind>(kind) ==
      command_layout::Kind::kTransaction) {
    SkipCompares(reader);
    if (ListDeletesRanges(reader)) return true;
    return ListDeletesRanges(reader);
  }
  return static_cast<command_layout::Kind>(kind) ==
             command_layout::Kind::kBatch &&
         ListDeletesRanges(reader);
}

std::string_view EntryEncoder::Obstacle(size_t command_bytes) const {
  if (count_ == 0) return {};
  if (count_ == kEntryCommandsMax) return "the entry has enough commands";
  if (payload_.size() + command_bytes > kEntryBytesTarget) {
    return "the entry has enough bytes";
  }
  return {};
}

absl::Status EntryEncoder::Add(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(ValidateCommand(command));
  const size_t bytes = CountBytes(command);
  TRIMARAN_RETURN_IF_ERROR(CheckSize(bytes, kCommandBytesMax));
  if (const std::string_view obstacle = Obstacle(bytes); !obstacle.empty()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(ToAbsl(obstacle), ": ", count_, " commands, ",
                     payload_.size(), " bytes"));
  }
  ByteWriter writer(payload_);
  if (count_ == 0) {
    payload_.reserve(1 + bytes);
    writer.WriteU8(command_layout::kVersion);
  }
  CommandWriter(writer).Write(command);
  ++count_;
  return absl::OkStatus();
}

bool EntryEncoder::AddEncoded(std::string_view encoded,
                              const std::optional<SessionStamp>& stamp) {
  TRIMARAN_CHECK(!encoded.empty());
  ByteCounter counter;
  if (stamp.has_value()) command_layout::WriteStamp(*stamp, counter);
  if (!Obstacle(encoded.size() + counter.count()).empty()) return false;
  ByteWriter writer(payload_);
  if (count_ == 0) writer.WriteU8(command_layout::kVersion);
  const uint8_t kind = static_cast<uint8_t>(encoded.front());
  if (stamp.has_value()) {
    writer.WriteU8(kind | command_layout::kStampedBit);
    command_layout::WriteStamp(*stamp, writer);
  } else {
    writer.WriteU8(kind);
  }
  writer.WriteBytes(encoded.substr(1));
  ++count_;
  return true;
}

std::string EntryEncoder::Take() {
  count_ = 0;
  return std::exchange(payload_, std::string());
}

}  // namespace trimaran::engine
