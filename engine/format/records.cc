#include "engine/format/records.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/conf_codec.h"
#include "engine/format/limits.h"
#include "engine/format/record_frame.h"
#include "engine/proto/record.pb.h"

namespace trimaran::engine {
namespace {

// The two directions of each record lie side by side: Fill(record, message) and
// Fill(message, record). What a record may hold is checked on both sides of the
// disk by the same Validate.

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// ---- Parts ----

void Fill(EntryId id, proto::EntryId& message) {
  message.set_index(id.index.value());
  message.set_term(id.term.value());
}

EntryId FromMessage(const proto::EntryId& message) {
  return {LogIndex(message.index()), Term(message.term())};
}

bool IndexAndTermAgree(EntryId id) {
  return (id.index == LogIndex()) == (id.term == Term());
}

// ---- Apply state ----

absl::Status Validate(const ApplyStateRecord& record) {
  const EntryId applied = record.state.applied.id;
  const EntryId truncated = record.state.truncated;
  if (!IndexAndTermAgree(applied) || !IndexAndTermAgree(truncated)) {
    return Invalid("an index without a term, or a term without an index");
  }
  if (truncated.index > applied.index || truncated.term > applied.term) {
    return Invalid("truncated beyond applied");
  }
  if (record.last_family < kDefaultFamily) {
    return Invalid("the default family has not been given");
  }
  return absl::OkStatus();
}

void Fill(const ApplyStateRecord& record, proto::ApplyState& message) {
  Fill(record.state.applied.id, *message.mutable_applied());
  message.set_chain(record.state.applied.chain.value);
  Fill(record.state.truncated, *message.mutable_truncated());
  message.set_last_session(record.last_session.value());
  message.set_last_family(record.last_family.value());
}

void Fill(const proto::ApplyState& message, ApplyStateRecord& record) {
  record.state.applied = {FromMessage(message.applied()),
                          ChainValue{message.chain()}};
  record.state.truncated = FromMessage(message.truncated());
  record.last_session = SessionId(message.last_session());
  record.last_family = FamilyId(message.last_family());
}

// ---- Region state ----

absl::Status Validate(const RegionRecord& record) {
  if (record.phase != RegionPhase::kNormal &&
      record.phase != RegionPhase::kTombstone) {
    return Invalid("unknown phase");
  }
  if (record.group == GroupId()) return Invalid("group 0");
  if (record.region.members.contains(kNoReplica)) return Invalid("replica 0");
  return record.region.conf.Validate();
}

void Fill(const RegionRecord& record, proto::RegionState& message) {
  message.set_phase(static_cast<proto::RegionPhase>(record.phase));
  message.set_group(record.group.value());
  message.set_conf_version(record.region.epoch.conf_version);
  message.set_version(record.region.epoch.version);
  FillConf(record.region.conf, *message.mutable_conf());
  for (const auto& [replica, member] : record.region.members) {
    proto::Member& added = *message.add_members();
    added.set_replica(replica.value());
    added.set_store(member.store.value());
    added.set_name(member.name);
    added.set_address(member.address);
  }
}

void Fill(const proto::RegionState& message, RegionRecord& record) {
  // A number that no phase has becomes 0, which Validate refuses.
  record.phase = proto::RegionPhase_IsValid(message.phase())
                     ? static_cast<RegionPhase>(message.phase())
                     : RegionPhase{0};
  record.group = GroupId(message.group());
  record.region.epoch = {message.conf_version(), message.version()};
  record.region.conf = ConfOf(message.conf());
  for (const proto::Member& member : message.members()) {
    record.region.members[ReplicaId(member.replica())] = {
        StoreId(member.store()), member.name(), member.address()};
  }
}

// ---- Session ----

// Of what it has read.
size_t ValueBytes(const CommandResult& answer) {
  size_t bytes = 0;
  for (const std::optional<std::string>& read : answer.reads) {
    if (read.has_value()) bytes += read->size();
  }
  return bytes;
}

absl::Status Validate(const CommandResult& answer) {
  if (answer.repeated) return Invalid("a repetition kept as an answer");
  if (ReadBytes(answer) > kSessionReadBytesMax) {
    return Invalid("an answer that is too long to be kept");
  }
  return absl::OkStatus();
}

absl::Status Validate(const SessionRecord& record) {
  if (record.id == SessionId()) return Invalid("session 0");
  if (record.first_unanswered == 0) return Invalid("sequence 0");
  if (!record.answers.empty() &&
      record.answers.begin()->first < record.first_unanswered) {
    return Invalid("an answer that should be forgotten");
  }
  if (record.answers.size() > kSessionAnswersMax) {
    return Invalid("more answers than a session can have");
  }
  for (const auto& [sequence, answer] : record.answers) {
    TRIMARAN_RETURN_IF_ERROR(Validate(answer));
  }
  return absl::OkStatus();
}

void Fill(const CommandResult& answer, proto::SessionAnswer& message) {
  message.set_index(answer.index.value());
  message.set_status_code(static_cast<uint32_t>(answer.status.code()));
  message.set_compares_failed(!answer.succeeded);
  message.set_value(answer.value);
  for (const auto& read : answer.reads) {
    proto::ReadAnswer& added = *message.add_reads();
    if (read) added.set_value(*read);
  }
  message.set_reads_dropped(answer.reads_dropped);
}

CommandResult FromMessage(const proto::SessionAnswer& message) {
  CommandResult answer;
  // abseil makes kUnknown of a code that it does not know: the record then does
  // not encode to the same bytes, and is refused.
  answer.status =
      absl::Status(static_cast<absl::StatusCode>(message.status_code()), "");
  answer.succeeded = !message.compares_failed();
  answer.index = LogIndex(message.index());
  answer.value = message.value();
  answer.reads.reserve(static_cast<size_t>(message.reads_size()));
  for (const proto::ReadAnswer& read : message.reads()) {
    answer.reads.push_back(read.has_value() ? std::optional(read.value())
                                            : std::nullopt);
  }
  answer.reads_dropped = message.reads_dropped();
  return answer;
}

void Fill(const SessionRecord& record, proto::Session& message) {
  message.set_id(record.id.value());
  message.set_last_used(record.last_used.value());
  message.set_first_unanswered(record.first_unanswered);
  message.mutable_answers()->Reserve(static_cast<int>(record.answers.size()));
  for (const auto& [sequence, answer] : record.answers) {
    proto::SessionAnswer& added = *message.add_answers();
    added.set_sequence(sequence);
    Fill(answer, added);
  }
}

void Fill(const proto::Session& message, SessionRecord& record) {
  record.id = SessionId(message.id());
  record.last_used = LogIndex(message.last_used());
  record.first_unanswered = message.first_unanswered();
  for (const proto::SessionAnswer& answer : message.answers()) {
    record.answers.emplace_hint(record.answers.end(), answer.sequence(),
                                FromMessage(answer));
  }
}

// ---- Family ----

absl::Status Validate(const FamilyRecord& record) {
  if (record.id == FamilyId()) return Invalid("family 0");
  if (record.name.empty() || record.name.size() > kFamilyNameBytesMax) {
    return Invalid("a name of impossible length");
  }
  return absl::OkStatus();
}

void Fill(const FamilyRecord& record, proto::Family& message) {
  message.set_id(record.id.value());
  message.set_name(record.name);
}

void Fill(const proto::Family& message, FamilyRecord& record) {
  record.id = FamilyId(message.id());
  record.name = message.name();
}

// ---- Local ident ----

absl::Status Validate(const LocalIdentRecord& record) {
  if (record.format_version == 0) return Invalid("format version 0");
  if (record.store == StoreId()) return Invalid("store 0");
  return absl::OkStatus();
}

void Fill(const LocalIdentRecord& record, proto::LocalIdent& message) {
  message.set_format_version(record.format_version);
  message.set_store(record.store.value());
  message.set_generation(record.generation);
}

void Fill(const proto::LocalIdent& message, LocalIdentRecord& record) {
  record.format_version = message.format_version();
  record.store = StoreId(message.store());
  record.generation = message.generation();
}

// ---- Raft state ----

absl::Status Validate(const RaftStateRecord& record) {
  if (!IndexAndTermAgree(record.last)) {
    return Invalid("an index without a term, or a term without an index");
  }
  return absl::OkStatus();
}

void Fill(const RaftStateRecord& record, proto::RaftState& message) {
  message.set_term(record.hard_state.term.value());
  message.set_vote(record.hard_state.vote.value());
  message.set_commit(record.hard_state.commit.value());
  Fill(record.last, *message.mutable_last());
}

void Fill(const proto::RaftState& message, RaftStateRecord& record) {
  record.hard_state = {Term(message.term()), ReplicaId(message.vote()),
                       LogIndex(message.commit())};
  record.last = FromMessage(message.last());
}

// ---- The apply state, once more ----

// Four numbers in two entries, one of eight bytes, two others, and tags.
constexpr size_t kApplyStateBytesMax =
    2 * (2 + 2 * (1 + kVarint64BytesMax)) + 9 + 2 * (1 + kVarint64BytesMax);

// Every batch writes it, and protobuf takes as long as a search of the table.
// What it would make is decided by few rules, and Decode compares the two.
class ApplyStateWriter {
 public:
  void Write(const ApplyStateRecord& record) {
    WriteEntry(1, record.state.applied.id);
    WriteFixed(2, record.state.applied.chain.value);
    WriteEntry(3, record.state.truncated);
    WriteNumber(4, record.last_session.value());
    WriteNumber(5, record.last_family.value());
  }
  std::string_view written() const { return {bytes_.data(), size_}; }

