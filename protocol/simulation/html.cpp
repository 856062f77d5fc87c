#include "protocol/simulation/html.hpp"

namespace nexte::simulation {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string option(std::string_view type, std::string_view name, std::string_view value,
                   std::string_view label, bool checked) {
  std::string out = "<p><label><input type=\"";
  out.append(type).append("\" name=\"").append(name).append("\" value=\"").append(escaped(value));
  out.append(checked ? "\" checked> " : "\"> ").append(escaped(label)).append("</label></p>");
  return out;
}

http_response web_page(int status, std::string content) {
  http_response page{
      status,
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Simulated "
      "provider</title></head><body>"
          + std::move(content) + "</body></html>",
      "text/html; charset=utf-8"};
  page.headers.add("Cache-Control", "no-store");
  page.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  page.headers.add("Referrer-Policy", "no-referrer");
  return page;
}

http_response error_page(int status, std::string_view reason) {
  return web_page(status, "<h1>This does not work</h1><p>" + escaped(reason) + "</p>");
}

} // namespace nexte::simulation
