#include "storage/settlement.hpp"

#include "storage/checksum.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

using edit_list = std::vector<edit_row>;

field_map patch_of(const edit_row& edit) {
  field_map patch;
  for (const auto& [field, change] : edit.fields)
    patch.emplace(field, change.value);
  return patch;
}

change_stamp stamp_of(const edit_row& edit) {
  return {edit.edited_at + edit.skew, edit_side::local};
}

record_version local_version(const record_base& base, const edit_list& edits) {
  record_version version;
  version.deleted = base.deleted;
  for (const auto& edit : edits) {
    version.life = stamp_of(edit);
    version.deleted = edit.kind == edit_kind::erase;
    if (version.deleted)
      version.changes.clear();
    for (const auto& [field, change] : edit.fields)
      version.changes[field] = {change.value, {change.at, edit_side::local}};
  }
  return version;
}

/// `like` with that content in place of its own.
record_copy with_content(record_copy like, const record_base& content, const field_shape& shape) {
  like.deleted = content.deleted;
  if (content.deleted)
    return like;
  const auto patch = difference(fields_of(like, shape), content.fields);
  if (auto body = with_fields(like.body, patch, shape);
      body && !(patch.empty() && !like.body.empty()))
    like.body = *std::move(body);
  return like;
}

/// When the provider's side changed, by its clock. A deletion that is not newer than what it ended
/// has no time of its own: it was made before `now`, which is all that is known.
wall_time remote_time(const record_copy& base, const record_copy& remote,
                      const two_way_rules& rules, wall_time now) {
  const bool unknown = remote.modified_at == wall_time{}
                       || (remote.deleted && remote.modified_at <= base.modified_at);
  return unknown ? now + rules.skew : remote.modified_at;
}

/// The two sides of a decision, and what it is taken from.
struct parties {
  record_copy base;
  record_copy remote;
  record_base local; ///< Content.
  change_stamp local_stamp;
  wall_time remote_at;
};

conflict_row archive_of(const parties& of, const decision& made, const edit_row& last,
                        const two_way_rules& rules) {
  conflict_row row;
  row.integration = last.integration;
  row.stream = last.stream;
  row.record = last.record;
  row.rule = rules.rule;
  row.local_at = last.edited_at;
  row.skew = last.skew;
  row.remote_at = of.remote_at;
  row.won = made.won_by.size() > 1                    ? conflict_winner::both
            : made.won_by.front() == edit_side::local ? conflict_winner::local
                                                      : conflict_winner::remote;
  row.base = of.base;
  const auto copy = [&](const record_base& content) {
    const auto theirs = content_of(of.remote, rules.shape);
    if (content.deleted == theirs.deleted && (content.deleted || content.fields == theirs.fields))
      return of.remote;
    auto made_here = with_content(of.remote, content, rules.shape);
    made_here.version.clear();
    made_here.modified_at = of.local_stamp.at;
    return made_here;
  };
  row.winner = copy(made.winner);
  row.loser = copy(made.loser);
  row.differences = differences(content_of(of.base, rules.shape).fields,
                                content_of(row.winner, rules.shape).fields,
                                content_of(row.loser, rules.shape).fields);
  return row;
}

/// The one edit that makes `winner` of what the provider has; none when it has it already.
edit_list remaining(const edit_list& from, const record_version& local, const record_base& remote,
                    const record_base& winner) {
  edit_row like = from.back();
  like.id = from.front().id;
  like.kind = from.front().kind;
  like.state = edit_state::pending;
  like.attempts = 0; // of what was sent before, `unanswered` tells
  like.first_sent_at = {};
  like.fields.clear();
  for (const auto& [field, state] : local.changes)
    like.fields[field] = {state.value, state.stamp.at};
  auto left = rephrased(std::move(like), remote, winner);
  return left ? edit_list{*std::move(left)} : edit_list{};
}

} // namespace

field_map fields_of(const record_copy& copy, const field_shape& shape) {
  auto fields = read_fields(copy.body, shape);
  return fields ? *std::move(fields) : field_map{};
}

uint64_t content_hash(const record_copy& copy, const field_shape& shape) {
  uint32_t sum = crc32c(copy.deleted ? "deleted" : "live");
  uint64_t bytes = 0;
  for (const auto& [field, value] : content_of(copy, shape).fields) {
    sum = crc32c(value, crc32c("=", crc32c(field, sum)));
    bytes += field.size() + value.size();
  }
  return uint64_t{sum} << 32 | (bytes & 0xFFFFFFFF);
}

