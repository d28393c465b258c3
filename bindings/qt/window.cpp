#include "window.hpp"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace {

template <typename Widget>
Widget *named(Widget *widget, const char *name) {
    widget->setObjectName(QLatin1String(name));
    return widget;
}

QPlainTextEdit *read_only(QWidget *parent, const char *name) {
    auto *edit = named(new QPlainTextEdit(parent), name);
    edit->setReadOnly(true);
    edit->setUndoRedoEnabled(false);
    return edit;
}

QVBoxLayout *titled(const QString &title, QWidget *widget) {
    auto *column = new QVBoxLayout;
    auto *label = new QLabel(title, widget->parentWidget());
    label->setBuddy(widget);
    column->addWidget(label);
    column->addWidget(widget);
    return column;
}

} // namespace

Window::Window(const Assistant::Settings &settings, QWidget *parent)
    : QWidget(parent), note_(named(new QPlainTextEdit(this), "note")), ask_(named(new QPushButton(tr("&Ask"), this), "ask")),
      cancel_(named(new QPushButton(tr("&Cancel"), this), "cancel")),
      new_patient_(named(new QPushButton(tr("New &patient"), this), "new patient")),
      progress_(named(new QProgressBar(this), "progress")), findings_(named(new QTableWidget(0, 3, this), "findings")),
      scrubbed_(read_only(this, "scrubbed")), answer_(read_only(this, "answer")), status_(named(new QLabel(this), "status")),
      assistant_(new Assistant(settings)) {
    setWindowTitle(tr("Note"));
    resize(860, 640);
    lay_out();
    listen();
    new_patient_->setEnabled(false);
    come_to_rest(tr("Loading the model ..."));
    assistant_->moveToThread(&thread_);
    thread_.start();
    QMetaObject::invokeMethod(assistant_, [assistant = assistant_] { assistant->open(); });
}

Window::~Window() {
    assistant_->abandon();
    stop();
    thread_.quit();
    thread_.wait();
}

void Window::lay_out() {
    findings_->setHorizontalHeaderLabels({tr("Found"), tr("Line"), tr("Sure")});
    findings_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    findings_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    findings_->verticalHeader()->hide();
    findings_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    findings_->setSelectionMode(QAbstractItemView::NoSelection);
    // What stays here must not be taken for markup.
    status_->setTextFormat(Qt::PlainText);
    status_->setWordWrap(true);

    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {ask_, cancel_, new_patient_}) {
        buttons->addWidget(button);
    }
    buttons->addWidget(progress_, 1);
    auto *middle = new QHBoxLayout;
    middle->addLayout(titled(tr("&Identifiers in the note"), findings_));
    middle->addLayout(titled(tr("What the &model reads"), scrubbed_));
    auto *all = new QVBoxLayout(this);
    all->addLayout(titled(tr("&Note and question"), note_), 3);
    all->addLayout(buttons);
    all->addLayout(middle, 3);
    all->addLayout(titled(tr("Ans&wer"), answer_), 3);
    all->addWidget(status_);
}

// The assistant lives on another thread, so that Qt queues its signals for this one.
void Window::listen() {
    connect(&thread_, &QThread::finished, assistant_, &QObject::deleteLater);
    connect(assistant_, &Assistant::loading, progress_, &QProgressBar::setValue);
    connect(assistant_, &Assistant::began, this, [this] {
        in_session_ = true;
        progress_->hide();
        new_patient_->setEnabled(true);
        come_to_rest(tr("Ready."));
    });
    connect(assistant_, &Assistant::found, this, &Window::show_findings);
    connect(assistant_, &Assistant::wrote, this, &Window::append);
    connect(assistant_, &Assistant::answered, this, &Window::come_to_rest);
    connect(assistant_, &Assistant::failed, this,
            [this](const QString &line) { come_to_rest(tr("Error: %1").arg(line)); });
    connect(assistant_, &Assistant::ended, this, [this] {
        in_session_ = false;
        clear();
        come_to_rest(tr("The session has ended. Begin another one with New patient."));
    });
    connect(ask_, &QPushButton::clicked, this, &Window::ask);
    connect(cancel_, &QPushButton::clicked, this, &Window::stop);
    connect(new_patient_, &QPushButton::clicked, this, [this] {
        stop();
        QMetaObject::invokeMethod(assistant_, [assistant = assistant_] { assistant->begin(); });
    });
}

void Window::ask() {
    clear_answer();
    // What is found is marked in the text that was asked about.
    note_->setReadOnly(true);
    ask_->setEnabled(false);
    cancel_->setEnabled(true);
    status_->setText(tr("The model answers ..."));
    stop_ = std::make_shared<cloister::cancel>();
    QMetaObject::invokeMethod(assistant_, [assistant = assistant_, note = note_->toPlainText(), stop = stop_] {
        assistant->ask(note, stop);
    });
}

void Window::stop() {
    if (stop_) {
        stop_->set();
    }
}

void Window::show_findings(const QList<Finding> &findings, const QString &scrubbed) {
    QList<QTextEdit::ExtraSelection> marks;
    findings_->setRowCount(static_cast<int>(findings.size()));
    int row = 0;
    for (const Finding &finding : findings) {
        const QString columns[] = {finding.what, QString::number(finding.line), tr("%1 %").arg(finding.percent)};
        for (int column = 0; column < findings_->columnCount(); ++column) {
            findings_->setItem(row, column, new QTableWidgetItem(columns[column]));
        }
        ++row;
        QTextEdit::ExtraSelection mark;
        mark.cursor = note_->textCursor();
        mark.cursor.setPosition(finding.start);
        mark.cursor.setPosition(finding.end, QTextCursor::KeepAnchor);
        mark.format.setBackground(QColor(255, 224, 130));
        mark.format.setForeground(Qt::black);
        marks.append(mark);
    }
    note_->setExtraSelections(marks);
    scrubbed_->setPlainText(scrubbed);
}

void Window::append(const QString &text) {
    answer_->moveCursor(QTextCursor::End);
    answer_->insertPlainText(text);
}

void Window::clear() {
    note_->clear();
    clear_answer();
}

void Window::clear_answer() {
    note_->setExtraSelections({});
    findings_->setRowCount(0);
    scrubbed_->clear();
    answer_->clear();
}

void Window::come_to_rest(const QString &line) {
    stop_.reset();
    note_->setReadOnly(false);
    ask_->setEnabled(in_session_);
    cancel_->setEnabled(false);
    status_->setText(line);
}
