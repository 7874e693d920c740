#include "tests/fuzz/format_round_trip.h"

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/format/command.h"
#include "engine/format/entry_decoder.h"
#include "engine/format/keys.h"
#include "engine/format/record_frame.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "engine/home/store_identity.h"

namespace trimaran::engine {
namespace {

// Refusals are of these two kinds and no other.
void CheckRefusal(const absl::Status& status) {
  TRIMARAN_CHECK(IsCorruption(status) || IsNewerFormat(status)) << status;
}

template <typename Record>
bool CheckRecord(const absl::StatusOr<Record>& record, std::string_view bytes) {
  if (!record.ok()) {
    CheckRefusal(record.status());
    return false;
  }
  TRIMARAN_CHECK(EncodeRecord(*record) == bytes);
  return true;
}

bool CheckRecordOfKind(RecordKind kind, std::string_view bytes) {
  switch (kind) {
    case RecordKind::kApplyState:
      return CheckRecord(DecodeApplyState(bytes), bytes);
    case RecordKind::kRegionState:
      return CheckRecord(DecodeRegion(bytes), bytes);
    case RecordKind::kSession:
      return CheckRecord(DecodeSession(bytes), bytes);
    case RecordKind::kFamily:
      return CheckRecord(DecodeFamily(bytes), bytes);
    case RecordKind::kLocalIdent:
      return CheckRecord(DecodeLocalIdent(bytes), bytes);
    case RecordKind::kRaftState:
      return CheckRecord(DecodeRaftState(bytes), bytes);
  }
  return false;
}

constexpr std::array<RecordKind, 6> kRecordKinds = {
    RecordKind::kApplyState, RecordKind::kRegionState, RecordKind::kSession,
    RecordKind::kFamily,     RecordKind::kLocalIdent,  RecordKind::kRaftState};

// Content of STORE up to its checksum, which no fuzzer would ever guess.
bool CheckSummedIdentity(std::string_view content) {
  std::string summed(content);
  ByteWriter(summed).WriteU32(Crc32c(content));
  return CheckIdentityRoundTrip(summed);
}

}  // namespace

bool CheckEntryRoundTrip(std::string_view payload) {
  EntryDecoder decoder(payload);
  EntryEncoder encoder;
  Command command;
  while (decoder.Next(command)) {
    const absl::Status added = encoder.Add(command);
    TRIMARAN_CHECK(added.ok()) << added << ": " << DebugString(command);
  }
  const auto commands = DecodeEntry(payload);
  TRIMARAN_CHECK(commands.status() == decoder.status());
  if (!commands.ok()) {
    CheckRefusal(commands.status());
    return false;
  }
  TRIMARAN_CHECK_EQ(commands->size(), encoder.count());
  TRIMARAN_CHECK(encoder.Take() == payload);
  return true;
}

bool CheckKeyRoundTrip(std::string_view key) {
  const auto decoded = DecodeKey(key);
  if (!decoded.ok()) {
    CheckRefusal(decoded.status());
    return false;
  }
  TRIMARAN_CHECK(KeyOf(*decoded) == key) << DebugString(*decoded);
  return true;
}

bool CheckRowValueRoundTrip(std::string_view value) {
  RowValue row;
  if (!DecodeRowValue(value, row)) return false;
  std::string again;
  EncodeRowValue(row, again);
  TRIMARAN_CHECK(again == value);
  return true;
}

bool CheckIdentityRoundTrip(std::string_view content) {
  const auto identity = DecodeIdentity(content);
  if (!identity.ok()) {
    CheckRefusal(identity.status());
    return false;
  }
  TRIMARAN_CHECK(EncodeIdentity(*identity) == content);
  return true;
}

bool CheckRecordRoundTrips(std::string_view body) {
  bool taken = false;
  for (const RecordKind kind : kRecordKinds) {
    taken |= CheckRecordOfKind(kind, FrameRecord(kind, body));
  }
  return taken;
}

bool CheckFramedRecordRoundTrips(std::string_view bytes) {
  bool taken = false;
  for (const RecordKind kind : kRecordKinds) {
    taken |= CheckRecordOfKind(kind, bytes);
  }
  return taken;
}

bool CheckFormat(std::string_view input) {
  if (input.empty()) return false;
  const std::string_view bytes = input.substr(1);
  switch (input.front()) {
    case 'c':
      return CheckEntryRoundTrip(bytes);
    case 'k':
      return CheckKeyRoundTrip(bytes);
    case 'v':
      return CheckRowValueRoundTrip(bytes);
    case 'i':
      return CheckIdentityRoundTrip(bytes);
    case 's':
      return CheckSummedIdentity(bytes);
    case 'r':
      return CheckRecordRoundTrips(bytes);
    case 'f':
      return CheckFramedRecordRoundTrips(bytes);
    default:
      return false;
  }
}

}  // namespace trimaran::engine
