// The few bits of HTML that consent pages are made of.
#pragma once

#include "protocol/http/message.hpp"

#include <string>
#include <string_view>

namespace nexte::simulation {

/// `text` for an element or a quoted attribute.
std::string escaped(std::string_view text);
/// One labelled radio button or check box.
std::string option(std::string_view type, std::string_view name, std::string_view value,
                   std::string_view label, bool checked);
/// A whole page around `content`, never cached, that runs no script and loads nothing.
http_response web_page(int status, std::string content);
/// A page that says why it goes no further.
http_response error_page(int status, std::string_view reason);

} // namespace nexte::simulation
