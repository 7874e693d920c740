#ifndef TRIMARAN_TESTS_REPLICATION_TCP_TEST_AUTHORITY_H_
#define TRIMARAN_TESTS_REPLICATION_TCP_TEST_AUTHORITY_H_

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran {

// Certifies the replicas of a test, by files in a folder.
class TestAuthority {
 public:
  // `folder` is there.
  TestAuthority(std::filesystem::path folder, const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Writes a certificate with `uri` in it that ends `lifetime` from now, and
  // its key; again under the same `file`, another one.
  TlsCredentials Issue(const std::string& file, const std::string& uri,
                       absl::Duration lifetime = absl::Hours(1));

  std::string certificate_file() const;

 private:
  const std::filesystem::path folder_;
  const std::string name_;
  EVP_PKEY* key_ = nullptr;
  X509* certificate_ = nullptr;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_TCP_TEST_AUTHORITY_H_
