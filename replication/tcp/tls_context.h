#ifndef TRIMARAN_REPLICATION_TCP_TLS_CONTEXT_H_
#define TRIMARAN_REPLICATION_TCP_TLS_CONTEXT_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran {

// Who this replica is and whom it believes, read from files: what the streams
// of both sides are made with. TLS 1.3 alone, both sides with a certificate,
// no resumption: a certificate that is not good any more opens no connection.
//
// Thread: immutable; any.
class TlsContext {
 public:
  // InvalidArgument: a file that cannot be read or is not what it should be, a
  // key that is not that of the certificate, or a certificate without `name`.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Load(
      const TlsCredentials& files, const std::string& name);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_; }
  // When the certificate ends.
  absl::Time expires() const { return expires_; }

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context) {}

  SSL_CTX* const context_;
  absl::Time expires_;
};

// The names of a certificate that are URIs; none for null.
std::vector<std::string> UriNames(const X509* certificate);

// "<what>: <reasons>" of the errors that this thread's calls of OpenSSL have
// left, which are cleared. PermissionDenied where they are about a certificate,
// else Unavailable.
absl::Status TakeTlsError(std::string_view what);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TLS_CONTEXT_H_
