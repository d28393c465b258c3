// A note, what is found in it, and the answer of the model as it comes.
#ifndef NOTE_WINDOW_HPP
#define NOTE_WINDOW_HPP

#include "assistant.hpp"

#include <QThread>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;

// What the widgets show lies in Qt's memory, which is freed without being overwritten. When the session ends, the window is
// cleared.
class Window final : public QWidget {
    Q_OBJECT

public:
    explicit Window(const Assistant::Settings &settings, QWidget *parent = nullptr);
    // Stops what is under way and waits for it.
    ~Window() override;

private:
    void lay_out();
    void listen();
    void ask();
    void stop();
    void show_findings(const QList<Finding> &findings, const QString &scrubbed);
    void append(const QString &text);
    void clear();
    void clear_answer();
    void come_to_rest(const QString &line);

    QPlainTextEdit *note_;
    QPushButton *ask_;
    QPushButton *cancel_;
    QPushButton *new_patient_;
    QProgressBar *progress_;
    QTableWidget *findings_;
    QPlainTextEdit *scrubbed_;
    QPlainTextEdit *answer_;
    QLabel *status_;
    // Whether there is somebody to ask, as far as this thread has heard.
    bool in_session_ = false;
    Stop stop_;
    QThread thread_;
    Assistant *assistant_;
};

#endif // NOTE_WINDOW_HPP
