// A program of somebody else's, who has the headers and a library.
#include <trimaran/admin.h>
#include <trimaran/db.h>
#include <trimaran/errors.h>
#include <trimaran/export.h>
#include <trimaran/iterator.h>
#include <trimaran/network.h>
#include <trimaran/options.h>
#include <trimaran/status.h>
#include <trimaran/transaction.h>
#include <trimaran/version.h>
#include <trimaran/watch.h>
#include <trimaran/write_batch.h>

#include <cstdio>

#if __has_include("engine/engine.h")
#error "internal headers are visible to users"
#endif

namespace {

int Fail(const absl::Status& status) {
  std::puts(status.ToString().c_str());
  return 1;
}

int Write() {
  auto db = trimaran::DB::Open({}, "consumer.db");
  if (!db.ok()) return Fail(db.status());
  auto put = (*db)->Put("key", "value");
  if (trimaran::OutcomeOf(put.status()) != trimaran::WriteOutcome::kApplied) {
    return Fail(put.status());
  }
  auto status = (*db)->admin().GetStatus();
  return status.ok() ? 0 : Fail(status.status());
}

int Read() {
  auto db = trimaran::DB::Open({.create_if_missing = false}, "consumer.db");
  if (!db.ok()) return Fail(db.status());
  auto rows = (*db)->Scan(trimaran::KeyRange::Prefix("k"));
  if (!rows.ok()) return Fail(rows.status());
  if (!(*rows)->Valid() || (*rows)->value() != "value") return 1;
  auto closed = (*db)->Close();
  return closed.ok() ? 0 : Fail(closed);
}

}  // namespace

int main() {
  if (trimaran_version_number() != TRIMARAN_VERSION_NUMBER) return 1;
  if (Write() != 0 || Read() != 0) return 1;
  std::printf("trimaran %s\n", trimaran_version());
}
