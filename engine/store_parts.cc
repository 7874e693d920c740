#include "engine/store_parts.h"

#include "engine/file/file_system.h"
#include "engine/home/home_paths.h"

namespace trimaran::engine {

SegmentLogOptions LogOptions(const EngineOptions& options,
                             const StoreIdentity& identity) {
  SegmentLogOptions log;
  log.files = options.files;
  log.clock = options.clock;
  log.logger = options.logger.WithComponent("log");
  log.store = identity.store;
  log.directory = JoinPath(options.directory, kLogDirectory);
  log.floor_path = JoinPath(options.directory, kFloorFile);
  log.segment_bytes = options.log_segment_bytes;
  return log;
}

WtStateMachineOptions MachineOptions(const EngineOptions& options,
                                     const StoreIdentity& identity) {
  WtStateMachineOptions machine;
  machine.home = JoinPath(options.directory, kStateDirectory);
  machine.group = identity.group;
  machine.store = identity.store;
  machine.cache_bytes = options.cache_bytes;
  machine.views_max = options.views_max;
  machine.view_age_max = options.view_age_max;
  machine.clock = options.clock;
  machine.files = options.files;
  machine.wiredtiger_extensions = options.wiredtiger_extensions;
  machine.log = options.logger.WithComponent("kv");
  return machine;
}

}  // namespace trimaran::engine
