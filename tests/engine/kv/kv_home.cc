#include "tests/engine/kv/kv_home.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"

namespace trimaran::engine {
namespace {

std::string MakeDirectory() {
  std::string pattern = testing::TempDir() + "/trimaran_kv_XXXXXX";
  TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  return pattern;
}

void Append(const RowIterator& rows, std::string& out) {
  absl::StrAppend(&out, out.empty() ? "" : " ", ToAbsl(rows.key()), "=",
                  ToAbsl(rows.value()));
}

}  // namespace

KvHome::KvHome() : path_(MakeDirectory()) {
  options_.home = path_;
  options_.store = StoreId(77);
  options_.cache_bytes = uint64_t{16} << 20;
  options_.clock = &clock_;
  options_.files = &files_;
  InitialState initial;
  initial.region.conf.voters = {ReplicaId(1)};
  auto machine = WtStateMachine::Create(options_, initial);
  TRIMARAN_CHECK(machine.ok()) << machine.status();
  machine_ = *std::move(machine);
}

KvHome::KvHome(CopyOf original)
    : path_(MakeDirectory()), options_(original.home.options_) {
  std::filesystem::copy(original.home.path_, path_);
  options_.home = path_;
  options_.clock = &clock_;
  options_.files = &files_;
}

KvHome::~KvHome() {
  machine_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::Status KvHome::TryOpen(uint64_t generation) {
  machine_.reset();
  auto machine = WtStateMachine::Open(options_, generation);
  if (!machine.ok()) return machine.status();
  machine_ = *std::move(machine);
  return machine_->RemoveLeftovers(others_);
}

void KvHome::Reopen(uint64_t generation) {
  const absl::Status status = TryOpen(generation);
  TRIMARAN_CHECK(status.ok()) << status;
}

std::vector<std::string> KvHome::Files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

CommittedEntry LogMaker::Entry(const std::vector<Command>& commands) {
  ++last_;
  EntryEncoder encoder;
  for (const Command& command : commands) {
    const absl::Status added = encoder.Add(command);
    TRIMARAN_CHECK(added.ok()) << added;
  }
  return {{last_, term_, EntryType::kNormal,
           commands.empty() ? Payload() : Payload(encoder.Take())},
          std::nullopt};
}

CommittedEntry LogMaker::Conf(const ConfState& conf) {
  ++last_;
  return {{last_, term_, EntryType::kConfChange, Payload("a change")}, conf};
}

WriteCommand Put(std::string_view key, std::string_view value) {
  return Batch({PutOp{kDefaultFamily, key, value}});
}
WriteCommand Delete(std::string_view key) {
  return Batch({DeleteOp{kDefaultFamily, key}});
}
WriteCommand DeleteRange(std::string_view begin, std::string_view end) {
  return Batch({DeleteRangeOp{kDefaultFamily, begin, end}});
}
WriteCommand Read(std::string_view key) {
  return Batch({GetOp{kDefaultFamily, key}});
}
WriteCommand Batch(std::vector<Operation> operations) {
  return {{}, std::move(operations), {}};
}

std::vector<CommandResult> ApplyAll(
    StateMachine& machine, const std::vector<CommittedEntry>& entries) {
  std::vector<CommandResult> all;
  absl::Span<const CommittedEntry> rest(entries);
  while (!rest.empty()) {
    auto results = machine.Apply(rest);
    EXPECT_TRUE(results.ok()) << results.status();
    if (!results.ok()) return all;
    for (EntryResult& result : *results) {
      for (CommandResult& command : result.commands) {
        all.push_back(std::move(command));
      }
    }
    rest.remove_prefix(results->size());
  }
  return all;
}

CommandResult ApplyOne(StateMachine& machine, const CommittedEntry& entry) {
  std::vector<CommandResult> results = ApplyAll(machine, {entry});
  EXPECT_EQ(results.size(), 1u);
  return results.empty() ? CommandResult() : std::move(results.front());
}

std::string ValueOf(const StateMachine& machine, std::string_view key,
                    FamilyId family) {
  std::string value;
  const absl::StatusOr<bool> found = machine.Get(family, key, value);
  if (!found.ok()) return found.status().ToString();
  return *found ? value : "(none)";
}

Stream ReadExport(StateExport& state) {
  Stream stream;
  StateRecord record;
  while (true) {
    const absl::StatusOr<bool> more = state.Next(record);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return stream;
    stream.emplace_back(record.key, record.value);
  }
}

Stream ExportOf(StateMachine& machine) {
  const auto state = machine.NewExport();
  EXPECT_TRUE(state.ok()) << state.status();
  return state.ok() ? ReadExport(**state) : Stream();
}

std::string Forward(RowIterator& rows) {
  std::string out;
  for (; rows.valid(); rows.Next()) Append(rows, out);
  EXPECT_TRUE(rows.status().ok()) << rows.status();
  return out;
}

std::string Backward(RowIterator& rows) {
  std::string out;
  for (; rows.valid(); rows.Prev()) Append(rows, out);
  EXPECT_TRUE(rows.status().ok()) << rows.status();
  return out;
}

}  // namespace trimaran::engine
