// The connector's requests: what is sent to the device, and what their answers mean.
#include "hal/moonraker/connector.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::hal {

namespace {

using nlohmann::json;

constexpr std::size_t open_tickets_max = 32;
/// What Klipper says to a start while a file is being printed.
constexpr std::string_view busy_words = "SD busy";
/// Jobs of a printer's history that are read at a time: some 2 kB each.
constexpr int history_page_jobs = 100;
/// The most that is read to look for one print: ten a day for five years.
constexpr int history_jobs_max = 20'000;

/// A file's folder and name on the printer.
struct remote_path {
  std::string folder;
  std::string name;
};

remote_path split(const std::string& remote_name) {
  const auto slash = remote_name.rfind('/');
  if (slash == std::string::npos)
    return {"", remote_name};
  return {remote_name.substr(0, slash), remote_name.substr(slash + 1)};
}

/// True for a relative path that means the same to every server.
bool is_plain_name(const std::string& name) {
  if (name.empty() || name.size() > remote_name_bytes_max || name.front() == '/'
      || name.back() == '/' || name.find("..") != std::string::npos
      || name.find("//") != std::string::npos)
    return false;
  return std::none_of(name.begin(), name.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f || byte == '"' || byte == '\\';
  });
}

/// The HTTP form of a method: `a.b.c` is `/a/b/c`, parameters are the query.
std::string target_of(const std::string& method, const std::string& file, const json* objects) {
  std::string target = "/" + method;
  std::replace(target.begin(), target.end(), '.', '/');
  char separator = '?';
  if (!file.empty()) {
    target += "?filename=" + percent_encoded(file, "/");
    separator = '&';
  }
  if (objects)
    for (const auto& [name, fields] : objects->items()) {
      target += separator + percent_encoded(name);
      separator = '&';
      for (std::size_t index = 0; index < fields.size(); ++index)
        target += (index == 0 ? "=" : ",") + percent_encoded(text_of(fields[index], 100));
    }
  return target;
}

/// True if a failed command may still have been carried out: the device said so itself only for
/// 4xx and 503; anything else comes from something in between, or from a crash.
bool is_uncertain(const wire_answer& verdict) {
  const bool of_proxy = verdict.code >= 500 && verdict.code != 503;
  return of_proxy || verdict.code == -32603;
}

} // namespace

// -- the port ---------------------------------------------------------------

bool connector::admit(uint64_t ticket) {
  if (!is_online() || phase_ < phase::not_ready) {
    answer(ticket, port_outcome::not_sent, reason::printer_unreachable, link_detail_);
    return false;
  }
  const auto has_ticket = [](const auto& item) { return item.second.ticket != 0; };
  const auto open = std::count_if(rpc_calls_.begin(), rpc_calls_.end(), has_ticket)
                    + std::count_if(http_calls_.begin(), http_calls_.end(), has_ticket);
  if (static_cast<std::size_t>(open) < open_tickets_max)
    return true;
  answer(ticket, port_outcome::not_sent, reason::busy, "too many requests are open");
  return false;
}

void connector::upload(uint64_t ticket, const std::string& file, const std::string& sha256,
                       const std::string& remote_name) {
  if (!admit(ticket))
    return;
  if (!is_plain_name(remote_name) || file.empty())
    return answer(ticket, port_outcome::not_sent, reason::field_invalid, "file name");
  const auto path = split(remote_name);
  link_request request;
  request.method = "POST";
  request.target = "/server/files/upload";
  request.file = file;
  request.file_name = path.name;
  request.fields.push_back({"root", "gcodes"});
  if (!path.folder.empty())
    request.fields.push_back({"path", path.folder});
  if (takes_checksum_ && !sha256.empty())
    request.fields.push_back({"checksum", sha256});
  request.timeout = settings_.upload_stall;
  request.answer_timeout = settings_.upload_answer;
  send_request({.what = purpose::upload, .ticket = ticket, .file = remote_name},
               std::move(request));
  arm();
}

void connector::start(uint64_t ticket, const std::string& remote_name) {
  if (!admit(ticket))
    return;
  if (!is_plain_name(remote_name))
    return answer(ticket, port_outcome::not_sent, reason::field_invalid, "file name");
  if (phase_ != phase::live || firmware_ != firmware_state::ready)
    return answer(ticket, port_outcome::not_sent, reason::printer_not_ready);
  if (is_asking(purpose::start))
    return answer(ticket, port_outcome::not_sent, reason::busy, "another start is under way");
  // Klipper would throw away a paused print to start this one.
  const auto print = status_.print();
  const bool busy =
      status_.is_active() || print == print_state::printing || print == print_state::paused;
  if (busy && !GANTRY_DEFECT("INV-02"))
    return answer(ticket, port_outcome::refused, reason::printer_busy, status_.file());
  if (status_.is_paused())
    return answer(ticket, port_outcome::refused, reason::printer_paused_without_print);
  act(purpose::start, ticket,
      {.method = "printer.print.start", .file = remote_name, .changes = true},
      settings_.start_timeout);
}

