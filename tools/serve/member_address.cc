#include "tools/serve/member_address.h"

#include "absl/strings/str_cat.h"
#include "replication/tcp/address.h"

namespace trimaran::serve {

HostAndPort AddressOf(const ReplicaStatus& status, uint64_t member) {
  for (const MemberStatus& each : status.members) {
    if (each.id != member) continue;
    const auto address = ParseHostPort(each.info.address);
    if (!address.ok()) break;
    return {.host = address->host, .port = absl::StrCat(address->port)};
  }
  return {};
}

}  // namespace trimaran::serve
