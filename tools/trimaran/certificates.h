#ifndef TRIMARAN_TOOLS_TRIMARAN_CERTIFICATES_H_
#define TRIMARAN_TOOLS_TRIMARAN_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"

// The certificates by which the members of a cluster know each other
// (SECURITY.md): ECDSA on P-256, in PEM.
//
// Thread: any.

namespace trimaran::tool {

struct Certified {
  std::string certificate;
  // Not encrypted.
  std::string key;
};

// An authority, which vouches for members and for no further authorities.
// Internal: OpenSSL failed.
absl::StatusOr<Certified> MakeAuthority(uint32_t days);

struct NodeIdentity {
  ClusterId cluster;
  ReplicaId replica;
  // Names of hosts and numeric addresses, without ports. Members do not ask for
  // them; other programs may.
  std::vector<std::string> hosts;
};

// "trimaran://<cluster>/<replica>": what members do ask for.
std::string CertifiedNameOf(const NodeIdentity& identity);

// For both sides of a connection. Ends with `authority` at the latest.
// InvalidArgument: a host that is none; `authority` is no certificate of an
// authority, has ended, or its key is another one. Internal: OpenSSL failed.
absl::StatusOr<Certified> MakeNodeCertificate(const Certified& authority,
                                              const NodeIdentity& identity,
                                              uint32_t days);

// "Jan  1 00:00:00 2030 GMT".
absl::StatusOr<std::string> EndOfCertificate(const std::string& certificate);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_CERTIFICATES_H_
