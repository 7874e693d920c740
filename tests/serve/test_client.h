#ifndef TRIMARAN_TESTS_SERVE_TEST_CLIENT_H_
#define TRIMARAN_TESTS_SERVE_TEST_CLIENT_H_

#include <string>
#include <string_view>

#include "replication/tcp/socket.h"

namespace trimaran::serve {

// A blocking connection to a port of this machine, which gives up after ten
// seconds.
//
// Thread: one at a time.
class TestClient {
 public:
  // "127.0.0.1:6379". A small `receive_bytes` makes a client that is slow from
  // the first byte.
  explicit TestClient(const std::string& address, int receive_bytes = 0);

  // False if the other side has closed.
  bool Send(std::string_view bytes);
  // Sends as much as finds room within a short time; how much that was.
  size_t SendSome(std::string_view bytes);
  // As many bytes, or fewer if the connection ends.
  std::string Receive(size_t size);
  // All up to the end of the connection.
  std::string ReceiveAll();
  void EndOutput();

  // Sends, and receives as much as is expected.
  std::string Talk(std::string_view bytes, std::string_view expected) {
    Send(bytes);
    return Receive(expected.size());
  }

 private:
  UniqueFd socket_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TESTS_SERVE_TEST_CLIENT_H_