void connector::pause(uint64_t ticket) {
  act(purpose::pause, ticket, {.method = "printer.print.pause", .changes = true},
      settings_.command_timeout);
}

void connector::resume(uint64_t ticket) {
  act(purpose::resume, ticket, {.method = "printer.print.resume", .changes = true},
      settings_.command_timeout);
}

void connector::cancel(uint64_t ticket) {
  act(purpose::cancel, ticket, {.method = "printer.print.cancel", .changes = true},
      settings_.command_timeout);
}

void connector::act(purpose what, uint64_t ticket, const method_call& what_to_call,
                    std::chrono::milliseconds timeout) {
  if (!admit(ticket))
    return;
  if (phase_ != phase::live || firmware_ != firmware_state::ready)
    return answer(ticket, port_outcome::not_sent, reason::printer_not_ready);
  ask(what, what_to_call, ticket, timeout);
  arm();
}

void connector::remove_file(uint64_t ticket, const std::string& remote_name) {
  if (!admit(ticket))
    return;
  if (!is_plain_name(remote_name))
    return answer(ticket, port_outcome::not_sent, reason::field_invalid, "file name");
  link_request request;
  request.method = "DELETE";
  request.target = "/server/files/gcodes/" + percent_encoded(remote_name, "/");
  send_request({.what = purpose::remove, .ticket = ticket, .file = remote_name},
               std::move(request));
  arm();
}

void connector::refresh(uint64_t ticket) {
  if (!admit(ticket))
    return;
  // Whoever looks before a start wants to know what was printed last as well.
  if (phase_ == phase::live)
    ask_newest_job(ticket);
  else
    ask_info(ticket);
  arm();
}

// -- sending ----------------------------------------------------------------

void connector::ask(purpose what, const method_call& what_to_call, uint64_t ticket,
                    std::chrono::milliseconds timeout) {
  if (timeout == std::chrono::milliseconds{})
    timeout = settings_.call_timeout;
  send_call({.what = what, .ticket = ticket, .file = what_to_call.file}, what_to_call, timeout);
}

void connector::send_call(call next, const method_call& what_to_call,
                          std::chrono::milliseconds timeout) {
  next.sequence = sequence_;
  next.deadline = time_.mono() + timeout;
  if (polling_) {
    link_request request;
    request.method = what_to_call.changes ? "POST" : "GET";
    request.target = target_of(what_to_call.method, what_to_call.file, what_to_call.objects);
    if (what_to_call.newest > 0)
      request.target += "?limit=" + std::to_string(what_to_call.newest) + "&order=desc";
    request.timeout = timeout;
    return send_request(std::move(next), std::move(request));
  }
  json params;
  if (!what_to_call.file.empty())
    params["filename"] = what_to_call.file;
  if (what_to_call.objects)
    params["objects"] = *what_to_call.objects;
  if (what_to_call.newest > 0)
    params.update({{"limit", what_to_call.newest}, {"order", "desc"}});
  if (next.what == purpose::identify) {
    // "agent" would need a unique name, and a half-dead old socket would block it.
    params = {{"client_name", "gantry"}, {"version", "1"}, {"type", "other"}, {"url", "gantry"}};
    if (!config_.api_key.empty())
      params["api_key"] = config_.api_key;
  }
  meter_.count(time_.mono());
  const auto id = ++last_call_;
  rpc_calls_.emplace(id, std::move(next));
  link_->send(websocket_, rpc_call(id, what_to_call.method, params));
}

void connector::send_request(call what, link_request request) {
  meter_.count(time_.mono());
  for (auto& header : credentials())
    request.headers.push_back(std::move(header));
  http_calls_.emplace(link_->request(address(), std::move(request)), std::move(what));
}

void connector::ask_info(uint64_t ticket) {
  ask(purpose::info, {.method = "server.info"}, ticket);
}

void connector::ask_query(uint64_t ticket) {
  const auto wanted = klipper_status::wanted(objects_);
  ask(purpose::query, {.method = "printer.objects.query", .objects = &wanted}, ticket);
}

/// At most one such question of our own is under way; what changes meanwhile is asked again.
void connector::ask_newest_job(uint64_t ticket) {
  if (ticket == 0 && is_asking(purpose::newest_job)) {
    history_moved_ = true;
    return;
  }
  ask(purpose::newest_job, {.method = "server.history.list", .newest = 1}, ticket);
}

void connector::ask_queue() {
  queue_at_ = time_.mono() + poll_pause();
  if (history_ == history_state::unknown && !is_asking(purpose::newest_job))
    ask_newest_job();
  if (!is_asking(purpose::queue))
    ask(purpose::queue, {.method = "server.job_queue.status"});
}

