// The window of bindings/qt, used as a physician uses it: text is typed, buttons are pressed, and the real model answers.

#include "window.hpp"

#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <algorithm>

namespace {

constexpr int patience_ms = 120000;

const char note[] = "Write one sentence for the referral letter: Patient John Doe, MRN: 987654, was admitted with chest "
                    "pain. ECG and troponin are normal.";
const char essay[] = "Write a long story about a lighthouse and everybody who ever lived in it.";

// A window and what a user sees of it.
struct Desk {
    explicit Desk(const Assistant::Settings &settings) : window(settings) { window.show(); }

    template <typename Widget>
    Widget *part(const char *name) const {
        return window.findChild<Widget *>(QLatin1String(name));
    }
    QPushButton *button(const char *name) const { return part<QPushButton>(name); }
    QString text(const char *name) const { return part<QPlainTextEdit>(name)->toPlainText(); }
    QString status() const { return part<QLabel>("status")->text(); }
    void type(const char *text) const {
        auto *edit = part<QPlainTextEdit>("note");
        edit->selectAll();
        QTest::keyClicks(edit, QString::fromUtf8(text));
    }
    void press(const char *name) const { QTest::mouseClick(button(name), Qt::LeftButton); }
    bool waits() const { return button("ask")->isEnabled(); }

    Window window;
};

} // namespace

class WindowTest : public QObject {
    Q_OBJECT

private:
    Assistant::Settings settings() const {
        Assistant::Settings settings;
        settings.model = qEnvironmentVariable("CLOISTER_TEST_MODEL");
        settings.log = directory_.filePath(QStringLiteral("audit.jsonl"));
        settings.user = QStringLiteral("dr.lee");
        settings.role = QStringLiteral("physician");
        return settings;
    }

    QTemporaryDir directory_;

private slots:
    void an_answer_comes_word_by_word_beside_what_was_found() {
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.type(note);
        // The window's own thread is never held up for long.
        QElapsedTimer since;
        qint64 longest = 0;
        QTimer ticks;
        connect(&ticks, &QTimer::timeout, this, [&] { longest = std::max(longest, since.restart()); });
        since.start();
        ticks.start(5);
        int growths = 0;
        connect(desk.part<QPlainTextEdit>("answer"), &QPlainTextEdit::textChanged, this, [&] { ++growths; });
        desk.press("ask");
        QVERIFY(!desk.waits());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        ticks.stop();

        QVERIFY2(desk.status().contains(QLatin1String("identifiers stayed here")), qPrintable(desk.status()));
        QVERIFY(desk.text("scrubbed").contains(QLatin1String("Patient [NAME_1], MRN: [MRN_1], was")));
        QVERIFY(!desk.text("answer").isEmpty());
        QVERIFY2(growths > 5, qPrintable(QString::number(growths)));
        QVERIFY2(longest < 2000, qPrintable(QString::number(longest)));
        const auto *findings = desk.part<QTableWidget>("findings");
        QCOMPARE(findings->rowCount(), 2);
        QCOMPARE(findings->item(0, 0)->text(), QStringLiteral("person name behind a label"));
        QCOMPARE(findings->item(0, 1)->text(), QStringLiteral("1"));
        QStringList marked;
        for (const QTextEdit::ExtraSelection &mark : desk.part<QPlainTextEdit>("note")->extraSelections()) {
            marked.append(mark.cursor.selectedText());
        }
        QCOMPARE(marked, (QStringList{QStringLiteral("John Doe"), QStringLiteral("987654")}));
        const QString picture = qEnvironmentVariable("WINDOW_TEST_PICTURE");
        QVERIFY(picture.isEmpty() || desk.window.grab().save(picture));
    }

    void a_place_is_right_behind_characters_of_several_units() {
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.part<QPlainTextEdit>("note")->setPlainText(QStringLiteral("\U0001F3E5 Übergabe: MRN: 987654\nSay hello."));
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(desk.part<QTableWidget>("findings")->rowCount() > 0, patience_ms);
        const auto marks = desk.part<QPlainTextEdit>("note")->extraSelections();
        QCOMPARE(marks.last().cursor.selectedText(), QStringLiteral("987654"));
    }

    void a_secret_is_refused_in_one_line_that_does_not_repeat_it() {
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.type("Use sk_live_51HxJ1234567890abcdefghijklm please.");
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        QVERIFY2(desk.status().startsWith(QLatin1String("Error: ")), qPrintable(desk.status()));
        QVERIFY(!desk.status().contains(QLatin1String("51HxJ")) && !desk.status().contains(QLatin1Char('\n')));
        QVERIFY(desk.text("answer").isEmpty());
    }

    void cancel_stops_the_answer() {
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        QVERIFY(!desk.button("cancel")->isEnabled());
        desk.type(essay);
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(!desk.text("answer").isEmpty(), patience_ms);
        desk.press("cancel");
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        QVERIFY2(desk.status().contains(QLatin1String("cancelled")), qPrintable(desk.status()));
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(!desk.text("answer").isEmpty(), patience_ms);
    }

    void a_new_patient_begins_with_an_empty_window() {
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.type(essay);
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(!desk.text("answer").isEmpty(), patience_ms);
        desk.press("new patient");
        QTRY_COMPARE_WITH_TIMEOUT(desk.status(), QStringLiteral("Ready."), patience_ms);
        QVERIFY(desk.waits() && desk.text("note").isEmpty() && desk.text("answer").isEmpty());
    }

    void a_session_that_nobody_uses_ends_and_clears_the_window() {
        Assistant::Settings short_lived = settings();
        short_lived.idle = std::chrono::seconds(2);
        Desk desk(short_lived);
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.type(note);
        QTRY_VERIFY_WITH_TIMEOUT(desk.status().startsWith(QLatin1String("The session has ended.")), patience_ms);
        QVERIFY(!desk.waits() && desk.text("note").isEmpty());
        desk.press("new patient");
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
    }

    void a_model_that_is_missing_is_told_in_one_line() {
        Assistant::Settings missing = settings();
        missing.model = directory_.filePath(QStringLiteral("private-folder.gguf"));
        Desk desk(missing);
        QTRY_VERIFY_WITH_TIMEOUT(desk.status().startsWith(QLatin1String("Error: ")), patience_ms);
        QVERIFY(!desk.status().contains(QLatin1String("private-folder")));
        QVERIFY(!desk.waits() && !desk.button("new patient")->isEnabled());
    }

    void a_window_can_be_closed_at_any_moment() {
        for (const int after_ms : {0, 5, 50, 200, 600}) {
            Desk desk(settings());
            desk.type(essay);
            QTest::qWait(after_ms);
            desk.press("ask");
        }
        Desk desk(settings());
        QTRY_VERIFY_WITH_TIMEOUT(desk.waits(), patience_ms);
        desk.type(essay);
        desk.press("ask");
        QTRY_VERIFY_WITH_TIMEOUT(!desk.text("answer").isEmpty(), patience_ms);
    }

    void the_log_of_all_this_is_intact_and_names_nobody() {
        const std::string path = settings().log.toStdString();
        const cloister::audit audit(path);
        const cloister::verification found = audit.verify();
        QVERIFY(found.intact && found.records > 10);
        const std::string records = audit.query();
        QVERIFY(records.find("dr.lee") != std::string::npos);
        QVERIFY(records.find("John") == std::string::npos && records.find("987654") == std::string::npos);
    }
};

QTEST_MAIN(WindowTest)
#include "window.moc"
