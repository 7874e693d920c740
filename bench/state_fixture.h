#ifndef TRIMARAN_BENCH_STATE_FIXTURE_H_
#define TRIMARAN_BENCH_STATE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/file/posix_file_system.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"

// The same rows twice: in a state machine, and in a table of WiredTiger's that
// is made with the same settings and used without anything of ours in between.

namespace trimaran::bench {

class TemporaryHome {
 public:
  TemporaryHome();
  ~TemporaryHome();
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr size_t kValueBytes = 100;
// 16 bytes: spread over the whole range, and the same for the same number.
std::string KeyOfNumber(uint64_t number);

using EncodedRow = std::pair<std::string, std::string>;

class StateFixture {
 public:
  // With `rows` rows, numbered from 0, durable.
  explicit StateFixture(size_t rows);

  engine::WtStateMachine& machine() { return *machine_; }
  // An entry of one command for each of the rows.
  engine::CommittedEntry PutEntry(const std::vector<uint64_t>& numbers);

 private:
  // Returns the generation that holds the same rows.
  uint64_t ImportAll();

  TemporaryHome home_;
  MonotonicClock clock_;
  engine::PosixFileSystem files_;
  std::unique_ptr<engine::WtStateMachine> machine_;
  LogIndex last_;
};

// What the state machine's table holds, byte for byte.
std::vector<EncodedRow> EncodedRows(engine::WtStateMachine& machine);

class RawFixture {
 public:
  explicit RawFixture(const std::vector<EncodedRow>& rows);

  wt::Connection& connection() { return *connection_; }
  std::unique_ptr<wt::Session> NewSession();

  // A new table of these rows, durable.
  void BulkLoad(std::string_view table, const std::vector<EncodedRow>& rows);

  static constexpr std::string_view kTable = "raw";

 private:
  TemporaryHome home_;
  std::unique_ptr<wt::Connection> connection_;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_STATE_FIXTURE_H_
