#include "tests/engine/conformance/state_comparison.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "tests/engine/conformance/view_comparison.h"

namespace trimaran::engine {
namespace {

constexpr size_t kNotesMax = 30;
constexpr size_t kViewsMax = 3;

std::string Describe(const AppliedState& state) {
  return absl::StrCat("applied ", state.applied.id.index.value(), "/",
                      state.applied.id.term.value(), " chain ",
                      state.applied.chain.value, " truncated ",
                      state.truncated.index.value(), "/",
                      state.truncated.term.value());
}

std::string Describe(const CommandResult& result) {
  std::string text = absl::StrCat(
      absl::StatusCodeToString(result.status.code()),
      result.succeeded ? "" : " failed", result.repeated ? " repeated" : "",
      " index ", result.index.value(), " value ", result.value,
      result.reads_dropped ? " reads dropped" : "", " reads");
  for (const auto& read : result.reads) {
    absl::StrAppend(&text, read ? absl::StrCat(" '", *read, "'") : " -");
  }
  return text;
}

std::string Describe(const RegionState& region) {
  std::string text =
      absl::StrCat("epoch ", region.epoch.conf_version, ".",
                   region.epoch.version, " ", region.conf.DebugString());
  for (const auto& [replica, record] : region.members) {
    absl::StrAppend(&text, " ", replica.value(), "=", record.store.value(), ",",
                    record.name, ",", record.address);
  }
  return text;
}

using Record = std::pair<std::string, std::string>;

std::string Describe(const Record& record) {
  const auto key = DecodeKey(record.first);
  return absl::StrCat(key.ok() ? DebugString(*key) : key.status().ToString(),
                      " = ", absl::CHexEscape(record.second));
}

std::vector<Record> Drain(StateExport& from, absl::Status& status) {
  std::vector<Record> records;
  StateRecord record;
  while (true) {
    const auto more = from.Next(record);
    if (!more.ok() || !*more) {
      status = more.status();
      return records;
    }
    records.emplace_back(record.key, record.value);
  }
}

}  // namespace

StateComparison::StateComparison(StateSubject& subject, uint64_t seed)
    : subject_(subject),
      seed_(seed),
      random_(seed),
      maker_(random_),
      disk_({.group = StateSubject::kGroup,
             .generation = StateSubject::kFirstGeneration,
             .state = {}}) {}

void StateComparison::Note(std::string text) {
  notes_.push_back(absl::StrCat(steps_, ": ", text));
  if (notes_.size() > kNotesMax) notes_.erase(notes_.begin());
}

absl::Status StateComparison::Different(std::string_view what) const {
  return absl::InternalError(absl::StrCat("seed ", seed_, ", step ", steps_,
                                          ": ", ToAbsl(what), "\n",
                                          absl::StrJoin(notes_, "\n")));
}

absl::Status StateComparison::CompareStatus(
    std::string_view what, const absl::Status& status,
    const absl::Status& expected) const {
  if (status.code() == expected.code()) return absl::OkStatus();
  return Different(absl::StrCat(ToAbsl(what), ": ", status.ToString(),
                                ", expected ", expected.ToString()));
}

absl::Status StateComparison::Open() {
  auto opened = subject_.Open(generation_);
  if (!opened.ok()) return Different(opened.status().ToString());
  real_ = *std::move(opened);
  if (real_->generation() != generation_) return Different("generation");
  return absl::OkStatus();
}

absl::Status StateComparison::Start() {
  model_ = std::make_unique<ModelStateMachine>(disk_, generation_);
  TRIMARAN_RETURN_IF_ERROR(Open());
  return CompareAll();
}

absl::Status StateComparison::Run(int steps) {
  TRIMARAN_RETURN_IF_ERROR(Start());
  for (int i = 0; i < steps; ++i) {
    ++steps_;
    TRIMARAN_RETURN_IF_ERROR(Step());
  }
  return CompareAll();
}

absl::Status StateComparison::Step() {
  const uint64_t choice = random_.Uniform(100);
  if (choice < 45) return StepApply();
  if (choice < 48) return StepBadApply();
  if (choice < 65) return StepRead();
  if (choice < 85) return StepView();
  if (choice < 92) return StepCheckpoint();
  if (choice < 95) return StepStop();
  if (choice < 97) return StepExport();
  return StepImport();
}

// ---- Applying ----

absl::Status StateComparison::StepApply() {
  TRIMARAN_RETURN_IF_ERROR(Apply(maker_.Batch(model_->state())));
  return random_.OneIn(10) ? CompareAll() : absl::OkStatus();
}

absl::Status StateComparison::Apply(
    const std::vector<CommittedEntry>& entries) {
  Note(absl::StrCat("apply ", entries.size()));
  absl::Span<const CommittedEntry> rest(entries);
  do {
    // Which may take the first ones only, and then the others.
    const auto results = real_->Apply(rest);
    const size_t taken = results.ok() ? results->size() : rest.size();
    if (taken == 0 && !rest.empty()) return Different("nothing is applied");
    const auto expected = model_->Apply(rest.first(taken));
    TRIMARAN_RETURN_IF_ERROR(
        CompareStatus("apply", results.status(), expected.status()));
    if (!expected.ok()) return absl::OkStatus();
    TRIMARAN_RETURN_IF_ERROR(CompareResults(*results, *expected));
    rest.remove_prefix(taken);
  } while (!rest.empty());
  if (real_->applied() == model_->applied()) return absl::OkStatus();
  return Different(absl::StrCat(Describe(real_->applied()), ", expected ",
                                Describe(model_->applied())));
}

absl::Status StateComparison::CompareResults(
    const std::vector<EntryResult>& results,
    const std::vector<EntryResult>& expected) const {
  if (results.size() != expected.size()) return Different("results' number");
  for (size_t i = 0; i < results.size(); ++i) {
    const auto& commands = results[i].commands;
    if (results[i].index != expected[i].index ||
        commands.size() != expected[i].commands.size() ||
        results[i].audits != expected[i].audits) {
      return Different(
          absl::StrCat("results of entry ", expected[i].index.value()));
    }
    for (size_t j = 0; j < commands.size(); ++j) {
      const std::string answer = Describe(commands[j]);
      const std::string right = Describe(expected[i].commands[j]);
      if (answer == right) continue;
      return Different(absl::StrCat("command ", j, " of entry ",
                                    expected[i].index.value(), ": ", answer,
                                    ", expected ", right));
    }
  }
  return absl::OkStatus();
}

absl::Status StateComparison::StepBadApply() {
  std::vector<CommittedEntry> entries = maker_.Batch(model_->state());
  CommittedEntry& changed = entries[random_.Uniform(entries.size())];
  switch (random_.Uniform(4)) {
    case 0:
      changed.entry.index = changed.entry.index + 1;
      break;
    case 1:
      changed.entry.index = changed.entry.index - 1;
      break;
    case 2:
      changed.entry.term = Term(model_->applied().applied.id.term.value() / 2);
      break;
    default:
      changed.entry.type = EntryType::kConfChange;
      changed.conf.reset();
      break;
  }
  return Apply(entries);
}

// ---- Reading ----

absl::Status StateComparison::CompareAll() {
  if (real_->applied() != model_->applied()) {
    return Different(absl::StrCat(Describe(real_->applied()), ", expected ",
                                  Describe(model_->applied())));
  }
  if (real_->durable() != model_->durable()) {
    return Different(absl::StrCat("durable ", Describe(real_->durable()),
                                  ", expected ", Describe(model_->durable())));
  }
  if (real_->region() != model_->region()) {
    return Different(absl::StrCat(Describe(real_->region()), ", expected ",
                                  Describe(model_->region())));
  }
  if (real_->families() != model_->families()) return Different("families");
  TRIMARAN_RETURN_IF_ERROR(
      CompareStatus("failure", real_->failure(), model_->failure()));
  TRIMARAN_ASSIGN_OR_RETURN(const auto real, real_->NewView());
  TRIMARAN_ASSIGN_OR_RETURN(const auto expected, model_->NewView());
  const absl::Status rows =
      CompareAllRows({*real, *expected}, model_->families());
  return rows.ok() ? rows : Different(ToStd(rows.message()));
}

absl::Status StateComparison::StepRead() {
  const FamilyId family = maker_.Family(model_->state());
  std::string key(maker_.Key());
  if (family == kDefaultFamily && random_.OneIn(10)) key.resize(2000, 'x');
  if (family == kDefaultFamily && random_.OneIn(10)) key.clear();
  std::string value;
  std::string expected_value;
  const auto found = real_->Get(family, key, value);
  const auto expected = model_->Get(family, key, expected_value);
  TRIMARAN_RETURN_IF_ERROR(
      CompareStatus("get", found.status(), expected.status()));
  if (!expected.ok()) return absl::OkStatus();
  if (*found == *expected && (!*found || value == expected_value)) {
    return absl::OkStatus();
  }
  return Different(absl::StrCat("get of family ", family.value(), ": ", *found,
                                " '", value, "', expected ", *expected, " '",
                                expected_value, "'"));
}

absl::Status StateComparison::StepView() {
  if (views_.size() == kViewsMax || (!views_.empty() && random_.OneIn(10))) {
    views_.erase(views_.begin() +
                 static_cast<ptrdiff_t>(random_.Uniform(views_.size())));
  }
  if (views_.empty() || random_.OneIn(5)) {
    Views views;
    TRIMARAN_ASSIGN_OR_RETURN(views.model, model_->NewView());
    TRIMARAN_ASSIGN_OR_RETURN(views.real, real_->NewView());
    views_.push_back(std::move(views));
  }
  const Views& views = views_[random_.Uniform(views_.size())];
  const absl::Status status =
      CompareRead({*views.real, *views.model}, maker_.Family(model_->state()),
                  maker_, random_);
  return status.ok() ? status : Different(ToStd(status.message()));
}

// ---- Durability ----

absl::Status StateComparison::StepCheckpoint() {
  if (random_.OneIn(3)) {
    Note("collect garbage");
    return CompareStatus("collect garbage",
                         real_->CollectGarbage(random_.Uniform(5)).status(),
                         absl::OkStatus());
  }
  Note("checkpoint");
  const auto expected = model_->Checkpoint();
  const auto written = real_->Checkpoint();
  TRIMARAN_RETURN_IF_ERROR(
      CompareStatus("checkpoint", written.status(), expected.status()));
  if (*written == *expected && real_->durable() == *expected) {
    return absl::OkStatus();
  }
  return Different(absl::StrCat("checkpoint of ", Describe(*written),
                                ", expected ", Describe(*expected)));
}

absl::Status StateComparison::StepStop() {
  if (random_.OneIn(3)) return Crash();
  Note("close");
  views_.clear();
  // What a machine that is closed in order makes durable is its own affair.
  TRIMARAN_RETURN_IF_ERROR(model_->Checkpoint().status());
  TRIMARAN_RETURN_IF_ERROR(real_->Checkpoint().status());
  subject_.Close(std::move(real_));
  model_ = std::make_unique<ModelStateMachine>(disk_, model_->generation());
  TRIMARAN_RETURN_IF_ERROR(Open());
  return CompareAll();
}

absl::Status StateComparison::Crash() {
  Note("crash");
  ++crashes_;
  views_.clear();
  subject_.Crash(std::move(real_), random_);
  TRIMARAN_RETURN_IF_ERROR(Open());
  const SharedModelState under_way = disk_.under_way();
  const bool kept =
      under_way != nullptr && under_way->progress == real_->applied();
  disk_.Crash(kept ? ModelStateDisk::UnderWay::kKept
                   : ModelStateDisk::UnderWay::kLost);
  model_ = std::make_unique<ModelStateMachine>(disk_, model_->generation());
  return CompareAll();
}

// ---- Snapshots ----

absl::Status StateComparison::CompareExports(StateExport& real,
                                             StateExport& expected) {
  if (real.position() != expected.position() ||
      real.conf() != expected.conf()) {
    return Different("position of an export");
  }
  absl::Status status;
  const auto records = Drain(real, status);
  if (!status.ok()) return Different(status.ToString());
  const auto right = Drain(expected, status);
  const auto [a, b] =
      std::mismatch(records.begin(), records.end(), right.begin(), right.end());
  if (a == records.end() && b == right.end()) return absl::OkStatus();
  return Different(absl::StrCat(
      "export differs at ", a - records.begin(), " of ", records.size(),
      " and ", right.size(), ": ", a == records.end() ? "end" : Describe(*a),
      ", expected ", b == right.end() ? "end" : Describe(*b)));
}

absl::Status StateComparison::CompareStream() {
  {
    TRIMARAN_ASSIGN_OR_RETURN(const auto expected, model_->NewExport());
    TRIMARAN_ASSIGN_OR_RETURN(const auto real, real_->NewExport());
    TRIMARAN_RETURN_IF_ERROR(CompareExports(*real, *expected));
  }
  return Crash();
}

absl::Status StateComparison::StepExport() {
  Note("export");
  TRIMARAN_ASSIGN_OR_RETURN(const auto expected, model_->NewExport());
  const auto real = real_->NewExport();
  if (!real.ok()) return Different(real.status().ToString());
  if (real_->durable() != model_->durable()) {
    return Different("an export did not make its state durable");
  }
  // It stays what it was.
  if (random_.OneIn(2)) TRIMARAN_RETURN_IF_ERROR(StepApply());
  StateRecord record;
  while (!random_.OneIn(10)) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, expected->Next(record));
    if (!more) break;
  }
  // Behind a record, or between two, or at the beginning.
  if (!record.key.empty()) {
    std::string key(record.key);
    if (random_.OneIn(2)) key += '\0';
    TRIMARAN_RETURN_IF_ERROR(expected->SkipTo(key));
    TRIMARAN_RETURN_IF_ERROR(
        CompareStatus("skip", (*real)->SkipTo(key), absl::OkStatus()));
  }
  return CompareExports(**real, *expected);
}

