#ifndef TRIMARAN_API_C_HANDLES_H_
#define TRIMARAN_API_C_HANDLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "trimaran/admin.h"
#include "trimaran/c.h"
#include "trimaran/db.h"

// What is behind the handles of trimaran/c.h: objects of the interface in C++.
// Those that are built up step by step remember what went wrong on the way.

// NOLINTBEGIN(readability-identifier-naming): the names are those in C.

struct trimaran_error {
  trimaran_code code = TRIMARAN_OK;
  trimaran_outcome outcome = TRIMARAN_OUTCOME_UNKNOWN;
  std::string message;
  uint64_t leader = 0;
  bool not_leader = false;
  bool compacted = false;
  bool corruption = false;
  bool newer_format = false;
};

struct trimaran_network {
  std::shared_ptr<trimaran::InProcessNetwork> network;
};

struct trimaran_options {
  trimaran::Options options;
  absl::Status problem;
};

struct trimaran_write_options {
  trimaran::WriteOptions options;
};

struct trimaran_read_options {
  trimaran::ReadOptions options;
  absl::Status problem;
};

struct trimaran_scan_options {
  trimaran::ScanOptions options;
  absl::Status problem;
};

struct trimaran_range {
  trimaran::KeyRange range;
};

struct trimaran_batch {
  // Of its own, or a part of a transaction.
  trimaran::WriteBatch* batch = nullptr;
  std::unique_ptr<trimaran::WriteBatch> own;
  absl::Status problem;
};

struct trimaran_transaction {
  trimaran::Transaction transaction;
  absl::Status problem;
  trimaran_batch then = {&transaction.then, nullptr, absl::OkStatus()};
  trimaran_batch otherwise = {&transaction.otherwise, nullptr,
                              absl::OkStatus()};
};

struct trimaran_commit_result {
  trimaran::CommitResult result;
};

struct trimaran_db {
  std::unique_ptr<trimaran::DB> db;
};

struct trimaran_values {
  std::vector<std::optional<std::string>> values;
};

struct trimaran_families {
  std::vector<trimaran::DB::NamedFamily> families;
};

struct trimaran_iterator {
  std::unique_ptr<trimaran::Iterator> iterator;
  // Of a Seek that could not be made.
  absl::Status problem;
};

struct trimaran_watcher {
  std::unique_ptr<trimaran::Watcher> watcher;
};

struct trimaran_watch_batch {
  trimaran::WatchBatch batch;
};

struct trimaran_status {
  trimaran::ReplicaStatus status;
  std::string json;
};

struct trimaran_verify_result {
  trimaran::VerifyResult result;
};

struct trimaran_consistency {
  trimaran::ConsistencyResult result;
};

// NOLINTEND(readability-identifier-naming)

#endif  // TRIMARAN_API_C_HANDLES_H_
