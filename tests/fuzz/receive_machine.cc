#include "tests/fuzz/receive_machine.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "tests/engine/snapshot/test_state.h"

namespace trimaran {
namespace {

constexpr ReplicaId kSelf{1};
constexpr ReplicaId kLeader{2};
constexpr ReplicaId kOther{3};
// As they stand in a DiskImage.
constexpr char kSnapshots[] = "snap/";
// More than it takes to ask for each chunk several times.
constexpr int kRoundsMax = 200;

// Two that are offered, truly or not, and one that comes in the end.
std::vector<SentSnapshot> MakeAllSent() {
  return {MakeSentSnapshot(engine::SnapshotId(0xabc), LogIndex(20), 24),
          MakeSentSnapshot(engine::SnapshotId(0xdef), LogIndex(30), 8),
          MakeSentSnapshot(engine::SnapshotId(0x777), LogIndex(40), 12)};
}

raft::Message Announcement(const engine::SnapshotManifest& manifest,
                           ReplicaId from, uint64_t term) {
  return {.group = manifest.group,
          .from = from,
          .to = kSelf,
          .term = Term(term),
          .body = raft::MsgSnap{
              {.id = manifest.position.id, .conf = manifest.conf}}};
}

void Alter(ByteSource& bytes, engine::SnapshotManifest& manifest) {
  std::vector<engine::ChunkInfo>& chunks = manifest.chunks;
  const size_t at = bytes.Below(chunks.size());
  switch (bytes.Below(10)) {
    case 0:
      manifest.id = engine::SnapshotId(manifest.id.value() + bytes.Byte());
      return;
    case 1:
      manifest.position.id.index = manifest.position.id.index + bytes.Byte();
      return;
    case 2:
      manifest.position.chain.value += bytes.Byte();
      return;
    case 3:
      manifest.conf.learners.push_back(ReplicaId(bytes.Byte()));
      return;
    case 4:
      manifest.cluster.low += bytes.Byte();
      return;
    case 5:
      manifest.group = GroupId(bytes.Byte());
      return;
    case 6:
      chunks[at].crc32c += bytes.Byte();
      return;
    case 7:
      chunks[at].bytes += uint64_t{bytes.Byte()} << (bytes.Below(7) * 8);
      return;
    case 8:
      chunks[at].rows += bytes.Byte();
      manifest.state.rows += bytes.Byte();
      return;
    default:
      chunks.erase(chunks.begin() + static_cast<ptrdiff_t>(at));
  }
}

void Alter(ByteSource& bytes, std::string& text) {
  const size_t at = text.empty() ? 0 : bytes.Byte() * 7 % text.size();
  switch (bytes.Below(4)) {
    case 0:
      text.resize(at);
      return;
    case 1:
      text += static_cast<char>(bytes.Byte());
      return;
    case 2:
      text.clear();
      return;
    default:
      if (!text.empty()) text[at] = static_cast<char>(text[at] ^ 1);
  }
}

// The number that stands in "chunk-000001".
std::optional<uint32_t> NumberOf(const std::string& file, size_t chunks) {
  for (uint32_t number = 0; number < chunks; ++number) {
    if (engine::ChunkFileName(number) == file) return number;
  }
  return std::nullopt;
}

}  // namespace

void ReceiveReach::Add(const ReceiveReach& other) {
  offers_taken += other.offers_taken;
  offers_refused += other.offers_refused;
  chunks_stored += other.chunks_stored;
  chunks_altered += other.chunks_altered;
  received += other.received;
  restarts += other.restarts;
  resumed += other.resumed;
}

ReceiveMachine::ReceiveMachine(std::string_view bytes)
    : bytes_(bytes),
      sent_(MakeAllSent()),
      replica_(std::make_unique<ReceivingReplica>()) {}

size_t ReceiveMachine::Run() {
  size_t operations = 0;
  for (; !bytes_.done(); ++operations) {
    Operation();
    Look();
  }
  ReceiveLast();
  return operations;
}

// ---- Operations ----

void ReceiveMachine::Operation() {
  const SentSnapshot& sent = sent_[bytes_.Below(8) == 7 ? 1 : 0];
  switch (bytes_.Below(24)) {
    case 0:
    case 1:
      return Offer(sent, /*altered=*/false);
    case 2:
      return Offer(sent, /*altered=*/true);
    case 3:
    case 4:
      return SendAltered();
    case 5:
      return replica_->fetcher().OnDone(
          bytes_.Coin() ? kLeader : kOther,
          {.snapshot = sent.manifest.id.value(),
           .result =
               MsgSnapshotDone::Result{static_cast<uint8_t>(bytes_.Below(3))}});
    case 6:
      return replica_->fetcher().OnLeader(ReplicaId(bytes_.Below(4)));
    case 7:
    case 8:
      return PassTime();
    case 9:
      if (bytes_.OneIn(3)) HarmDisk();
      return;
    case 10:
      return Restart();
    case 11:
      return Rot();
    case 12:
    case 13:
    case 14:
      return replica_->RunAll();
    case 15:
      replica_->RunRaft();
      return;
    case 16:
      replica_->RunMaintenance();
      return;
    case 17:
      return AnswerNext();
    default:
      return AnswerAll();
  }
}

void ReceiveMachine::Offer(const SentSnapshot& sent, bool altered) {
  engine::SnapshotManifest manifest = sent.manifest;
  ReplicaId from = kLeader;
  if (altered) Alter(bytes_, manifest);
  if (!engine::ValidateManifest(manifest).ok()) manifest = sent.manifest;
  MsgSnapshotOffer offer{
      .manifest = engine::EncodeManifest(manifest),
      .announcement = Announcement(manifest, from, altered ? 6 : 5)};
  if (altered && bytes_.OneIn(4)) Alter(bytes_, offer.manifest);
  if (altered && bytes_.OneIn(4)) offer.announcement.to = kOther;
  if (altered && bytes_.OneIn(4)) from = kOther;
  auto checked = CheckOffer(offer, from, kSelf);
  if (!checked.ok()) {
    TRIMARAN_CHECK(altered) << checked.status();
    TRIMARAN_CHECK(absl::IsInvalidArgument(checked.status()) ||
                   IsCorruption(checked.status()) ||
                   IsNewerFormat(checked.status()))
        << checked.status();
    ++reach_.offers_refused;
    return;
  }
  ++reach_.offers_taken;
  ++begun_;
  offered_[engine::IncomingName(checked->position.id, checked->id)].push_back(
      *checked);
  replica_->fetcher().OnOffer(from, *std::move(checked),
                              std::move(offer.announcement));
}

void ReceiveMachine::AnswerNext() {
  if (asked_.empty()) return;
  const auto at = asked_.begin() + static_cast<ptrdiff_t>(bytes_.Below(
                                       std::min<size_t>(asked_.size(), 256)));
  const uint32_t number = at->chunk++;
  const uint64_t id = at->snapshot;
  if (--at->count == 0) asked_.erase(at);
  for (const SentSnapshot& sent : sent_) {
    if (sent.manifest.id.value() != id || number >= sent.chunks.size()) {
      continue;
    }
    SendChunk(kLeader, {.snapshot = id,
                        .chunk = number,
                        .bytes = Payload(sent.chunks[number])});
  }
}

// What bytes alone would seldom spell.
void ReceiveMachine::AnswerAll() {
  replica_->RunAll();
  HearSaid();
  while (!asked_.empty()) AnswerNext();
  replica_->RunAll();
}

void ReceiveMachine::SendAltered() {
  const SentSnapshot& sent = sent_[bytes_.Below(2)];
  auto number = static_cast<uint32_t>(bytes_.Below(sent.chunks.size() + 1));
  std::string content = sent.chunks[number % sent.chunks.size()];
  uint64_t id = sent.manifest.id.value();
  ReplicaId from = kLeader;
  switch (bytes_.Below(6)) {
    case 0:
      from = kOther;
      break;
    case 1:
      ++id;
      break;
    case 2:
      number += 1U << bytes_.Below(32);
      break;
    case 3:
      break;
    default:
      Alter(bytes_, content);
  }
  SendChunk(from, {.snapshot = id, .chunk = number, .bytes = Payload(content)});
}

void ReceiveMachine::SendChunk(ReplicaId from, MsgSnapshotChunk chunk) {
  const auto same = [&chunk](const SentSnapshot& sent) {
    return sent.manifest.id.value() == chunk.snapshot &&
           chunk.chunk < sent.chunks.size() &&
           sent.chunks[chunk.chunk] == chunk.bytes.bytes();
  };
  const bool is_true = std::any_of(sent_.begin(), sent_.end(), same);
  ++(is_true ? true_chunks_ : reach_.chunks_altered);
  replica_->fetcher().OnChunk(from, std::move(chunk));
}

void ReceiveMachine::PassTime() {
  constexpr int64_t kMillis[] = {1, 50, 500, 1000, 5000, 10'000};
  replica_->Tick(absl::Milliseconds(kMillis[bytes_.Below(6)]));
}

void ReceiveMachine::HarmDisk() {
  using disk::FaultError;
  using disk::FaultTarget;
  constexpr FaultTarget kTargets[] = {
      FaultTarget::kWrite,  FaultTarget::kSync,   FaultTarget::kCreate,
      FaultTarget::kRename, FaultTarget::kRemove, FaultTarget::kSyncDirectory,
      FaultTarget::kRead};
  constexpr FaultError kErrors[] = {FaultError::kDevice, FaultError::kNoSpace,
                                    FaultError::kShort};
  disk::SimDisk& disk = replica_->disk();
  const uint64_t choice = bytes_.Below(10);
  if (choice == 0) return disk.ClearFaults();
  if (choice == 1) return disk.SetCapacity(bytes_.Byte() * uint64_t{64});
  if (choice == 2) {
    return disk.SetCapacity(std::numeric_limits<uint64_t>::max());
  }
  disk_is_doubtful_ = true;
  disk.Inject({.target = kTargets[choice - 3],
               .path_part = "snap",
               .error = kErrors[bytes_.Below(3)],
               .written_sectors = bytes_.Below(2)});
}

void ReceiveMachine::Restart() {
  disk::SimDisk& disk = replica_->disk();
  const uint64_t choice = bytes_.Below(1 + 2 * disk::kSeededSurvivals.size());
  disk::DiskImage image = disk.Visible();
  if (choice > disk::kSeededSurvivals.size()) {
    disk_is_doubtful_ = true;
    image = disk.AfterCrash(
        disk::kSeededSurvivals[choice - disk::kSeededSurvivals.size() - 1],
        bytes_.Byte());
  }
  const MonotonicTime now = replica_->clock().Now();
  reach_.chunks_stored += replica_->fetcher().chunks_stored();
  replica_.reset();
  replica_ = std::make_unique<ReceivingReplica>(image, now);
  true_chunks_ = 0;
  begun_ = 0;
  ++reach_.restarts;
}

// A file that is read again only when the process starts.
void ReceiveMachine::Rot() {
  const std::vector<std::string> files =
      disk::FilesMatching(replica_->disk().Visible(), kSnapshots);
  if (files.empty()) return;
  replica_->disk().ClearFaults();
  disk_is_doubtful_ = true;
  const auto file =
      replica_->files().Open("/store/" + files[bytes_.Byte() % files.size()],
                             engine::OpenMode::kReadWrite);
  TRIMARAN_CHECK(file.ok()) << file.status();
  // The capacity may forbid it.
  (*file)->Write(bytes_.Byte(), "rot").IgnoreError();
  Restart();
}

// ---- Invariants ----

const SentSnapshot* ReceiveMachine::FindSent(const std::string& name) const {
  const auto parsed = engine::ParseSnapshotName(name);
  if (!parsed) return nullptr;
  for (const SentSnapshot& sent : sent_) {
    if (parsed->id == sent.manifest.id) return &sent;
  }
  return nullptr;
}

void ReceiveMachine::Look() {
  HearSaid();
  for (auto& [name, announcement] : replica_->TakeReceived()) {
    CheckReceived(name, announcement);
    received_.push_back(name);
    ++reach_.received;
  }
  CheckFiles();
  TRIMARAN_CHECK_LE(replica_->fetcher().chunks_stored(), true_chunks_);
  // Of each transfer one task that begins, looks or finishes.
  TRIMARAN_CHECK_LE(replica_->waiting(),
                    begun_ + replica_->options().window_chunks);
  if (replica_->waiting() == 0) begun_ = 1;
}

void ReceiveMachine::HearSaid() {
  for (const PeerBody& body : replica_->TakeSaid()) {
    const auto* fetch = std::get_if<MsgSnapshotFetch>(&body);
    if (fetch == nullptr) continue;
    TRIMARAN_CHECK_LE(fetch->count, replica_->options().window_chunks);
    if (fetch->count > 0) asked_.push_back(*fetch);
  }
}

void ReceiveMachine::CheckReceived(const std::string& name,
                                   const raft::Message& announcement) {
  replica_->disk().ClearFaults();
  const auto reader =
      engine::SnapshotReader::Open(replica_->files(), replica_->PathOf(name));
  TRIMARAN_CHECK(reader.ok()) << reader.status();
  const engine::SnapshotManifest& manifest = (*reader)->manifest();
  const auto& offered = offered_[name];
  TRIMARAN_CHECK(std::find(offered.begin(), offered.end(), manifest) !=
                 offered.end());
  const auto* announced = announcement.As<raft::MsgSnap>();
  TRIMARAN_CHECK(announced != nullptr);
  TRIMARAN_CHECK(announced->snapshot.id == manifest.position.id);
  TRIMARAN_CHECK(announced->snapshot.conf == manifest.conf);
  for (uint32_t number = 0; number < (*reader)->chunk_count(); ++number) {
    const auto bytes = (*reader)->ReadChunk(number);
    TRIMARAN_CHECK(bytes.ok()) << bytes.status();
  }
  // And stays so if the power fails.
  const std::string part = kSnapshots + name + "/";
  const disk::DiskImage now = replica_->disk().Visible();
  const disk::DiskImage later =
      replica_->disk().AfterCrash(disk::kNothingSurvives, 0);
  for (const std::string& file : disk::FilesMatching(now, part)) {
    const auto found = later.files.find(file);
    TRIMARAN_CHECK(found != later.files.end()) << file;
    TRIMARAN_CHECK(found->second == now.files.find(file)->second) << file;
  }
}

void ReceiveMachine::CheckFiles() {
  for (const auto& [path, content] : replica_->disk().Visible().files) {
    if (path == ReceivingReplica::kOtherFile) {
      TRIMARAN_CHECK(content.ToString() == ReceivingReplica::kOtherContent);
      continue;
    }
    TRIMARAN_CHECK(path.starts_with(kSnapshots)) << path;
    const std::string rest = path.substr(std::size(kSnapshots) - 1);
    const size_t slash = rest.find('/');
    TRIMARAN_CHECK(slash != std::string::npos) << path;
    const std::string name = rest.substr(0, slash);
    const std::string file = rest.substr(slash + 1);
    const auto offered = offered_.find(name);
    TRIMARAN_CHECK(offered != offered_.end()) << path;
    if (file.starts_with("MANIFEST")) continue;
    const SentSnapshot* sent = FindSent(name);
    // Nobody has chunks of it.
    TRIMARAN_CHECK(sent != nullptr) << path;
    const auto number = NumberOf(file, sent->chunks.size());
    TRIMARAN_CHECK(number.has_value()) << path;
    TRIMARAN_CHECK(disk_is_doubtful_ ||
                   content.ToString() == sent->chunks[*number])
        << path;
  }
}

// ---- The end ----

// One that nobody has lied about: another manifest in its place is kept until
// it is garbage.
const SentSnapshot& ReceiveMachine::ChooseLast() const {
  for (const SentSnapshot& sent : sent_) {
    const auto offered = offered_.find(sent.name());
    const bool other =
        offered != offered_.end() &&
        std::any_of(offered->second.begin(), offered->second.end(),
                    [&sent](const engine::SnapshotManifest& manifest) {
                      return !(manifest == sent.manifest);
                    });
    if (!other) return sent;
  }
  return sent_.back();
}

std::set<uint32_t> ReceiveMachine::ChunksThere(const SentSnapshot& sent) {
  const std::string part = kSnapshots + sent.name() + "/";
  const std::string manifest = engine::EncodeManifest(sent.manifest);
  const disk::DiskImage image = replica_->disk().Visible();
  std::set<uint32_t> there;
  bool begun = false;
  for (const std::string& path : disk::FilesMatching(image, part)) {
    const std::string file = path.substr(part.size());
    const std::string content = image.files.find(path)->second.ToString();
    begun |= file != "MANIFEST.partial.tmp" && content == manifest;
    const auto number = NumberOf(file, sent.chunks.size());
    if (number && content == sent.chunks[*number]) there.insert(*number);
  }
  return begun ? there : std::set<uint32_t>();
}

void ReceiveMachine::ReceiveLast() {
  replica_->disk().ClearFaults();
  replica_->disk().SetCapacity(std::numeric_limits<uint64_t>::max());
  const SentSnapshot& last = ChooseLast();
  std::set<uint32_t> there;
  if (!bytes_.Coin()) {
    Restart();
    asked_.clear();
    there = ChunksThere(last);
  }
  received_.clear();
  Offer(last, /*altered=*/false);
  const auto arrived = [&] {
    return std::find(received_.begin(), received_.end(), last.name()) !=
           received_.end();
  };
  for (int round = 0; !arrived(); ++round) {
    TRIMARAN_CHECK_LT(round, kRoundsMax) << "it does not arrive";
    replica_->RunAll();
    Look();
    if (asked_.empty()) {
      replica_->Tick(replica_->options().ask_again_after);
      if (!arrived()) Offer(last, /*altered=*/false);
    }
    while (!asked_.empty()) {
      if (asked_.front().snapshot == last.manifest.id.value()) {
        TRIMARAN_CHECK(there.count(asked_.front().chunk) == 0);
      }
      AnswerNext();
      Look();
    }
  }
  const auto reader = engine::SnapshotReader::Open(
      replica_->files(), replica_->PathOf(last.name()));
  TRIMARAN_CHECK(reader.ok()) << reader.status();
  TRIMARAN_CHECK((*reader)->manifest() == last.manifest);
  TRIMARAN_CHECK((*reader)->VerifyAll().ok());
  reach_.resumed += there.size();
  reach_.chunks_stored += replica_->fetcher().chunks_stored();
}

}  // namespace trimaran