bool is_same_content(const record_copy& a, const record_copy& b, const field_shape& shape) {
  return a.deleted == b.deleted && (a.deleted || fields_of(a, shape) == fields_of(b, shape));
}

record_base content_of(const record_copy& copy, const field_shape& shape) {
  return {copy.deleted, copy.deleted ? field_map{} : fields_of(copy, shape)};
}

record_base applied(record_base content, const edit_row& edit) {
  if (edit.kind == edit_kind::erase)
    return {true, {}};
  return {false, patched(std::move(content.fields), patch_of(edit))};
}

std::optional<edit_row> rephrased(edit_row like, const std::optional<record_base>& below,
                                  const record_base& wanted) {
  const auto known = std::exchange(like.fields, {});
  const auto kind = std::exchange(like.kind, edit_kind::update);
  const bool there = below && !below->deleted;
  if (wanted.deleted && !there)
    return std::nullopt;
  if (wanted.deleted)
    like.kind = edit_kind::erase;
  else if (!there)
    like.kind = edit_kind::create;
  like.revives = below && below->deleted && !wanted.deleted;
  if (like.kind != kind) { // what was sent before was another edit
    like.attempts = 0;
    like.first_sent_at = {};
  }
  if (wanted.deleted)
    return like;
  for (const auto& [field, value] :
       difference(there ? below->fields : field_map{}, wanted.fields)) {
    const auto same = known.find(field);
    const bool keeps = same != known.end() && same->second.value == value;
    like.fields[field] = {value, keeps ? same->second.at : like.edited_at + like.skew};
  }
  if (there && like.fields.empty())
    return std::nullopt;
  return like;
}

record_copy completed(record_copy copy, const record_copy& from) {
  if (copy.body.empty())
    copy.body = from.body;
  if (copy.version.empty())
    copy.version = from.version;
  if (copy.modified_at == wall_time{})
    copy.modified_at = from.modified_at;
  return copy;
}

record_copy view_of(const std::optional<record_copy>& base, const edit_list& edits,
                    const field_shape& shape) {
  record_copy view = base.value_or(record_copy{});
  if (edits.empty())
    return view;
  if (!base)
    view.modified_at = edits.back().edited_at + edits.back().skew;
  auto content = base ? content_of(*base, shape) : record_base{true, {}};
  for (const auto& edit : edits)
    content = applied(std::move(content), edit);
  return with_content(std::move(view), content, shape);
}

bool has_landed(const edit_row& edit, const record_copy& remote, const field_shape& shape) {
  const auto content = content_of(remote, shape);
  if (edit.kind == edit_kind::erase)
    return content.deleted;
  return !content.deleted && contains(content.fields, patch_of(edit));
}

settlement settle(const record_copy& base, const edit_list& edits, const record_copy& shown,
                  const two_way_rules& rules, wall_time now) {
  const auto remote = completed(shown, base);
  const auto theirs = content_of(remote, rules.shape);
  settlement out;
  auto from = content_of(base, rules.shape);
  auto left = edits;
  if (!left.empty() && left.front().attempts > 0 && has_landed(left.front(), remote, rules.shape)) {
    out.echo = true;
    from = applied(std::move(from), left.front());
    left.erase(left.begin());
  }
  out.view = remote;
  if (left.empty())
    return out;
  const auto local = local_version(from, left);
  const auto remote_at = remote_time(base, remote, rules, now);
  const auto made = decide(
      from, local, version_of(from, theirs.deleted, theirs.fields, {remote_at, edit_side::remote}),
      rules.rule);
  if (made.verdict != verdict_on_edit::local && left.front().attempts > 0)
    out.unanswered = left.front();
  if (made.verdict == verdict_on_edit::agreed || made.verdict == verdict_on_edit::remote)
    return out;
  if (made.verdict == verdict_on_edit::conflict) {
    const parties of{with_content(out.echo ? remote : base, from, rules.shape), remote,
                     nexte::content_of(from, local), stamp_of(left.back()), remote_at};
    out.archived.push_back(archive_of(of, made, left.back(), rules));
  }
  out.edits
      = made.verdict == verdict_on_edit::local ? left : remaining(left, local, theirs, made.winner);
  if (out.edits.empty())
    return out;
  out.base = remote;
  out.view = view_of(out.base, out.edits, rules.shape);
  return out;
}

