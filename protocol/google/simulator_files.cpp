#include "protocol/google/simulator_files.hpp"

#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>

namespace nexte::simulation::google {

std::vector<seen_record> files::all() const {
  std::vector<seen_record> seen;
  for (const auto& [id, one] : files_)
    seen.push_back({id, std::to_string(one.version), one.modified_at, one.trashed});
  return seen;
}

std::string files::create(std::string_view text, wall_time now) {
  file made;
  made.id = fresh_id();
  made.name = text;
  made.mime_type = "application/vnd.google-apps.document";
  made.created_at = made.modified_at = now;
  auto id = made.id;
  files_.emplace(id, std::move(made));
  note(id, false, now);
  return id;
}

void files::edit(std::string_view id, std::string_view text, wall_time now) {
  auto& one = change(id, now);
  one.name = text;
  one.modified_at = now;
}

void files::remove(std::string_view id, wall_time now) {
  change(id, now).trashed = true;
}

void files::restore(std::string_view id, wall_time now) {
  change(id, now).trashed = false;
}

void files::erase(std::string_view id, wall_time now) {
  note(id, true, now);
  files_.erase(files_.find(id));
}

void files::seed(file made) {
  made.id = fresh_id();
  auto id = made.id;
  files_.emplace(std::move(id), std::move(made));
}

const file* files::find(std::string_view id) const {
  const auto found = files_.find(id);
  return found == files_.end() ? nullptr : &found->second;
}

std::pair<std::vector<std::pair<uint64_t, file_change>>, bool> files::changes(uint64_t from,
                                                                              size_t most) const {
  std::vector<std::pair<uint64_t, file_change>> found;
  auto at = changes_.lower_bound(from);
  for (; at != changes_.end() && found.size() < most; ++at)
    found.emplace_back(at->first, at->second);
  return {std::move(found), at != changes_.end()};
}

std::string files::fresh_id() {
  constexpr std::string_view digits
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string id = "1";
  for (auto rest = seeded_random::mix(++last_id_); rest > 0; rest /= digits.size())
    id += digits[rest % digits.size()];
  return id;
}

file& files::change(std::string_view id, wall_time now) {
  auto& one = files_.find(id)->second;
  ++one.version;
  note(id, false, now);
  return one;
}

void files::note(std::string_view id, bool removed, wall_time now) {
  if (const auto known = latest_.find(id); known != latest_.end())
    changes_.erase(known->second);
  changes_[++last_change_] = {std::string{id}, now, removed};
  latest_.insert_or_assign(std::string{id}, last_change_);
}

void write_file(json::writer& out, const file& one, std::string_view owner) {
  out.begin_object().key("kind").value("drive#file").key("id").value(one.id);
  out.key("name").value(one.name).key("mimeType").value(one.mime_type);
  out.key("parents").begin_array().value(one.drive.empty() ? "0Root" : one.drive).end_array();
  if (!one.drive.empty())
    out.key("driveId").value(one.drive);
  out.key("trashed").value(one.trashed).key("explicitlyTrashed").value(one.trashed);
  out.key("createdTime").value(format_iso_time(one.created_at));
  out.key("modifiedTime").value(format_iso_time(one.modified_at));
  out.key("version").value(std::to_string(one.version));
  out.key("webViewLink").value("https://drive.google.com/file/d/" + one.id + "/view");
  out.key("owners").begin_array().begin_object().key("emailAddress").value(owner);
  out.key("me").value(true).end_object().end_array();
  out.key("capabilities").begin_object().key("canEdit").value(true).end_object();
  out.end_object();
}

} // namespace nexte::simulation::google
