#ifndef TRIMARAN_TESTS_SERVE_TALKER_H_
#define TRIMARAN_TESTS_SERVE_TALKER_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/api/test_directory.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/db_job_runner.h"
#include "tools/serve/session.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// A server without ports: one replica, in memory where that is possible.
//
// Thread: any.
class SmallServer final : public ServerFacts {
 public:
  SmallServer();
  ~SmallServer() override;

  DB& db() { return *db_; }
  ClientLoop& loop() { return *loop_; }
  DbJobRunner& runner() { return *runner_; }
  void set_password(std::string password) { password_ = std::move(password); }

  bool PasswordIs(std::string_view password) override;
  bool needs_password() const override { return !password_.empty(); }
  std::string Info(std::string_view section) override;
  std::string ClientList() override { return "list\n"; }
  std::string ClientLine(uint64_t) override { return "line\n"; }
  std::vector<std::pair<std::string, std::string>> Config() override {
    return {{"save", ""}, {"timeout", "0"}};
  }
  ReplicaStatus Status() override { return *db_->admin().GetStatus(); }

 private:
  TestDirectory directory_;
  std::unique_ptr<DB> db_;
  std::unique_ptr<ClientLoop> loop_;
  std::unique_ptr<DbJobRunner> runner_;
  std::string password_;
};

// A client of it: says bytes, and hears all that is answered.
//
// Thread: one at a time.
class Talker {
 public:
  explicit Talker(SmallServer& server, const SessionLimits& limits = {});

  // Whole commands, or lines. The answers, in one piece.
  std::string Say(std::string_view bytes);

  const Session& session() const { return session_; }

 private:
  SmallServer& server_;
  Session session_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TESTS_SERVE_TALKER_H_
