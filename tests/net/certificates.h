#ifndef TRIMARAN_TESTS_NET_CERTIFICATES_H_
#define TRIMARAN_TESTS_NET_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/net/replica_settings.h"

namespace trimaran::net {

// An authority that vouches for replicas, made by the program `openssl`, in a
// folder of its own.
//
// Thread: one.
class CertificateAuthority {
 public:
  // Unavailable: there is no such program, or it says no.
  absl::Status Make(const std::string& folder, const std::string& name);

  // Its own certificate.
  std::string certificate() const { return folder_ + "/" + name_ + ".crt"; }
  // Writes `<path>.crt` and `<path>.key` for a replica, over what is there.
  absl::Status Issue(const std::string& cluster, uint64_t replica,
                     const std::string& path);

 private:
  std::string folder_;
  std::string name_;
  uint64_t issued_ = 0;
};

// `path` holds these certificates, and no others, from one moment on.
absl::Status ReplaceAuthorities(const std::vector<std::string>& certificates,
                                const std::string& path);

// The settings of a replica whose files are `<path>.ca`, `.crt` and `.key`.
void UseCertificates(const std::string& path, ReplicaSettings& settings);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_CERTIFICATES_H_
