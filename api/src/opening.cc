#include "api/src/opening.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/cluster_name.h"
#include "api/src/entropy.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran {
namespace {

// More than WiredTiger writes before it has opened a home and dropped what is
// left over in it.
constexpr uint64_t kReserveBytes = uint64_t{4} << 20;

// There is one group in a store.
constexpr GroupId kGroup{1};

absl::StatusOr<engine::StoreIdentity> NewIdentity(const Options& options) {
  engine::StoreIdentity identity;
  if (options.cluster.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(identity.cluster.high, DrawEntropy());
    TRIMARAN_ASSIGN_OR_RETURN(identity.cluster.low, DrawEntropy());
  } else {
    identity.cluster = ClusterIdOf(options.cluster);
  }
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t store, DrawEntropy());
  identity.store = StoreId(store);
  identity.group = kGroup;
  identity.replica = ReplicaId(options.replica_id);
  return identity;
}

absl::Status Found(const Options& options, const engine::EngineOptions& where) {
  if (options.join) {
    TRIMARAN_ASSIGN_OR_RETURN(const engine::StoreIdentity identity,
                              NewIdentity(options));
    return engine::FoundJoiner(where, identity);
  }
  TRIMARAN_ASSIGN_OR_RETURN(const engine::NewStore store, NewStoreOf(options));
  return engine::FoundGroup(where, store);
}

// Whether the replica can work with what the options give it.
absl::Status CheckFits(const Options& options, const engine::Engine& store) {
  const ReplicaId replica = store.identity().replica;
  if (replica != ReplicaId(options.replica_id)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the directory belongs to replica ", replica.value(),
                     ", and options.replica_id is ", options.replica_id));
  }
  const ConfState conf = store.machine().region().conf;
  if (!conf.IsOnlyMember(replica) && options.network == nullptr &&
      options.listen.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the directory belongs to replica ", replica.value(),
                     " of a group of several (", conf.DebugString(),
                     "), and neither options.listen nor options.network says "
                     "how it reaches the others"));
  }
  const auto owed = store.log().state().owed;
  if (conf.IsOnlyVoter(replica) && owed) {
    return CorruptionError(ToStd(absl::StrCat(
        "acknowledged writes are missing up to entry ", owed->index.value(),
        ", and no other voter has them; restore a backup")));
  }
  return absl::OkStatus();
}

}  // namespace

engine::EngineOptions EngineOptionsOf(const Options& options,
                                      const std::string& directory,
                                      const Foundations& foundations) {
  engine::EngineOptions engine;
  engine.directory = directory;
  if (!options.cluster.empty()) {
    engine.expected_cluster = ClusterIdOf(options.cluster);
  }
  engine.cache_bytes = options.cache_bytes;
  engine.views_max = options.views_max;
  engine.view_age_max = options.view_age_max;
  engine.log_segment_bytes = options.log_segment_bytes;
  engine.reserve_bytes = kReserveBytes;
  engine.files = &foundations.files;
  engine.clock = &foundations.clock;
  engine.logger = foundations.logger;
  return engine;
}

absl::StatusOr<engine::NewStore> NewStoreOf(const Options& options) {
  engine::NewStore store;
  TRIMARAN_ASSIGN_OR_RETURN(store.identity, NewIdentity(options));
  for (const auto& [id, info] : options.founders) {
    store.members[ReplicaId(id)] = {
        .store = {}, .name = info.name, .address = info.address};
  }
  if (store.members.empty()) store.members[store.identity.replica] = {};
  for (const auto& [replica, member] : store.members) {
    store.conf.voters.push_back(replica);
  }
  return store;
}

absl::StatusOr<std::unique_ptr<engine::Engine>> OpenStore(
    const Options& options, const engine::EngineOptions& where) {
  auto store = engine::Engine::Open(where);
  if (absl::IsNotFound(store.status()) && options.create_if_missing) {
    const absl::Status founded = Found(options, where);
    // Somebody else was quicker, and it is to be opened like any other.
    if (!absl::IsAlreadyExists(founded)) TRIMARAN_RETURN_IF_ERROR(founded);
    store = engine::Engine::Open(where);
  }
  TRIMARAN_RETURN_IF_ERROR(store.status());
  TRIMARAN_RETURN_IF_ERROR(CheckFits(options, **store));
  return store;
}

}  // namespace trimaran
