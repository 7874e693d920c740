#include "tools/serve/health.h"

#include "absl/strings/str_cat.h"

namespace trimaran::serve {

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
  if (replica.leader == 0) return "no leader is known";
  return {};
}

}  // namespace trimaran::serve
