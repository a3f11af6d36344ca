#include "storage/doctor.hpp"

#include "storage/record.hpp"

#include <optional>
#include <utility>

namespace gantry::storage {

namespace {

/// A batch of a rebuild is written when it has grown beyond this.
constexpr size_t rebuild_batch_bytes = 1 << 20;

/// An entity as the log has it.
struct replayed {
  record_header header;
  std::string state;
  bool complete = true; ///< False if an event was missing, unreadable or refused.
};

/// What a problem met during a replay is told to.
using note_function =
    std::function<void(difference what, const std::string& subject, const std::string& detail)>;

/// Folds the events of one stream, which come in the order of their versions.
class replay {
public:
  replay(const snapshot& view, const evolve_function& evolve, const note_function& note)
      : view_{view}, evolve_{evolve}, note_{note} {}

  /// The entity made by its events up to now.
  replayed take() { return std::exchange(now_, {}); }

  void add(const entity_ref& entity, entity_version version, uint64_t seq) {
    if (version != now_.header.version + 1)
      fail(difference::version_gap, entity, "version " + std::to_string(version));
    now_.header.version = version;
    if (now_.header.created_seq == 0)
      now_.header.created_seq = seq;
    now_.header.updated_seq = seq;
    const auto bytes = view_.get(family::events, be64(seq));
    const auto event = bytes ? decode_envelope(*bytes) : refusal{reason::not_found, {}};
    if (!event || event->entity != entity || event->version != version) {
      fail(difference::event_unreadable, entity, "event " + std::to_string(seq));
      return;
    }
    if (!now_.complete)
      return;
    auto next = evolve_(entity.kind, now_.state, *event);
    if (next)
      now_.state = std::move(*next);
    else
      fail(difference::replay_refused, entity, next.why().text());
  }

private:
  void fail(difference what, const entity_ref& entity, const std::string& detail) {
    now_.complete = false;
    note_(what, entity.text(), detail);
  }

  const snapshot& view_;
  const evolve_function& evolve_;
  const note_function& note_;
  replayed now_;
};

/// Splits a key of `streams`; nothing if it is none.
std::optional<std::pair<entity_ref, entity_version>> parse_stream_key(std::string_view key) {
  if (key.size() < 10 || static_cast<size_t>(key[0]) >= entity_kinds || key[key.size() - 9] != '\0')
    return std::nullopt;
  return std::pair{
      entity_ref{static_cast<entity_kind>(key[0]), std::string{key.substr(1, key.size() - 10)}},
      read_be64(key.substr(key.size() - 8))};
}

/// Replays every entity and hands it over, in the order of the streams.
void replay_all(const snapshot& view, const evolve_function& evolve, const note_function& note,
                const std::function<void(const entity_ref&, replayed)>& visit) {
  replay current{view, evolve, note};
  std::optional<entity_ref> entity;
  view.scan(family::streams, {}, {}, false, [&](std::string_view key, std::string_view seq) {
    const auto parsed = parse_stream_key(key);
    if (!parsed) {
      note(difference::event_unreadable, "streams", "a key that is none");
      return true;
    }
    if (entity && *entity != parsed->first)
      visit(*entity, current.take());
    entity = parsed->first;
    current.add(*entity, parsed->second, read_be64(seq));
    return true;
  });
  if (entity)
    visit(*entity, current.take());
}

class examination {
public:
  examination(const store& where, const evolve_function& evolve, const fold_table& folds)
      : view_{where.read()}, evolve_{evolve}, folds_{folds} {}

  doctor_report run() {
    check_log();
    replay_all(*view_, evolve_, note_, [this](const entity_ref& entity, const replayed& wanted) {
      ++report_.entities;
      check_entity(entity, wanted);
    });
    for (size_t i = 0; i < entity_kinds; ++i)
      check_surplus(static_cast<entity_kind>(i));
    return std::move(report_);
  }

private:
  void check_log() {
    view_->scan(
        family::events, {}, {}, false, [this](std::string_view key, std::string_view bytes) {
          const auto seq = read_be64(key);
          const auto subject = std::to_string(seq);
          if (seq != report_.last_seq + 1)
            note_(difference::seq_gap, subject, "after " + std::to_string(report_.last_seq));
          report_.last_seq = seq;
          ++report_.events;
          const auto event = decode_envelope(bytes);
          if (!event || event->seq != seq)
            note_(difference::event_unreadable, subject,
                  event ? "another number" : event.why().text());
          else if (view_->get(family::streams, stream_key(event->entity, event->version)) != key)
            note_(difference::event_not_streamed, subject, event->entity.text());
          return true;
        });
  }

  void check_entity(const entity_ref& entity, const replayed& wanted) {
    const auto bytes = view_->get(family_of(entity.kind), entity.id);
    const auto record = bytes ? decode_record(*bytes) : std::nullopt;
    if (!record) {
      note_(difference::projection_missing, entity.text(), bytes ? "unreadable" : "");
      return;
    }
    const auto& header = record->header;
    if (header.version != wanted.header.version || header.created_seq != wanted.header.created_seq
        || header.updated_seq != wanted.header.updated_seq)
      note_(difference::header_differs, entity.text(),
            "version " + std::to_string(header.version) + " instead of "
                + std::to_string(wanted.header.version));
    if (header.fold_version != fold_of(folds_, entity.kind))
      ++report_.other_folds;
    else if (wanted.complete && record->json != wanted.state)
      note_(difference::state_differs, entity.text(), first_difference(record->json, wanted.state));
    check_index(entity, header);
  }

