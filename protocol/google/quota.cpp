#include "protocol/google/quota.hpp"

namespace nexte::google {

using namespace std::chrono_literals;

std::vector<quota_window> quota_windows() {
  const std::string gmail{gmail_endpoint};
  const std::string drive{drive_endpoint};
  return {
      // Units; the values of new projects, the lower ones (google.md §2.5).
      {"GMAIL_PROJECT_MINUTE", 1'200'000, 1min, counter_scope::app, gmail},
      {"GMAIL_USER_MINUTE", 6'000, 1min, counter_scope::user, gmail},
      // Units; beyond it calls are not refused but cost money (google.md §2.5).
      {"GMAIL_PROJECT_DAY", 80'000'000, 24h, counter_scope::app, gmail, quota_unit::cost, true},
      // Requests (google.md §3.4).
      {"CALENDAR_PROJECT_MINUTE", 10'000, 1min, counter_scope::app, "", quota_unit::request},
      {"CALENDAR_USER_MINUTE", 600, 1min, counter_scope::user, "", quota_unit::request},
      {"CALENDAR_PROJECT_DAY", 1'000'000, 24h, counter_scope::app, "", quota_unit::request, true},
      // Requests; the values of old projects, for what a method costs in the units of new ones is
      // not known (google.md §4.4).
      {"DRIVE_PROJECT_MINUTE", 12'000, 1min, counter_scope::app, drive, quota_unit::request},
      {"DRIVE_USER_MINUTE", 12'000, 1min, counter_scope::user, drive, quota_unit::request},
  };
}

} // namespace nexte::google
