// A private stack (ops/sandbox) for a test: the real daemon, its workers and a real database, gone when the
// test is, even when the test itself is killed. Failures to start are exceptions: a broken test, not a
// finding.
//
// Everything is looked at from outside, as a user would: SQL through the database's own client, HTTP through
// a plain socket. Not thread-safe, except where said.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/eventually.hpp"

namespace bgm::test {

class Stack {
 public:
    struct Options {
        bool mysql = true;
        std::vector<std::string> settings{};  // "key=value", as for --set
        std::string folder_name = "stack";
    };
    Stack() : Stack(Options{}) {}
    explicit Stack(const Options& options);
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    /// Starts what is not running. Thread-safe.
    void up();
    void down();
    /// `up` with more settings ("key=value"), as a person who may have mistyped one: false where it fails.
    bool up_with(const std::vector<std::string>& settings) const;

    /// A value of the folder's env file, "BGMD_POSTS".
    const std::string& env(const std::string& name) const;
    std::filesystem::path folder() const { return folder_; }
    std::filesystem::path media_root() const { return env("BGMD_MEDIA_ROOT"); }

    /// name -> pid of everything that runs. Thread-safe.
    std::map<std::string, pid_t> processes() const;
    /// Sends the signal where such a process runs. Thread-safe.
    bool signal(const std::string& process, int number) const;

    /// Rows of columns as text; NULL is "NULL". `sql` throws where the database cannot be asked.
    std::vector<std::vector<std::string>> sql(const std::string& query) const;
    /// The one value of a query, as a number.
    long count(const std::string& query) const;

    /// Status code and body; code 0 where nobody answers.
    struct HttpAnswer {
        int code = 0;
        std::string body;
    };
    HttpAnswer http_get(const std::string& path) const;

    /// Runs bgmctl against this stack; standard output, whatever it exits with.
    struct Output {
        int exit_code = -1;
        std::string text;
    };
    Output bgmctl(const std::string& arguments) const;

 private:
    void read_env();

    std::filesystem::path folder_;
    std::string up_command_;
    std::map<std::string, std::string> env_;
    std::FILE* guard_ = nullptr;  // a shell that takes the stack down when this process is gone
};

}  // namespace bgm::test
