// Files over the API: uploads, listings, metadata, deletion; and the queries of the history.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "hal/sim/moonraker_file_endpoints.hpp"
#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

using device_impl = moonraker_device::impl;

/// The absolute place of a path, as error texts name it.
std::string absolute_place(const std::string& path) {
  std::string text = "/home/pi/printer_data/";
  text += path;
  return text;
}

constexpr uint64_t download_bytes_max = 64ULL * 1024 * 1024;

bool is_gcode(std::string_view path) {
  return path.ends_with(".gcode") || path.ends_with(".g") || path.ends_with(".gco");
}

/// Splits "gcodes/a/b" into the path inside the root; nothing for other roots.
std::optional<std::string> inside_gcodes(const std::string& path) {
  if (path == "gcodes")
    return std::string();
  if (!path.starts_with("gcodes/"))
    return std::nullopt;
  return path.substr(7);
}

json gone_item(const std::string& path) {
  return {{"modified", 0}, {"size", 0}, {"permissions", ""}, {"path", path}, {"root", "gcodes"}};
}

void notify_files(device_impl& d, const char* action, json item) {
  d.notify("notify_filelist_changed",
           json::array({{{"action", action}, {"item", std::move(item)}}}));
}

// -- queries ---------------------------------------------------------------------------

void files_list(device_impl& d, call_id call, const json&) {
  auto list = json::array();
  for (const auto& info : d.files->list())
    list.push_back({{"path", info.path},
                    {"modified", info.modified_s},
                    {"size", info.size_bytes},
                    {"permissions", "rw"}});
  d.reply(call, std::move(list));
}

void files_roots(device_impl& d, call_id call, const json&) {
  d.reply(call, json::array({{{"name", "gcodes"},
                              {"path", "/home/pi/printer_data/gcodes"},
                              {"permissions", "rw"}}}));
}

void files_metadata(device_impl& d, call_id call, const json& params) {
  const auto filename = text_parameter(params, "filename");
  if (!filename) {
    d.fail(call, 400, "No data for argument: filename");
    return;
  }
  const auto info =
      is_safe_path(*filename) && is_gcode(*filename) ? d.files->find(*filename) : std::nullopt;
  if (!info) {
    d.fail(call, 404, "Metadata not available for <" + *filename + ">");
    return;
  }
  d.reply(call, d.metadata(*info));
}

