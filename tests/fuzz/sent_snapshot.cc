#include "tests/fuzz/sent_snapshot.h"

#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran {

std::string SentSnapshot::name() const {
  return engine::IncomingName(manifest.position.id, manifest.id);
}

SentSnapshot MakeSentSnapshot(engine::SnapshotId id, LogIndex index,
                              size_t rows) {
  constexpr char kDirectory[] = "/sender/out";
  disk::SimDisk disk("/sender");
  disk::SimFileSystem files(disk);
  SeededRandom random(id.value());
  engine::TestState state = engine::MakeTestState(rows, 20, random);
  state.position.id.index = index;
  auto writer = engine::SnapshotWriter::Start(
      files, kDirectory, {id, engine::kTestCluster, engine::kTestGroup},
      std::make_unique<engine::TestExport>(std::move(state)),
      {.chunk_bytes_target = 160, .free_bytes_min = 0});
  TRIMARAN_CHECK(writer.ok()) << writer.status();
  for (bool done = false; !done;) {
    const auto progress = (*writer)->Step();
    TRIMARAN_CHECK(progress.ok()) << progress.status();
    done = progress->done;
  }
  const auto reader = engine::SnapshotReader::Open(files, kDirectory);
  TRIMARAN_CHECK(reader.ok()) << reader.status();
  SentSnapshot sent{.manifest = (*reader)->manifest(), .chunks = {}};
  for (uint32_t number = 0; number < (*reader)->chunk_count(); ++number) {
    auto bytes = (*reader)->ReadChunk(number);
    TRIMARAN_CHECK(bytes.ok()) << bytes.status();
    sent.chunks.push_back(*std::move(bytes));
  }
  return sent;
}

}  // namespace trimaran
