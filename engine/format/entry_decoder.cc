#include "engine/format/entry_decoder.h"

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/format/command_layout.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

using command_layout::Kind;
using command_layout::kStampedBit;
using command_layout::OperationKind;

// Reads one command. Each call returns false, and `what` says why, where the
// bytes are not those of a command; whether a command may hold what it holds is
// ValidateCommand's affair.
class CommandReader {
 public:
  explicit CommandReader(ByteReader& reader) : reader_(reader) {}

  std::string_view what() const { return what_; }

  bool Read(Command& command) {
    uint8_t kind = 0;
    if (!reader_.ReadU8(kind)) return Fail("no command");
    if ((kind & kStampedBit) == 0) {
      command.stamp.reset();
    } else if (!ReadStamp(command.stamp.emplace())) {
      return false;
    }
    return ReadBody(static_cast<Kind>(kind & ~kStampedBit), command.body);
  }

 private:
  bool Fail(std::string_view what) {
    what_ = what;
    return false;
  }

  bool ReadStamp(SessionStamp& stamp) {
    uint64_t unanswered = 0;
    if (!ReadId(stamp.session) || !reader_.ReadVarint64(stamp.sequence) ||
        !reader_.ReadVarint64(unanswered) || unanswered >= stamp.sequence) {
      return Fail("bad session stamp");
    }
    stamp.first_unanswered = stamp.sequence - unanswered;
    return true;
  }

  bool ReadBody(Kind kind, CommandBody& body) {
    switch (kind) {
      case Kind::kBatch:
        return ReadBatch(Writable(body));
      case Kind::kTransaction:
        return ReadTransaction(Writable(body));
      case Kind::kOpenSession:
        body = OpenSessionCommand{};
        return true;
      case Kind::kCloseSession:
        return ReadId(body.emplace<CloseSessionCommand>().session);
      case Kind::kCreateFamily:
        return ReadName(body.emplace<CreateFamilyCommand>().name);
      case Kind::kDropFamily:
        return ReadName(body.emplace<DropFamilyCommand>().name);
      case Kind::kCompactLog: {
        auto& compact = body.emplace<CompactLogCommand>();
        return ReadId(compact.index) && ReadId(compact.term);
      }
      case Kind::kSetMember:
        return ReadMember(body.emplace<SetMemberCommand>());
      case Kind::kAudit:
        return ReadAudit(body.emplace<AuditCommand>());
    }
    return Fail("unknown kind of command");
  }

  // The lists of the command that was here before keep their memory.
  static WriteCommand& Writable(CommandBody& body) {
    auto* write = std::get_if<WriteCommand>(&body);
    if (write == nullptr) return body.emplace<WriteCommand>();
    write->compares.clear();
    write->operations.clear();
    write->otherwise.clear();
    return *write;
  }

  bool ReadBatch(WriteCommand& write) {
    return ReadOperations(write.operations);
  }

  bool ReadTransaction(WriteCommand& write) {
    uint64_t count = 0;
    if (!ReadCount(command_layout::kCompareBytesMin, count)) return false;
    if (count == 0) return Fail("a transaction without compares");
    write.compares.resize(static_cast<size_t>(count));
    for (Compare& compare : write.compares) {
      if (!ReadCompare(compare)) return false;
    }
    return ReadOperations(write.operations) && ReadOperations(write.otherwise);
  }

  // A number that no payload of this length can hold is refused before any
  // memory is asked for.
  bool ReadCount(size_t bytes_each, uint64_t& count) {
    if (!reader_.ReadVarint64(count) || count > kOperationsMax ||
        count * bytes_each > reader_.remaining()) {
      return Fail("bad number of operations");
    }
    return true;
  }

  bool ReadOperations(std::vector<Operation>& operations) {
    uint64_t count = 0;
    if (!ReadCount(command_layout::kOperationBytesMin, count)) return false;
    operations.resize(static_cast<size_t>(count));
    for (Operation& operation : operations) {
      if (!ReadOperation(operation)) return false;
    }
    return true;
  }

