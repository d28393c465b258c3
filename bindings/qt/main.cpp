// A window in which a note is answered by a local model behind the walls, word by word, with a button to stop.
//
//     ./note-window MODEL.gguf [AUDIT.jsonl]

#include "window.hpp"

#include <QApplication>
#include <QCommandLineParser>

int main(int argc, char **argv) {
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("note-window"));
    QCommandLineParser arguments;
    arguments.setApplicationDescription(QStringLiteral("Has a note answered by a local model that reads no identifiers."));
    arguments.addHelpOption();
    const QCommandLineOption user(QStringLiteral("user"), QStringLiteral("Who asks, as the log records it."),
                                  QStringLiteral("id"), QStringLiteral("dr.lee"));
    arguments.addOption(user);
    arguments.addPositionalArgument(QStringLiteral("model"), QStringLiteral("A model in the format GGUF."));
    arguments.addPositionalArgument(QStringLiteral("log"), QStringLiteral("The audit log; audit.jsonl if left out."),
                                    QStringLiteral("[log]"));
    arguments.process(application);
    const QStringList given = arguments.positionalArguments();
    if (given.isEmpty() || given.size() > 2) {
        arguments.showHelp(2);
    }

    Assistant::Settings settings;
    settings.model = given.first();
    settings.log = given.size() > 1 ? given.last() : QStringLiteral("audit.jsonl");
    settings.user = arguments.value(user);
    settings.role = QStringLiteral("physician");
    Window window(settings);
    window.show();
    return QApplication::exec();
}
