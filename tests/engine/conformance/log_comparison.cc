#include "tests/engine/conformance/log_comparison.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

constexpr size_t kNotesMax = 30;

ModelLogImage EmptyLog() {
  ModelLogImage image;
  image.generation = LogSubject::kFirstGeneration;
  return image;
}

std::string Describe(EntryId id) {
  return absl::StrCat(id.index.value(), "/", id.term.value());
}

// What both kinds of "not there" are told apart by.
std::string Describe(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()),
                      IsCompacted(status) ? " compacted" : "",
                      IsNotInLog(status) ? " not in log" : "");
}

std::string Describe(const LogState& state) {
  return absl::StrCat(
      "last ", Describe(state.last.id), " chain ", state.last.chain.value,
      " term ", state.hard_state.term.value(), " vote ",
      state.hard_state.vote.value(), " commit ",
      state.hard_state.commit.value(), " generation ", state.generation,
      state.owed ? absl::StrCat(" owed ", Describe(*state.owed)) : "");
}

// All that a log answers after `from`, as text; `from` is not below its
// boundary.
std::string Contents(const LogStore& log, LogIndex from) {
  std::string text = Describe(log.state());
  const LogIndex end = log.state().last.id.index + 1;
  LogIndex next = from + 1;
  while (next < end) {
    const auto entries = log.Entries(next, end, {});
    if (!entries.ok()) return absl::StrCat(text, entries.status().ToString());
    for (const LogEntry& entry : *entries) {
      const auto chain = log.ChainAt(entry.index);
      absl::StrAppend(
          &text, " ", Describe(entry.id()), "=", entry.payload.size(), ":",
          chain.ok() ? absl::StrCat(chain->value) : chain.status().ToString());
    }
    next = entries->back().index + 1;
  }
  return text;
}

}  // namespace

LogComparison::LogComparison(LogSubject& subject, uint64_t seed)
    : subject_(subject), seed_(seed), random_(seed), disk_(EmptyLog()) {}

void LogComparison::Note(std::string text) {
  notes_.push_back(absl::StrCat(steps_, ": ", text));
  if (notes_.size() > kNotesMax) notes_.erase(notes_.begin());
}

absl::Status LogComparison::Different(std::string_view what) const {
  return absl::InternalError(absl::StrCat("seed ", seed_, ", step ", steps_,
                                          ": ", std::string(what), "\n",
                                          absl::StrJoin(notes_, "\n")));
}

absl::Status LogComparison::Open() {
  auto log = subject_.Open();
  if (!log.ok()) return Different(log.status().ToString());
  log_ = *std::move(log);
  return absl::OkStatus();
}

absl::Status LogComparison::Run(int steps) {
  TRIMARAN_RETURN_IF_ERROR(Open());
  model_ = std::make_unique<ModelLogStore>(disk_);
  for (int i = 0; i < steps; ++i) {
    ++steps_;
    TRIMARAN_RETURN_IF_ERROR(Step());
    TRIMARAN_RETURN_IF_ERROR(CompareState());
  }
  return absl::OkStatus();
}

absl::Status LogComparison::Step() {
  if (subject_.power_is_cut()) return StepCrash();
  const uint64_t choice = random_.Uniform(100);
  if (choice < 60) return StepWrite(choice);
  if (choice < 97) return StepRead();
  if (choice < 98) return StepReset();
  return random_.OneIn(2) ? StepCrash() : StepCutPower();
}

absl::Status LogComparison::StepWrite(uint64_t choice) {
  if (choice < 42) return StepAppend();
  if (choice < 47) return StepBadAppend();
  if (choice < 48) return StepBadHardState();
  if (choice < 54) return StepCompact();
  Note("flush");
  return Write([](LogStore& log) { return log.Flush(); });
}

absl::Status LogComparison::Write(
    absl::FunctionRef<absl::Status(LogStore&)> call) {
  const absl::Status status = call(*log_);
  if (subject_.power_is_cut() && !status.ok()) {
    disk_.FailNextWrite(status);
    call(*model_).IgnoreError();
    return StepCrash();
  }
  const absl::Status expected = call(*model_);
  if (status.code() == expected.code()) return absl::OkStatus();
  return Different(
      absl::StrCat(status.ToString(), ", expected ", expected.ToString()));
}

std::vector<LogEntry> LogComparison::MakeEntries(LogIndex first, Term term) {
  const uint64_t count = random_.Uniform(random_.OneIn(10) ? 40 : 5);
  const size_t size_max = random_.OneIn(10) ? 5000 : 60;
  std::vector<LogEntry> entries;
  for (uint64_t i = 0; i < count; ++i) {
    if (random_.OneIn(8)) term = term + random_.Uniform(3);
    std::string payload(random_.Uniform(size_max), '\0');
    for (char& byte : payload) byte = static_cast<char>(random_.Next());
    const EntryType type =
        random_.OneIn(10) ? EntryType::kConfChange : EntryType::kNormal;
    entries.push_back({first + i, term, type, Payload(payload)});
  }
  return entries;
}