// Another replica, which is ahead, sends its state.
absl::Status StateComparison::StepImport() {
  ModelStateDisk donor_disk({.group = StateSubject::kGroup,
                             .generation = 1,
                             .state = model_->state()});
  ModelStateMachine donor(donor_disk, 1);
  for (uint64_t n = 1 + random_.Uniform(5); n > 0; --n) {
    TRIMARAN_RETURN_IF_ERROR(donor.Apply(maker_.Batch(donor.state())).status());
  }
  TRIMARAN_ASSIGN_OR_RETURN(const auto from, donor.NewExport());
  Import import;
  TRIMARAN_ASSIGN_OR_RETURN(import.model, model_->NewImport());
  auto real = real_->NewImport();
  if (!real.ok()) return Different(real.status().ToString());
  import.real = *std::move(real);
  const uint64_t generation = import.real->generation();
  Note(absl::StrCat("import ", from->position().id.index.value(), " as ",
                    generation));
  if (generation <= generation_) return Different("generation used again");
  TRIMARAN_RETURN_IF_ERROR(Fill(import, *from));
  if (random_.OneIn(5)) {
    Note("given up");
    import = {};
    return random_.OneIn(2) ? Crash() : CompareAll();
  }
  return FinishImport(import, from->position());
}

absl::Status StateComparison::Fill(Import& import, StateExport& from) {
  StateRecord record;
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, from.Next(record));
    if (!more) return absl::OkStatus();
    StateRecord added = record;
    if (random_.OneIn(50)) added.key = "";
    const absl::Status expected = import.model->Add(added);
    TRIMARAN_RETURN_IF_ERROR(
        CompareStatus("record", import.real->Add(added), expected));
    if (expected.ok()) continue;
    TRIMARAN_RETURN_IF_ERROR(import.model->Add(record));
    TRIMARAN_RETURN_IF_ERROR(
        CompareStatus("record", import.real->Add(record), absl::OkStatus()));
  }
}

