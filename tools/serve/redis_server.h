#ifndef TRIMARAN_TOOLS_SERVE_REDIS_SERVER_H_
#define TRIMARAN_TOOLS_SERVE_REDIS_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"
#include "tools/serve/client_connection.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/counters.h"
#include "tools/serve/listening_port.h"
#include "tools/serve/settings.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// The port for clients, and all that are connected to it.
//
// Thread: the loop's, but for the constructor; destroyed when the loop is
// stopped.
class RedisServer final : public ServerFacts, public ClientLoop::Listener {
 public:
  struct Parts {
    ClientLoop& loop;
    JobRunner& runner;
    DB& db;
    Counters& counters;
    const Clock& clock;
    const Settings& settings;
  };

  // What is in `parts` outlives this.
  RedisServer(const Parts& parts, OpenPort port);
  ~RedisServer() override;

  void Start();
  // Takes no clients any more, and begins nothing for those that there are.
  void Drain();
  // After Drain: runs `answered` once, when all answers have left.
  void WhenAnswered(absl::AnyInvocable<void()> answered);
  // Closes all connections. When the loop is stopped.
  void CloseAll() { clients_.clear(); }

  // ---- ServerFacts ----
  bool PasswordIs(std::string_view password) override;
  bool needs_password() const override;
  std::string Info(std::string_view section) override;
  std::string ClientList() override;
  std::string ClientLine(uint64_t id) override;
  std::vector<std::pair<std::string, std::string>> Config() override;
  ReplicaStatus Status() override;

 private:
  void OnReady(ClientLoop::Ready ready) override;
  void Accept();
  void Add(UniqueFd socket);
  void Refuse(const UniqueFd& socket);
  void Remove(uint64_t id);
  void Sweep();
  std::string LineOf(const ClientConnection& client) const;

  const Parts parts_;
  const ConnectionHost host_;
  OpenPort port_;
  std::unique_ptr<ClientLoop::Watch> watch_;
  const MonotonicTime started_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::shared_ptr<ClientConnection>> clients_;
  bool draining_ = false;
  bool waiting_for_room_ = false;
  uint64_t commands_before_ = 0;
  uint64_t commands_per_second_ = 0;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_REDIS_SERVER_H_