// Terms do not fall, and a vote is cast once in a term.
HardState LogComparison::MakeHardState(Term term) {
  HardState hard = model_->state().hard_state;
  if (term > hard.term || random_.OneIn(8)) {
    hard.term = std::max(term, hard.term + 1);
    hard.vote = kNoReplica;
  }
  if (hard.vote == kNoReplica) hard.vote = ReplicaId(random_.Uniform(4));
  hard.commit = std::max(hard.commit, settled_);
  return hard;
}

absl::Status LogComparison::Append(const std::vector<LogEntry>& entries) {
  LogBatch batch{.entries = entries,
                 .hard_state = std::nullopt,
                 .must_sync = random_.OneIn(2)};
  if (random_.OneIn(3)) {
    batch.hard_state = MakeHardState(
        entries.empty() ? model_->state().last.id.term : entries.back().term);
  }
  Note(absl::StrCat("append ", entries.size(), " from ",
                    entries.empty() ? "-" : Describe(entries.front().id()),
                    batch.hard_state ? " hard state" : "",
                    batch.must_sync ? " sync" : ""));
  return Write([&batch](LogStore& log) { return log.Append(batch); });
}

absl::Status LogComparison::StepAppend() {
  const LogIndex last = model_->state().last.id.index;
  LogIndex first = last + 1;
  if (random_.OneIn(5))
    first = settled_ + 1 + random_.Uniform(first - settled_);
  // A batch that replaces entries comes from a later leader.
  const Term term = first <= last ? model_->state().last.id.term + 1
                                  : std::max(Term(1), *model_->TermAt(last));
  return Append(MakeEntries(first, term));
}

absl::Status LogComparison::StepBadAppend() {
  const LogPosition last = model_->state().last;
  std::vector<LogEntry> entries =
      MakeEntries(last.id.index + 1, last.id.term + 1);
  if (entries.empty()) return absl::OkStatus();
  LogEntry& changed = entries[random_.Uniform(entries.size())];
  switch (random_.Uniform(4)) {
    case 0:
      changed.index = changed.index + 1;
      break;
    case 1:
      changed.term = Term(last.id.term.value() / 2);
      break;
    case 2:
      changed.index = LogIndex(random_.Uniform(truncated_.value() + 1));
      break;
    default:
      changed.term = Term();
      break;
  }
  return Append(entries);
}

// Of an older term, or with another vote than before; not always one that must
// be refused, since a first vote is none that changes.
absl::Status LogComparison::StepBadHardState() {
  HardState hard = model_->state().hard_state;
  const ReplicaId vote(random_.Uniform(4));
  if (random_.OneIn(2))
    hard.term = Term(random_.Uniform(hard.term.value() + 1));
  hard.vote = vote;
  const LogPosition last = model_->state().last;
  std::vector<LogEntry> entries;
  if (random_.OneIn(2))
    entries = MakeEntries(last.id.index + 1, last.id.term + 1);
  const LogBatch batch{entries, hard, random_.OneIn(2)};
  Note(absl::StrCat("hard state of term ", hard.term.value(), ", vote ",
                    vote.value()));
  return Write([&batch](LogStore& log) { return log.Append(batch); });
}

absl::Status LogComparison::StepCompact() {
  // What the host knows to be committed, which is synced.
  const LogIndex synced = disk_.durable().last().id.index;
  if (disk_.unsynced() == 0) settled_ = std::max(settled_, synced);
  if (random_.OneIn(2)) {
    truncated_ = truncated_ + random_.Uniform((settled_ - truncated_) + 1);
    Note(absl::StrCat("compact ", truncated_.value()));
    model_->Compact(truncated_);
    log_->Compact(truncated_);
    return absl::OkStatus();
  }
  const LogIndex bound{random_.Uniform(settled_.value() + 1)};
  Note(absl::StrCat("recycle ", bound.value()));
  return Write(
      [bound](LogStore& log) { return log.RecycleStep(bound).status(); });
}

absl::Status LogComparison::StepReset() {
  const LogIndex last = model_->state().last.id.index;
  const LogIndex index = settled_ + random_.Uniform((last - settled_) + 9);
  const Term term = model_->state().last.id.term + 1;
  LogReset reset{{{index, term}, ChainValue{random_.Next()}},
                 MakeHardState(term),
                 model_->state().generation + random_.Uniform(3)};
  reset.hard_state.commit = index;
  if (index == LogIndex()) return absl::OkStatus();
  Note(absl::StrCat("reset ", Describe(reset.position.id), " generation ",
                    reset.generation));
  const uint64_t before = model_->state().generation;
  TRIMARAN_RETURN_IF_ERROR(
      Write([&reset](LogStore& log) { return log.Reset(reset); }));
  if (model_->state().generation != before) settled_ = truncated_ = index;
  return absl::OkStatus();
}

