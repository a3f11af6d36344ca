// A kernel without actors: commands change a memory store at once, or never answer.
#pragma once

#include "actors/kernel.hpp"
#include "hal/clock.hpp"
#include "schemas/digest.hpp"
#include "storage/initialise.hpp"
#include "storage/journal.hpp"
#include "storage/memory_store.hpp"
#include "storage/reader.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <sched.h>
#include <stdexcept>

namespace gantry::test {

/// Uploads end in memory.
class fake_artifacts final : public storage::artifact_store {
public:
  class upload final : public storage::artifact_upload {
  public:
    outcome append(std::string_view bytes) override {
      hash_.update(bytes);
      size_ += bytes.size();
      return success();
    }
    result<storage::stored_file> finish() override {
      return storage::stored_file{hash_.finish_hex(), size_};
    }

  private:
    sha256 hash_;
    uint64_t size_ = 0;
  };

  result<std::unique_ptr<storage::artifact_upload>> begin(uint64_t) override {
    return std::unique_ptr<storage::artifact_upload>{std::make_unique<upload>()};
  }
  result<storage::stored_file> adopt(const std::string&) override {
    return refusal{reason::storage_failed, {}};
  }
  std::string path_of(const std::string&) const override { return path; }
  size_t sweep(const std::function<bool(const std::string&)>&, int64_t) override { return 0; }

  std::string path; ///< File that stands for every content.
};

/// See above.
class fake_kernel final : public actors::kernel {
public:
  fake_kernel() : clock_{hal::make_system_clock()}, ids_{hal::make_system_id_source()} {
    static_cast<void>(storage::initialise(store_, {.site_bits = 1, .epoch_bits = 2}));
    journal_ = std::make_unique<storage::journal>(store_, storage::journal_options{});
    parts_.store = &store_;
    parts_.artifacts = &artifacts;
    parts_.clock = clock_.get();
    parts_.ids = ids_.get();
  }

  void submit(command request, std::function<void(actors::command_reply)> then) override {
    ++submitted;
    policy_at_submit = ::sched_getscheduler(0);
    if (silent)
      return;
    const std::lock_guard lock{mutex_};
    last = request;
    const auto& context = request.context;
    actors::command_reply reply;
    if (const auto known = replies_.find(context.idempotency_key); known != replies_.end()) {
      reply = known->second.second;
      reply.replayed = true;
      if (known->second.first != context.body_sha256)
        reply = refused(reason::key_reused);
      return then(reply);
    }
    reply = decide(request);
    if (reply.code == reason::ok)
      replies_.emplace(context.idempotency_key, std::pair{context.body_sha256, reply});
    then(reply);
  }

  void probe(const hal::port_config&, std::function<void(hal::port_answer)> then) override {
    then({hal::port_outcome::refused, reason::link_refused, "no", 0});
  }
  void probe(const hal::resin_config&, std::function<void(hal::port_answer)> then) override {
    then({hal::port_outcome::refused, reason::link_refused, "no", 0});
  }
  std::optional<bool> stop_pumps(const station_id& id, std::chrono::milliseconds) override {
    if (stopped.empty())
      commands_at_stop = submitted;
    policy_at_stop = ::sched_getscheduler(0);
    stopped.push_back(id);
    return lines_go_off;
  }
  void list_files(const station_id&, std::function<void(actors::station_files)> then) override {
    then({{hal::port_outcome::done, reason::ok, {}, 0}, {{"vase.pwmb", "3.pwmb"}}});
  }
  std::vector<station_check> check_start(const station&,
                                         const commands::start_station&) const override {
    return {{"printer", check_verdict::fail, reason::resin_printer_silent, {}}};
  }
  std::vector<station_check> check_attach(const station&,
                                          const commands::attach_station&) const override {
    return {{"printer", check_verdict::pass, reason::check_passed, {}}};
  }
  outcome check_files(const commands::take_station_files&) const override {
    return files_fit ? success() : outcome{refusal{reason::station_not_in_state, {}}};
  }
  station_report report(const station_id&, size_t prints_max) const override {
    report_asked = prints_max;
    return reported;
  }
  actors::clock_report clock(std::optional<timestamp> client_time) const override {
    actors::clock_report made;
    made.now = clock_->wall();
    if (client_time)
      made.offset_ms = (*client_time - made.now).count();
    return made;
  }
  actors::live_table& live() override { return live_; }
  actors::event_feed& feed() override { return feed_; }
  const actors::kernel_parts& parts() const override { return parts_; }
  std::vector<actors::health_check> health() const override {
    return {{"journal", healthy, "It writes."}};
  }
  void stop() override { feed_.close(); }

