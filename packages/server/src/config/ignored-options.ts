/** Options that NAT documents and this server does without, by the section they stand in. */
export const ignoredOptions: Readonly<Record<string, ReadonlySet<string>>> = {
  '': words(
    'embedders memory object_stores retrievers ttc_strategies eval optimizer trainers trainer_adapters trajectory_builders finetuning',
  ),
  general: words('use_uvloop per_user_workflow_timeout per_user_workflow_cleanup_interval enable_per_user_monitoring'),
  'general.telemetry': words('tracing'),
  'general.front_end': words(
    'reload workers use_gunicorn scheduler_address db_url max_running_async_jobs dask_workers dask_threads_per_worker dask_worker_memory_limit ' +
      'dask_log_level step_adaptor evaluate evaluate_item endpoints object_store runner_class disable_legacy_routes root_path ' +
      'enable_interactive_extensions accepted_identity_credentials identity_authentication identity_header',
  ),
  'general.front_end.a2a': words('capabilities max_concurrency default_input_modes default_output_modes runner_class'),
  'general.front_end.cors': words('allow_origin_regex allow_methods allow_headers allow_credentials expose_headers max_age'),
  'general.front_end.workflow': words('method description path openai_api_path openai_api_v1_path legacy_path legacy_openai_api_path'),
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}