void files_directory(device_impl& d, call_id call, const json& params) {
  const auto path = text_parameter(params, "path").value_or("gcodes");
  const auto inside = inside_gcodes(path);
  if (!inside || (!inside->empty() && !is_safe_path(*inside))) {
    d.fail(call, 400, "Invalid Directory Request: " + path);
    return;
  }
  const auto prefix = inside->empty() ? std::string() : *inside + "/";
  std::set<std::string> dirs;
  auto listed = json::array();
  for (const auto& info : d.files->list()) {
    if (!info.path.starts_with(prefix))
      continue;
    const auto rest = info.path.substr(prefix.size());
    if (const auto slash = rest.find('/'); slash != std::string::npos)
      dirs.insert(rest.substr(0, slash));
    else
      listed.push_back({{"modified", info.modified_s},
                        {"size", info.size_bytes},
                        {"permissions", "rw"},
                        {"filename", rest}});
  }
  auto folders = json::array();
  for (const auto& name : dirs)
    folders.push_back(
        {{"modified", d.unix_now()}, {"size", 4096}, {"permissions", "rw"}, {"dirname", name}});
  d.reply(call, {{"dirs", folders},
                 {"files", listed},
                 {"disk_usage",
                  {{"total", 31'000'000'000}, {"used", 4'000'000'000}, {"free", 27'000'000'000}}},
                 {"root_info", {{"name", "gcodes"}, {"permissions", "rw"}}}});
}

void files_create_directory(device_impl& d, call_id call, const json& params) {
  const auto inside = inside_gcodes(text_parameter(params, "path").value_or(""));
  if (!inside || !is_safe_path(*inside)) {
    d.fail(call, 400, "Invalid path");
    return;
  }
  // Folders exist as soon as a file is in them.
  d.reply(call, {{"action", "create_dir"},
                 {"item",
                  {{"modified", d.unix_now()},
                   {"size", 4096},
                   {"permissions", "rw"},
                   {"path", *inside},
                   {"root", "gcodes"}}}});
}

// -- changes ---------------------------------------------------------------------------

void files_delete(device_impl& d, call_id call, const json& params) {
  const auto path = text_parameter(params, "path").value_or("");
  const auto inside = inside_gcodes(path);
  if (!inside || !is_safe_path(*inside) || !d.files->find(*inside)) {
    d.fail_phrase(call, 400, "Invalid file path: " + path);
    return;
  }
  if (d.in_use(*inside)) {
    d.fail_phrase(call, 403, "File currently in use");
    return;
  }
  d.files->remove(*inside);
  d.metadata_cache.erase(*inside);
  d.log({{"event", "file_deleted"}, {"file", *inside}});
  json result{{"action", "delete_file"}, {"item", gone_item(*inside)}};
  notify_files(d, "delete_file", result["item"]);
  d.reply(call, std::move(result));
}

void files_delete_directory(device_impl& d, call_id call, const json& params) {
  const auto path = text_parameter(params, "path").value_or("");
  const auto inside = inside_gcodes(path);
  if (!inside || !is_safe_path(*inside)) {
    d.fail(call, 400, "Invalid path");
    return;
  }
  std::vector<std::string> doomed;
  for (const auto& info : d.files->list())
    if (info.path.starts_with(*inside + "/"))
      doomed.push_back(info.path);
  if (std::any_of(doomed.begin(), doomed.end(), [&](const auto& file) { return d.in_use(file); })) {
    d.fail_phrase(call, 403, "File currently in use");
    return;
  }
  if (!doomed.empty() && text_parameter(params, "force").value_or("false") != "true") {
    d.fail(call, 400, "[Errno 39] Directory not empty: '" + absolute_place(path) + "'");
    return;
  }
  for (const auto& file : doomed) {
    d.files->remove(file);
    d.metadata_cache.erase(file);
    d.log({{"event", "file_deleted"}, {"file", file}});
  }
  json result{{"action", "delete_dir"}, {"item", gone_item(*inside)}};
  notify_files(d, "delete_dir", result["item"]);
  d.reply(call, std::move(result));
}

void files_move(device_impl& d, call_id call, const json& params) {
  const auto from = inside_gcodes(text_parameter(params, "source").value_or(""));
  const auto to = inside_gcodes(text_parameter(params, "dest").value_or(""));
  if (!from || !to || !is_safe_path(*from) || !is_safe_path(*to) || !d.files->find(*from)) {
    d.fail(call, 404, "File does not exist");
    return;
  }
  if (d.in_use(*from) || d.in_use(*to)) {
    d.fail_phrase(call, 403, "File currently in use");
    return;
  }
  d.files->rename(*from, *to);
  d.metadata_cache.erase(*from);
  d.metadata_cache.erase(*to);
  d.log({{"event", "file_moved"}, {"file", *from}, {"to", *to}});
  json result{{"action", "move_file"},
              {"item", d.item_json(*d.files->find(*to))},
              {"source_item", {{"path", *from}, {"root", "gcodes"}}}};
  notify_files(d, "move_file", result["item"]);
  d.reply(call, std::move(result));
}

// -- history ---------------------------------------------------------------------------

void history_list(device_impl& d, call_id call, const json& params) {
  const auto number = [&](const char* key, double fallback) {
    const auto text = text_parameter(params, key);
    return text ? std::strtod(text->c_str(), nullptr) : fallback;
  };
  const auto limit = static_cast<size_t>(std::clamp(number("limit", 50), 0.0, 1000.0));
  auto skip = static_cast<size_t>(std::clamp(number("start", 0), 0.0, 1e6));
  const double since = number("since", 0);
  const double before = number("before", 1e12);
  const bool ascending = text_parameter(params, "order").value_or("desc") == "asc";
  auto jobs = json::array();
  const auto add = [&](const history_job& job) {
    if (job.start_time <= since || job.start_time >= before || jobs.size() >= limit)
      return;
    if (skip > 0)
      --skip;
    else
      jobs.push_back(d.job_json(job));
  };
  if (ascending)
    std::for_each(d.history.begin(), d.history.end(), add);
  else
    std::for_each(d.history.rbegin(), d.history.rend(), add);
  d.reply(call, {{"count", jobs.size()}, {"jobs", jobs}});
}

void history_job_by_id(device_impl& d, call_id call, const json& params) {
  const auto uid = text_parameter(params, "uid").value_or("");
  for (const auto& job : d.history) {
    auto entry = d.job_json(job);
    if (entry["job_id"] != uid)
      continue;
    d.reply(call, {{"job", std::move(entry)}});
    return;
  }
  d.fail(call, 404, "Invalid job uid: " + uid);
}

void history_totals(device_impl& d, call_id call, const json&) {
  double time = 0, printing = 0, filament = 0, longest = 0, longest_print = 0;
  for (const auto& job : d.history) {
    time += job.total_duration;
    printing += job.print_duration;
    filament += job.filament_used;
    longest = std::max(longest, job.total_duration);
    longest_print = std::max(longest_print, job.print_duration);
  }
  d.reply(call, {{"job_totals",
                  {{"total_jobs", static_cast<double>(d.history.size())},
                   {"total_time", time},
                   {"total_print_time", printing},
                   {"total_filament_used", filament},
                   {"longest_job", longest},
                   {"longest_print", longest_print}}},
                 {"auxiliary_totals", json::array()}});
}

} // namespace

// -- uploads ---------------------------------------------------------------------------

bool moonraker_device::impl::in_use(const std::string& path) const {
  // After Klippy went away, nobody remembers that the file was loaded.
  const auto stats = klipper.print_stats();
  const bool loaded = stats.state == "printing" || stats.state == "paused";
  return klipper.state() != klippy_state::disconnected && loaded && klipper.sdcard().path == path;
}

void moonraker_device::impl::finish_upload(call_id call, incoming_upload& upload) {
  if (!upload.reader) {
    const auto pending = calls.extract(call).mapped();
    http_error(pending, 500, "Internal Server Error",
               "streaming_form_data.ParseFailedException: Content-Type is not multipart/form-data");
    return;
  }
  if (upload.failed || (upload.has_file && !upload.reader->complete())) {
    fail_phrase(call, 500, "Unable to save file");
    return;
  }
  if (!upload.has_file) {
    fail_phrase(call, 400, "Multipart filename omitted");
    return;
  }
  const auto root = upload.fields.contains("root") ? upload.fields["root"] : "gcodes";
  if (root != "gcodes") {
    fail_phrase(call, 400, "Root " + root + " not available");
    return;
  }
  auto folder = upload.fields["path"];
  while (folder.starts_with('/'))
    folder.erase(0, 1);
  while (folder.ends_with('/'))
    folder.pop_back();
  const auto path = folder.empty() ? upload.filename : folder + "/" + upload.filename;
  if (!is_safe_path(path)) {
    fail_phrase(call, 400, "Cannot write to path: " + absolute_place(path));
    return;
  }
  const auto slash = upload.filename.rfind('/');
  if (slash != std::string::npos) {
    const auto parent = path.substr(0, path.rfind('/') + 1);
    const auto known = files->list();
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& f) { return f.path.starts_with(parent); })) {
      fail_phrase(call, 500, "Unable to save file");
      return;
    }
  }
  if (in_use(path)) {
    log({{"event", "upload_refused"}, {"file", path}, {"reason", "in use"}});
    fail_phrase(call, 403, "File is loaded, upload not permitted");
    return;
  }
  store_upload(call, upload, path);
}

