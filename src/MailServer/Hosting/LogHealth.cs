using MailServer.Domain.Health;

namespace MailServer.Hosting;

/// <summary>
/// Reports problems with writing the log: in the list of problems, and once on standard error. A problem that occurs before the list is available is
/// added to it later. Thread-safe.
/// </summary>
/// <param name="name">The name of the log destination.</param>
/// <param name="complain">Prints a line on standard error without blocking.</param>
internal sealed class LogHealth(string name, Action<string> complain)
{
    /// <summary>The subject of its entry in the list of problems.</summary>
    public const string Subject = "log";

    private const string FileRemedy = "free disk space, or correct the folder and its owner; the server retries by itself, and 'systemctl reload mailserver' retries at once";
    private const string StreamRemedy = "resume the program that reads the log, or set logging.output to a file";

    private readonly Lock _lock = new();
    private NodeProblems? _problems;
    private NodeProblem? _current;

    /// <summary>Reports to <paramref name="problems"/> from now on, including a current problem.</summary>
    public void ReportTo(NodeProblems problems)
    {
        NodeProblem? current;
        lock (_lock) (_problems, current) = (problems, _current);
        if (current is not null) problems.Report(current);
    }

    /// <summary>A line could not be written.</summary>
    public void ReportFailure(string reason) => Report($"the log cannot be written to {name}: {reason}", FileRemedy);

    /// <summary>Lines are written, but rotation fails.</summary>
    public void ReportProblem(string text) => Report(text, FileRemedy);

    /// <summary>A write is blocked because nothing reads the stream.</summary>
    public void ReportStalled() => Report($"nothing reads the log on {name}: lines are kept in memory, and dropped when the buffer is full", StreamRemedy);

    /// <summary>Lines are written again.</summary>
    public void ReportRecovered()
    {
        NodeProblems? problems;
        lock (_lock)
        {
            if (_current is null) return;
            (_current, problems) = (null, _problems);
        }

        complain($"the log can be written to {name} again");
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