  bool ReadOperation(Operation& operation) {
    uint8_t kind = 0;
    FamilyId family;
    std::string_view key;
    if (!reader_.ReadU8(kind) || !ReadId(family) ||
        !reader_.ReadLengthPrefixed(key)) {
      return Fail("bad operation");
    }
    switch (static_cast<OperationKind>(kind)) {
      case OperationKind::kPut:
        return ReadRest(operation.emplace<PutOp>(PutOp{family, key, {}}).value);
      case OperationKind::kDelete:
        operation = DeleteOp{family, key};
        return true;
      case OperationKind::kDeleteRange:
        return ReadRest(
            operation.emplace<DeleteRangeOp>(DeleteRangeOp{family, key, {}})
                .end);
      case OperationKind::kGet:
        operation = GetOp{family, key};
        return true;
    }
    return Fail("unknown kind of operation");
  }

  bool ReadCompare(Compare& compare) {
    uint8_t kind = 0;
    if (!reader_.ReadU8(kind) || !ReadId(compare.family) ||
        !reader_.ReadLengthPrefixed(compare.key)) {
      return Fail("bad compare");
    }
    compare.kind = static_cast<CompareKind>(kind);
    switch (compare.kind) {
      case CompareKind::kExists:
      case CompareKind::kAbsent:
        return true;
      case CompareKind::kValueEquals:
        return ReadRest(compare.value);
      case CompareKind::kVersionEquals:
        return ReadId(compare.version);
    }
    return Fail("unknown kind of compare");
  }

  bool ReadMember(SetMemberCommand& member) {
    if (!ReadId(member.replica)) return false;
    if (!reader_.ReadU64(member.store_id)) return Fail("bad store");
    return ReadName(member.name) && ReadName(member.address);
  }

  bool ReadAudit(AuditCommand& audit) {
    if (!ReadId(audit.asker)) return false;
    return reader_.ReadU64(audit.request) || Fail("bad request");
  }

  bool ReadRest(std::string_view& bytes) {
    return reader_.ReadLengthPrefixed(bytes) || Fail("bad length");
  }

  bool ReadName(std::string_view& name) {
    return reader_.ReadLengthPrefixed(name) || Fail("bad length of a name");
  }

  template <typename Tag>
  bool ReadId(StrongId<Tag>& id) {
    uint64_t value = 0;
    if (!reader_.ReadVarint64(value)) return Fail("bad number");
    id = StrongId<Tag>(value);
    return true;
  }

  ByteReader& reader_;
  std::string_view what_;
};

}  // namespace

EntryDecoder::EntryDecoder(std::string_view payload)
    : size_(payload.size()), reader_(payload) {}

bool EntryDecoder::Next(Command& command) {
  if (!status_.ok()) return false;
  if (count_ == 0) {
    if (reader_.empty()) return false;
    if (!ReadVersion()) return false;
  } else if (reader_.empty()) {
    return false;
  } else if (size_ > kEntryBytesTarget || count_ == kEntryCommandsMax) {
    return Fail("more commands than fit one entry");
  }

  const size_t before = reader_.remaining();
  CommandReader parser(reader_);
  if (!parser.Read(command)) return Fail(parser.what());
  if (before - reader_.remaining() > kCommandBytesMax) {
    return Fail("a command that is too long");
  }
  absl::Status valid = ValidateCommand(command);
  if (!valid.ok()) return Fail(ToStd(valid.message()));
  ++count_;
  return true;
}

bool EntryDecoder::ReadVersion() {
  uint8_t version = 0;
  if (!reader_.ReadU8(version) || version == 0) {
    return Fail("no format version");
  }
  if (version > command_layout::kVersion) {
    status_ = NewerFormatError(
        absl::StrCat("entry payload has format version ",
                     static_cast<int>(version), "; this program reads version ",
                     static_cast<int>(command_layout::kVersion)));
    return false;
  }
  return true;
}

bool EntryDecoder::Fail(std::string_view what) {
  status_ = CorruptionError(absl::StrCat(
      "entry payload of ", size_, " bytes, command ", count_ + 1,
      ", before byte ", size_ - reader_.remaining(), ": ", ToAbsl(what)));
  return false;
}

absl::StatusOr<std::vector<Command>> DecodeEntry(std::string_view payload) {
  std::vector<Command> commands;
  EntryDecoder decoder(payload);
  Command command;
  while (decoder.Next(command)) {
    commands.push_back(std::move(command));
    command = Command();
  }
  if (!decoder.status().ok()) return decoder.status();
  return commands;
}

}  // namespace trimaran::engine