void connector::ask_metadata() {
  const auto print = status_.print();
  if (print != print_state::printing && print != print_state::paused)
    return;
  if (status_.file().empty() || status_.file() == metadata_asked_for_)
    return;
  metadata_asked_for_ = status_.file();
  ask(purpose::metadata, {.method = "server.files.metadata", .file = status_.file()});
}

link_address connector::address() const {
  return {config_.host, config_.port};
}

std::vector<link_header> connector::credentials() const {
  if (config_.api_key.empty())
    return {};
  return {{"X-Api-Key", config_.api_key}};
}

bool connector::is_asking(purpose what) const {
  const auto same = [what](const auto& item) { return item.second.what == what; };
  return std::any_of(rpc_calls_.begin(), rpc_calls_.end(), same)
         || std::any_of(http_calls_.begin(), http_calls_.end(), same);
}

// -- answers ----------------------------------------------------------------

void connector::answer(uint64_t ticket, port_outcome outcome, reason why, std::string detail,
                       int64_t size_bytes) {
  if (ticket != 0)
    listener_->on_answer(ticket, {outcome, why, cut(std::move(detail), 400), size_bytes});
}

void connector::on_response(uint64_t number, const link_response& response) {
  const auto found = http_calls_.find(number);
  if (phase_ == phase::ended || found == http_calls_.end())
    return;
  const auto done = [&] {
    auto copy = std::move(found->second);
    http_calls_.erase(found);
    copy.size_bytes = std::max(copy.size_bytes, response.file_size_bytes);
    return copy;
  }();
  if (response.status == 0) {
    transport_failed(done, response);
  } else {
    const auto body = parse_wire(response.body);
    // Uploads are answered with a bare object.
    const auto& result = member(body, "result");
    answered(done, verdict_of(response, body), result.is_null() ? body : result);
  }
  arm();
}

void connector::transport_failed(const call& done, const link_response& response) {
  if (done.ticket == 0)
    return lose(response.why, response.detail);
  // The start itself was sent before its check.
  const bool sent = response.sent || done.what == purpose::start_check;
  answer(done.ticket, sent ? port_outcome::lost : port_outcome::not_sent, response.why,
         response.detail);
}

void connector::action_answered(const call& done, const wire_answer& verdict) {
  if (verdict.ok)
    return answer(done.ticket, port_outcome::done, reason::ok);
  if (is_uncertain(verdict))
    return answer(done.ticket, port_outcome::lost, reason::link_protocol, verdict.text);
  if (done.what == purpose::start && verdict.text.find(busy_words) != std::string::npos)
    return check_busy_start(done, verdict);
  auto why =
      done.what == purpose::start ? reason::run_start_refused : reason::printer_command_failed;
  if (is_unauthorized(verdict))
    why = reason::link_auth;
  answer(done.ticket, port_outcome::refused, why, verdict.text);
}

/// A start that comes twice, whoever doubled it, is refused the second time because of the first.
void connector::check_busy_start(const call& done, const wire_answer& verdict) {
  const auto wanted = klipper_status::wanted(objects_);
  send_call({.what = purpose::start_check,
             .ticket = done.ticket,
             .file = done.file,
             .words = verdict.text},
            {.method = "printer.objects.query", .objects = &wanted}, settings_.call_timeout);
}

void connector::start_check_answered(const call& done, const wire_answer& verdict,
                                     const json& result) {
  if (!verdict.ok || done.sequence != sequence_ || phase_ != phase::live)
    return answer(done.ticket, port_outcome::lost, reason::printer_not_ready, done.words);
  fold(member(result, "status"));
  const auto print = status_.print();
  const bool runs = print == print_state::printing || print == print_state::paused;
  if (runs && status_.file() == done.file)
    return answer(done.ticket, port_outcome::done, reason::ok);
  answer(done.ticket, port_outcome::refused, reason::run_start_refused, done.words);
}

void connector::upload_answered(const call& done, const wire_answer& verdict, const json& body) {
  if (!verdict.ok) {
    auto why = reason::run_upload_failed;
    if (is_unauthorized(verdict))
      why = reason::link_auth;
    else if (verdict.code == 422)
      why = reason::run_upload_mismatch;
    const auto outcome = is_uncertain(verdict) ? port_outcome::lost : port_outcome::refused;
    return answer(done.ticket, outcome, why, verdict.text);
  }
  const auto size = integer_of(member(member(body, "item"), "size"), 1, 0, int64_t{1} << 50U);
  if (!size) {
    // Old versions do not tell the size here.
    link_request request;
    request.target = target_of("server.files.metadata", done.file, nullptr);
    auto next = done;
    next.what = purpose::upload_size;
    return send_request(std::move(next), std::move(request));
  }
  if (*size != done.size_bytes)
    return answer(
        done.ticket, port_outcome::refused, reason::run_upload_mismatch,
        std::to_string(*size) + " of " + std::to_string(done.size_bytes) + " bytes arrived", *size);
  answer(done.ticket, port_outcome::done, reason::ok, {}, *size);
}

