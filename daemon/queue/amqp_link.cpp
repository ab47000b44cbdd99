#include "daemon/queue/amqp_link.hpp"

#include <vector>

#include "daemon/queue/amqp_connection.hpp"

namespace bgm {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::chrono::seconds kStall{20};

int refusal_of(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply.reply.decoded == nullptr) return 0;
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        return static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_code;
    return 0;
}

/// A table of arguments; keys and texts must outlive it.
class Arguments {
 public:
    void text(const char* key, std::string_view value) {
        amqp_field_value_t field{};
        field.kind = AMQP_FIELD_KIND_UTF8;
        field.value.bytes = bytes_of(value);
        entries_.push_back({.key = amqp_cstring_bytes(key), .value = field});
    }
    void number(const char* key, std::int64_t value) {
        amqp_field_value_t field{};
        field.kind = AMQP_FIELD_KIND_I64;
        field.value.i64 = value;
        entries_.push_back({.key = amqp_cstring_bytes(key), .value = field});
    }
    void yes(const char* key) {
        amqp_field_value_t field{};
        field.kind = AMQP_FIELD_KIND_BOOLEAN;
        field.value.boolean = 1;
        entries_.push_back({.key = amqp_cstring_bytes(key), .value = field});
    }
    amqp_table_t table() {
        return {.num_entries = static_cast<int>(entries_.size()), .entries = entries_.data()};
    }

 private:
    std::vector<amqp_table_entry_t> entries_;
};

Arguments arguments_of(const QueueShape& shape) {
    Arguments arguments;
    arguments.text("x-queue-type", "quorum");
    if (shape.single_active) arguments.yes("x-single-active-consumer");
    if (shape.bytes_max > 0) arguments.number("x-max-length-bytes", shape.bytes_max);
    // At-least-once dead-lettering asks for it, also where there is no limit.
    if (shape.bytes_max > 0 || !shape.dead_letter_queue.empty())
        arguments.text("x-overflow", "reject-publish");
    if (shape.delivery_limit > 0) arguments.number("x-delivery-limit", shape.delivery_limit);
    if (!shape.dead_letter_queue.empty()) {
        arguments.text("x-dead-letter-exchange", "");
        arguments.text("x-dead-letter-routing-key", shape.dead_letter_queue);
        arguments.text("x-dead-letter-strategy", "at-least-once");
    }
    return arguments;
}

/// The broker's sentence names the first argument that differs: these tell classic queues.
bool tells_other_type(const std::string& said) {
    for (const char* mark : {"'x-queue-type'", "'x-queue-mode'", "'x-queue-version'", "'x-max-priority'",
                             "'durable'", "'auto_delete'", "'exclusive'", "exclusive access"})
        if (said.find(mark) != std::string::npos) return true;
    return false;
}

Error error_of_other_queue(const std::string& queue, bool other_type, const std::string& said) {
    return {ErrorCode::invalid_argument,
            "queue '" + queue + "' is there already and " +
                (other_type ? "is not a quorum queue (classic, mirrored and lazy ones do not survive a host)"
                            : "has other limits") +
                ": let it run empty and delete it (rabbitmqctl delete_queue " + queue +
                "), or choose another prefix; " + said,
            "queue.prefix"};
}

}  // namespace

AmqpLink::AmqpLink(std::unique_ptr<AmqpConnection> connection) : connection_(std::move(connection)) {}
AmqpLink::~AmqpLink() = default;

Result<std::unique_ptr<AmqpLink>> AmqpLink::open(const AmqpOptions& options, std::size_t first) {
    Error worst{ErrorCode::invalid_argument, "no broker is named", "queue.endpoints"};
    for (std::size_t tried = 0; tried < options.endpoints.size(); ++tried) {
        auto connection = AmqpConnection::open(options, first + tried, kStall);
        if (connection) return std::unique_ptr<AmqpLink>(new AmqpLink(std::move(*connection)));
        if (tried == 0 || worst.code != ErrorCode::invalid_argument) worst = connection.error();
    }
    return worst;
}

