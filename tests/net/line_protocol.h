#ifndef TRIMARAN_TESTS_NET_LINE_PROTOCOL_H_
#define TRIMARAN_TESTS_NET_LINE_PROTOCOL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a test and net_replica say to each other, a line each way per call:
//
//   7 2000 put key value             id, time-out in ms (0: none given), call
//   7 ok index=12 term=3             id, outcome, fields
//   7 error code=Unavailable outcome=unknown message=no%20leader
//
// Words hold any bytes: what is no plain character is written %XX, and an empty
// word %.
//
// Thread: values and pure functions; any.

namespace trimaran::net {

struct Request {
  uint64_t id = 0;
  uint64_t timeout_ms = 0;
  std::string operation = {};
  std::vector<std::string> arguments = {};

  friend bool operator==(const Request&, const Request&) = default;
};

struct Answer {
  using Field = std::pair<std::string, std::string>;

  uint64_t id = 0;
  bool ok = false;
  // In order; a name may come several times.
  std::vector<Field> fields = {};

  void Add(std::string_view name, std::string_view value);
  void Add(std::string_view name, uint64_t value);
  // The first one of that name.
  std::optional<std::string> Find(std::string_view name) const;
  // "" and 0 if there is none.
  std::string Text(std::string_view name) const;
  uint64_t Number(std::string_view name) const;
  // All of it, for people.
  std::string ToString() const;

  friend bool operator==(const Answer&, const Answer&) = default;
};

// Without the end of the line.
std::string Encode(const Request& request);
std::string Encode(const Answer& answer);
// Empty for what Encode does not make.
std::optional<Request> DecodeRequest(std::string_view line);
std::optional<Answer> DecodeAnswer(std::string_view line);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_LINE_PROTOCOL_H_