  /// Commits `event` and the state after it.
  entity_version put(const any_state& state, const entity_ref& entity, const any_event& event) {
    storage::commit what;
    event_envelope envelope;
    envelope.entity = entity;
    envelope.type = type_of(event);
    envelope.schema = current_schema(envelope.type);
    envelope.at = clock_->wall();
    envelope.who = kernel_principal("test");
    envelope.data = encode_event(event);
    const auto version = journal_->load(entity).version;
    what.writes.push_back({.entity = entity,
                           .expected = version,
                           .events = {envelope},
                           .projection = encode_state(state),
                           .open = is_open(state)});
    if (journal_->admit(what).answer != storage::admission::admitted)
      throw std::runtime_error{"the journal refused"};
    const auto group = journal_->take_group();
    store_.write(group.changes, true);
    journal_->settled(group.last_seq);
    feed_.log_grew(group.last_seq);
    return version + 1;
  }

  /// A token that holds `roles`; returns its secret.
  std::string add_token(const std::string& secret, std::vector<role> roles) {
    token made{.id = {make_id("tok", ids_->bits())},
               .name = "test",
               .roles = std::move(roles),
               .secret_sha256 = sha256_hex(secret),
               .revoked = false,
               .issued_at = clock_->wall()};
    put(made, ref_of(made.id),
        events::token_issued{made.id, "test", made.roles, made.secret_sha256});
    token_of[secret] = made;
    return secret;
  }

  printer_id add_printer(const std::string& name) {
    printer made;
    made.id.value = make_id("prn", ids_->bits());
    made.setup.name = name;
    made.setup.address.host = "127.0.0.1";
    put(made, ref_of(made.id), events::printer_added{made.id, made.setup});
    return made.id;
  }

  void revoke(const std::string& secret) {
    auto revoked = token_of.at(secret);
    revoked.revoked = true;
    put(revoked, ref_of(revoked.id), events::token_revoked{});
  }

  station_id add_station(station made) {
    made.id.value = make_id("stn", ids_->bits());
    put(made, ref_of(made.id), events::station_added{made.id, made.setup});
    return made.id;
  }

  fake_artifacts artifacts;
  std::atomic<int> policy_at_stop{-1};   ///< Scheduling policy of the thread that stopped pumps.
  std::atomic<int> policy_at_submit{-1}; ///< The same of the last command.
  std::vector<station_id> stopped;       ///< Stations whose pumps were stopped, in order.
  std::optional<bool> lines_go_off = true;
  uint64_t commands_at_stop = 0;   ///< Commands that were submitted before the first stop.
  std::atomic<bool> silent{false}; ///< Commands are never answered.
  bool healthy = true;
  bool files_fit = true;
  station_report reported;
  mutable size_t report_asked = 0;
  uint64_t submitted = 0;
  command last;
  std::map<std::string, token> token_of;

private:
  static actors::command_reply refused(reason code, reason_params params = {}) {
    actors::command_reply reply;
    reply.code = code;
    reply.params = std::move(params);
    return reply;
  }

  /// Touches the entity; creates what a creation names.
  actors::command_reply decide(const command& request) {
    const auto entity = initiator_of(request);
    const auto known = journal_->load(entity);
    if (request.context.expected && *request.context.expected != known.version)
      return refused(reason::precondition_failed,
                     {{"entity", entity.text()}, {"actual", std::to_string(known.version)}});
    auto state = blank_state(entity.kind);
    if (known.version > 0) {
      state = *decode_state(entity.kind, known.projection);
    } else if (const auto* order_body = std::get_if<commands::create_order>(&request.body)) {
      std::get<order>(state).id.value = entity.id;
      std::get<order>(state).reference = order_body->reference;
    } else if (const auto* issued = std::get_if<commands::issue_token>(&request.body)) {
      state = token{.id = {entity.id},
                    .name = issued->name,
                    .roles = issued->roles,
                    .secret_sha256 = issued->secret_sha256,
                    .revoked = false,
                    .issued_at = clock_->wall()};
    } else if (const auto* file = std::get_if<commands::store_artifact>(&request.body)) {
      state = artifact{.id = {entity.id},
                       .kind = file->kind,
                       .name = file->name,
                       .sha256 = file->sha256,
                       .size_bytes = file->size_bytes,
                       .stored_at = clock_->wall()};
    } else if (entity.kind != entity_kind::settings) {
      return refused(reason::not_found,
                     {{"kind", std::string{name_of(entity.kind)}}, {"id", entity.id}});
    }
    actors::command_reply reply;
    reply.entity = entity;
    reply.version = put(state, entity, events::order_cancelled{});
    reply.projection = encode_state(state);
    return reply;
  }

  std::unique_ptr<hal::clock> clock_;
  std::unique_ptr<hal::id_source> ids_;
  storage::memory_store store_;
  std::unique_ptr<storage::journal> journal_;
  actors::live_table live_;
  actors::event_feed feed_;
  actors::kernel_parts parts_;
  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, actors::command_reply>> replies_;
};

} // namespace gantry::test
