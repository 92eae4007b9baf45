using MailServer.Domain.Health;

namespace MailServer.Hosting;

/// <summary>
/// Tells administrators that the log is not written: on the list of problems, and once on standard error for whoever starts the server. What happened
/// before the list was there is on it from then on. Safe for use from any thread.
/// </summary>
/// <param name="name">Where the log goes.</param>
/// <param name="complain">Says a line on standard error, without waiting for a reader.</param>
internal sealed class LogHealth(string name, Action<string> complain)
{
    /// <summary>Under this name it is on the list of problems.</summary>
    public const string Subject = "log";

    private const string FileRemedy = "make room, or correct the folder and its owner; the server tries again by itself, and 'systemctl reload mailserver' at once";
    private const string StreamRemedy = "let the program that reads the log go on, or set logging.output to a file";

    private readonly Lock _lock = new();
    private NodeProblems? _problems;
    private NodeProblem? _current;

    /// <summary>From now on <paramref name="problems"/> has what is wrong.</summary>
    public void ReportTo(NodeProblems problems)
    {
        NodeProblem? current;
        lock (_lock) (_problems, current) = (problems, _current);
        if (current is not null) problems.Report(current);
    }

    /// <summary>A line could not be written.</summary>
    public void Failed(string reason) => Report($"the log cannot be written to {name}: {reason}", FileRemedy);

    /// <summary>Lines are written, but not as configured.</summary>
    public void Troubled(string text) => Report(text, FileRemedy);

    /// <summary>Lines wait, and nothing takes them.</summary>
    public void Stuck() => Report($"nothing reads the log on {name}: lines wait in memory and are dropped when there are too many", StreamRemedy);

    public void Works()
    {
        NodeProblems? problems;
        lock (_lock)
        {
            if (_current is null) return;
            (_current, problems) = (null, _problems);
        }

        complain($"the log is written to {name} again");
        problems?.Clear(Subject);
    }

    private void Report(string text, string remedy)
    {
        var problem = new NodeProblem(Subject, text, remedy);
        NodeProblems? problems;
        lock (_lock)
        {
            if (_current == problem) return;
            (_current, problems) = (problem, _problems);
        }

        complain(text);
        problems?.Report(problem);
    }
}