void moonraker_device::impl::store_upload(call_id call, incoming_upload& upload,
                                          const std::string& path) {
  const auto calculated = upload.digest.finish_hex();
  const auto expected = upload.fields["checksum"];
  if (!expected.empty() && !options.creality && expected != calculated) {
    log({{"event", "upload_refused"}, {"file", path}, {"reason", "checksum"}});
    fail_phrase(call, 422,
                "File checksum mismatch: expected " + expected + ", calculated " + calculated);
    return;
  }
  const bool replaced = files->find(path).has_value();
  if (!files->commit(std::move(upload.staged), path, unix_now())) {
    fail_phrase(call, 500, "Unable to save file");
    return;
  }
  metadata_cache.erase(path);
  log({{"event", "upload"},
       {"file", path},
       {"bytes", upload.size_bytes},
       {"sha256", calculated},
       {"replaced", replaced}});
  if (const auto info = files->find(path))
    notify_files(*this, "create_file", item_json(*info));
  const auto stats = klipper.print_stats();
  const bool wanted = upload.fields["print"] == "true" && is_gcode(path);
  const bool busy = stats.state == "printing" || stats.state == "paused";
  if (!wanted || busy || klipper.state() != klippy_state::ready) {
    reply_upload(call, path, false);
    return;
  }
  gcode_command start;
  start.name = "SDCARD_PRINT_FILE";
  start.arguments["FILENAME"] = path;
  log({{"event", "start_requested"}, {"file", path}, {"via", "upload"}});
  const auto token = klipper.submit({start}, "api");
  scripts[token] = [this, call, path](const script_result& result) {
    reply_upload(call, path, !result.failed);
  };
}

void moonraker_device::impl::reply_upload(call_id call, const std::string& path, bool started) {
  const auto info = files->find(path);
  if (!info) {
    fail_phrase(call, 500, "Unable to save file");
    return;
  }
  json body{{"action", "create_file"}, {"item", item_json(*info)}};
  if (is_gcode(path)) {
    body["print_started"] = started;
    body["print_queued"] = false;
  }
  reply_bare(call, 201, std::move(body),
             {{"Location", "http://127.0.0.1:7125/server/files/gcodes/" + percent_encode(path)}});
}

