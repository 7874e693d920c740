#include <cstdio>

#include "trimaran/db.h"

int main() {
  auto db = trimaran::DB::Open({}, "greetings.db");
  if (!db.ok()) return std::puts(db.status().ToString().c_str()), 1;

  // Durable when it returns.
  auto put = (*db)->Put("hello", "world");
  if (!put.ok()) return std::puts(put.status().ToString().c_str()), 1;

  auto value = (*db)->Get("hello");
  if (!value.ok()) return std::puts(value.status().ToString().c_str()), 1;
  std::printf("hello, %s\n", value->value_or("nobody").c_str());
}
