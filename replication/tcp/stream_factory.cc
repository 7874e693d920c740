#include "replication/tcp/stream_factory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "replication/tcp/mutant.h"

namespace trimaran {

std::string CertifiedName(const ClusterId& cluster, ReplicaId replica) {
  return absl::StrCat("trimaran://", cluster.ToString(), "/", replica.value());
}

bool LeadsTo(const StreamFactory& factory,
             const std::vector<std::string>& peer_names,
             const ClusterId& cluster, ReplicaId replica) {
  if (!factory.certifies() ||
      MutantActive(TcpMutant::kCertifiedNameNotCompared)) {
    return true;
  }
  return std::find(peer_names.begin(), peer_names.end(),
                   CertifiedName(cluster, replica)) != peer_names.end();
}

}  // namespace trimaran
