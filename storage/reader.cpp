#include "storage/reader.hpp"

#include "storage/record.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gantry::storage {

namespace {

constexpr size_t limit_max = 500;

stored_entity entity_of(entity_ref entity, std::string_view bytes) {
  const auto record = decode_record(bytes);
  if (!record)
    throw storage_error{"unreadable record of " + entity.text()};
  return {.entity = std::move(entity),
          .version = record->header.version,
          .created_seq = record->header.created_seq,
          .updated_seq = record->header.updated_seq,
          .json = std::string{record->json}};
}

/// Open entities by number of their first event, in the order of the list.
std::vector<std::pair<uint64_t, std::string>> open_in_order(const snapshot& view,
                                                            const list_query& query) {
  std::vector<std::pair<uint64_t, std::string>> found;
  const auto prefix = open_prefix(query.kind);
  view.scan(family::index, prefix, {}, false, [&](std::string_view key, std::string_view value) {
    const auto created = read_be64(value);
    const auto wanted =
        query.cursor == 0 || (query.descending ? created < query.cursor : created > query.cursor);
    if (wanted)
      found.emplace_back(created, key.substr(prefix.size()));
    return true;
  });
  if (query.descending)
    std::ranges::sort(found, std::greater{});
  else
    std::ranges::sort(found);
  return found;
}

/// Visits candidates in the order of the list until `visit` returns false.
void visit_candidates(const snapshot& view, const list_query& query,
                      const std::function<bool(uint64_t created, std::string id)>& visit) {
  if (query.open_only) {
    for (auto& [created, id] : open_in_order(view, query))
      if (!visit(created, std::move(id)))
        return;
    return;
  }
  const auto prefix = created_prefix(query.kind);
  std::string from;
  if (query.cursor != 0)
    from = created_key(query.kind, query.descending ? query.cursor - 1 : query.cursor + 1);
  view.scan(family::index, prefix, from, query.descending,
            [&](std::string_view key, std::string_view id) {
              return visit(read_be64(key.substr(prefix.size())), std::string{id});
            });
}

} // namespace

reader::reader(const store& where, view_taken when) : where_{where} {
  if (when == view_taken::at_once)
    static_cast<void>(view());
}

reader::~reader() = default;

const snapshot& reader::view() const {
  std::call_once(taken_, [this] { view_ = where_.read(); });
  return *view_;
}

std::optional<stored_entity> reader::get(const entity_ref& entity) const {
  const auto bytes = view().get(family_of(entity.kind), entity.id);
  return bytes ? std::optional{entity_of(entity, *bytes)} : std::nullopt;
}

list_page reader::list(const list_query& query) const {
  const auto limit = std::clamp<size_t>(query.limit, 1, limit_max);
  list_page page;
  page.as_of_seq = last_seq();
  size_t scanned = 0;
  uint64_t previous = 0;
  visit_candidates(view(), query, [&](uint64_t created, std::string id) {
    if (page.items.size() == limit || scanned == std::max<size_t>(query.scan_max, 1)) {
      page.next_cursor = previous;
      return false;
    }
    ++scanned;
    previous = created;
    auto found = get({query.kind, std::move(id)});
    if (found && (!query.filter || query.filter(*found)))
      page.items.push_back(std::move(*found));
    return true;
  });
  return page;
}

std::vector<stored_entity> reader::open(entity_kind kind) const {
  std::vector<stored_entity> found;
  const auto prefix = open_prefix(kind);
  view().scan(family::index, prefix, {}, false, [&](std::string_view key, std::string_view) {
    if (auto x = get({kind, std::string{key.substr(prefix.size())}}))
      found.push_back(std::move(*x));
    return true;
  });
  return found;
}

size_t reader::count_open(entity_kind kind) const {
  size_t count = 0;
  view().scan(family::index, open_prefix(kind), {}, false,
              [&count](std::string_view, std::string_view) {
                ++count;
                return true;
              });
  return count;
}

void reader::events_after(
    uint64_t after,
    const std::function<bool(uint64_t seq, std::string_view envelope)>& visit) const {
  if (after == UINT64_MAX)
    return;
  view().scan(family::events, {}, be64(after + 1), false,
              [&visit](std::string_view key, std::string_view envelope) {
                return visit(read_be64(key), envelope);
              });
}

void reader::events_of(const entity_ref& entity,
                       const std::function<bool(uint64_t seq, std::string_view envelope)>& visit,
                       event_order order) const {
  view().scan(family::streams, stream_prefix(entity), {}, order == event_order::newest_first,
              [&](std::string_view, std::string_view seq) {
                const auto envelope = view().get(family::events, seq);
                if (!envelope)
                  throw storage_error{"an event of " + entity.text() + " is missing"};
                return visit(read_be64(seq), *envelope);
              });
}

uint64_t reader::last_seq() const {
  uint64_t newest = 0;
  view().scan(family::events, {}, {}, true, [&newest](std::string_view key, std::string_view) {
    newest = read_be64(key);
    return false;
  });
  return newest;
}

std::optional<std::string> reader::record(family where, std::string_view key) const {
  return view().get(where, key);
}

uint64_t reader::cursor(std::string_view name) const {
  const auto text = view().get(family::cursors, name).value_or("0");
  uint64_t seq = 0;
  std::from_chars(text.data(), text.data() + text.size(), seq);
  return seq;
}

std::string reader::restored_from() const {
  return view().get(family::meta, "restored").value_or("");
}

std::string reader::epoch() const {
  return view().get(family::meta, "epoch").value_or("");
}

std::string reader::site() const {
  return view().get(family::meta, "site").value_or("");
}

} // namespace gantry::storage
