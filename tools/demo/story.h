#ifndef TRIMARAN_TOOLS_DEMO_STORY_H_
#define TRIMARAN_TOOLS_DEMO_STORY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "trimaran/db.h"

namespace trimaran::demo {

struct StorySettings {
  // Is there, and empty. Each replica gets a directory in it: "1", "2", "3".
  std::string directory;
  // How many each chapter makes; at least 4.
  int writes = 4000;
  // Is given the text as it comes, whole lines.
  std::function<void(const std::string& text)> say;
  // Whether the story is to end early.
  std::function<bool()> interrupted;
};

// What a group of three replicas lives through, told while it happens: writes,
// the loss of the leader, more writes, its return, and a comparison of all that
// the three hold with all that was acknowledged.
//
// Thread: one.
class Story {
 public:
  explicit Story(StorySettings settings);

  // OK only if everything that is claimed was also true. DataLoss: this was
  // not. Cancelled: interrupted. Other errors are those of a database.
  absl::Status Tell();

 private:
  static constexpr uint64_t kReplicas = 3;

  // ---- Chapters ----
  absl::Status OpenAll();
  absl::Status Write();
  absl::Status LoseLeader();
  absl::Status WriteWithoutIt();
  absl::Status BringItBack();
  absl::Status Compare();

  absl::Status Open(uint64_t id);
  // Whom the replica `asked` takes for the leader, once there is one.
  absl::StatusOr<uint64_t> FindLeader(uint64_t asked);
  // Waits until the log of `db` begins behind `index`.
  absl::Status AwaitCompaction(DB& db, uint64_t index);
  // Writes the next rows through the replicas that run, in turn.
  absl::Status WriteRows();
  // What the replica holds, when it has everything up to the last write.
  absl::StatusOr<std::map<std::string, std::string>> RowsOf(uint64_t id);

  void Say(const std::string& text) const { settings_.say(text); }
  void Chapter(absl::string_view title) const;
  // Cancelled, if so it is.
  absl::Status Continue() const;
  std::string DirectoryOf(uint64_t id) const;

  const StorySettings settings_;
  Options options_;
  std::map<uint64_t, std::unique_ptr<DB>> replicas_;
  // Of the replica that is lost.
  uint64_t lost_ = 0;
  // What has been acknowledged, and the last place in the order of writes.
  std::map<std::string, std::string> acknowledged_;
  uint64_t last_index_ = 0;
  int next_row_ = 0;
};

}  // namespace trimaran::demo

#endif  // TRIMARAN_TOOLS_DEMO_STORY_H_
