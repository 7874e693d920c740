#ifndef TRIMARAN_ENGINE_FORMAT_COMMAND_H_
#define TRIMARAN_ENGINE_FORMAT_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/limits.h"

// What an entry of type kNormal asks of the state machine: commands, which
// take effect in order. An entry without payload asks nothing. The encoding is
// our own and not protobuf's, so that applying copies neither keys nor values;
// FORMAT.md has it byte by byte.
//
// All string views of a command point into the payload that it was decoded
// from, or into what its maker handed in.

namespace trimaran::engine {

// A column family, for as long as it exists; never used again after that.
using FamilyId = StrongId<struct FamilyIdTag>;
// "default", which always exists.
inline constexpr FamilyId kDefaultFamily{1};

// A client that must not be served twice. Given by the state machine.
using SessionId = StrongId<struct SessionIdTag>;

// ---- Operations on rows, the parts of a batch ----

struct PutOp {
  FamilyId family;
  std::string_view key;
  std::string_view value;
  friend bool operator==(const PutOp&, const PutOp&) = default;
};
struct DeleteOp {
  FamilyId family;
  std::string_view key;
  friend bool operator==(const DeleteOp&, const DeleteOp&) = default;
};
// Keys in [begin, end); an empty `end` is the end of the family.
struct DeleteRangeOp {
  FamilyId family;
  std::string_view begin;
  std::string_view end;
  friend bool operator==(const DeleteRangeOp&, const DeleteRangeOp&) = default;
};
// The row as it is at this very place in the log, earlier operations of the
// same batch included.
struct GetOp {
  FamilyId family;
  std::string_view key;
  friend bool operator==(const GetOp&, const GetOp&) = default;
};
using Operation = std::variant<PutOp, DeleteOp, DeleteRangeOp, GetOp>;

// ---- Conditions ----

// On disk: never change a value.
enum class CompareKind : uint8_t {
  kExists = 0,
  kAbsent = 1,
  kValueEquals = 2,
  // The row was last written by the entry at `version`; 0 if it is absent.
  kVersionEquals = 3,
};
struct Compare {
  FamilyId family;
  std::string_view key;
  CompareKind kind = CompareKind::kExists;
  // For kValueEquals, else empty.
  std::string_view value;
  // For kVersionEquals, else 0.
  LogIndex version;
  friend bool operator==(const Compare&, const Compare&) = default;
};

// ---- Commands ----

// All operations or, where one is refused, none. Without compares it is a
// plain batch. Refused with NotFound if a compare, or an operation of the list
// that is done, names a family that does not exist. Result: the number of rows
// that its deletions met.
struct WriteCommand {
  // All of them must hold, before the command, for `operations` to be done;
  // else `otherwise` is.
  std::vector<Compare> compares;
  std::vector<Operation> operations;
  std::vector<Operation> otherwise;
  friend bool operator==(const WriteCommand&, const WriteCommand&) = default;
};
// Result: the new session's id, one more than the last one given. If there are
// kSessionsMax, the one that was used by the oldest entry makes room; of those
// used by the same entry, the one of the smallest id. A session is used by the
// entry that opens it and by each entry with a command stamped for it, whatever
// becomes of the command. In the same order sessions make room for an answer to
// another one's command with which they would keep more than kKeptBytesMax.
struct OpenSessionCommand {
  friend bool operator==(const OpenSessionCommand&,
                         const OpenSessionCommand&) = default;
};
// Does nothing if there is no such session, so that it can be repeated.
struct CloseSessionCommand {
  SessionId session;
  friend bool operator==(const CloseSessionCommand&,
                         const CloseSessionCommand&) = default;
};
// Result: the new family's id, one more than the last one given.
struct CreateFamilyCommand {
  std::string_view name;
  friend bool operator==(const CreateFamilyCommand&,
                         const CreateFamilyCommand&) = default;
};
// The default family cannot be dropped: InvalidArgument.
struct DropFamilyCommand {
  std::string_view name;
  friend bool operator==(const DropFamilyCommand&,
                         const DropFamilyCommand&) = default;
};
// Moves the truncated state forward to (index, term); does nothing at or below
// it. InvalidArgument for an index beyond the command's own place, and for a
// term that cannot stand there: below that of the truncated entry, above that
// of the command's own, or another than its own at its own place.
struct CompactLogCommand {
  LogIndex index;
  Term term;
  friend bool operator==(const CompactLogCommand&,
                         const CompactLogCommand&) = default;
};
// Records what is known of one member: its name and address, or its data
// directory; the latter leaves name and address of a record that is there as
// they are. Refused (AlreadyExists) if the member is bound to another store.
// The replica need not belong to the configuration yet, except to be bound when
// nothing is known of it: NotFound. Of a member that leaves, the store stays
// known, and the rest is forgotten. When there are kMembersMax records, one of
// no member makes room for a new one: the one of the smallest id that is bound
// to no store, else the one of the smallest id. ResourceExhausted where all are
// of members.
struct SetMemberCommand {
  ReplicaId replica;
  // 0 leaves the binding as it is, which is unbound for a new member.
  uint64_t store_id = 0;
  std::string_view name;     // Empty: as it was.
  std::string_view address;  // The same.
  friend bool operator==(const SetMemberCommand&,
                         const SetMemberCommand&) = default;
};

// Changes nothing. The transaction that applies it ends with its entry, so that
// each replica can look at the very same state, and tell `asker` what it is.
struct AuditCommand {
  ReplicaId asker;
  // Chosen by the asker, and used by it once.
  uint64_t request = 0;
  friend bool operator==(const AuditCommand&, const AuditCommand&) = default;
};

using CommandBody =
    std::variant<WriteCommand, OpenSessionCommand, CloseSessionCommand,
                 CreateFamilyCommand, DropFamilyCommand, CompactLogCommand,
                 SetMemberCommand, AuditCommand>;

// Names one command of a session, so that a retry of it is not done again. In
// this order: an unknown session is refused (FailedPrecondition), and so is a
// sequence that the session has forgotten. A sequence that has an answer gets
// it again. If the session is full of answers that it may not forget, the
// command is refused (ResourceExhausted). Else it is done, and its answer kept,
// also where that is a refusal, of which the code is kept and not the text:
// what is kept is compared between replicas, and texts change between versions.
// Not for OpenSession and CloseSession.
struct SessionStamp {
  SessionId session;
  // Counts the session's commands from 1.
  uint64_t sequence = 0;
  // The client has the answers to all sequences below this one, which are
  // forgotten before anything else is done. 1 to `sequence`.
  uint64_t first_unanswered = 1;
  friend bool operator==(const SessionStamp&, const SessionStamp&) = default;
};

struct Command {
  std::optional<SessionStamp> stamp;
  CommandBody body;
  friend bool operator==(const Command&, const Command&) = default;
};

// InvalidArgument, naming the limit and the number, if the command breaks a
// limit (limits.h) or a rule of its type: an empty key, a range that ends
// before it begins, `otherwise` without compares, a stamp out of order or on a
// command that opens or closes a session.
absl::Status ValidateCommand(const Command& command);

// One command by itself, without a stamp: what EntryEncoder::AddEncoded takes.
// So the thread that makes a command can do the work, and whoever knows its
// place among others need not. InvalidArgument as ValidateCommand, and for a
// command with a stamp.
absl::StatusOr<std::string> EncodeCommand(const Command& command);

// Whether a command, as EncodeCommand made it, is to have a stamp where it may
// be tried more than once. The others do no harm when they are repeated.
bool WantsStamp(std::string_view encoded);
// Whether it deletes ranges, of however many rows: that is better done by an
// entry of its own.
bool DeletesRanges(std::string_view encoded);

// Puts commands into one payload, as many as fit.
class EntryEncoder {
 public:
  // Validates `command` and adds it. ResourceExhausted, and nothing is added,
  // if the entry has other commands already and would become too long; so a
  // first command always fits.
  absl::Status Add(const Command& command);

  // Adds what EncodeCommand made, with `stamp` if it is to have one, which must
  // be in order. False, and nothing is added, where Add would be
  // ResourceExhausted.
  bool AddEncoded(std::string_view encoded,
                  const std::optional<SessionStamp>& stamp);

  size_t count() const { return count_; }
  size_t size_bytes() const { return payload_.size(); }
  // The payload; leaves the encoder empty.
  std::string Take();

 private:
  // What keeps a command of that size out of this entry; empty if nothing does.
  std::string_view Obstacle(size_t command_bytes) const;

  std::string payload_;
  size_t count_ = 0;
};

// The commands of an entry, all at once; entry_decoder.h reads them one by one,
// and quicker. Corruption if `payload` is not what EntryEncoder makes, or
// breaks a limit; NewerFormatError if it is of a later format version. Never
// reads beyond its end.
absl::StatusOr<std::vector<Command>> DecodeEntry(std::string_view payload);

// For people, with keys escaped: "put cf=1 \"k\" (3 bytes)".
std::string DebugString(const Command& command);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_COMMAND_H_
