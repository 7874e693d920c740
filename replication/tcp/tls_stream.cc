#include "replication/tcp/tls_stream.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace trimaran {
namespace {

// What one record of TLS holds.
constexpr size_t kRecordBytes = size_t{16} << 10;

// ---- The socket, as OpenSSL sees it ----
// Its own would let a peer that has closed end the process by a signal.

struct SocketEnd {
  int fd = -1;
  int error = 0;
  bool ended = false;
};

SocketEnd& EndOf(BIO* bio) {
  return *static_cast<SocketEnd*>(BIO_get_data(bio));
}

int WriteSocket(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  SocketEnd& end = EndOf(bio);
  const ssize_t count =
      ::send(end.fd, data, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (count >= 0) return static_cast<int>(count);
  end.error = errno;
  if (end.error == EAGAIN || end.error == EINTR) BIO_set_retry_write(bio);
  return -1;
}

int ReadSocket(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  SocketEnd& end = EndOf(bio);
  const ssize_t count = ::recv(end.fd, data, static_cast<size_t>(size), 0);
  if (count > 0) return static_cast<int>(count);
  end.error = count == 0 ? 0 : errno;
  end.ended = count == 0;
  if (count < 0 && (end.error == EAGAIN || end.error == EINTR)) {
    BIO_set_retry_read(bio);
  }
  return count == 0 ? 0 : -1;
}

long ControlSocket(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return EndOf(bio).ended ? 1 : 0;
    default:
      return 0;
  }
}

// One for the life of the process.
const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                                    "trimaran socket");
    BIO_meth_set_write(made, WriteSocket);
    BIO_meth_set_read(made, ReadSocket);
    BIO_meth_set_ctrl(made, ControlSocket);
    return made;
  }();
  return method;
}

// ---- The stream ----

class TlsStream final : public ByteStream {
 public:
  TlsStream(std::shared_ptr<const TlsContext> context, UniqueFd socket,
            SSL* ssl, BIO* bio)
      : context_(std::move(context)), socket_(std::move(socket)), ssl_(ssl) {
    end_.fd = socket_.get();
    BIO_set_data(bio, &end_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
  }
  ~TlsStream() override { SSL_free(ssl_); }

  int fd() const override { return socket_.get(); }
  // OpenSSL wants one thread at a time.
  bool writes_on_any_thread() const override { return false; }
  bool HasPending() const override { return SSL_has_pending(ssl_) == 1; }

  IoResult Handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) return {};
    IoResult failed = Explain(result);
    if (failed.kind == IoResult::Kind::kEnd) {
      failed.kind = IoResult::Kind::kFailed;
      failed.error = absl::UnavailableError(
          "the other side has closed instead of speaking TLS");
    }
    return failed;
  }

  IoResult Read(absl::Span<char> space) override {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_read_ex(ssl_, space.data(), space.size(), &count);
    if (result == 1) return {.kind = IoResult::Kind::kDone, .bytes = count};
    return Explain(result);
  }

  IoResult Write(absl::Span<const iovec> parts) override {
    // What was refused has to be offered again, unchanged.
    if (record_.empty()) FillRecord(parts);
    ERR_clear_error();
    size_t count = 0;
    const int result =
        SSL_write_ex(ssl_, record_.data(), record_.size(), &count);
    if (result != 1) return Explain(result);
    record_.erase(0, count);
    return {.kind = IoResult::Kind::kDone, .bytes = count};
  }

  void EndWriting() override {
    ERR_clear_error();
    // Says so, as far as there is room; nobody waits for it.
    if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
    ERR_clear_error();
    ::shutdown(fd(), SHUT_WR);
  }

  std::vector<std::string> PeerNames() const override {
    return UriNames(SSL_get0_peer_certificate(ssl_));
  }

 private:
  void FillRecord(absl::Span<const iovec> parts) {
    for (const iovec& part : parts) {
      if (record_.size() == kRecordBytes) return;
      record_.append(static_cast<const char*>(part.iov_base),
                     std::min(part.iov_len, kRecordBytes - record_.size()));
    }
  }

  IoResult Explain(int result) {
    IoResult explained;
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
        explained.kind = IoResult::Kind::kWaitReadable;
        return explained;
      case SSL_ERROR_WANT_WRITE:
        explained.kind = IoResult::Kind::kWaitWritable;
        return explained;
      case SSL_ERROR_ZERO_RETURN:
        explained.kind = IoResult::Kind::kEnd;
        return explained;
      case SSL_ERROR_SYSCALL:
        explained.kind =
            end_.ended ? IoResult::Kind::kEnd : IoResult::Kind::kFailed;
        explained.error = SocketError("the connection broke", end_.error);
        return explained;
      default:
        explained.kind = IoResult::Kind::kFailed;
        explained.error = TakeTlsError("TLS");
        break;
    }
    const long verified = SSL_get_verify_result(ssl_);
    if (verified != X509_V_OK) {
      explained.error = absl::PermissionDeniedError(
          absl::StrCat(explained.error.message(), ": ",
                       X509_verify_cert_error_string(verified)));
    }
    return explained;
  }

  const std::shared_ptr<const TlsContext> context_;
  const UniqueFd socket_;
  SocketEnd end_;
  SSL* const ssl_;
  // What has been offered to OpenSSL and not been taken yet.
  std::string record_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteStream>> MakeTlsStream(
    std::shared_ptr<const TlsContext> context, UniqueFd socket,
    StreamFactory::Side side) {
  ERR_clear_error();
  SSL* const ssl = SSL_new(context->get());
  BIO* const bio = ssl == nullptr ? nullptr : BIO_new(SocketMethod());
  if (bio == nullptr) {
    SSL_free(ssl);
    return TakeTlsError("no TLS");
  }
  if (side == StreamFactory::Side::kDialler) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
  return std::make_unique<TlsStream>(std::move(context), std::move(socket), ssl,
                                     bio);
}

}  // namespace trimaran
