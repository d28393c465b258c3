// A window in which a note is answered by a local model behind the walls, word by word, with a button to stop.
//
//     ./note-window MODEL.gguf [AUDIT.jsonl]
//
// The model works on a thread of its own. It hands text to the window with QMetaObject::invokeMethod, which queues it
// for the window's thread; cloister::cancel is the one object that both threads use.

#include <cloister.hpp>

#include <QApplication>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QThread>
#include <QVBoxLayout>

#include <memory>

class Window final : public QWidget {
public:
    Window(const std::string &model, const std::string &log)
        : engine_(model), audit_(log), guard_(engine_, walls(audit_)), session_("dr.lee", "physician") {
        auto *layout = new QVBoxLayout(this);
        layout->addWidget(note_);
        layout->addWidget(button_);
        layout->addWidget(answer_);
        answer_->setReadOnly(true);
        note_->setPlainText("Write one sentence for the referral letter: Patient John Doe, MRN: 987654, was admitted with "
                            "chest pain. ECG and troponin are normal.");
        connect(button_, &QPushButton::clicked, this, [this] { running_ ? cancel_->set() : ask(); });
    }

    ~Window() override {
        if (running_) {
            cancel_->set();
            running_->wait();
        }
    }

private:
    static cloister::guard_options walls(const cloister::audit &audit) {
        cloister::guard_options walls;
        walls.audit = &audit;
        return walls;
    }

    void ask() {
        cancel_ = std::make_shared<cloister::cancel>();
        answer_->clear();
        button_->setText("Stop");
        running_.reset(QThread::create([this, cancel = cancel_, note = note_->toPlainText().toStdString()] {
            QString failure;
            try {
                guard_.chat(session_, note, {}, [this](std::string_view text) {
                    append(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
                    return true;
                }, cancel.get());
            } catch (const cloister::error &error) {
                failure = QStringLiteral("\n[%1]").arg(QString::fromUtf8(error.what()));
            }
            append(failure);
        }));
        connect(running_.get(), &QThread::finished, this, [this] {
            running_.reset();
            button_->setText("Ask");
        });
        running_->start();
    }

    // Called on the model's thread, runs on the window's.
    void append(const QString &text) {
        QMetaObject::invokeMethod(answer_, [answer = answer_, text] { answer->insertPlainText(text); },
                                  Qt::QueuedConnection);
    }

    const cloister::engine engine_;
    const cloister::audit audit_;
    const cloister::guard guard_;
    cloister::session session_;
    std::shared_ptr<cloister::cancel> cancel_;
    std::unique_ptr<QThread> running_;
    QPlainTextEdit *note_ = new QPlainTextEdit(this);
    QPushButton *button_ = new QPushButton("Ask", this);
    QPlainTextEdit *answer_ = new QPlainTextEdit(this);
};

int main(int argc, char **argv) {
    QApplication application(argc, argv);
    if (argc < 2) {
        qCritical("usage: note-window MODEL.gguf [AUDIT.jsonl]");
        return 2;
    }
    try {
        Window window(argv[1], argc > 2 ? argv[2] : "audit.jsonl");
        window.resize(640, 480);
        window.show();
        return QApplication::exec();
    } catch (const cloister::error &error) {
        qCritical("error: %s", error.what());
        return 1;
    }
}