 private:
  enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

  void WriteByte(uint64_t byte) { bytes_[size_++] = static_cast<char>(byte); }
  void WriteTag(uint64_t field, WireType type) {
    WriteByte(field << 3 | static_cast<uint64_t>(type));
  }
  void WriteVarint(uint64_t number) {
    for (; number >= 0x80; number >>= 7) WriteByte((number & 0x7f) | 0x80);
    WriteByte(number);
  }
  // What is 0 is not there.
  void WriteNumber(uint64_t field, uint64_t number) {
    if (number == 0) return;
    WriteTag(field, WireType::kVarint);
    WriteVarint(number);
  }
  // The lowest byte first.
  void WriteFixed(uint64_t field, uint64_t number) {
    if (number == 0) return;
    WriteTag(field, WireType::kFixed64);
    for (int i = 0; i < 8; ++i) WriteByte((number >> (8 * i)) & 0xff);
  }
  // There even if it is empty.
  void WriteEntry(uint64_t field, EntryId id) {
    WriteTag(field, WireType::kBytes);
    WriteVarint(NumberBytes(id.index.value()) + NumberBytes(id.term.value()));
    WriteNumber(1, id.index.value());
    WriteNumber(2, id.term.value());
  }
  static size_t NumberBytes(uint64_t number) {
    return number == 0 ? 0 : 1 + Varint64Bytes(number);
  }

