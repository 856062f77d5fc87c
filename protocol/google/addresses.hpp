// Where Google's APIs are. Pure.
#pragma once

#include <string>
#include <string_view>

namespace nexte::google {

/// Where Calendar and Drive are (google.md §3, §4).
inline constexpr std::string_view api_base = "https://www.googleapis.com";
/// Where Gmail is (google.md §2).
inline constexpr std::string_view gmail_api_base = "https://gmail.googleapis.com";

/// The mailbox of who signed in. Google has Gmail on a host of its own; whoever configures another
/// address has all APIs below that one.
inline std::string mailbox_url(std::string_view configured) {
  return std::string{configured == api_base ? gmail_api_base : configured} + "/gmail/v1/users/me";
}

} // namespace nexte::google
