#include "protocol/microsoft/checkpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::microsoft;

namespace {

constexpr auto listing = checkpoint::phase::list;
constexpr auto changes = checkpoint::phase::changes;

checkpoint made(checkpoint::phase at, std::string link) {
  checkpoint from;
  from.at = at;
  from.link = std::move(link);
  from.from = *parse_iso_time("2025-03-01");
  from.until = *parse_iso_time("2027-03-01");
  return from;
}

} // namespace

TEST(MicrosoftCheckpoint, ReadsWhatItWrites) {
  for (const auto& one :
       {made(listing, ""), made(listing, "/me/x?$skiptoken=a\"b"), made(changes, "/me/y")})
    EXPECT_EQ(read_checkpoint(write_checkpoint(one)), one);
}

TEST(MicrosoftCheckpoint, OfMailReadsWhatItWrites) {
  mail_checkpoint from;
  from.at = mail_checkpoint::phase::closing;
  EXPECT_EQ(read_mail_checkpoint(write_mail_checkpoint(from)), from);
  from.folders = {{"A=", "/me/a", true}, {"B=", "/me/b", false}, {"C=", "", false}};
  EXPECT_EQ(read_mail_checkpoint(write_mail_checkpoint(from)), from);
}

TEST(MicrosoftCheckpoint, RefusesAnyOther) {
  for (const auto* text :
       {"", "{}", "[]", R"({"v":2,"phase":"list","from":0,"until":0})",
        R"({"v":1,"phase":"other","from":0,"until":0})", R"({"v":1,"phase":"list","from":0})",
        R"({"v":1,"phase":"list","from":-1,"until":0})",
        R"({"v":1,"phase":"changes","from":0,"until":0})"})
    EXPECT_FALSE(read_checkpoint(text)) << text;
  for (const auto* text :
       {"", R"({"v":1,"phase":"list"})", R"({"v":2,"phase":"list","folders":[]})",
        R"({"v":1,"phase":"list","folders":[{"link":"/me"}]})",
        R"({"v":1,"phase":"list","folders":[{"id":"A","ended":true}]})",
        R"({"v":1,"phase":"list","folders":[7]})"})
    EXPECT_FALSE(read_mail_checkpoint(text)) << text;
}

TEST(MicrosoftCheckpoint, LeadsNowhereButBelowTheApi) {
  for (const std::string link : {"https://evil.example/", ".evil.example/", "@evil.example/"}) {
    EXPECT_FALSE(read_checkpoint(write_checkpoint(made(changes, link)))) << link;
    mail_checkpoint mail;
    mail.folders = {{"A", link, true}};
    EXPECT_FALSE(read_mail_checkpoint(write_mail_checkpoint(mail))) << link;
  }
}
