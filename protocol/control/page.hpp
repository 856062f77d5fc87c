// The Apps page as built into the program: the files of protocol/control/page/.
#pragma once

#include <span>
#include <string_view>

namespace nexte::control {

struct page_file {
  std::string_view path; ///< As it is asked for: "/", "/page/app.js".
  std::string_view type; ///< Content-Type
  std::string_view content;
};

std::span<const page_file> page_files();

} // namespace nexte::control