  std::array<char, kApplyStateBytesMax> bytes_;
  size_t size_ = 0;
};

// ---- All of them ----

template <typename Message, typename Record>
std::string Encode(RecordKind kind, const Record& record) {
  Message message;
  Fill(record, message);
  return FrameRecord(kind, message.SerializeAsString());
}

template <typename Message, typename Record>
std::string EncodeValid(RecordKind kind, const Record& record) {
  const absl::Status valid = Validate(record);
  TRIMARAN_CHECK(valid.ok()) << RecordKindName(kind) << " record: " << valid;
  return Encode<Message>(kind, record);
}

template <typename Message, typename Record>
absl::StatusOr<Record> Decode(RecordKind kind, std::string_view bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string_view body,
                            UnframeRecord(kind, bytes));
  Message message;
  if (body.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return RecordCorruption(kind, "malformed");
  }
  Record record;
  Fill(message, record);
  if (const absl::Status valid = Validate(record); !valid.ok()) {
    return RecordCorruption(kind, ToStd(valid.message()));
  }
  // Unknown fields, lists out of order, numbers out of range: protobuf has many
  // encodings of one message, of which replicas must agree on one.
  if (Encode<Message>(kind, record) != bytes) {
    return RecordCorruption(kind, "not in its one encoding");
  }
  return record;
}

}  // namespace