json moonraker_device::impl::item_json(const file_info& info) const {
  return {{"modified", info.modified_s},
          {"size", info.size_bytes},
          {"permissions", "rw"},
          {"path", info.path},
          {"root", "gcodes"}};
}

json moonraker_device::impl::metadata(const file_info& info) {
  auto& cached = metadata_cache[info.path];
  if (cached.is_null() || cached["size"] != info.size_bytes
      || cached["modified"] != info.modified_s) {
    const auto reader = files->open(info.path);
    const auto notes = reader && info.size_bytes > 0 ? scan_gcode(*reader) : gcode_metadata();
    char uuid[40];
    std::snprintf(uuid, sizeof uuid, "%08llx-0000-4000-8000-%012llx",
                  static_cast<unsigned long long>(random() & 0xffffffff),
                  static_cast<unsigned long long>(random() & 0xffffffffffff));
    cached = {
        {"size", info.size_bytes},          {"modified", info.modified_s}, {"uuid", uuid},
        {"file_processors", json::array()}, {"slicer", "Unknown"},         {"slicer_version", "?"}};
    const auto add = [&](const char* key, const auto& value) {
      if (value)
        cached[key] = *value;
    };
    if (!options.creality && info.size_bytes > 0) {
      cached["slicer"] = notes.slicer;
      cached["slicer_version"] = notes.slicer_version;
      cached["gcode_start_byte"] = notes.gcode_start_byte;
      cached["gcode_end_byte"] = notes.gcode_end_byte;
      add("estimated_time", notes.estimated_time_s);
      add("filament_total", notes.filament_mm);
      add("filament_weight_total", notes.filament_g);
      add("layer_height", notes.layer_height_mm);
      add("layer_count", notes.layer_count);
      add("nozzle_diameter", notes.nozzle_mm);
      add("first_layer_bed_temp", notes.bed_c);
      add("first_layer_extr_temp", notes.extruder_c);
      if (!notes.filament_type.empty())
        cached["filament_type"] = notes.filament_type;
    }
  }
  auto result = cached;
  const auto run = last_runs.find(info.path);
  char job_id[24];
  std::snprintf(job_id, sizeof job_id, "%06llX",
                static_cast<unsigned long long>(run == last_runs.end() ? 0 : run->second.first));
  result["print_start_time"] = run == last_runs.end() ? json(nullptr) : json(run->second.second);
  result["job_id"] = run == last_runs.end() ? json(nullptr) : json(job_id);
  result["filename"] = info.path;
  return result;
}

void moonraker_device::impl::download(call_id call, const std::string& path) {
  const auto info = is_safe_path(path) ? files->find(path) : std::nullopt;
  const auto reader = info ? files->open(path) : nullptr;
  if (!reader || reader->size() > download_bytes_max) {
    fail(call, 404, "Not Found");
    return;
  }
  device_output output;
  output.what = device_output::kind::http_reply;
  output.request = calls.extract(call).mapped().request;
  output.code = 200;
  output.reason = "OK";
  output.headers = {{"Server", "TornadoServer/6.2"}, {"Content-Type", "text/plain"}};
  output.text.resize(static_cast<size_t>(reader->size()));
  output.text.resize(reader->read(0, output.text.data(), output.text.size()));
  if (!faults.silent_until)
    send(std::move(output));
}

const std::vector<api_endpoint>& file_and_history_endpoints() {
  static const std::vector<api_endpoint> endpoints{
      {"server.files.list", "GET", "/server/files/list", false, false, files_list},
      {"server.files.roots", "GET", "/server/files/roots", false, false, files_roots},
      {"server.files.metadata", "GET", "/server/files/metadata", false, false, files_metadata},
      {"server.files.get_directory", "GET", "/server/files/directory", false, false,
       files_directory},
      {"server.files.post_directory", "POST", "/server/files/directory", false, false,
       files_create_directory},
      {"server.files.delete_directory", "DELETE", "/server/files/directory", false, false,
       files_delete_directory},
      {"server.files.delete_file", "DELETE", "/server/files/gcodes/", false, false, files_delete},
      {"server.files.move", "POST", "/server/files/move", false, false, files_move},
      {"server.history.list", "GET", "/server/history/list", false, true, history_list},
      {"server.history.get_job", "GET", "/server/history/job", false, true, history_job_by_id},
      {"server.history.totals", "GET", "/server/history/totals", false, true, history_totals},
  };
  return endpoints;
}

} // namespace gantry::sim
