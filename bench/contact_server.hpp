// A TLS server of contact pages made beforehand, in a process of its own so that its CPU time is
// not the benchmark's.
#pragma once

#include "bench/contact_pages.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace nexte::bench {

/// Serves `GET /crm/v3/objects/contacts?limit=100[&after=N]` over contacts of about 470 bytes each:
/// ids ascend, `after` is the last id of the page before, the last page has no `paging`. For an
/// engine it also answers the token exchange (the code is the account), and the search and the list
/// of archived contacts with nothing.
class contact_server {
public:
  /// Forks. Throws std::runtime_error when it does not come up.
  /// @pre this process has no other thread yet
  explicit contact_server(uint64_t contacts);
  /// Ends the process and waits for it. It also ends by itself when this process dies.
  /// @pre servers made later have ended: they hold this one's lifeline too
  ~contact_server();
  contact_server(const contact_server&) = delete;
  contact_server& operator=(const contact_server&) = delete;

  uint16_t port() const {
    return port_;
  }
  uint64_t contacts() const {
    return contacts_;
  }
  /// The authority that signed its certificate for 127.0.0.1.
  const std::string& ca_pem() const {
    return ca_pem_;
  }

private:
  uint64_t contacts_;
  std::string ca_pem_;
  pid_t process_ = -1;
  int lifeline_ = -1; ///< Closed: the process ends.
  uint16_t port_ = 0;
};

} // namespace nexte::bench
