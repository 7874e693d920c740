#include "tests/engine/conformance/entry_maker.h"

#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

const std::array<std::string, 14>& Keys() {
  static const auto& keys =
      *new std::array<std::string, 14>{"a",
                                       "ab",
                                       "abc",
                                       "b",
                                       std::string(1, '\0'),
                                       std::string("a\0", 2),
                                       std::string("a\0b", 3),
                                       "\xff",
                                       "\xff\xff",
                                       "a\xff",
                                       "key",
                                       std::string(kKeyBytesMax, 'k'),
                                       std::string(kKeyBytesMax, '\xff'),
                                       "z"};
  return keys;
}

constexpr std::array<std::string_view, 5> kFamilyNames = {"default", "write",
                                                          "lock", "x", "xy"};

}  // namespace

std::string_view EntryMaker::Keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

std::string_view EntryMaker::Key() {
  return Keys()[random_.Uniform(Keys().size())];
}

std::string_view EntryMaker::Value() {
  if (random_.OneIn(6)) return "";
  if (random_.OneIn(20)) return Keep(std::string(3000, 'v'));
  return Keep(absl::StrCat("value ", random_.Uniform(4)));
}

FamilyId EntryMaker::Family(const ModelState& state) {
  if (random_.OneIn(30)) return FamilyId(1 + random_.Uniform(40));
  auto family = state.families.begin();
  std::advance(family, random_.Uniform(state.families.size()));
  return family->second;
}

Operation EntryMaker::AnyOperation(const ModelState& state) {
  const FamilyId family = Family(state);
  const uint64_t choice = random_.Uniform(12);
  if (choice < 6) return PutOp{family, Key(), Value()};
  if (choice < 8) return DeleteOp{family, Key()};
  if (choice < 11) return GetOp{family, Key()};
  DeleteRangeOp range{family, random_.OneIn(4) ? "" : Key(),
                      random_.OneIn(4) ? "" : Key()};
  if (!range.end.empty() && range.end < range.begin) {
    std::swap(range.begin, range.end);
  }
  return range;
}

Compare EntryMaker::AnyCompare(const ModelState& state) {
  Compare compare{.family = Family(state),
                  .key = Key(),
                  .kind = static_cast<CompareKind>(random_.Uniform(4)),
                  .value = "",
                  .version = LogIndex()};
  const auto rows = state.rows.find(compare.family);
  const ModelRow* row = nullptr;
  if (rows != state.rows.end() && rows->second.contains(compare.key)) {
    row = &rows->second.find(compare.key)->second;
  }
  if (compare.kind == CompareKind::kValueEquals) {
    compare.value = row == nullptr || random_.OneIn(4) ? Value() : row->value;
  }
  if (compare.kind == CompareKind::kVersionEquals && !random_.OneIn(4)) {
    compare.version = row == nullptr ? LogIndex() : row->version;
  }
  return compare;
}

WriteCommand EntryMaker::Write(const ModelState& state) {
  WriteCommand write;
  for (uint64_t n = random_.Uniform(6); n > 0; --n) {
    write.operations.push_back(AnyOperation(state));
  }
  if (random_.OneIn(2)) return write;
  for (uint64_t n = 1 + random_.Uniform(2); n > 0; --n) {
    write.compares.push_back(AnyCompare(state));
  }
  for (uint64_t n = random_.Uniform(3); n > 0; --n) {
    write.otherwise.push_back(AnyOperation(state));
  }
  return write;
}

SessionId EntryMaker::Session(const ModelState& state) {
  if (state.sessions.empty() || random_.OneIn(15)) {
    return SessionId(1 + random_.Uniform(50));
  }
  auto session = state.sessions.begin();
  std::advance(session, random_.Uniform(state.sessions.size()));
  return session->first;
}