template <typename Call>
Status AmqpLink::on_channel(Call call) {
    const amqp_connection_state_t state = connection_->state();
    refusal_ = 0;
    if (!channel_open_) {
        (void)amqp_channel_open(state, kChannel);
        if (Status opened = connection_->check(amqp_get_rpc_reply(state)); !opened) return opened;
        channel_open_ = true;
    }
    call(state);
    const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state);
    refusal_ = refusal_of(reply);
    Status done = connection_->check(reply);
    if (!done) {
        channel_open_ = false;
        if (refusal_ != 0) {
            amqp_channel_close_ok_t farewell{};
            (void)amqp_send_method(state, kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD, &farewell);
        }
    }
    amqp_maybe_release_buffers(state);
    return done;
}

Status AmqpLink::declare_queue(const QueueShape& shape) {
    Arguments arguments = arguments_of(shape);
    const Status declared = on_channel([&](amqp_connection_state_t state) {
        (void)amqp_queue_declare(state, kChannel, bytes_of(shape.name), 0, 1, 0, 0, arguments.table());
    });
    if (declared || (refusal_ != AMQP_PRECONDITION_FAILED && refusal_ != AMQP_RESOURCE_LOCKED))
        return declared;
    std::string said = declared.error().message;
    if (!tells_other_type(said)) {
        // Whether the type is right stands behind the other arguments: asked for by itself.
        Arguments bare;
        bare.text("x-queue-type", "quorum");
        const Status asked = on_channel([&](amqp_connection_state_t state) {
            (void)amqp_queue_declare(state, kChannel, bytes_of(shape.name), 0, 1, 0, 0, bare.table());
        });
        if (!asked && tells_other_type(asked.error().message)) said = asked.error().message;
    }
    return error_of_other_queue(shape.name, tells_other_type(said), said);
}

Status AmqpLink::declare_fanout(const std::string& exchange) {
    Status declared = on_channel([&](amqp_connection_state_t state) {
        (void)amqp_exchange_declare(state, kChannel, bytes_of(exchange), bytes_of("fanout"), 0, 1, 0, 0,
                                    amqp_empty_table);
    });
    if (!declared && refusal_ == AMQP_PRECONDITION_FAILED)
        return Error{
            ErrorCode::invalid_argument,
            "exchange '" + exchange +
                "' is there already and is not a durable fanout: delete it, or choose another prefix; " +
                declared.error().message,
            "queue.prefix"};
    return declared;
}

Status AmqpLink::declare_exclusive_queue(const std::string& queue, const std::string& exchange) {
    const Status declared = on_channel([&](amqp_connection_state_t state) {
        (void)amqp_queue_declare(state, kChannel, bytes_of(queue), 0, 0, 1, 0, amqp_empty_table);
    });
    if (!declared && refusal_ == AMQP_RESOURCE_LOCKED)
        return Error{ErrorCode::invalid_argument,
                     "another bgmd runs under this name: it holds queue '" + queue +
                         "'; stop it, or give this one a name of its own",
                     "queue.host_name"};
    if (!declared && refusal_ == AMQP_PRECONDITION_FAILED)
        return error_of_other_queue(queue, false, declared.error().message);
    if (!declared) return declared;
    return on_channel([&](amqp_connection_state_t state) {
        (void)amqp_queue_bind(state, kChannel, bytes_of(queue), bytes_of(exchange), amqp_empty_bytes,
                              amqp_empty_table);
    });
}

Result<AmqpLink::Counts> AmqpLink::counts(const std::string& queue) {
    Counts counts;
    const Status asked = on_channel([&](amqp_connection_state_t state) {
        const amqp_queue_declare_ok_t* answer =
            amqp_queue_declare(state, kChannel, bytes_of(queue), 1, 0, 0, 0, amqp_empty_table);
        if (answer != nullptr) counts = {.ready = answer->message_count, .consumers = answer->consumer_count};
    });
    if (!asked) return asked.error();
    return counts;
}

const std::string& AmqpLink::endpoint() const {
    return connection_->endpoint();
}

std::string AmqpLink::broker() const {
    std::string product;
    std::string version;
    const amqp_table_t* properties = amqp_get_server_properties(connection_->state());
    for (int i = 0; properties != nullptr && i < properties->num_entries; ++i) {
        const amqp_table_entry_t& entry = properties->entries[i];
        if (entry.value.kind != AMQP_FIELD_KIND_UTF8) continue;
        if (text_of(entry.key) == "product") product = printable_reply(text_of(entry.value.value.bytes));
        if (text_of(entry.key) == "version") version = printable_reply(text_of(entry.value.value.bytes));
    }
    return product + " " + version;
}

}  // namespace bgm
