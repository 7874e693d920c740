#ifndef TRIMARAN_TOOLS_SERVE_HTTP_SERVER_H_
#define TRIMARAN_TOOLS_SERVE_HTTP_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"
#include "replication/tcp/io_loop.h"
#include "tools/serve/http_request.h"
#include "tools/serve/listening_port.h"
#include "tools/serve/loop_queue.h"

namespace trimaran::serve {

// Answers requests.
//
// Thread: the loop's.
class HttpHandler {
 public:
  using Done = absl::AnyInvocable<void(HttpResponse)>;

  virtual ~HttpHandler() = default;
  // Does not wait. `done` is called once, on any thread. `from_here`: whoever
  // asks is on this machine.
  virtual void Handle(const HttpRequest& request, bool from_here,
                      Done done) = 0;
};

class HttpConnection;

// A small server of HTTP/1.1: one request a connection, 64 connections at a
// time, ten seconds for a request to come and for an answer to leave.
//
// Thread: the loop's, but for the constructor; destroyed when the loop is
// stopped.
class HttpServer {
 public:
  // All of it outlives this.
  HttpServer(IoLoop& loop, LoopQueue& queue, const Clock& clock,
             HttpHandler& handler, OpenPort port);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void Start();
  // Takes no requests any more.
  void Drain();

 private:
  void WaitForClients();
  void Accept();
  void Add(UniqueFd socket);
  void Sweep();

  IoLoop& loop_;
  LoopQueue& queue_;
  const Clock& clock_;
  HttpHandler& handler_;
  OpenPort port_;
  std::unique_ptr<IoLoop::Watch> watch_;
  IoLoop::Timer sweep_;
  bool accepting_ = false;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::shared_ptr<HttpConnection>> connections_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_HTTP_SERVER_H_
