#pragma once

// What `--help` says below the options: examples, and what is worth knowing.
namespace hub::cli::help {

extern const char* const program;
extern const char* const start;
extern const char* const stop;
extern const char* const reload;
extern const char* const changes;
extern const char* const approve;
extern const char* const add;
extern const char* const edit;
extern const char* const status;
extern const char* const connect;
extern const char* const top;
extern const char* const trace;
extern const char* const servers;
extern const char* const tools;
extern const char* const search;
extern const char* const cache;
extern const char* const mesh;
extern const char* const cost;

extern const char* const plugins;

extern const char* const learn;
extern const char* const call;
extern const char* const logs;
extern const char* const restart;
extern const char* const service;
extern const char* const login;
extern const char* const logout;
extern const char* const permissions;
extern const char* const token;
extern const char* const audit;
extern const char* const config;
extern const char* const import;

} // namespace hub::cli::help