settlement settle_late(const record_copy& base, const edit_list& edits, const record_copy& remote,
                       const edit_row& late, const two_way_rules& rules, wall_time now) {
  const auto decided = content_of(base, rules.shape);
  auto without = content_of(remote, rules.shape); // as the other side would stand
  for (const auto& [field, change] : late.fields) {
    const auto old = decided.fields.find(field);
    const auto value = old == decided.fields.end() ? std::string{no_value} : old->second;
    without.fields = patched(std::move(without.fields), {{field, value}});
  }
  const auto others
      = late.kind == edit_kind::erase ? base : with_content(remote, without, rules.shape);
  auto out = settle(base, edits, others, rules, now);
  auto like = out.edits.empty() ? late : out.edits.back();
  if (out.edits.empty())
    like.id = 0;
  like.state = edit_state::pending;
  like.attempts = 0;
  like.first_sent_at = {};
  auto left = rephrased(std::move(like), content_of(remote, rules.shape),
                        content_of(out.view, rules.shape));
  out.echo = true;
  out.base = left ? std::optional{remote} : std::nullopt;
  out.edits = left ? edit_list{*std::move(left)} : edit_list{};
  out.view = view_of(remote, out.edits, rules.shape);
  return out;
}

namespace {

/// A version that came before our write did, which therefore stands on top of it at the provider:
/// the winner is decided all the same, and written if it is not what stands there.
settlement settle_overtaken(const record_copy& base, const edit_list& edits,
                            const record_copy& answer, const record_copy& seen,
                            const two_way_rules& rules, wall_time now) {
  const auto from = content_of(base, rules.shape);
  const auto theirs = content_of(seen, rules.shape);
  const auto stands = content_of(answer, rules.shape);
  const auto local = local_version(from, edits);
  const auto remote_at = remote_time(base, seen, rules, now);
  const auto made = decide(
      from, local, version_of(from, theirs.deleted, theirs.fields, {remote_at, edit_side::remote}),
      rules.rule);
  settlement out;
  if (made.verdict == verdict_on_edit::conflict) {
    const parties of{base, seen, nexte::content_of(from, local), stamp_of(edits.back()), remote_at};
    out.archived.push_back(archive_of(of, made, edits.back(), rules));
  }
  auto winner = made.winner;
  const auto sent = patch_of(edits.front());
  const bool both_live = !winner.deleted && !stands.deleted;
  const auto others = both_live ? difference(winner.fields, stands.fields) : field_map{};
  for (const auto& [field, value] : others) {
    const field_map now_there{{field, value}};
    const auto mine = sent.find(field);
    const bool rewritten = mine != sent.end() && contains(winner.fields, {*mine});
    const bool newer = mine == sent.end() && !contains(from.fields, now_there)
                       && !contains(theirs.fields, now_there);
    if (rewritten || newer) // by the provider, or by somebody after `seen`
      winner.fields = patched(std::move(winner.fields), now_there);
  }
  out.echo = true;
  out.edits = remaining(edits, local, stands, winner);
  for (auto& edit : out.edits) // an answer to the first may still come
    edit.id = edits.size() > 1 ? edits.back().id : 0;
  out.view = answer;
  if (!out.edits.empty()) {
    out.base = answer;
    out.view = view_of(out.base, out.edits, rules.shape);
  }
  return out;
}

} // namespace

settlement settle_confirmed(const std::optional<record_copy>& base, const edit_list& edits,
                            const record_copy& answer, const std::optional<record_copy>& seen,
                            const two_way_rules& rules, wall_time now) {
  const auto& sent = edits.front();
  const auto there = completed(answer, view_of(base, {sent}, rules.shape));
  const bool after = seen && sent.kind != edit_kind::erase && seen->modified_at > there.modified_at;
  if (base && seen && !after && !has_landed(sent, *seen, rules.shape))
    return settle_overtaken(*base, edits, there, completed(*seen, *base), rules, now);
  const auto remote = after ? completed(*seen, there) : there;
  const edit_list left{edits.begin() + 1, edits.end()};
  settlement out;
  out.echo = true;
  out.view = remote;
  if (left.empty())
    return out;
  // What the provider made of the values that were sent is agreed; other changes are not.
  auto agreed = content_of(there, rules.shape);
  if (base && sent.kind == edit_kind::update && !there.deleted) {
    const auto arrived = agreed.fields;
    agreed = applied(content_of(*base, rules.shape), sent);
    for (const auto& [field, change] : sent.fields) {
      const auto found = arrived.find(field);
      const auto value = found == arrived.end() ? std::string{no_value} : found->second;
      agreed.fields = patched(std::move(agreed.fields), {{field, value}});
    }
  }
  return settle(with_content(there, agreed, rules.shape), left, remote, rules, now);
}

} // namespace nexte
