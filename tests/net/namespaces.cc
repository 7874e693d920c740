#include "tests/net/namespaces.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status_macros.h"
#include "tests/net/command.h"

namespace trimaran::net {
namespace {

// Where `ip` keeps the names.
constexpr const char* kNames = "/run/netns";
constexpr const char* kBridgeHost = "bridge";

absl::Status Ip(const std::string& words) {
  return RunCommand(absl::StrSplit(absl::StrCat("ip ", words), ' '));
}

std::string NameOf(uint64_t host) { return absl::StrCat("host", host); }

absl::Status MakeHost(const std::string& name) {
  TRIMARAN_RETURN_IF_ERROR(Ip(absl::StrCat("netns add ", name)));
  return Ip(absl::StrCat("-n ", name, " link set lo up"));
}

// A name space of mounts of our own, with an empty folder of names in it.
absl::Status HideNames() {
  if (unshare(CLONE_NEWNS) != 0 ||
      mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return absl::UnavailableError(absl::StrCat("unshare: ", strerror(errno)));
  }
  (void)mkdir(kNames, 0755);
  if (mount("tmpfs", kNames, "tmpfs", 0, "mode=0755") != 0) {
    return absl::UnavailableError(absl::StrCat("mount: ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Namespaces::Make(uint64_t hosts) {
  TRIMARAN_RETURN_IF_ERROR(HideNames());
  TRIMARAN_RETURN_IF_ERROR(MakeHost(kBridgeHost));
  const std::string bridge = absl::StrCat("-n ", kBridgeHost, " link ");
  TRIMARAN_RETURN_IF_ERROR(Ip(bridge + "add bridge0 type bridge"));
  TRIMARAN_RETURN_IF_ERROR(Ip(bridge + "set bridge0 up"));
  for (uint64_t host = 1; host <= hosts; ++host) {
    const std::string name = NameOf(host);
    const std::string port = absl::StrCat("port", host);
    TRIMARAN_RETURN_IF_ERROR(MakeHost(name));
    TRIMARAN_RETURN_IF_ERROR(
        Ip(absl::StrCat("-n ", name, " link add eth0 type veth peer name ",
                        port, " netns ", kBridgeHost)));
    TRIMARAN_RETURN_IF_ERROR(
        Ip(absl::StrCat(bridge, "set ", port, " master bridge0")));
    TRIMARAN_RETURN_IF_ERROR(Plug(host));
    TRIMARAN_RETURN_IF_ERROR(GiveAddress(host));
    TRIMARAN_RETURN_IF_ERROR(
        Ip(absl::StrCat("-n ", name, " link set eth0 up")));
  }
  return absl::OkStatus();
}

std::string Namespaces::AddressOf(uint64_t host) const {
  return absl::StrCat("10.77.0.", host);
}

std::vector<std::string> Namespaces::WrapperOf(uint64_t host) const {
  return {"ip", "netns", "exec", NameOf(host)};
}

absl::Status Namespaces::Unplug(uint64_t host) {
  return Ip(absl::StrCat("-n ", kBridgeHost, " link set port", host, " down"));
}
absl::Status Namespaces::Plug(uint64_t host) {
  return Ip(absl::StrCat("-n ", kBridgeHost, " link set port", host, " up"));
}

absl::Status Namespaces::CutOneWay(uint64_t from, uint64_t to) {
  // To a neighbour that does not exist: nobody is told that it gets lost.
  return Ip(absl::StrCat("-n ", NameOf(from), " neigh replace ", AddressOf(to),
                         " lladdr 02:00:00:00:00:99 dev eth0 nud permanent"));
}
absl::Status Namespaces::HealOneWay(uint64_t from, uint64_t to) {
  return Ip(absl::StrCat("-n ", NameOf(from), " neigh del ", AddressOf(to),
                         " dev eth0"));
}

absl::Status Namespaces::TakeAddress(uint64_t host) {
  return Ip(absl::StrCat("-n ", NameOf(host), " addr del ", AddressOf(host),
                         "/24 dev eth0"));
}
absl::Status Namespaces::GiveAddress(uint64_t host) {
  return Ip(absl::StrCat("-n ", NameOf(host), " addr add ", AddressOf(host),
                         "/24 dev eth0"));
}

}  // namespace trimaran::net
