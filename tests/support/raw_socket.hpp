// Blocking sockets on loopback for tests of bad behaviour: bytes out, bytes in, no HTTP.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace nexte::testing {

/// One connection. A stuck test fails after 20 s instead of hanging.
class raw_socket {
public:
  explicit raw_socket(int descriptor) : socket_(descriptor) {
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  raw_socket(raw_socket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket() {
    close();
  }
  int descriptor() const {
    return socket_;
  }
  void close() {
    if (socket_ >= 0)
      ::close(std::exchange(socket_, -1));
  }
  /// Closes so that the peer sees a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  /// Whether the peer still takes the bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  /// Bytes up to and with `end`, or up to the peer's close.
  std::string read_until(std::string_view end) {
    std::string all;
    char byte;
    while (!all.ends_with(end) && ::recv(socket_, &byte, 1, 0) == 1)
      all += byte;
    return all;
  }
  /// Everything until the peer closes; "reset" at the end if it closed roughly.
  std::string read_all() {
    std::string all;
    char part[4096];
    for (;;) {
      const auto got = ::recv(socket_, part, sizeof part, 0);
      if (got == 0)
        return all;
      if (got < 0)
        return all + "reset";
      all.append(part, static_cast<size_t>(got));
    }
  }

private:
  int socket_;
};

inline sockaddr_in loopback(uint16_t port, const char* address = "127.0.0.1") {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &made.sin_addr);
  return made;
}

class raw_client : public raw_socket {
public:
  explicit raw_client(uint16_t port, const char* address = "127.0.0.1")
      : raw_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto to = loopback(port, address);
    connected_ = ::connect(descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  bool connected() const {
    return connected_;
  }

private:
  bool connected_ = false;
};

/// Serves one connection after the other, each by the next script.
class raw_server {
public:
  using script = std::function<void(raw_socket&)>;

  explicit raw_server(std::vector<script> scripts)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), size) != 0
        || ::listen(listener_, 16) != 0)
      throw std::runtime_error{"no port on 127.0.0.1"};
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this, scripts = std::move(scripts)] {
      for (const auto& serve : scripts) {
        raw_socket peer{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)};
        if (peer.descriptor() < 0)
          return;
        serve(peer);
      }
    }};
  }
  ~raw_server() {
    ::shutdown(listener_, SHUT_RDWR); // ends an accept that waits
    thread_.join();
    ::close(listener_);
  }
  uint16_t port() const {
    return port_;
  }
  std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

private:
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace nexte::testing
