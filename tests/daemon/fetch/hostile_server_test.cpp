// Servers that lie: in their headers, behind their answers, about who they are.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/daemon/fetch/fetching.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"

namespace bgm {
namespace {

using Answer = LoopbackServer::Answer;

class HostileServer : public testing::Test {
 protected:
    std::unique_ptr<MediaFetcher> fetcher(std::uint16_t port) {
        return std::make_unique<MediaFetcher>(
            FetchRules::parse("*", "").value(), FetchLimits{.attempts_max = 1},
            std::make_unique<TableResolver>(
                std::map<std::string, TableResolver::Answers>{{"media.example", {{"93.184.216.34"}}}}),
            std::make_unique<RecordingConnector>(dialled_, port));
    }

    Dialled dialled_;
};

TEST_F(HostileServer, WhatStandsBehindAnAnswerIsNotTheNextOne) {
    // Who shares a server with others must not be able to answer for them.
    LoopbackServer server([](const std::string&) {
        return Answer{.bytes = LoopbackServer::ok("first") + LoopbackServer::ok("smuggled")};
    });
    auto fetcher = this->fetcher(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto fetched = fetch_now(*fetcher, "http://media.example/" + std::to_string(i));
        ASSERT_TRUE(fetched) << fetched.error().to_string();
        EXPECT_EQ(**fetched, "first");
    }
}

TEST_F(HostileServer, HeadersWithoutEndAreNotKept) {
    std::string headers = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 4'000; ++i)
        headers += "X-" + std::to_string(i) + ": " + std::string(1'000, 'x') + "\r\n";
    LoopbackServer server(
        [&](const std::string&) { return Answer{.bytes = headers + "Content-Length: 1\r\n\r\nx"}; });
    EXPECT_FALSE(fetch_now(*fetcher(server.port()), "http://media.example/"));
}

TEST_F(HostileServer, WhatIsNoHttpIsNoFile) {
    for (const char* answer :
         {"\x89PNG\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\nx", "\r\n\r\n", "HTTP/1.1 OK\r\n\r\nx"}) {
        LoopbackServer server([&](const std::string&) { return Answer{.bytes = answer}; });
        EXPECT_FALSE(fetch_now(*fetcher(server.port()), "http://media.example/")) << answer;
    }
}

TEST_F(HostileServer, APartIsNotTheWhole) {
    for (const int status : {201, 204, 206, 304}) {
        LoopbackServer server(
            [&](const std::string&) { return Answer{.bytes = LoopbackServer::status(status)}; });
        EXPECT_FALSE(fetch_now(*fetcher(server.port()), "http://media.example/")) << status;
    }
}

// Says that it is media.example, and nobody vouches for it.
class ImpostorServer {
 public:
    ImpostorServer() : context_(SSL_CTX_new(TLS_server_method())) {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        X509_set_version(certificate, 2);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("media.example"), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_sign(certificate, key, EVP_sha256());
        SSL_CTX_use_certificate(context_, certificate);
        SSL_CTX_use_PrivateKey(context_, key);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~ImpostorServer() {
        shutdown(listener_.fd, SHUT_RDWR);
        thread_.join();
        SSL_CTX_free(context_);
    }
    ImpostorServer(const ImpostorServer&) = delete;
    ImpostorServer& operator=(const ImpostorServer&) = delete;

    std::uint16_t port() const { return listener_.port; }
    int greeted() const { return greeted_; }
    int requests() const { return requests_; }

 private:
    struct Listener {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        std::uint16_t port = 0;
        Listener() {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size = sizeof address;
            auto* generic = reinterpret_cast<sockaddr*>(&address);
            if (bind(fd, generic, size) != 0 || listen(fd, 8) != 0) std::abort();
            getsockname(fd, generic, &size);
            port = ntohs(address.sin_port);
        }
        ~Listener() { close(fd); }
        Listener(const Listener&) = delete;
        Listener& operator=(const Listener&) = delete;
    };

    void serve() {
        signal(SIGPIPE, SIG_IGN);  // the client hangs up in the middle of the greeting
        for (int fd = 0; (fd = accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(fd)) {
            ++greeted_;
            SSL* peer = SSL_new(context_);
            SSL_set_fd(peer, fd);
            char byte = 0;
            if (SSL_accept(peer) == 1 && SSL_read(peer, &byte, 1) == 1) {
                ++requests_;
                constexpr std::string_view kAnswer = "HTTP/1.0 200 OK\r\nContent-length: 1\r\n\r\nx";
                SSL_write(peer, kAnswer.data(), static_cast<int>(kAnswer.size()));
                SSL_shutdown(peer);
            }
            SSL_free(peer);
        }
    }

    SSL_CTX* const context_;
    Listener listener_;
    std::atomic<int> greeted_{0};
    std::atomic<int> requests_{0};
    std::thread thread_{[this] { serve(); }};
};

TEST_F(HostileServer, ACertificateThatNobodyVouchesForIsRefusedBeforeTheRequest) {
    ImpostorServer server;
    const auto fetched = fetch_now(*fetcher(server.port()), "https://media.example/a.jpg?token=secret");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::unsupported) << fetched.error().to_string();
    EXPECT_EQ(server.greeted(), 1);
    EXPECT_EQ(server.requests(), 0) << "the query would be in it";
}

}  // namespace
}  // namespace bgm