absl::Status LogComparison::StepCutPower() {
  const uint64_t operations = random_.Uniform(12);
  Note(absl::StrCat("power for ", operations, " more operations"));
  subject_.CutPowerAfter(operations);
  return absl::OkStatus();
}

// Power may be cut again while the log is being mended.
absl::Status LogComparison::OpenAfterCrash() {
  while (random_.OneIn(4)) {
    subject_.CutPowerAfter(random_.Uniform(10));
    auto log = subject_.Open();
    if (!log.ok() && !subject_.power_is_cut()) {
      return Different(log.status().ToString());
    }
    Note("crash while opening");
    subject_.Crash(log.ok() ? *std::move(log) : nullptr, random_);
  }
  return Open();
}

absl::Status LogComparison::StepCrash() {
  ++crashes_;
  Note(absl::StrCat("crash with ", disk_.unsynced(), " unsynced"));
  subject_.Crash(std::move(log_), random_);
  TRIMARAN_RETURN_IF_ERROR(OpenAfterCrash());
  // Before the host tells what is compacted, the log may admit to more.
  std::string allowed;
  for (size_t kept = disk_.unsynced() + 1; kept-- > 0;) {
    ModelLogDisk possible(disk_.AfterCrash(kept));
    model_ = std::make_unique<ModelLogStore>(possible);
    model_->Compact(truncated_);
    const LogIndex from = model_->truncated();
    const std::string expected = Contents(*model_, from);
    if (Contents(*log_, from) != expected) {
      absl::StrAppend(&allowed, "\nallowed: ", expected);
      continue;
    }
    disk_.CrashKeeping(kept);
    model_ = std::make_unique<ModelLogStore>(disk_);
    settled_ = truncated_ = from;
    model_->Compact(truncated_);
    log_->Compact(truncated_);
    Note(absl::StrCat("recovered with ", kept));
    return absl::OkStatus();
  }
  return Different(
      absl::StrCat("recovered: ", Contents(*log_, truncated_), allowed));
}

absl::Status LogComparison::StepRead() {
  return random_.OneIn(2) ? ReadEntries() : ReadPlace();
}

absl::Status LogComparison::ReadEntries() {
  const LogIndex last = model_->state().last.id.index;
  const LogIndex first{random_.Uniform(last.value() + 3)};
  const LogIndex end = first + random_.Uniform((last + 3) - first + 1);
  ReadLimits limits;
  if (random_.OneIn(2)) limits.count_max = random_.Uniform(10);
  if (random_.OneIn(2)) limits.bytes_max = random_.Uniform(500);
  const auto expected = model_->Entries(first, end, limits);
  const auto entries = log_->Entries(first, end, limits);
  if (Describe(entries.status()) == Describe(expected.status()) &&
      (!entries.ok() || *entries == *expected)) {
    return absl::OkStatus();
  }
  return Different(absl::StrCat("entries [", first.value(), ", ", end.value(),
                                "): ", entries.status().ToString(),
                                ", expected ", expected.status().ToString(),
                                ", ", entries.ok() ? entries->size() : 0,
                                " for ", expected.ok() ? expected->size() : 0));
}

absl::Status LogComparison::ReadPlace() {
  const LogIndex index{
      random_.Uniform(model_->state().last.id.index.value() + 3)};
  const auto term = log_->TermAt(index);
  const auto chain = log_->ChainAt(index);
  const auto expected_term = model_->TermAt(index);
  const auto expected_chain = model_->ChainAt(index);
  if (Describe(term.status()) != Describe(expected_term.status()) ||
      (term.ok() && *term != *expected_term)) {
    return Different(absl::StrCat("term of ", index.value(), ": ",
                                  term.status().ToString()));
  }
  if (Describe(chain.status()) != Describe(expected_chain.status()) ||
      (chain.ok() && *chain != *expected_chain)) {
    return Different(absl::StrCat("chain of ", index.value(), ": ",
                                  chain.status().ToString()));
  }
  if (index < truncated_) return absl::OkStatus();
  if (log_->TermsAfter(index) != model_->TermsAfter(index)) {
    return Different(absl::StrCat("terms after ", index.value()));
  }
  if (log_->ConfChangesAfter(index) != model_->ConfChangesAfter(index)) {
    return Different(absl::StrCat("changes after ", index.value()));
  }
  return absl::OkStatus();
}

absl::Status LogComparison::CompareState() const {
  const LogState expected = model_->state();
  const LogState state = log_->state();
  // A log gives back space in pieces of its own size, but never too much.
  if (Describe(state) != Describe(expected) ||
      state.boundary.id.index > expected.boundary.id.index) {
    return Different(absl::StrCat(
        Describe(state), " behind ", Describe(state.boundary.id), ", expected ",
        Describe(expected), " behind ", Describe(expected.boundary.id)));
  }
  if (log_->truncated() != model_->truncated()) {
    return Different(absl::StrCat("truncated ", log_->truncated().value(),
                                  ", expected ", model_->truncated().value()));
  }
  return log_->failure();
}

}  // namespace trimaran::engine
