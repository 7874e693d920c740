#include <trimaran/admin.h>
#include <trimaran/db.h>
#include <trimaran/errors.h>
#include <trimaran/iterator.h>
#include <trimaran/network.h>
#include <trimaran/options.h>
#include <trimaran/status.h>
#include <trimaran/transaction.h>
#include <trimaran/watch.h>
#include <trimaran/write_batch.h>

#include <cstdio>

#if __has_include("engine/engine.h")
#error "internal headers are visible to users"
#endif

int main() {
  auto db = trimaran::DB::Open({}, "consumer.db");
  if (!db.ok()) return std::puts(db.status().ToString().c_str()), 1;
  auto put = (*db)->Put("key", "value");
  if (trimaran::OutcomeOf(put.status()) != trimaran::WriteOutcome::kApplied) {
    return std::puts(put.status().ToString().c_str()), 1;
  }
  return (*db)->admin().GetStatus().ok() ? 0 : 1;
}
