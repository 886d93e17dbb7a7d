#include "service/daemon/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace hub {

namespace {

constexpr const char* variables[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};

int64_t number_in(const variable_map& from, std::string_view name) {
  auto* text = find_variable(from, name);
  int64_t result = 0;
  if (text)
    std::from_chars(text->data(), text->data() + text->size(), result);
  return result;
}

} // namespace

service_notifier::service_notifier(variable_map& environment) {
  for (auto* name : variables) {
    if (auto* value = find_variable(environment, name))
      taken_[name] = *value;
    environment.erase(name);
    ::unsetenv(name);
  }
  auto* address = find_variable(taken_, variables[0]);
  if (!address || address->size() < 2 || address->size() >= sizeof(sockaddr_un::sun_path)
      || (address->front() != '/' && address->front() != '@'))
    return;
  address_ = *address;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // A manager with much to read gets a second to read what must not be lost.
  timeval limit{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  auto pid = number_in(taken_, "WATCHDOG_PID");
  if (pid == 0 || pid == ::getpid())
    watchdog_ = std::chrono::microseconds{number_in(taken_, "WATCHDOG_USEC")};
}

service_notifier::~service_notifier() {
  if (socket_ >= 0)
    ::close(socket_);
}

void service_notifier::ready(std::string_view status) const {
  std::string text = "READY=1";
  if (!status.empty())
    text.append("\nSTATUS=").append(status.substr(0, status.find('\n')));
  send(text);
}

void service_notifier::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void service_notifier::stopping() const {
  send("STOPPING=1\nSTATUS=Calls in flight end, then the servers");
}

void service_notifier::alive() const {
  send("WATCHDOG=1", MSG_DONTWAIT);
}

void service_notifier::give_back() const {
  for (auto& [name, value] : taken_)
    ::setenv(name.c_str(), value.c_str(), 1);
}

void service_notifier::send(const std::string& text, int flags) const noexcept {
  if (socket_ < 0)
    return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  auto size = offsetof(sockaddr_un, sun_path) + address_.size();
  if (address_.front() == '@')
    address.sun_path[0] = '\0';
  else
    ++size;
  // One sign of life that is lost matters little; there are three in each period.
  ::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL | flags, reinterpret_cast<sockaddr*>(&address),
           static_cast<socklen_t>(size));
}

} // namespace hub