std::string EncodeRecord(const ApplyStateRecord& record) {
  const absl::Status valid = Validate(record);
  TRIMARAN_CHECK(valid.ok()) << "apply state record: " << valid;
  ApplyStateWriter body;
  body.Write(record);
  std::string framed = BeginFrame(body.written().size());
  framed += body.written();
  FinishFrame(RecordKind::kApplyState, framed);
  return framed;
}
std::string EncodeRecord(const RegionRecord& record) {
  return EncodeValid<proto::RegionState>(RecordKind::kRegionState, record);
}
size_t ReadBytes(const CommandResult& answer) {
  return answer.reads.size() * kReadOverheadBytes + ValueBytes(answer);
}

size_t KeptBytes(const CommandResult& answer) {
  return kKeptAnswerBytes + answer.reads.size() * kKeptReadBytes +
         ValueBytes(answer);
}

std::string EncodeRecord(const SessionRecord& record) {
  return EncodeValid<proto::Session>(RecordKind::kSession, record);
}
std::string EncodeRecord(const FamilyRecord& record) {
  return EncodeValid<proto::Family>(RecordKind::kFamily, record);
}
std::string EncodeRecord(const LocalIdentRecord& record) {
  return EncodeValid<proto::LocalIdent>(RecordKind::kLocalIdent, record);
}
std::string EncodeRecord(const RaftStateRecord& record) {
  return EncodeValid<proto::RaftState>(RecordKind::kRaftState, record);
}

absl::StatusOr<ApplyStateRecord> DecodeApplyState(std::string_view bytes) {
  return Decode<proto::ApplyState, ApplyStateRecord>(RecordKind::kApplyState,
                                                     bytes);
}
absl::StatusOr<RegionRecord> DecodeRegion(std::string_view bytes) {
  return Decode<proto::RegionState, RegionRecord>(RecordKind::kRegionState,
                                                  bytes);
}
absl::StatusOr<SessionRecord> DecodeSession(std::string_view bytes) {
  return Decode<proto::Session, SessionRecord>(RecordKind::kSession, bytes);
}
absl::StatusOr<FamilyRecord> DecodeFamily(std::string_view bytes) {
  return Decode<proto::Family, FamilyRecord>(RecordKind::kFamily, bytes);
}
absl::StatusOr<LocalIdentRecord> DecodeLocalIdent(std::string_view bytes) {
  return Decode<proto::LocalIdent, LocalIdentRecord>(RecordKind::kLocalIdent,
                                                     bytes);
}
absl::StatusOr<RaftStateRecord> DecodeRaftState(std::string_view bytes) {
  return Decode<proto::RaftState, RaftStateRecord>(RecordKind::kRaftState,
                                                   bytes);
}

absl::Status CheckTableFormat(const LocalIdentRecord& ident) {
  if (ident.format_version <= kTableFormatVersion) return absl::OkStatus();
  return NewerFormatError(
      absl::StrCat("the table of generation ", ident.generation,
                   " has format version ", ident.format_version,
                   "; this program reads version ", kTableFormatVersion));
}

}  // namespace trimaran::engine
