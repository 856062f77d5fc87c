#include "protocol/microsoft/quota.hpp"

namespace nexte::microsoft {

using namespace std::chrono_literals;

// Outlook's third limit, 150 MB of uploads in 5 minutes per mailbox (microsoft.md §7), is not
// counted: a written event or contact is a few KB, so the request limit comes first by far.
std::vector<quota_window> quota_windows() {
  return {
      // Requests, over all tenants (microsoft.md §7).
      {"GRAPH_APP", 130'000, 10s, counter_scope::app, std::string{every_endpoint},
       quota_unit::request},
      // Requests per app and mailbox (microsoft.md §7).
      {"OUTLOOK_MAILBOX", 10'000, 10min, counter_scope::user, std::string{outlook_endpoint},
       quota_unit::request},
  };
}

std::vector<concurrency_cap> concurrency_caps() {
  // Requests in flight per mailbox. The limit is 4, and can be hit with exactly 4: use 3
  // (microsoft.md §7).
  return {{"MailboxConcurrency", 3, counter_scope::user, std::string{outlook_endpoint}}};
}

} // namespace nexte::microsoft
