// The model behind its walls. It works on a thread of its own and tells by signals what happens, so that a window never
// waits for it.
#ifndef NOTE_ASSISTANT_HPP
#define NOTE_ASSISTANT_HPP

#include <cloister.hpp>

#include <QList>
#include <QObject>
#include <QString>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

// One thing found in a note: what it is, in which line, and how sure that is. Its place is given in UTF-16 units, as QString
// counts.
struct Finding {
    QString what;
    int line;
    int percent;
    int start;
    int end;
};

// Stops one answer: the object that both threads use.
using Stop = std::shared_ptr<const cloister::cancel>;

class Assistant final : public QObject {
    Q_OBJECT

public:
    struct Settings {
        QString model;
        QString log;
        QString user;
        QString role;
        // Without a value, a session ends when nobody has used it for 15 minutes.
        std::optional<std::chrono::milliseconds> idle;
    };

    explicit Assistant(Settings settings);

    // Gives up loading the model. The only function here that another thread may call.
    void abandon() noexcept { abandoned_ = true; }

    // Loads the model, opens the log and begins a session.
    void open();

    // Begins another session; the one before is wiped.
    void begin();

    // Looks through the note, and has it answered without the identifiers in it.
    void ask(const QString &note, const Stop &stop);

signals:
    void loading(int percent);
    void began();
    void found(const QList<Finding> &findings, const QString &scrubbed);
    void wrote(const QString &text);
    void answered(const QString &summary);
    // One line, which never quotes the note.
    void failed(const QString &line);
    // Emitted on whatever thread the session ended.
    void ended();

private:
    void attempt(const std::function<void()> &work);

    const Settings settings_;
    std::atomic<bool> abandoned_{false};
    std::optional<cloister::audit> audit_;
    std::optional<cloister::guard> guard_;
    std::optional<cloister::session> session_;
};

#endif // NOTE_ASSISTANT_HPP
