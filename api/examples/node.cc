// One replica of three, each in a process of its own. Start it three times,
// with the same three addresses:
//
//   example_node 1 replica1 127.0.0.1:7001 127.0.0.1:7002 127.0.0.1:7003
//
// and type at any of them: "put KEY VALUE", "get KEY", "status", "quit".

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace {

absl::StatusOr<std::unique_ptr<trimaran::DB>> Open(char** arguments) {
  trimaran::Options options;
  options.cluster = "inventory";
  options.replica_id = std::strtoull(arguments[1], nullptr, 10);
  for (uint64_t id = 1; id <= 3; ++id) {
    options.founders[id].address = arguments[2 + id];
  }
  options.listen = options.founders[options.replica_id].address;
  // Beyond one machine there is `options.tls`, or, on a network where nobody
  // else is, `options.insecure`.
  return trimaran::DB::Open(options, arguments[2]);
}

std::string Answer(trimaran::DB& db, const std::string& line) {
  std::istringstream words(line);
  std::string call;
  std::string key;
  std::string value;
  words >> call >> key;
  std::getline(words >> std::ws, value);
  if (call == "put") return db.Put(key, value).status().ToString();
  if (call == "get") {
    auto found = db.Get(key);
    return found.ok() ? found->value_or("(none)") : found.status().ToString();
  }
  if (call == "status") {
    const auto status = db.admin().GetStatus();
    if (!status.ok()) return status.status().ToString();
    return std::string(trimaran::RoleName(status->role)) + " of term " +
           std::to_string(status->term) + ", leader " +
           std::to_string(status->leader);
  }
  return "put KEY VALUE, get KEY, status, or quit";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    return std::puts("node ID DIRECTORY ADDRESS ADDRESS ADDRESS"), 2;
  }
  auto db = Open(argv);
  if (!db.ok()) return std::puts(db.status().ToString().c_str()), 1;
  std::string line;
  while (std::getline(std::cin, line) && line != "quit") {
    std::cout << Answer(**db, line) << "\n" << std::flush;
  }
  const absl::Status closed = (*db)->Close();
  if (!closed.ok()) return std::puts(closed.ToString().c_str()), 1;
}
