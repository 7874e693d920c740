#include "tests/engine/maintenance/store_on_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/format/command.h"
#include "engine/founding.h"
#include "engine/home/home_paths.h"
#include "engine/wt/checkpoint_lane.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"

namespace trimaran::engine {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSeed = 5;

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Sorted; without those that were made ahead and are not in use. No test here
// lets one be used again, so that their names are in the order of their use.
std::vector<std::string> SegmentsIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(directory)) {
    if (Contents(file.path()).starts_with("TRMNlog")) {
      names.push_back(file.path().filename());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

LogEntry PutEntry(EntryId id) {
  EntryEncoder encoder;
  const std::string key = absl::StrCat("row-", id.index.value() % 100);
  const std::string value = absl::StrCat("value ", id.index.value());
  EXPECT_TRUE(
      encoder
          .Add({std::nullopt,
                WriteCommand{{}, {PutOp{kDefaultFamily, key, value}}, {}}})
          .ok());
  return {id.index, id.term, EntryType::kNormal, Payload(encoder.Take())};
}

}  // namespace

StoreOnDiskTest::Image StoreOnDiskTest::ImageOf(const std::string& root) {
  Image image;
  for (const auto& file : fs::recursive_directory_iterator(root)) {
    image[file.path()] = file.is_directory() ? "" : Contents(file.path());
  }
  return image;
}

std::unique_ptr<Engine> StoreOnDiskTest::MakeStore() {
  const absl::Status founded = FoundGroup(home_.options(), SoleStore());
  EXPECT_TRUE(founded.ok()) << founded;
  return Open();
}

std::unique_ptr<Engine> StoreOnDiskTest::Open() {
  auto engine = Engine::Open(home_.options());
  EXPECT_TRUE(engine.ok()) << engine.status();
  return *std::move(engine);
}

void StoreOnDiskTest::MakeClosedStore() {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 30);
  EXPECT_TRUE(engine->Close().ok());
}

void StoreOnDiskTest::WriteNumbered(Engine& engine, uint64_t count) {
  auto replica = SoleReplica::Start(engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  for (uint64_t i = 0; i < count; i += 10) {
    const absl::Status appended =
        replica->AppendNumbered(kSeed, std::min<uint64_t>(10, count - i));
    ASSERT_TRUE(appended.ok()) << appended;
  }
  const absl::Status applied = replica->ApplyAll();
  ASSERT_TRUE(applied.ok()) << applied;
}

void StoreOnDiskTest::WritePuts(Engine& engine, uint64_t count) {
  auto replica = SoleReplica::Start(engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  std::vector<LogEntry> entries;
  EntryId id{replica->last().index, replica->term()};
  for (uint64_t i = 0; i < count; ++i) {
    ++id.index;
    entries.push_back(PutEntry(id));
  }
  const absl::Status appended = replica->Append(std::move(entries));
  ASSERT_TRUE(appended.ok()) << appended;
  const absl::Status applied = replica->ApplyAll();
  ASSERT_TRUE(applied.ok()) << applied;
}

void StoreOnDiskTest::WriteEntry(Engine& engine, EntryType type,
                                 Payload payload) {
  auto replica = SoleReplica::Start(engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  const absl::Status appended = replica->Append(
      {{replica->last().index + 1, replica->term(), type, std::move(payload)}});
  ASSERT_TRUE(appended.ok()) << appended;
  const absl::Status applied = replica->ApplyAll();
  ASSERT_TRUE(applied.ok()) << applied;
}

void StoreOnDiskTest::MakeTables(const std::vector<std::string>& names) {
  wt::ConnectionOptions options;
  options.home = PathOf(kStateDirectory);
  auto connection = wt::Connection::Open(options);
  ASSERT_TRUE(connection.ok()) << connection.status();
  auto session = wt::Session::Open(**connection);
  ASSERT_TRUE(session.ok()) << session.status();
  for (const std::string& name : names) {
    ASSERT_TRUE((*session)->CreateTable(name).ok());
  }
  session->reset();
  ASSERT_TRUE((*connection)->checkpoints().Take().ok());
  ASSERT_TRUE((*connection)->Close().ok());
}

std::string StoreOnDiskTest::CopyAsIs() {
  const std::string copy = home_.Beside("copy");
  fs::remove_all(copy);
  fs::copy(home_.path(), copy, fs::copy_options::recursive);
  return copy;
}

void StoreOnDiskTest::TakeFrom(const std::string& copy, std::string_view name) {
  fs::remove_all(PathOf(name));
  fs::copy(fs::path(copy) / name, PathOf(name), fs::copy_options::recursive);
}

std::string StoreOnDiskTest::PathOf(std::string_view name) const {
  return JoinPath(home_.path(), name);
}

std::string StoreOnDiskTest::FirstSegment() const {
  const std::vector<std::string> segments = SegmentsIn(PathOf(kLogDirectory));
  EXPECT_FALSE(segments.empty());
  return JoinPath(kLogDirectory, segments.front());
}

std::string StoreOnDiskTest::NewestSegment() const {
  const std::vector<std::string> segments = SegmentsIn(PathOf(kLogDirectory));
  EXPECT_FALSE(segments.empty());
  return JoinPath(kLogDirectory, segments.back());
}

void StoreOnDiskTest::Flip(std::string_view name, uint64_t offset) {
  std::fstream file(PathOf(name),
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  ASSERT_TRUE(file.good()) << name << " at " << offset;
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x10));
}

StoredStore StoreOnDiskTest::stored_at(const std::string& directory) {
  StoredStore store;
  store.files = &home_.files();
  store.directory = directory;
  return store;
}

absl::StatusOr<Verification> StoreOnDiskTest::Verify(VerifyDepth depth) {
  const Image before = ImageOf(home_.path());
  VerifyOptions options;
  options.depth = depth;
  absl::StatusOr<Verification> found = VerifyStoredStore(stored(), options);
  EXPECT_TRUE(ImageOf(home_.path()) == before) << "verifying has written";
  return found;
}

std::string FindingsOf(const CheckResult& result) {
  std::string text;
  for (const Finding& finding : result.findings()) {
    absl::StrAppend(&text, ToAbsl(SeverityName(finding.severity)), ": ",
                    finding.where, ": ", finding.what, "\n");
  }
  return text;
}

std::string FindingsOf(const absl::StatusOr<Verification>& verification) {
  if (!verification.ok()) return verification.status().ToString();
  std::string text;
  for (const CheckResult& check : verification->report.checks) {
    for (const Finding& finding : check.findings()) {
      absl::StrAppend(&text, check.name(), ": ",
                      ToAbsl(SeverityName(finding.severity)), ": ",
                      finding.where, ": ", finding.what, "\n");
    }
  }
  return text;
}

}  // namespace trimaran::engine
