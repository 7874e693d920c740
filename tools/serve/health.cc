#include "tools/serve/health.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace trimaran::serve {
namespace {

// A replica says something at every heartbeat.
constexpr absl::Duration kSilentMax = absl::Seconds(5);

// What only people can mend may be why: it has been removed from the group.
std::string WhyLeaderless(const ReplicaStatus& replica) {
  for (const ConnectionStatus& connection : replica.network.connections) {
    if (connection.refused) {
      return absl::StrCat("no leader is known, and it is not heard by replica ",
                          connection.peer, ": ", connection.error);
    }
  }
  return "no leader is known";
}

}  // namespace

std::string WhyUnhealthy(const ReplicaStatus& replica) {
  if (!replica.failure.ok()) {
    return absl::StrCat("the replica has failed, or is closed: ",
                        replica.failure.message());
  }
  if (replica.refused_by != 0) {
    return absl::StrCat("member ", replica.refused_by,
                        " knows another data directory under this id");
  }
  if (replica.missing_up_to) {
    return absl::StrCat("acknowledged writes up to ",
                        replica.missing_up_to->index,
                        " are missing here, and are awaited");
  }
  if (replica.refuses_writes) return "there is too little space on its disk";
  if (replica.age > kSilentMax) {
    return absl::StrCat("nothing was heard of the replica for ",
                        absl::ToInt64Seconds(replica.age),
                        " s: something holds it up, its disk for example");
  }
  if (replica.leader == 0) return WhyLeaderless(replica);
  return {};
}

}  // namespace trimaran::serve
