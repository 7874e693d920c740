#include "bench/state_fixture.h"

#include <stdlib.h>
#include <wiredtiger.h>

#include <filesystem>
#include <system_error>

#include "bench/raw_items.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/wt/config.h"

namespace trimaran::bench {
namespace {

constexpr uint64_t kCacheBytes = uint64_t{1} << 30;
constexpr size_t kRowsPerEntry = 512;

template <typename T>
T Must(absl::StatusOr<T> result) {
  TRIMARAN_CHECK(result.ok()) << result.status();
  return *std::move(result);
}
void Must(const absl::Status& status) { TRIMARAN_CHECK(status.ok()) << status; }

}  // namespace

TemporaryHome::TemporaryHome() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "trimaran_bench_XXXXXX")
          .string();
  TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  path_ = pattern;
}

TemporaryHome::~TemporaryHome() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string KeyOfNumber(uint64_t number) {
  uint64_t seed = number;
  std::string key;
  ByteWriter writer(key);
  writer.WriteU64(random_internal::SplitMix64(seed));
  writer.WriteU64(number);
  return key;
}

StateFixture::StateFixture(size_t rows) {
  engine::WtStateMachineOptions options;
  options.home = home_.path();
  options.store = StoreId(1);
  options.cache_bytes = kCacheBytes;
  options.view_age_max = absl::InfiniteDuration();
  options.clock = &clock_;
  options.files = &files_;
  engine::InitialState initial;
  initial.region.conf.voters = {ReplicaId(1)};
  machine_ = Must(engine::WtStateMachine::Create(options, initial));
  for (uint64_t first = 0; first < rows; first += kRowsPerEntry) {
    std::vector<uint64_t> numbers;
    for (uint64_t i = first; i < first + kRowsPerEntry && i < rows; ++i) {
      numbers.push_back(i);
    }
    Must(machine_->Apply({{PutEntry(numbers)}}).status());
  }
  // Loaded in bulk and read from the file, as the other's rows: pages that have
  // grown by inserts are less full, and lie otherwise in memory.
  const uint64_t generation = ImportAll();
  Must(machine_->Close());
  machine_.reset();
  machine_ = Must(engine::WtStateMachine::Open(options, generation));
}

uint64_t StateFixture::ImportAll() {
  const auto source = Must(machine_->NewExport());
  const auto target = Must(machine_->NewImport());
  engine::StateRecord record;
  while (Must(source->Next(record))) Must(target->Add(record));
  Must(target->Finish(source->position()));
  return target->generation();
}

engine::CommittedEntry StateFixture::PutEntry(
    const std::vector<uint64_t>& numbers) {
  const std::string value(kValueBytes, 'v');
  engine::EntryEncoder encoder;
  for (const uint64_t number : numbers) {
    const std::string key = KeyOfNumber(number);
    engine::WriteCommand put;
    put.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
    Must(encoder.Add({std::nullopt, std::move(put)}));
  }
  ++last_;
  return {{last_, Term(1), EntryType::kNormal, Payload(encoder.Take())}, {}};
}

std::vector<EncodedRow> EncodedRows(engine::WtStateMachine& machine) {
  const auto state = Must(machine.NewExport());
  std::vector<EncodedRow> rows;
  engine::StateRecord record;
  while (Must(state->Next(record))) rows.emplace_back(record.key, record.value);
  return rows;
}

RawFixture::RawFixture(const std::vector<EncodedRow>& rows) {
  wt::ConnectionOptions options;
  options.home = home_.path();
  options.mode = wt::HomeMode::kCreate;
  options.cache_bytes = kCacheBytes;
  connection_ = Must(wt::Connection::Open(options));
  BulkLoad(kTable, rows);
}

std::unique_ptr<wt::Session> RawFixture::NewSession() {
  return Must(wt::Session::Open(*connection_));
}

void RawFixture::BulkLoad(std::string_view table,
                          const std::vector<EncodedRow>& rows) {
  const std::unique_ptr<wt::Session> session = NewSession();
  const std::string uri = wt::TableUri(table);
  WT_SESSION* raw = session->raw();
  MustBeZero(raw->create(raw, uri.c_str(), wt::TableConfigString().data()));
  WT_CURSOR* cursor = nullptr;
  MustBeZero(raw->open_cursor(raw, uri.c_str(), nullptr, "bulk", &cursor));
  for (const auto& [key, value] : rows) {
    const WT_ITEM key_item = ItemOf(key);
    const WT_ITEM value_item = ItemOf(value);
    cursor->set_key(cursor, &key_item);
    cursor->set_value(cursor, &value_item);
    MustBeZero(cursor->insert(cursor));
  }
  MustBeZero(cursor->close(cursor));
  Must(connection_->checkpoints().Take());
}

}  // namespace trimaran::bench
