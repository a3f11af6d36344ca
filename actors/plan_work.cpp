#include "actors/plan_work.hpp"

#include "geometry/mesh_check.hpp"
#include "geometry/preflight.hpp"
#include "geometry/stl_reader.hpp"
#include "hal/slicer/slicer.hpp"
#include "logging/log.hpp"

#include <filesystem>

namespace gantry::actors {

namespace {

command result_command(const plan_id& id, any_command body) {
  command request;
  request.context.who = kernel_principal("slicer");
  request.context.via = "worker";
  request.context.correlation = id.value;
  request.body = std::move(body);
  return request;
}

/// Reads and judges a model.
class check_task final : public plan_task {
public:
  check_task(plan_id id, std::string path, box_um build)
      : id_{std::move(id)}, path_{std::move(path)}, build_{build} {
    result_.id = id_;
  }

  void run() override {
    const auto model = geometry::read_stl(path_);
    if (!model) {
      result_.checks = geometry::preflight(model.why());
      return;
    }
    const auto facts = geometry::measure(*model);
    geometry::preflight_limits limits;
    limits.build = build_;
    result_.checks = geometry::preflight(facts, limits);
    result_.size = {facts.size_um(0), facts.size_um(1), facts.size_um(2)};
  }

  command take_result() override { return result_command(id_, std::move(result_)); }

private:
  plan_id id_;
  std::string path_;
  box_um build_;
  commands::model_checked result_;
};

/// Slices a model and stores the toolpath.
class slice_task final : public plan_task {
public:
  slice_task(const plan& how, const profile& slicing, std::string model, const services& shared)
      : id_{how.id},
        copies_{static_cast<int>(how.pieces_per_plate)},
        slicing_{slicing},
        model_{std::move(model)},
        slicer_{*shared.parts.slicer},
        artifacts_{*shared.parts.artifacts},
        stopping_{shared.stopping},
        folder_{shared.parts.work_folder},
        name_{how.id.value + "-" + std::to_string(shared.parts.ids->bits())} {
    result_.id = id_;
  }

  void run() override {
    slicer::slice_request request;
    request.model = model_;
    request.profile_text = slicing_.versions.back().text;
    request.options.copies = copies_;
    request.work_folder = folder_;
    request.job_name = name_;
    request.cancel = &stopping_;
    const auto answer = slicer_.slice(request, {});
    if (const auto* sliced = std::get_if<slicer::slice_result>(&answer))
      take(*sliced);
    else
      fail(std::get<slicer::slice_failure>(answer));
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path{folder_} / name_, ignored);
  }

  command take_result() override { return result_command(id_, std::move(result_)); }

private:
  void take(const slicer::slice_result& sliced) {
    // The file is durable before the plan says that it exists.
    const auto stored = artifacts_.adopt(sliced.gcode.string());
    if (!stored) {
      result_.why = stored.why().code;
      result_.why_params = stored.why().params;
      return;
    }
    plan_revision revision;
    revision.profile = slicing_.id;
    revision.profile_version = slicing_.versions.back().number;
    revision.profile_sha256 = sliced.profile_sha256;
    revision.slicer = sliced.slicer_version;
    revision.gcode.value = derive_id(artifact_id::prefix, "name", stored->sha256);
    revision.gcode_sha256 = stored->sha256;
    revision.gcode_size_bytes = static_cast<int64_t>(stored->size_bytes);
    revision.estimate = sliced.estimate;
    revision.checks = sliced.checks;
    result_.revision = std::move(revision);
    result_.why = reason::sliced;
    result_.why_params = {{"slicer", sliced.slicer_version}};
  }

  void fail(const slicer::slice_failure& failure) {
    result_.why = failure.why.code;
    result_.why_params = failure.why.params;
    if (!failure.stderr_tail.empty())
      result_.why_params.try_emplace("detail", failure.stderr_tail);
    logging::write(logging::level::warning, "slicer", failure.why.text(),
                   {{"plan", id_.value}, {"stderr", failure.stderr_tail}});
  }

  plan_id id_;
  int copies_;
  profile slicing_;
  std::string model_;
  slicer::slicer& slicer_;
  storage::artifact_store& artifacts_;
  const std::atomic<bool>& stopping_;
  std::string folder_;
  std::string name_;
  commands::slicing_settled result_;
};

} // namespace

plan_entity_core::plan_entity_core(entity_ref self, entity_host& host, services& shared,
                                   task_runner run)
    : entity{std::move(self), host}, shared_{shared}, run_{std::move(run)} {
  // nop
}

void plan_entity_core::on_state() {
  const auto* how = as<plan>();
  if (!how || started_for_ == version())
    return;
  started_for_ = version();
  if (how->state == plan_state::checking)
    start_check(*how);
  else if (how->state == plan_state::slicing)
    start_slice(*how);
}

void plan_entity_core::start_check(const plan& how) {
  auto request = std::make_shared<load_request>();
  request->entities = {ref_of(how.model), ref_of(how.profile)};
  host().load(std::move(request), [this, id = how.id](const load_reply& reply) {
    const auto* model = std::get_if<artifact>(reply.states[0].state.get());
    const auto* slicing = std::get_if<profile>(reply.states[1].state.get());
    run_(std::make_shared<check_task>(id, shared_.parts.artifacts->path_of(model->sha256),
                                      slicing->bed));
  });
}

void plan_entity_core::start_slice(const plan& how) {
  auto request = std::make_shared<load_request>();
  request->entities = {ref_of(how.model), ref_of(how.profile)};
  host().load(std::move(request), [this](const load_reply& reply) {
    const auto* plan_now = as<plan>();
    const auto* model = std::get_if<artifact>(reply.states[0].state.get());
    const auto* slicing = std::get_if<profile>(reply.states[1].state.get());
    if (!plan_now || slicing->versions.empty())
      return;
    run_(std::make_shared<slice_task>(*plan_now, *slicing,
                                      shared_.parts.artifacts->path_of(model->sha256), shared_));
  });
}

} // namespace gantry::actors
