#ifndef TRIMARAN_TESTS_ENGINE_MAINTENANCE_STORE_ON_DISK_H_
#define TRIMARAN_TESTS_ENGINE_MAINTENANCE_STORE_ON_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/maintenance/verifier.h"
#include "gtest/gtest.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran::engine {

// Stores that a real engine has made, to be looked at and to be damaged.
class StoreOnDiskTest : public ::testing::Test {
 protected:
  // Every name below a directory, with the bytes of files.
  using Image = std::map<std::string, std::string>;
  static Image ImageOf(const std::string& root);

  // Makes the store, and opens it.
  std::unique_ptr<Engine> MakeStore();
  std::unique_ptr<Engine> Open();
  // One that has numbered entries up to 35 and was closed.
  void MakeClosedStore();

  // Appends and applies numbered entries, which also compact the log.
  static void WriteNumbered(Engine& engine, uint64_t count);
  // Appends and applies `count` entries that each put one row, and compact
  // nothing.
  static void WritePuts(Engine& engine, uint64_t count);
  // Appends and applies one entry of that type and payload.
  static void WriteEntry(Engine& engine, EntryType type, Payload payload);
  // Makes empty tables beside those of the closed store.
  void MakeTables(const std::vector<std::string>& names);

  // What a process that is killed now would leave.
  std::string CopyAsIs();
  // Replaces a part of the store by that of a copy.
  void TakeFrom(const std::string& copy, std::string_view name);

  // In files of the store.
  std::string PathOf(std::string_view name) const;
  std::string FirstSegment() const;
  // The last one that is in use.
  std::string NewestSegment() const;
  void Flip(std::string_view name, uint64_t offset);

  StoredStore stored() { return stored_at(home_.path()); }
  StoredStore stored_at(const std::string& directory);
  // Verifies the store, and checks that not a byte of it was changed.
  absl::StatusOr<Verification> Verify(VerifyDepth depth = VerifyDepth::kDeep);

  TempHome home_;
};

// The findings of one check, one on each line: "damage: where: what".
std::string FindingsOf(const CheckResult& result);
// Those of all checks: "check: damage: where: what".
std::string FindingsOf(const absl::StatusOr<Verification>& verification);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_MAINTENANCE_STORE_ON_DISK_H_
