#ifndef TRIMARAN_TOOLS_SERVE_SESSION_STATE_H_
#define TRIMARAN_TOOLS_SERVE_SESSION_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/serve/command.h"
#include "tools/serve/job.h"
#include "tools/serve/reply.h"
#include "trimaran/options.h"
#include "trimaran/status.h"

namespace trimaran::serve {

// What is known of a client, for people.
struct ClientFacts {
  uint64_t id = 0;
  std::string address = {};
  std::string local_address = {};
  std::string name = {};
  std::string library = {};
  std::string library_version = {};
};

// What a connection has been told by its client.
struct SessionState {
  ClientFacts facts = {};
  bool authenticated = false;
  int failed_logins = 0;
  // As asked for, and as it is where nobody asks.
  ReadLevel level = ReadLevel::kLinearizable;
  ReadLevel usual_level = ReadLevel::kLinearizable;
  // Nothing more is answered.
  bool closing = false;

  // ---- MULTI ----
  bool in_multi = false;
  // A command could not be queued, so that there is nothing to EXEC.
  bool multi_broken = false;
  std::vector<KnownCommand> queued = {};
  size_t queued_bytes = 0;
  size_t queued_words = 0;
  std::vector<WatchedKey> watched = {};

  // What the last command wants of the database; it is answered by that.
  std::optional<Job> job = std::nullopt;
};

// What connections are told of the server as a whole.
//
// Thread: the loop's.
class ServerFacts {
 public:
  virtual ~ServerFacts() = default;

  // Nobody needs one if it is empty.
  virtual bool PasswordIs(std::string_view password) = 0;
  virtual bool needs_password() const = 0;
  // "# Server ..."; all sections for an empty name.
  virtual std::string Info(std::string_view section) = 0;
  // A line for each client.
  virtual std::string ClientList() = 0;
  virtual std::string ClientLine(uint64_t id) = 0;
  // Name and value of what Redis' clients ask for.
  virtual std::vector<std::pair<std::string, std::string>> Config() = 0;
  virtual ReplicaStatus Status() = 0;
};

// A command about the connection or the server. Gives one answer, or sets
// `state.job`.
struct SessionCall {
  const Command& command;
  SessionState& state;
  ServerFacts& server;
  Reply& reply;
};

// How many other replicas hold every write that was acknowledged, at least.
size_t OthersWithEveryWrite(const ReplicaStatus& status);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SESSION_STATE_H_
