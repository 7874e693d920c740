#ifndef TRIMARAN_TOOLS_SERVE_SERVER_H_
#define TRIMARAN_TOOLS_SERVE_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/serve/settings.h"

namespace trimaran::serve {

// One replica, and its ports for clients and for operators.
//
// Thread: any, one at a time.
class Server {
 public:
  // Opens the ports and the database. An error says which of them; of a port
  // that somebody else listens at, PortIsTaken
  // (listening_port.h).
  static absl::StatusOr<std::unique_ptr<Server>> Start(Settings settings);
  // As Stop does.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "replica=1 redis=127.0.0.1:6379 ...": where it can be reached.
  std::string Ready() const;
  // Where clients reach it, and operators; empty where there is no such port.
  std::string redis_address() const;
  std::string http_address() const;

  // Answers what was begun, hands leadership on, closes the database and then
  // the connections. Returns the first error of the storage.
  absl::Status Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SERVER_H_
