#include "tests/support/engine/numbered_entries.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/format/command.h"
#include "engine/founding.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kKeys = 60;
// Sessions are numbered from 1 in the order in which they are opened.
constexpr uint64_t kSessionsGuessed = 20;
constexpr uint64_t kFamiliesGuessed = 6;

// Makes commands whose text lives as long as the maker.
class CommandMaker {
 public:
  explicit CommandMaker(SeededRandom random) : random_(random) {}

  Command Next() {
    Command command;
    if (random_.OneIn(3)) command.stamp = Stamp();
    const uint64_t kind = random_.Uniform(40);
    if (kind == 0) {
      command.stamp.reset();
      command.body = OpenSessionCommand{};
    } else if (kind == 1) {
      command.stamp.reset();
      command.body =
          CloseSessionCommand{SessionId(1 + random_.Uniform(kSessionsGuessed))};
    } else if (kind == 2) {
      command.body = CreateFamilyCommand{FamilyName()};
    } else if (kind == 3) {
      command.body = DropFamilyCommand{FamilyName()};
    } else if (kind == 4) {
      command.body = Member();
    } else {
      command.body = Write();
    }
    return command;
  }

 private:
  std::string_view Keep(std::string text) {
    texts_.push_back(std::make_unique<std::string>(std::move(text)));
    return *texts_.back();
  }
  std::string_view Key() {
    return Keep(absl::StrCat("key-", random_.Uniform(kKeys)));
  }
  std::string_view Value() {
    const size_t size =
        random_.OneIn(20) ? random_.Uniform(20000) : random_.Uniform(120);
    std::string value = absl::StrCat(random_.Next(), ":");
    value.resize(std::max(size, value.size()),
                 static_cast<char>('a' + random_.Uniform(26)));
    return Keep(std::move(value));
  }
  std::string_view FamilyName() {
    return Keep(absl::StrCat("family-", random_.Uniform(kFamiliesGuessed)));
  }
  FamilyId Family() {
    return random_.OneIn(4) ? FamilyId(1 + random_.Uniform(kFamiliesGuessed))
                            : kDefaultFamily;
  }
  SessionStamp Stamp() {
    const uint64_t sequence = 1 + random_.Uniform(30);
    return {.session = SessionId(1 + random_.Uniform(kSessionsGuessed)),
            .sequence = sequence,
            .first_unanswered = 1 + random_.Uniform(sequence)};
  }
  SetMemberCommand Member() {
    const uint64_t replica = 1 + random_.Uniform(3);
    return {.replica = ReplicaId(replica),
            .store_id = random_.Uniform(3),
            .name = Keep(absl::StrCat("replica-", replica)),
            .address = Keep(absl::StrCat("host-", random_.Uniform(9)))};
  }
  Operation AnyOperation() {
    const uint64_t kind = random_.Uniform(20);
    if (kind < 12) return PutOp{Family(), Key(), Value()};
    if (kind < 16) return DeleteOp{Family(), Key()};
    if (kind < 18) return GetOp{Family(), Key()};
    std::string_view begin = Key();
    std::string_view end = Key();
    if (end < begin) std::swap(begin, end);
    return DeleteRangeOp{Family(), begin, end};
  }
  Compare AnyCompare() {
    const auto kind = static_cast<CompareKind>(random_.Uniform(3));
    return {.family = Family(),
            .key = Key(),
            .kind = kind,
            .value = kind == CompareKind::kValueEquals ? Value()
                                                       : std::string_view(),
            .version = LogIndex()};
  }
  WriteCommand Write() {
    WriteCommand write;
    if (random_.OneIn(5)) {
      write.compares.push_back(AnyCompare());
      write.otherwise.push_back(AnyOperation());
    }
    const uint64_t count = 1 + random_.Uniform(4);
    for (uint64_t i = 0; i < count; ++i) {
      write.operations.push_back(AnyOperation());
    }
    return write;
  }

  SeededRandom random_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

SeededRandom RandomOf(uint64_t seed, LogIndex index) {
  return SeededRandom(seed * 1000003 + index.value());
}

}  // namespace

LogIndex CompactedBy(uint64_t seed, LogIndex place) {
  const LogIndex first = kBootstrapPosition.index + kNumberedKept + 1;
  if (place < first || !RandomOf(seed, place).OneIn(8)) return LogIndex();
  return place - kNumberedKept;
}

LogEntry NumberedEntry(uint64_t seed, EntryId id, Term compacted_term) {
  EntryEncoder encoder;
  const LogIndex compacted = CompactedBy(seed, id.index);
  if (compacted > LogIndex()) {
    const absl::Status added =
        encoder.Add({.stamp = std::nullopt,
                     .body = CompactLogCommand{compacted, compacted_term}});
    TRIMARAN_CHECK(added.ok()) << added;
  }
  CommandMaker maker(RandomOf(seed, id.index).Fork());
  const uint64_t count = 1 + RandomOf(seed, id.index).Uniform(4);
  for (uint64_t i = 0; i < count; ++i) {
    const absl::Status added = encoder.Add(maker.Next());
    TRIMARAN_CHECK(added.ok()) << added;
  }
  return {.index = id.index,
          .term = id.term,
          .type = EntryType::kNormal,
          .payload = Payload(encoder.Take())};
}

}  // namespace trimaran::engine