absl::Status StateComparison::FinishImport(Import& import,
                                           const LogPosition& position) {
  LogPosition asked = position;
  if (random_.OneIn(5)) asked.chain.value ^= 1;
  // To make the import durable may make the present state durable too.
  TRIMARAN_RETURN_IF_ERROR(model_->BeginCheckpoint());
  const absl::Status expected = import.model->Finish(asked);
  TRIMARAN_RETURN_IF_ERROR(
      CompareStatus("finish", import.real->Finish(asked), expected));
  if (real_->durable() == model_->applied()) {
    TRIMARAN_RETURN_IF_ERROR(model_->FinishCheckpoint().status());
  }
  const uint64_t imported = import.model->generation();
  const uint64_t generation = import.real->generation();
  import = {};
  if (!expected.ok()) return CompareAll();
  const uint64_t choice = random_.Uniform(4);
  // The switch of the log did not happen.
  if (choice == 0) return Crash();
  ++switches_;
  generation_ = generation;
  if (choice == 1) {
    // It did, and nothing more.
    Note("crash before the switch");
    views_.clear();
    subject_.Crash(std::move(real_), random_);
    model_ = std::make_unique<ModelStateMachine>(disk_, imported);
    TRIMARAN_RETURN_IF_ERROR(Open());
    return CompareAll();
  }
  Note("switch");
  TRIMARAN_RETURN_IF_ERROR(model_->SwitchTo(imported));
  TRIMARAN_RETURN_IF_ERROR(
      CompareStatus("switch", real_->SwitchTo(generation), absl::OkStatus()));
  if (real_->generation() != generation) return Different("generation");
  return CompareAll();
}

}  // namespace trimaran::engine