void connector::upload_size_answered(const call& done, const wire_answer& verdict,
                                     const json& result) {
  const auto size = integer_of(member(result, "size"), 1, 0, int64_t{1} << 50U).value_or(-1);
  if (verdict.ok && size == done.size_bytes)
    return answer(done.ticket, port_outcome::done, reason::ok, {}, size);
  answer(done.ticket, port_outcome::refused, reason::run_upload_mismatch,
         verdict.ok ? "the printer reports another size" : verdict.text,
         std::max<int64_t>(size, 0));
}

void connector::remove_answered(const call& done, const wire_answer& verdict) {
  if (verdict.ok || verdict.code == 404)
    return file_gone(done);
  if (verdict.code != 400) {
    const auto why = is_unauthorized(verdict) ? reason::link_auth : reason::printer_command_failed;
    const auto outcome = is_uncertain(verdict) ? port_outcome::lost : port_outcome::refused;
    return answer(done.ticket, outcome, why, verdict.text);
  }
  // 400 usually means that the file is gone. A wrong "gone" could let a late start run beside
  // another printer's, so the folder is looked at.
  link_request request;
  const auto folder = split(done.file).folder;
  request.target = "/server/files/directory?path="
                   + percent_encoded(folder.empty() ? "gcodes" : "gcodes/" + folder, "/");
  auto next = done;
  next.what = purpose::remove_check;
  send_request(std::move(next), std::move(request));
}

void connector::remove_check_answered(const call& done, const wire_answer& verdict,
                                      const json& result) {
  if (verdict.code == 400 || verdict.code == 404)
    return file_gone(done);
  const auto& files = member(result, "files");
  if (!verdict.ok || !files.is_array())
    return answer(done.ticket, port_outcome::refused, reason::printer_command_failed, verdict.text);
  const auto name = split(done.file).name;
  const bool present = std::any_of(files.begin(), files.end(), [&name](const json& file) {
    return text_of(member(file, "filename"), remote_name_bytes_max) == name;
  });
  if (present)
    return answer(done.ticket, port_outcome::refused, reason::printer_command_failed,
                  "the file is still there");
  file_gone(done);
}

/// A start of the file can no longer happen: nothing waits for its answer. Whether one has happened
/// is another question: after a restart of its firmware a machine looks as if it had never printed,
/// so its history is asked.
void connector::file_gone(const call& done) {
  for (auto* open : {&rpc_calls_, &http_calls_})
    for (auto at = open->begin(); at != open->end();) {
      const auto next = std::next(at);
      const auto what = at->second.what;
      if ((what == purpose::start || what == purpose::start_check)
          && at->second.file == done.file) {
        const auto ticket = at->second.ticket;
        open->erase(at);
        answer(ticket, port_outcome::lost, reason::link_timeout, "its file was removed");
      }
      at = next;
    }
  auto next = done;
  next.what = purpose::history;
  next.jobs_read = 0;
  ask_history(std::move(next));
}

/// The page after those jobs that were read. A print that begins meanwhile moves the others on, so
/// that a job may be read twice, but none is missed.
void connector::ask_history(call next) {
  link_request request;
  request.target = "/server/history/list?limit=" + std::to_string(history_page_jobs)
                   + "&start=" + std::to_string(next.jobs_read) + "&order=desc";
  send_request(std::move(next), std::move(request));
}

void connector::history_answered(const call& done, const wire_answer& verdict, const json& result) {
  const auto unknown = [&](const std::string& detail) {
    answer(done.ticket, port_outcome::refused, reason::run_start_outcome_unknown, detail);
  };
  if (is_missing_method(verdict))
    return unknown("the printer keeps no history that would tell whether the print began");
  const auto& jobs = member(result, "jobs");
  if (!verdict.ok || !jobs.is_array())
    return answer(done.ticket, port_outcome::lost, reason::printer_command_failed, verdict.text);
  const auto file_of = [](const json& job) {
    return text_of(member(job, "filename"), remote_name_bytes_max);
  };
  for (const auto& job : jobs)
    if (file_of(job) == done.file)
      return unknown("the printer's history has a print of the file: "
                     + text_of(member(job, "status"), 40));
  // Only an empty page is the end: a server may give less at a time than it was asked for.
  if (jobs.empty())
    return answer(done.ticket, port_outcome::done, reason::ok);
  auto next = done;
  next.jobs_read += static_cast<int>(jobs.size());
  if (next.jobs_read > history_jobs_max)
    return unknown("the printer's history has no end");
  ask_history(std::move(next));
}

} // namespace gantry::hal
