#include <errno.h>
#include <sys/socket.h>

#include <utility>

#include "replication/tcp/byte_stream.h"

namespace trimaran {
namespace {

IoResult FromErrno(IoResult::Kind when_blocked) {
  const int error = errno;
  if (error == EAGAIN || error == EINTR) return {.kind = when_blocked};
  return {.kind = IoResult::Kind::kFailed,
          .error = SocketError("the connection broke", error)};
}

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const override { return socket_.get(); }
  bool writes_on_any_thread() const override { return true; }
  IoResult Handshake() override { return {}; }
  bool HasPending() const override { return false; }
  std::vector<std::string> PeerNames() const override { return {}; }

  IoResult Read(absl::Span<char> space) override {
    const ssize_t count = ::recv(fd(), space.data(), space.size(), 0);
    if (count > 0) return {.bytes = static_cast<size_t>(count)};
    if (count == 0) return {.kind = IoResult::Kind::kEnd};
    return FromErrno(IoResult::Kind::kWaitReadable);
  }

  IoResult Write(absl::Span<const iovec> parts) override {
    msghdr message = {};
    // The system only reads them.
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    const ssize_t count = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (count >= 0) return {.bytes = static_cast<size_t>(count)};
    return FromErrno(IoResult::Kind::kWaitWritable);
  }

  void EndWriting() override { ::shutdown(fd(), SHUT_WR); }

 private:
  const UniqueFd socket_;
};

}  // namespace

std::unique_ptr<ByteStream> MakePlainStream(UniqueFd socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace trimaran