SessionStamp EntryMaker::Stamp(const ModelState& state) {
  SessionStamp stamp{.session = Session(state),
                     .sequence = 1 + random_.Uniform(5),
                     .first_unanswered = 1};
  const auto session = state.sessions.find(stamp.session);
  if (session != state.sessions.end()) {
    const auto& answers = session->second.answers;
    const uint64_t newest = answers.empty() ? session->second.first_unanswered
                                            : answers.rbegin()->first;
    // A new one mostly; else one that may be known, forgotten or skipped.
    stamp.sequence =
        random_.OneIn(3) ? 1 + random_.Uniform(newest + 2) : newest + 1;
    if (random_.OneIn(3)) {
      stamp.first_unanswered = random_.OneIn(2)
                                   ? stamp.sequence
                                   : 1 + random_.Uniform(stamp.sequence);
    }
  }
  return stamp;
}

CommandBody EntryMaker::Body(EntryId id, const ModelState& state) {
  const uint64_t choice = random_.Uniform(100);
  if (choice < 70) return Write(state);
  if (choice < 77) return OpenSessionCommand{};
  if (choice < 80) return CloseSessionCommand{Session(state)};
  const std::string_view family =
      kFamilyNames[random_.Uniform(kFamilyNames.size())];
  if (choice < 85) return CreateFamilyCommand{family};
  if (choice < 88) return DropFamilyCommand{family};
  if (choice < 95) {
    const EntryId truncated = state.progress.truncated;
    if (random_.OneIn(8)) return CompactLogCommand{id.index + 1, id.term};
    if (random_.OneIn(8)) return CompactLogCommand{id.index, id.term + 1};
    const uint64_t index =
        1 + truncated.index.value() / 2 +
        random_.Uniform(id.index.value() - truncated.index.value() / 2);
    return CompactLogCommand{LogIndex(index),
                             Term(1 + random_.Uniform(id.term.value()))};
  }
  if (random_.OneIn(4)) return AuditCommand{ReplicaId(1), random_.Next()};
  return SetMemberCommand{
      .replica = ReplicaId(1 + random_.Uniform(5)),
      .store_id = random_.Uniform(3),
      .name =
          Keep(random_.OneIn(4) ? "" : absl::StrCat("n", random_.Uniform(3))),
      .address = Value().substr(0, 100)};
}

std::string EntryMaker::Payload(EntryId id, const ModelState& state) {
  EntryEncoder encoder;
  texts_.clear();
  for (uint64_t n = random_.Uniform(5); n > 0; --n) {
    Command command{.stamp = std::nullopt, .body = Body(id, state)};
    if (!std::holds_alternative<OpenSessionCommand>(command.body) &&
        !std::holds_alternative<CloseSessionCommand>(command.body) &&
        random_.OneIn(3)) {
      command.stamp = Stamp(state);
    }
    const absl::Status status = encoder.Add(command);
    TRIMARAN_CHECK(status.ok()) << status.ToString();
  }
  return encoder.Take();
}

ConfState EntryMaker::Configuration() {
  ConfState conf;
  const uint64_t sure = 1 + random_.Uniform(5);
  for (uint64_t replica = 1; replica <= 5; ++replica) {
    if (replica == sure || random_.OneIn(2)) {
      conf.voters.push_back(ReplicaId(replica));
    } else if (random_.OneIn(2)) {
      conf.learners.push_back(ReplicaId(replica));
    }
  }
  return conf;
}

CommittedEntry EntryMaker::Entry(EntryId id, const ModelState& state) {
  CommittedEntry made;
  made.entry.index = id.index;
  made.entry.term = id.term;
  if (random_.OneIn(20)) {
    made.entry.type = EntryType::kConfChange;
    made.entry.payload = trimaran::Payload("a change");
    made.conf = Configuration();
  } else {
    made.entry.payload = trimaran::Payload(Payload(id, state));
  }
  return made;
}

std::vector<CommittedEntry> EntryMaker::Batch(const ModelState& state) {
  std::vector<CommittedEntry> entries;
  EntryId id = state.progress.applied.id;
  if (id.term == Term()) id.term = Term(1);
  for (uint64_t n = 1 + random_.Uniform(4); n > 0; --n) {
    id.index = id.index + 1;
    if (random_.OneIn(10)) id.term = id.term + 1;
    entries.push_back(Entry(id, state));
  }
  return entries;
}

}  // namespace trimaran::engine
