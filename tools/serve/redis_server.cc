#include "tools/serve/redis_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tools/serve/constant_time.h"
#include "tools/serve/server_report.h"
#include "trimaran/admin.h"

namespace trimaran::serve {
namespace {

constexpr absl::Duration kSweepInterval = absl::Seconds(1);
constexpr absl::Duration kEndInterval = absl::Milliseconds(10);
constexpr int kAcceptsPerTurn = 64;
// When a peer's system is taken for dead.
constexpr absl::Duration kSilenceMax = absl::Seconds(60);

ConnectionHost HostOf(const RedisServer::Parts& parts, ServerFacts& facts) {
  return {.loop = parts.loop,
          .runner = parts.runner,
          .facts = facts,
          .counters = parts.counters,
          .settings = parts.settings};
}

}  // namespace

RedisServer::RedisServer(const Parts& parts, OpenPort port)
    : parts_(parts),
      host_(HostOf(parts, *this)),
      port_(std::move(port)),
      started_(parts.clock.Now()) {}

RedisServer::~RedisServer() = default;

void RedisServer::Start() {
  watch_ = std::make_unique<ClientLoop::Watch>(parts_.loop, port_.socket.get(),
                                               *this);
  watch_->Want(true, false);
  Sweep();
}

void RedisServer::Drain() {
  draining_ = true;
  watch_.reset();
  // Whoever waits to be let in learns that now.
  port_.socket = UniqueFd();
  // Some of them leave at once.
  std::vector<std::shared_ptr<ClientConnection>> clients;
  for (const auto& [id, client] : clients_) clients.push_back(client);
  for (const auto& client : clients) client->Drain();
}

void RedisServer::WhenAnswered(absl::AnyInvocable<void()> answered) {
  const bool all = std::all_of(
      clients_.begin(), clients_.end(),
      [](const auto& client) { return client.second->said_goodbye(); });
  if (all) return answered();
  parts_.loop.RunAt(parts_.clock.Now() + kEndInterval,
                    [this, answered = std::move(answered)]() mutable {
                      WhenAnswered(std::move(answered));
                    });
}

// ---- Who comes and goes ----

void RedisServer::OnReady(ClientLoop::Ready) { Accept(); }

void RedisServer::Accept() {
  for (int turn = 0; turn < kAcceptsPerTurn && !draining_; ++turn) {
    Accepted accepted = AcceptOne(port_.socket);
    switch (accepted.kind) {
      case Accepted::Kind::kSocket:
        Add(std::move(accepted.socket));
        continue;
      case Accepted::Kind::kGone:
        continue;
      case Accepted::Kind::kNobody:
        break;
      case Accepted::Kind::kNoRoom:
        // The sweep tries again.
        waiting_for_room_ = true;
        watch_->Want(false, false);
        return;
    }
    break;
  }
  if (!draining_) watch_->Want(true, false);
}

void RedisServer::Add(UniqueFd socket) {
  parts_.counters.connections.fetch_add(1);
  if (clients_.size() >= parts_.settings.redis.clients_max) {
    return Refuse(socket);
  }
  if (!SetConnectionOptions(socket, kSilenceMax).ok()) return;
  const uint64_t id = next_id_++;
  ClientFacts facts{.id = id,
                    .address = PeerAddress(socket),
                    .local_address = LocalAddress(socket)};
  const auto client = std::make_shared<ClientConnection>(
      host_, std::move(socket), std::move(facts), [this, id] { Remove(id); });
  clients_[id] = client;
  parts_.counters.clients.store(clients_.size());
  if (!client->Start()) Remove(id);
}

void RedisServer::Refuse(const UniqueFd& socket) {
  parts_.counters.connections_refused.fetch_add(1);
  constexpr std::string_view why = "-ERR max number of clients reached\r\n";
  // Whoever does not take it at once will see the end of the connection.
  ::send(socket.get(), why.data(), why.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void RedisServer::Remove(uint64_t id) {
  clients_.erase(id);
  parts_.counters.clients.store(clients_.size());
}

void RedisServer::Sweep() {
  const MonotonicTime now = parts_.clock.Now();
  uint64_t output = 0;
  uint64_t input = 0;
  std::vector<std::shared_ptr<ClientConnection>> clients;
  for (const auto& [id, client] : clients_) {
    output += client->output_bytes();
    input += client->session().waiting_bytes();
    clients.push_back(client);
  }
  for (const auto& client : clients) client->CheckTime(now);
  parts_.counters.output_bytes.store(output);
  parts_.counters.input_bytes.store(input);
  const uint64_t commands = parts_.counters.commands.load();
  commands_per_second_ = commands - commands_before_;
  commands_before_ = commands;
  if (!draining_ && waiting_for_room_) {
    waiting_for_room_ = false;
    Accept();
  }
  parts_.loop.RunAt(now + kSweepInterval, [this] { Sweep(); });
}

// ---- What is known ----

bool RedisServer::PasswordIs(std::string_view password) {
  return SameBytes(password, parts_.settings.redis.password);
}

bool RedisServer::needs_password() const {
  return !parts_.settings.redis.password.empty();
}

std::string RedisServer::Info(std::string_view section) {
  const ReplicaStatus replica = Status();
  return InfoText({.settings = parts_.settings,
                   .counters = parts_.counters,
                   .replica = replica,
                   .address = port_.address,
                   .uptime = parts_.clock.Now() - started_,
                   .commands_per_second = commands_per_second_},
                  section);
}

std::string RedisServer::LineOf(const ClientConnection& client) const {
  const MonotonicTime now = parts_.clock.Now();
  const SessionState& state = client.session().state();
  return absl::StrCat(
      "id=", state.facts.id, " addr=", state.facts.address,
      " laddr=", state.facts.local_address, " name=", state.facts.name,
      " age=", absl::ToInt64Seconds(now - client.since()),
      " idle=", absl::ToInt64Seconds(now - client.last_heard()),
      " flags=", state.in_multi ? "x" : "N", " db=0 multi=",
      state.in_multi ? static_cast<int64_t>(state.queued.size()) : -1,
      " watch=", state.watched.size(),
      " qbuf=", client.session().waiting_bytes(),
      " omem=", client.output_bytes(),
      " cmd=", ToAbsl(client.session().last_command()),
      " user=default resp=2 lib-name=", state.facts.library,
      " lib-ver=", state.facts.library_version, "\n");
}

std::string RedisServer::ClientList() {
  std::string lines;
  for (const auto& [id, client] : clients_) {
    lines.append(LineOf(*client));
  }
  return lines;
}

std::string RedisServer::ClientLine(uint64_t id) {
  const auto found = clients_.find(id);
  return found == clients_.end() ? std::string() : LineOf(*found->second);
}

std::vector<std::pair<std::string, std::string>> RedisServer::Config() {
  return ConfigValues(parts_.settings);
}

ReplicaStatus RedisServer::Status() {
  auto status = parts_.db.admin().GetStatus();
  if (status.ok()) return *std::move(status);
  ReplicaStatus closed;
  closed.failure = status.status();
  return closed;
}

}  // namespace trimaran::serve
