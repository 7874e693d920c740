#ifndef TRIMARAN_TESTS_ENGINE_KV_KV_HOME_H_
#define TRIMARAN_TESTS_ENGINE_KV_KV_HOME_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/file/posix_file_system.h"
#include "engine/kv/wt_state_machine.h"
#include "tests/support/manual_clock.h"

// What the tests of the state machine share: a real home in a directory of its
// own, entries, and a whole state as a value.

namespace trimaran::engine {

// A directory for one state machine, removed with all that is in it.
class KvHome {
 public:
  // Makes a state at the start of a log, of a group of replica 1.
  KvHome();
  // Takes the files of another home as they are at this moment, which is what a
  // killed process would leave, and opens nothing.
  struct CopyOf {
    const KvHome& home;
  };
  explicit KvHome(CopyOf original);
  ~KvHome();
  KvHome(const KvHome&) = delete;
  KvHome& operator=(const KvHome&) = delete;

  // Closes the machine, if one is open, and opens the home again; removes what
  // is left over, other generations included unless keep_others().
  void Reopen(uint64_t generation = 1);
  void keep_others() { others_ = WtStateMachine::OtherGenerations::kKeep; }
  absl::Status TryOpen(uint64_t generation = 1);
  void Close() { machine_.reset(); }

  WtStateMachine& operator*() const { return *machine_; }
  WtStateMachine* operator->() const { return machine_.get(); }

  const std::string& path() const { return path_; }
  // Names of files, sorted.
  std::vector<std::string> Files() const;
  WtStateMachineOptions& options() { return options_; }
  ManualClock& clock() { return clock_; }

 private:
  std::string path_;
  ManualClock clock_;
  PosixFileSystem files_;
  WtStateMachineOptions options_;
  WtStateMachine::OtherGenerations others_ =
      WtStateMachine::OtherGenerations::kDrop;
  std::unique_ptr<WtStateMachine> machine_;
};

inline constexpr GroupId kTestGroup{1};

// ---- Entries ----

// Makes consecutive entries of term 1.
class LogMaker {
 public:
  explicit LogMaker(LogIndex last = LogIndex(), Term term = Term(1))
      : last_(last), term_(term) {}

  CommittedEntry Entry(const std::vector<Command>& commands);
  CommittedEntry Entry(CommandBody body) {
    return Entry({Command{std::nullopt, std::move(body)}});
  }
  CommittedEntry Entry(const SessionStamp& stamp, CommandBody body) {
    return Entry({Command{stamp, std::move(body)}});
  }
  CommittedEntry Empty() { return Entry(std::vector<Command>()); }
  CommittedEntry Conf(const ConfState& conf);

  LogIndex last() const { return last_; }
  void set_term(Term term) { term_ = term; }

 private:
  LogIndex last_;
  Term term_;
};

// Commands on the default family.
WriteCommand Put(std::string_view key, std::string_view value);
WriteCommand Delete(std::string_view key);
WriteCommand DeleteRange(std::string_view begin, std::string_view end);
WriteCommand Read(std::string_view key);
WriteCommand Batch(std::vector<Operation> operations);

// Applies entries, and returns the results of all their commands. The test
// fails if they cannot be applied.
std::vector<CommandResult> ApplyAll(StateMachine& machine,
                                    const std::vector<CommittedEntry>& entries);
// The same for one entry of one command.
CommandResult ApplyOne(StateMachine& machine, const CommittedEntry& entry);

// ---- State ----

// The value of a row of the default family, "(none)", or the error.
std::string ValueOf(const StateMachine& machine, std::string_view key,
                    FamilyId family = kDefaultFamily);

using Stream = std::vector<std::pair<std::string, std::string>>;
// What an export of the present state hands out.
Stream ExportOf(StateMachine& machine);
Stream ReadExport(StateExport& state);

// "k1=v1 k2=v2" of what an iterator visits from where it stands.
std::string Forward(RowIterator& rows);
std::string Backward(RowIterator& rows);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_KV_KV_HOME_H_
