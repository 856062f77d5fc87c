// Requests as the client sends them, and answers as its callers see them. No I/O.
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/http/url.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace nexte {

using request_message = boost::beast::http::request<boost::beast::http::span_body<const char>>;
using answered_message = boost::beast::http::response<boost::beast::http::string_body>;

/// The URL's parts. `refused` when it is no URL, or when the method or a field would break the
/// head of the message. No text quotes the request.
result<url_parts> check(const http_request& request);

/// GET and HEAD: sending them twice does what sending them once does.
bool is_safe(std::string_view method);

/// The message to send; it points into `request.body`. Of the fields that are the transport's own
/// the caller's are left out. @pre `check` passed
request_message to_message(const http_request& request, const url_parts& url,
                           std::string_view user_agent);

/// Takes the body out of `message` and unpacks it. `refused` when it grows over `body_bytes_max`,
/// `transport` when it is broken or in an encoding that was not asked for.
result<http_response> to_response(answered_message& message, size_t body_bytes_max);

/// Where the answer to `request` sends on, in full; nullopt when it is to be given to the caller:
/// no redirect, no Location, or another method than GET and HEAD. `refused` when it leads to
/// another origin: the request may carry a token.
std::optional<result<std::string>> redirection(const http_request& request, const url_parts& url,
                                               const http_response& response);

} // namespace nexte
