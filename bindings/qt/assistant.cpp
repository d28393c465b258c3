#include "assistant.hpp"

#include <exception>
#include <utility>

namespace {

constexpr int answer_tokens = 160;

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

} // namespace

Assistant::Assistant(Settings settings) : settings_(std::move(settings)) {}

void Assistant::open() {
    attempt([this] {
        const cloister::engine engine(settings_.model.toStdString(), {}, [this](float share) {
            emit loading(static_cast<int>(share * 100));
            return !abandoned_;
        });
        audit_.emplace(settings_.log.toStdString());
        cloister::guard_options walls;
        walls.audit = &*audit_;
        guard_.emplace(engine, walls);
        begin();
    });
}

void Assistant::begin() {
    attempt([this] {
        session_.reset();
        cloister::session_options options;
        options.audit = &*audit_;
        options.idle = settings_.idle;
        session_.emplace(settings_.user.toStdString(), settings_.role.toStdString(), options);
        session_->on_end([this] { emit ended(); });
        emit began();
    });
}

void Assistant::ask(const QString &note, const Stop &stop) {
    attempt([&] {
        const std::string question = note.toStdString();
        const cloister::scrubbed seen = guard_->preview(*session_, question);
        QList<Finding> findings;
        for (const cloister::finding &finding : seen.findings) {
            findings.append({text(finding.what), static_cast<int>(finding.line),
                             static_cast<int>(finding.confidence * 100), static_cast<int>(finding.utf16.start),
                             static_cast<int>(finding.utf16.end)});
        }
        emit found(findings, text(seen.text));

        cloister::chat_options how;
        how.max_tokens = answer_tokens;
        const auto forward = [this](std::string_view part) {
            emit wrote(text(part));
            return true;
        };
        const cloister::reply reply = guard_->chat(*session_, question, how, forward, stop.get());
        emit answered(QStringLiteral("%1 tokens in %2 s; %3 identifiers stayed here")
                          .arg(reply.completion.completion_tokens)
                          .arg(reply.completion.prompt_seconds + reply.completion.generation_seconds, 0, 'f', 1)
                          .arg(reply.request.identifiers));
    });
}

// No exception leaves a slot: Qt would end the program.
void Assistant::attempt(const std::function<void()> &work) {
    try {
        work();
    } catch (const std::exception &error) {
        emit failed(text(error.what()));
    }
}