  void check_index(const entity_ref& entity, const record_header& header) {
    const auto created = created_key(entity.kind, header.created_seq);
    if (view_->get(family::index, created) != entity.id)
      note_(difference::index_missing, entity.text(), "order of creation");
    const auto mark = view_->get(family::index, open_key(entity));
    if (header.open && mark != be64(header.created_seq))
      note_(difference::index_missing, entity.text(), "open entities");
    if (!header.open && mark)
      note_(difference::index_surplus, entity.text(), "open entities");
  }

  /// Records and index entries of things that have no events.
  void check_surplus(entity_kind kind) {
    const auto exists = [&](const std::string& id) {
      return view_->get(family::streams, stream_key({kind, id}, 1)).has_value();
    };
    const auto check = [&](difference what, std::string id) {
      if (!exists(id))
        note_(what, entity_ref{kind, std::move(id)}.text(), "it has no events");
      return true;
    };
    view_->scan(family_of(kind), {}, {}, false, [&](std::string_view key, std::string_view) {
      return check(difference::projection_surplus, std::string{key});
    });
    const auto marks = open_prefix(kind);
    view_->scan(family::index, marks, {}, false, [&](std::string_view key, std::string_view) {
      return check(difference::index_surplus, std::string{key.substr(marks.size())});
    });
    view_->scan(
        family::index, created_prefix(kind), {}, false,
        [&](std::string_view key, std::string_view id) {
          const std::string name{id};
          const auto first = view_->get(family::streams, stream_key({kind, name}, 1));
          if (first != key.substr(created_prefix(kind).size()))
            note_(difference::index_surplus, entity_ref{kind, name}.text(), "order of creation");
          return true;
        });
  }

  static std::string first_difference(std::string_view stored, std::string_view replayed_state) {
    size_t i = 0;
    while (i < stored.size() && i < replayed_state.size() && stored[i] == replayed_state[i])
      ++i;
    return "from byte " + std::to_string(i) + ": " + std::string{stored.substr(i, 40)}
           + " instead of " + std::string{replayed_state.substr(i, 40)};
  }

  std::unique_ptr<snapshot> view_;
  const evolve_function& evolve_;
  const fold_table& folds_;
  doctor_report report_;
  note_function note_ = [this](difference what, const std::string& subject,
                               const std::string& detail) {
    ++report_.counts[what];
    if (report_.findings.size() < doctor_report::findings_max)
      report_.findings.push_back({what, subject, detail});
  };
};

/// The fold version of a stored record; nothing if there is no readable one.
std::optional<record_header> header_of(const snapshot& view, const entity_ref& entity) {
  const auto bytes = view.get(family_of(entity.kind), entity.id);
  const auto record = bytes ? decode_record(*bytes) : std::nullopt;
  return record ? std::optional{record->header} : std::nullopt;
}

} // namespace

doctor_report examine(const store& where, const evolve_function& evolve, const fold_table& folds) {
  return examination{where, evolve, folds}.run();
}

std::vector<entity_kind> outdated_kinds(const store& where, const fold_table& folds) {
  const auto view = where.read();
  std::vector<entity_kind> found;
  for (size_t i = 0; i < entity_kinds; ++i) {
    const auto kind = static_cast<entity_kind>(i);
    if (view->get(family::meta, fold_key(kind)) != std::to_string(fold_of(folds, kind)))
      found.push_back(kind);
  }
  return found;
}

result<uint64_t>
rebuild(store& where, const evolve_function& evolve,
        const std::function<bool(entity_kind kind, const std::string& state)>& is_open,
        const fold_table& folds) {
  const auto view = where.read();
  std::optional<refusal> problem;
  const note_function note = [&problem](difference what, const std::string& subject,
                                        const std::string& detail) {
    if (!problem)
      problem = refusal{reason::storage_failed,
                        {{"detail", subject + ": " + std::string{name_of(what)} + " " + detail}}};
  };
  replay_all(*view, evolve, note, [](const entity_ref&, const replayed&) {});
  if (problem)
    return *problem;
  uint64_t made = 0;
  batch changes;
  size_t bytes = 0;
  const auto swap_in = [&](const entity_ref& entity, replayed wanted) {
    const auto stored = header_of(*view, entity);
    const auto wanted_fold = fold_of(folds, entity.kind);
    if (stored && stored->fold_version == wanted_fold)
      return;
    wanted.header.fold_version = wanted_fold;
    wanted.header.open = is_open(entity.kind, wanted.state);
    const auto created = be64(wanted.header.created_seq);
    changes.push_back(
        {family_of(entity.kind), entity.id, encode_record(wanted.header, wanted.state)});
    changes.push_back({family::index, open_key(entity),
                       wanted.header.open ? std::optional{created} : std::nullopt});
    changes.push_back(
        {family::index, created_key(entity.kind, wanted.header.created_seq), entity.id});
    ++made;
    bytes += wanted.state.size();
    if (bytes < rebuild_batch_bytes)
      return;
    where.write(std::exchange(changes, {}), true);
    bytes = 0;
  };
  replay_all(*view, evolve, note, swap_in);
  add_fold_versions(changes, folds);
  where.write(changes, true);
  return made;
}

} // namespace gantry::storage
