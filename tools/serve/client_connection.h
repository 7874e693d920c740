#ifndef TRIMARAN_TOOLS_SERVE_CLIENT_CONNECTION_H_
#define TRIMARAN_TOOLS_SERVE_CLIENT_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"
#include "replication/tcp/socket.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/counters.h"
#include "tools/serve/job.h"
#include "tools/serve/resp_parser.h"
#include "tools/serve/session.h"
#include "tools/serve/settings.h"

namespace trimaran::serve {

// What all connections of a server share. All of it outlives them.
struct ConnectionHost {
  ClientLoop& loop;
  JobRunner& runner;
  ServerFacts& facts;
  Counters& counters;
  const Settings& settings;
};

// A client's connection: bytes become commands, jobs of the session are handed
// to the database, and answers become bytes. It is read from only while its
// commands and answers find room, and it has one job at a time.
//
// Thread: the loop's.
class ClientConnection final
    : public std::enable_shared_from_this<ClientConnection>,
      public ClientLoop::Listener {
 public:
  // `closed` is called once, when there is nothing more to be done for it.
  ClientConnection(const ConnectionHost& host, UniqueFd socket,
                   ClientFacts facts, absl::AnyInvocable<void()> closed);
  // Closes.
  ~ClientConnection() override;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  // False: there is no room for it.
  bool Start();
  // Begins nothing more; closes as soon as what was begun is answered.
  void Drain();
  // Closes if it is idle, or does not read, for too long.
  void CheckTime(MonotonicTime now);

  const Session& session() const { return session_; }
  size_t output_bytes() const { return output_.size() - sent_; }
  MonotonicTime since() const { return since_; }
  MonotonicTime last_heard() const { return last_heard_; }
  // All that there was to answer has left.
  bool said_goodbye() const { return saying_goodbye_; }
  bool open() const { return watch_ != nullptr; }

 private:
  void OnReady(ClientLoop::Ready ready) override;
  void OnReadable();
  // Waits for what it can go on with.
  void Wait();
  // Takes commands out of the input, as long as there is room for them.
  void Consume(std::string_view input);
  bool HasRoom() const;
  // Begins the next job, if none is under way.
  void Advance();
  // Goes on with whatever can go on.
  void Pump();
  // There is something to be done that nobody is waiting to do.
  bool CanGoOn() const;
  void Submit(Job job);
  void Flush();
  // Nothing more is said. What was said shall not be lost because the client
  // is still talking.
  void BeginGoodbye();
  void Discard();
  void Close();

  const ConnectionHost host_;
  const UniqueFd socket_;
  absl::AnyInvocable<void()> closed_;
  std::unique_ptr<ClientLoop::Watch> watch_;
  RespParser parser_;
  Session session_;
  // What was read and finds no room yet.
  std::string input_;
  // What is still to be sent begins at sent_.
  std::string output_;
  size_t sent_ = 0;
  // What is waited for.
  bool reading_ = false;
  bool writing_ = false;
  bool end_of_input_ = false;
  bool saying_goodbye_ = false;
  const MonotonicTime since_;
  MonotonicTime last_heard_;
  MonotonicTime last_sent_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CLIENT_CONNECTION_H_
